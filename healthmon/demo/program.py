"""Runs the user's command beside the servers."""

import asyncio
import os
import signal
from asyncio.subprocess import Process
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress

from healthmon.errors import UsageError, signalled


async def run_program(command: Sequence[str], environ: Mapping[str, str]) -> int:
    """Run a command with our standard streams, pass signals on to it, and wait for its end.

    Returns:
        Its exit code; as a shell has it, 128 + N when signal N killed it.

    Raises:
        UsageError: It cannot be started.
    """
    started: list[Process] = []
    early: list[signal.Signals] = []

    def take(number: signal.Signals) -> None:
        if not started:
            early.append(number)
        elif number is not signal.SIGINT or not _terminal_tells_child():
            _send(started[0], number)

    with _handling(take):
        started.append(await _start(command, environ))
        for number in early:
            _send(started[0], number)
        code = await _wait(started[0])
    return code if code >= 0 else signalled(-code)


@contextmanager
def catch_signal() -> Iterator["asyncio.Future[int]"]:
    """Catch SIGINT and SIGTERM as long as the block lasts.

    Yields:
        A future of the exit code that the first of them demands: 130 or 143.
    """
    ended = asyncio.get_running_loop().create_future()

    def take(number: signal.Signals) -> None:
        if not ended.done():
            ended.set_result(signalled(number))

    with _handling(take):
        yield ended


@contextmanager
def _handling(take: Callable[[signal.Signals], None]) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    handled = (signal.SIGINT, signal.SIGTERM)
    for number in handled:
        loop.add_signal_handler(number, take, number)
    try:
        yield
    finally:
        for number in handled:
            loop.remove_signal_handler(number)


async def _start(command: Sequence[str], environ: Mapping[str, str]) -> Process:
    try:
        return await asyncio.create_subprocess_exec(*command, env=environ)
    except (FileNotFoundError, PermissionError) as error:
        if isinstance(error, PermissionError) and "/" in command[0]:
            raise UsageError(f"{command[0]} cannot be started: {os.strerror(error.errno or 0)}.") from None
        # Without a path it was looked for in folders of which some may not be read: it is in none.
        raise UsageError(f"{command[0]}: command not found. Write its path, or check its spelling.") from None
    except OSError as error:
        raise UsageError(f"{command[0]} cannot be started: {os.strerror(error.errno or 0)}.") from None


async def _wait(process: Process) -> int:
    try:
        return await process.wait()
    finally:
        if process.returncode is None:
            _send(process, signal.SIGKILL)
            await process.wait()


def _send(process: Process, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):  # It has just ended.
        process.send_signal(number)


def _terminal_tells_child() -> bool:
    """Whether Ctrl-C reaches the child without us: a terminal sends it to its whole foreground process group."""
    try:
        terminal = os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY)
    except OSError:
        return False
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    finally:
        os.close(terminal)
