"""A pseudo-terminal with a program in it, and an emulator that shows what its user sees."""

import os
import signal
import sys
import termios
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pexpect
import pyte

ROOT = Path(__file__).parents[2]
_WITHIN = 30.0


class _Emulator(pyte.HistoryScreen):
    """pyte's screen, with the alternate one that it lacks."""

    def __init__(self, columns: int, lines: int) -> None:
        self.kept: Any = None
        self.buffer: Any
        super().__init__(columns, lines, history=1000, ratio=0.5)

    def set_mode(self, *modes: int, **keys: Any) -> None:
        super().set_mode(*modes, **keys)
        if keys.get("private") and 1049 in modes and self.kept is None:
            self.kept = self.buffer, (self.cursor.x, self.cursor.y)
            self.buffer = defaultdict(self.buffer.default_factory)

    def reset_mode(self, *modes: int, **keys: Any) -> None:
        super().reset_mode(*modes, **keys)
        if keys.get("private") and 1049 in modes and self.kept is not None:
            self.buffer, (self.cursor.x, self.cursor.y) = self.kept
            self.kept = None


class Terminal:
    """A terminal in which a program runs.

    Args:
        columns: Its width.
        lines: Its height.
        program: What pexpect has started in it.

    Attributes:
        frames: Every picture that it has shown, one after the other.
        raw: All that was written to it.
    """

    def __init__(self, columns: int, lines: int, program: Any) -> None:
        self._program = program
        self._screen = _Emulator(columns, lines)
        self._stream = pyte.ByteStream(self._screen)
        self.frames: list[str] = []
        self.raw = b""

    @property
    def lines(self) -> list[str]:
        """What stands on the screen."""
        return [line.rstrip() for line in self._screen.display]

    @property
    def text(self) -> str:
        """What stands on the screen, and above it what has left it."""
        above = ["".join(line[x].data for x in range(self._screen.columns)) for line in self._screen.history.top]
        return "\n".join([line.rstrip() for line in above] + self.lines).rstrip()

    @property
    def title(self) -> str:
        """The title of its window."""
        return str(self._screen.title)

    def column(self, line: int, character: str) -> int:
        """The cell in which a character first stands in a line; -1 if it does not."""
        cells = self._screen.buffer[line]
        return next((x for x in range(self._screen.columns) if cells[x].data == character), -1)

    @property
    def alternate(self) -> bool:
        """Whether the alternate screen is shown."""
        return self._screen.kept is not None

    @property
    def cursor_hidden(self) -> bool:
        """Whether there is no cursor."""
        return bool(self._screen.cursor.hidden)

    @property
    def echoes(self) -> bool:
        """Whether the terminal shows what is typed, and hands it over line by line."""
        flags = termios.tcgetattr(self._program.child_fd)[3]
        return bool(flags & termios.ECHO and flags & termios.ICANON)

    def restore_modes(self) -> None:
        """Do as a shell does when its job is stopped: show what is typed, and hand it over line by line."""
        modes = termios.tcgetattr(self._program.child_fd)
        modes[3] |= termios.ECHO | termios.ICANON
        termios.tcsetattr(self._program.child_fd, termios.TCSANOW, modes)

    @property
    def stopped(self) -> bool:
        """Whether the program is stopped."""
        state = Path(f"/proc/{self._program.pid}/stat").read_text().rpartition(")")[2].split()[0]
        return state == "T"

    def press(self, keys: str) -> None:
        """Type."""
        self._program.send(keys)

    def write(self, text: str) -> None:
        """Show what another program writes to the terminal."""
        self._stream.feed(text.encode())

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the program."""
        os.kill(self._program.pid, number)

    def resize(self, columns: int, lines: int) -> None:
        """Give the terminal another size; the kernel tells the program by SIGWINCH."""
        self._screen.resize(lines, columns)
        self._program.setwinsize(lines, columns)

    def until(self, condition: Callable[[], object], within: float = _WITHIN) -> None:
        """Show what comes until a condition holds, or fail with what stands on the screen."""
        deadline = time.monotonic() + within
        while not condition():
            assert time.monotonic() < deadline, self.text
            if not self._show():
                assert condition(), self.text
                return

    def drain(self) -> None:
        """Show all that has been written already."""
        before = -1
        while before < len(self.raw):
            before = len(self.raw)
            self._show()

    def shows(self, *texts: str) -> None:
        """Wait until all of these stand on the screen."""
        self.until(lambda: all(text in "\n".join(self.lines) for text in texts))

    def end(self) -> int:
        """Wait for the program's end.

        Returns:
            Its exit code; negative, the number of the signal that ended it.
        """
        deadline = time.monotonic() + _WITHIN
        while self._show():
            assert time.monotonic() < deadline, self.text
        self._program.wait()
        return int(self._program.exitstatus if self._program.signalstatus is None else -self._program.signalstatus)

    def _show(self) -> bool:
        """Show what comes within a moment; say whether more may come."""
        try:
            data: bytes = self._program.read_nonblocking(65536, timeout=0.1)
        except pexpect.TIMEOUT:
            return True
        except pexpect.EOF:
            return False
        self.raw += data
        self._stream.feed(data)
        picture = "\n".join(self.lines)
        if not self.frames or self.frames[-1] != picture:
            self.frames.append(picture)
        return True


@contextmanager
def terminal(
    *arguments: str | Path, columns: int = 80, lines: int = 24, folder: Path, **environ: str
) -> Iterator[Terminal]:
    """A terminal for as long as the block lasts, and in it healthmon with these arguments."""
    program: Any = pexpect.spawn(
        sys.executable,
        ["-m", "healthmon", *map(str, arguments)],
        dimensions=(lines, columns),
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "HOME": "/",
            "LC_ALL": "C.UTF-8",
            "TERM": "xterm-256color",
            **environ,
        },
        cwd=str(folder),
    )
    program.delaybeforesend = None
    try:
        yield Terminal(columns, lines, program)
    finally:
        program.close(force=True)
