"""A command whose output is passed on as it comes, and which does not outlive healthmon.

What a command leaves running when it ends by itself is left in peace: to start something is what a deployment is for.
"""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from msgspec import Struct

_LEASH = Path(__file__).with_name("leash.py")
_READ_SIZE = 64 * 2**10
_LEFT_IN_PIPE = 2**20  # the most that a pipe holds (pipe(7))


class CannotRun(Exception):
    """Raised when a command cannot be started. Says why."""


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
    takes too long or this is cancelled, its whole process group is told to end, and killed when the grace is over.

    Args:
        task: What to run.
        on_output: Called with what it writes, to standard output and error alike, in the order in which it does.

    Returns:
        The exit status, 128 + N where signal N ended it; None where it took too long.

    Raises:
        CannotRun: It cannot be started.
    """
    running = _Running(task, on_output)
    try:
        async with asyncio.timeout(task.timeout):
            await running.wait()
    except TimeoutError:
        await running.end(task.grace)
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
        self._exited = asyncio.Event()
        self.status: int | None = None
        held, self._leash = os.pipe()
        try:
            self._process = _start(task, held)
            self._watch = os.pidfd_open(self._process.pid)
        except (OSError, ValueError) as error:
            os.close(self._leash)
            raise CannotRun(_why(task, error)) from error
        finally:
            os.close(held)
        assert self._process.stdout is not None  # noqa: S101 - tells the type checker
        self._pipe = self._process.stdout.fileno()
        os.set_blocking(self._pipe, False)
        self._loop.add_reader(self._pipe, self._read)
        self._loop.add_reader(self._watch, self._exit)

    async def wait(self) -> None:
        """Wait for the end, and take the output that came before it."""
        await self._exited.wait()
        left = _LEFT_IN_PIPE
        while left > 0 and (data := self._read()):
            left -= len(data)

    async def end(self, grace: float) -> None:
        """Tell the whole group to end; kill what is left of it when the grace is over."""
        self._signal(signal.SIGTERM)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(grace):
                await self._exited.wait()
        self._signal(signal.SIGKILL)
        await self.wait()

    def close(self) -> None:
        """Let go of all of it."""
        self._loop.remove_reader(self._pipe)
        self._loop.remove_reader(self._watch)
        os.close(self._watch)
        os.close(self._leash)
        with self._process:
            pass  # Closes its pipe and reaps it.

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
        self.status = ended.si_status if ended.si_code == os.CLD_EXITED else 128 + ended.si_status
        self._exited.set()

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):  # It may have become another user's.
            os.killpg(self._process.pid, number)


def _start(task: Task, held: int) -> "subprocess.Popen[bytes]":
    # -I and -S: nothing of the environment, and no package, has a say in how it starts.
    open_ = [held, *task.kept]
    leash = [sys.executable, "-I", "-S", str(_LEASH), ",".join(map(str, open_)), str(task.grace)]
    return subprocess.Popen(  # noqa: S603 - the rollout's owner says what to run
        [*leash, *task.arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=task.cwd,
        env=task.env,
        start_new_session=True,
        pass_fds=open_,
        bufsize=0,
    )


def _why(task: Task, error: OSError | ValueError) -> str:
    words = os.strerror(error.errno).lower() if isinstance(error, OSError) and error.errno else str(error)
    named = isinstance(error, OSError) and error.filename == task.cwd
    return f"{'the folder ' + task.cwd if named else task.arguments[0]}: {words}"
