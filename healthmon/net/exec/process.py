"""A command, run to its end or ended: nothing of it stays.

The loop watches the process itself by a file descriptor (pidfd_open(2)), so no thread waits for it, and a grandchild
that keeps the pipes open holds nothing up.
"""

import asyncio
import contextlib
import os
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from msgspec import Struct

from healthmon.core.model import Cause
from healthmon.net.exec.memory import in_memory
from healthmon.net.trace import ProbeFailed

_GRACE = 0.4  # seconds for a command that is told to end, and again for one that is killed
_READ_SIZE = 64 * 2**10
_LEFT_IN_PIPE = 2**20  # the most that a pipe holds (pipe(7))
_LAST_WORDS = 4 * 2**10


class Command(Struct, frozen=True):
    """What to run, without a shell.

    Attributes:
        arguments: The program, looked up in the `PATH` of `env` where it is without a slash, and its arguments.
        cwd: The folder to run it in.
        env: Its whole environment.
        stdin: What it can read.
    """

    arguments: Sequence[str]
    cwd: str
    env: Mapping[str, str]
    stdin: bytes = b""


class Ended(NamedTuple):
    """What became of a command.

    Attributes:
        status: The exit status; of one that a signal ended, the signal's negative number.
        stdout: What it wrote to its standard output, from the beginning.
        complete: Whether that is all of it.
        stderr: The last lines that it wrote to its standard error.
    """

    status: int
    stdout: bytes
    complete: bool
    stderr: bytes


async def run(command: Command, *, limit: int, on_output: Callable[[], None]) -> Ended:
    """Run a command to its end.

    When it has ended, what it left running in its process group is killed. When this is cancelled, the whole group is
    told to end, and killed a moment later; it is waited for, but for no longer than twice that moment.

    Args:
        command: What to run.
        limit: The most bytes of its standard output that are kept; the rest is read and forgotten.
        on_output: Called when its first output arrives.

    Raises:
        ProbeFailed: It cannot be run (`local`).
    """
    stdout, stderr = _Beginning(limit, on_output), _End(_LAST_WORDS)
    running = _Running(command, stdout.take, stderr.take)
    try:
        status = await running.ended()
    finally:
        await running.leave()
    return Ended(status, bytes(stdout.content), stdout.complete, stderr.content)


class _Beginning:
    """Keeps the first bytes of what arrives."""

    def __init__(self, limit: int, on_begin: Callable[[], None]) -> None:
        self.content = bytearray()
        self.complete = True
        self._limit = limit
        self._on_begin = on_begin
        self._began = False

    def take(self, data: bytes) -> None:
        if not self._began:
            self._began = True
            self._on_begin()
        room = self._limit - len(self.content)
        self.content += data[:room]
        self.complete = self.complete and len(data) <= room


class _End:
    """Keeps the last whole lines of what arrives: half a line might begin with half a secret."""

    def __init__(self, limit: int) -> None:
        self._kept = b""
        self._limit = limit
        self._cut = False

    @property
    def content(self) -> bytes:
        """The lines; nothing where one line alone was too long."""
        return self._kept.partition(b"\n")[2] if self._cut else self._kept

    def take(self, data: bytes) -> None:
        kept = self._kept + data
        self._cut = self._cut or len(kept) > self._limit
        self._kept = kept[-self._limit :]


class _Running:
    """A process that has been started, and its group. It is reaped as soon as it ends, whoever waits for it or not."""

    def __init__(
        self, command: Command, take_stdout: Callable[[bytes], None], take_stderr: Callable[[bytes], None]
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._exited: asyncio.Future[int] = self._loop.create_future()
        self._process = _start(command)
        try:
            self._watch = os.pidfd_open(self._process.pid)
        except OSError as error:
            self._end_unwatched()
            raise ProbeFailed(Cause.LOCAL, f"a command cannot be watched: {_words(error)}") from error
        takers = ((self._process.stdout, take_stdout), (self._process.stderr, take_stderr))
        self._pipes = {pipe: take for pipe, take in takers if pipe is not None}
        self._loop.add_reader(self._watch, self._on_exit)
        for pipe, take in self._pipes.items():
            os.set_blocking(pipe.fileno(), False)
            self._loop.add_reader(pipe.fileno(), self._on_output, pipe.fileno(), take)

    async def ended(self) -> int:
        """Wait for the end, and take the output that came before it. Tells the exit status."""
        await asyncio.wait([self._exited])  # which, when it is cancelled, leaves what it waits for as it is
        for pipe, take in self._pipes.items():
            left = _LEFT_IN_PIPE
            while left > 0 and (data := _read(pipe.fileno())):
                take(data)
                left -= len(data)
        return self._exited.result()

    async def leave(self) -> None:
        """End what still runs, at first by asking. Nothing is open afterwards."""
        try:
            if not self._exited.done():
                self._signal(signal.SIGTERM)
                await asyncio.wait([self._exited], timeout=_GRACE)
        finally:
            try:
                if not self._exited.done():
                    self._signal(signal.SIGKILL)
                    await asyncio.wait([self._exited], timeout=_GRACE)
            finally:
                for pipe in self._pipes:
                    self._loop.remove_reader(pipe.fileno())
                    pipe.close()

    def _on_output(self, number: int, take: Callable[[bytes], None]) -> None:
        data = _read(number)
        if data:
            take(data)
        elif data is not None:
            self._loop.remove_reader(number)

    def _on_exit(self) -> None:
        # Until it is reaped its number belongs to no other process, nor does that of its group.
        self._signal(signal.SIGKILL)
        self._loop.remove_reader(self._watch)
        os.close(self._watch)
        self._exited.set_result(self._process.wait())

    def _end_unwatched(self) -> None:
        self._signal(signal.SIGKILL)
        with self._process:
            pass  # Closes its pipes and waits for it.

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):  # It may have become another user's.
            os.killpg(self._process.pid, number)


def _read(number: int) -> bytes | None:
    """What a pipe holds; nothing at its end, None where there is nothing yet."""
    try:
        return os.read(number, _READ_SIZE)
    except BlockingIOError:
        return None


def _start(command: Command) -> "subprocess.Popen[bytes]":
    with in_memory(command.stdin) if command.stdin else contextlib.nullcontext(subprocess.DEVNULL) as stdin:
        try:
            return subprocess.Popen(  # noqa: S603 - the config's owner says what to run
                command.arguments,
                stdin=stdin,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                cwd=command.cwd,
                env=command.env,
                start_new_session=True,
                bufsize=0,
            )
        except (OSError, ValueError) as error:
            raise ProbeFailed(Cause.LOCAL, _why_not(command, error), "exec.cannot_run") from error


def _why_not(command: Command, error: OSError | ValueError) -> str:
    program = command.arguments[0]
    match error:
        case FileNotFoundError() | NotADirectoryError() if error.filename == command.cwd:
            return f"there is no folder {command.cwd}"
        case FileNotFoundError() | NotADirectoryError():
            return f"there is no program {program}, or not the interpreter that it names"
        case PermissionError() if error.filename == command.cwd:
            return f"this program may not enter the folder {command.cwd}"
        case PermissionError():
            return f"this program may not run {program}"
    return f"{program} cannot be run: {_words(error)}"


def _words(error: OSError | ValueError) -> str:
    number = error.errno if isinstance(error, OSError) else None
    return os.strerror(number).lower() if number else str(error)
