"""The whole screen of a terminal, lent and given back as it was."""

import asyncio
import os
import signal
import termios
import tty
from collections.abc import Callable, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Self, TextIO

from healthmon.cli.terminal.keys import Key, read_keys
from healthmon.cli.terminal.outlet import Outlet

# Of xterm, as nearly all others understand them: the alternate screen, no cursor, no wrapping at the end of a row.
_ENTER = "\x1b[?1049h"
_SETTLE = "\x1b[?25l\x1b[?7l\x1b[H\x1b[2J"
_GIVE_BACK = "\x1b[?7h\x1b[?25h\x1b[?1049l"
_INPUT = 0
"""Where the flags for input stand in a list of modes."""


class Screen:
    """The alternate screen of a terminal, and its keys one by one. A context manager within a running event loop.

    Whatever ends it, and while Ctrl-Z has stopped the process, the terminal is as before: its modes, its cursor, its
    text.

    Args:
        keyboard: The stream that the terminal's keys come from.
        stream: The stream that the terminal shows.
        pressed: Told of each key, and of None when the terminal is gone.
        changed: Told when all has to be drawn anew: for another size, or back from Ctrl-Z.
    """

    def __init__(
        self,
        keyboard: TextIO,
        stream: TextIO,
        *,
        pressed: Callable[[Key | None], None],
        changed: Callable[[], None],
    ) -> None:
        self._keyboard = keyboard.fileno()
        self._stream = stream
        self._pressed = pressed
        self._changed = changed
        self._typed = b""
        self._taken = False

    def draw(self, lines: Sequence[str]) -> None:
        """Draw as many lines as the terminal has."""
        self._outlet.draw(lines)

    def __enter__(self) -> Self:
        """Take the screen."""
        self._modes = termios.tcgetattr(self._keyboard)
        self._outlet = Outlet(self._stream, _paint)
        self._loop = asyncio.get_running_loop()
        self._take()
        self._loop.add_reader(self._keyboard, self._read)
        for number, handler in (
            (signal.SIGWINCH, self._changed),
            (signal.SIGTSTP, self._stop),
            (signal.SIGCONT, self._go_on),
        ):
            self._loop.add_signal_handler(number, handler)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give it back."""
        self._loop.remove_reader(self._keyboard)
        for number in (signal.SIGWINCH, signal.SIGTSTP, signal.SIGCONT):
            self._loop.remove_signal_handler(number)
        self._give_back()
        self._outlet.close()

    def _take(self) -> None:
        with suppress(termios.error):  # The terminal is gone: its end is read soon.
            tty.setcbreak(self._keyboard, termios.TCSANOW)
        # Entered once: the terminal would forget where its cursor was before.
        self._outlet.put(_SETTLE if self._taken else _ENTER + _SETTLE)
        self._taken = True

    def _give_back(self) -> None:
        with suppress(termios.error):
            # Where Ctrl-S has stopped the terminal, it goes on when Ctrl-S means nothing any more.
            modes = termios.tcgetattr(self._keyboard)
            modes[_INPUT] &= ~termios.IXON
            termios.tcsetattr(self._keyboard, termios.TCSANOW, modes)
        self._outlet.draw(())
        self._outlet.put(_GIVE_BACK)
        self._taken = False
        self._outlet.flush()
        with suppress(termios.error):
            termios.tcsetattr(self._keyboard, termios.TCSANOW, self._modes)

    def _read(self) -> None:
        try:
            typed = os.read(self._keyboard, 1024)
        except OSError:
            typed = b""
        if not typed:
            self._loop.remove_reader(self._keyboard)
            self._pressed(None)
        keys, self._typed = read_keys(self._typed + typed)
        for key in keys:
            self._pressed(key)

    def _stop(self) -> None:
        self._give_back()
        os.kill(os.getpid(), signal.SIGSTOP)

    def _go_on(self) -> None:
        self._take()  # Also where nobody gave it back, as for SIGSTOP: the shell has set the modes to its own.
        self._changed()


def _paint(text: str, lines: Sequence[str]) -> str:
    # Drawn over what is there, so that nothing flickers; the rest of each line is cleared, and what is below.
    return text + ("\x1b[H" + "\x1b[K\r\n".join(lines) + "\x1b[K\x1b[J" if lines else "")
