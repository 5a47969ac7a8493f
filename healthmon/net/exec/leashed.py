"""A command whose output is passed on as it comes, and which does not outlive healthmon.

What a command leaves running when it ends by itself is left in peace: to start something is what a deployment is for.
"""

import asyncio
import contextlib
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from healthmon.net.exec.leash import Processes, descendants, kill, processes, tell

_LEASH = Path(__file__).with_name("leash.py")
_END = b"."  # asks the leash to end the command
_SPARE = 5.0  # seconds beyond the grace until what has been killed is gone
_PAUSE = 0.05  # seconds between two looks for what is left, where there is no leash that would tell
_READ_SIZE = 64 * 2**10
_LEFT_IN_PIPE = 2**20  # the most that a pipe holds (pipe(7))


class CannotRun(Exception):
    """Raised when a command cannot be started. Says why."""


class CannotEnd(Exception):
    """Raised when a command has taken too long and cannot even be killed. Says what goes on."""


class Task(Struct, frozen=True):
    """What to run.

    Attributes:
        arguments: The program, looked up in the `PATH` of `env` where it is without a slash, and its arguments.
        cwd: The folder to run it in.
        env: Its whole environment.
        timeout: Seconds after which it is ended.
        grace: Seconds from when it is told to end until it is killed.
        kept: Descriptors that stay open until it has ended, also when healthmon is killed before that, such as locks.
    """

    arguments: Sequence[str]
    cwd: str
    env: Mapping[str, str]
    timeout: float
    grace: float
    kept: Sequence[int] = ()


async def run(task: Task, on_output: Callable[[bytes], None]) -> int | None:
    """Run a command to its end.

    It reads nothing, and has a session of its own: no terminal can stop it or be asked for a password by it. When it
    takes too long or this is cancelled, it and all that it has started is told to end; what is left when the grace is
    over is killed. What cannot be killed either, such as what another user runs, is told as if the command said it.

    Args:
        task: What to run.
        on_output: Called with what it writes, to standard output and error alike, in the order in which it does.

    Returns:
        The exit status, 128 + N where signal N ended it; None where it took too long.

    Raises:
        CannotRun: It cannot be started.
        CannotEnd: It has taken too long, and goes on.
    """
    running = _Running(task, on_output)
    try:
        async with asyncio.timeout(task.timeout):
            await running.wait()
    except TimeoutError:
        if left := await running.end(task.grace):
            raise CannotEnd(left) from None
        return None
    except asyncio.CancelledError:
        await running.end(task.grace)
        raise
    finally:
        running.close()
    return running.status


class _Running:
    def __init__(self, task: Task, on_output: Callable[[bytes], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._on_output = on_output
        self._grace = task.grace
        self._exited = asyncio.Event()
        self._leash_killed = False
        self.status: int | None = None
        held, self._leash = os.pipe()
        self._pipe, output = os.pipe()
        try:
            self._process = _start(task, held, self._pipe, output)
            self._watch = os.pidfd_open(self._process.pid)
        except (OSError, ValueError) as error:
            os.close(self._leash)
            os.close(self._pipe)
            raise CannotRun(_why(task, error)) from error
        finally:
            os.close(held)
            os.close(output)
        os.set_blocking(self._pipe, False)
        self._loop.add_reader(self._pipe, self._read)
        self._loop.add_reader(self._watch, self._exit)

    async def wait(self) -> None:
        """Wait for the end, and take the output that came before it."""
        await self._exited.wait()
        if self._leash_killed:
            await _end_session(self._process.pid, self._grace)
        left = _LEFT_IN_PIPE
        while left > 0 and (data := self._read()):
            left -= len(data)

    async def end(self, grace: float) -> str:
        """Have all of it ended; say what goes on all the same."""
        with contextlib.suppress(BrokenPipeError):
            os.write(self._leash, _END)
        try:
            async with asyncio.timeout(grace + _SPARE):
                await self._exited.wait()
        except TimeoutError:
            pids = ", ".join(map(str, sorted(descendants(processes(), {self._process.pid}))))
            left = f"process {pids} cannot be ended, and goes on"
            self._on_output(f"\n{left}\n".encode())
            return left
        await self.wait()
        return ""

    def close(self) -> None:
        """Let go of all of it."""
        self._loop.remove_reader(self._pipe)
        self._loop.remove_reader(self._watch)
        for descriptor in (self._watch, self._leash, self._pipe):
            os.close(descriptor)
        if self._exited.is_set():
            self._process.wait()
        else:
            self._process.returncode = 0  # The leash stays, with what it has not ended: nobody waits for it.

    def _read(self) -> bytes | None:
        try:
            data = os.read(self._pipe, _READ_SIZE)
        except BlockingIOError:
            return None
        if data:
            self._on_output(data)
        else:
            self._loop.remove_reader(self._pipe)
        return data

    def _exit(self) -> None:
        # It is not reaped yet: until `close` its number, and that of its group, belongs to no other process.
        self._loop.remove_reader(self._watch)
        ended = os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOWAIT)
        assert ended is not None  # noqa: S101 - without WNOHANG it waits
        self._leash_killed = ended.si_code != os.CLD_EXITED
        self.status = ended.si_status + (128 if self._leash_killed else 0)
        self._exited.set()


async def _end_session(session: int, grace: float) -> None:
    """End what has lost its leash, as far as it can be found: a session, and what has come of it."""

    def left() -> Processes:
        all_ = processes()
        members = {pid: it for pid, it in all_.items() if it[2] == session}
        return members | descendants(all_, set(members))

    tell(left())
    for seconds in (grace, _SPARE):
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while left():  # noqa: ASYNC110 - nothing would tell
                    await asyncio.sleep(_PAUSE)
        kill(left())


def _start(task: Task, held: int, said: int, output: int) -> "subprocess.Popen[bytes]":
    # -I and -S: nothing of the environment, and no package, has a say in how it starts.
    open_ = [held, said, *task.kept]
    leash = [sys.executable, "-I", "-S", str(_LEASH), ",".join(map(str, open_)), str(task.grace)]
    return subprocess.Popen(  # noqa: S603 - the rollout's owner says what to run
        [*leash, *task.arguments],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        cwd=task.cwd,
        env=task.env,
        start_new_session=True,
        pass_fds=open_,
    )


def _why(task: Task, error: OSError | ValueError) -> str:
    words = os.strerror(error.errno).lower() if isinstance(error, OSError) and error.errno else str(error)
    named = isinstance(error, OSError) and error.filename == task.cwd
    return f"{'the folder ' + task.cwd if named else task.arguments[0]}: {words}"
