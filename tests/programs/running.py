"""Runs a program until a test is over."""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

_PATIENCE = 20.0  # seconds


def program(name: str) -> str | None:
    """Where a program is; servers are not on everybody's path."""
    return shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin")


def needed(name: str, package: str) -> str:
    """Where a program is. Skips the test where it is missing, and says what has it."""
    found = program(name)
    if found is None:
        pytest.skip(f"needs {name}: apt-get install {package}")
    return found


def family(pid: int) -> list[int]:
    """A process and its children."""
    return [pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]


def accepting(port: int) -> bool:
    """Whether something listens on a port of this machine."""
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def lives(pid: int) -> bool:
    """Whether a process runs: not one that has ended and that nobody has asked about yet."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


@contextmanager
def started(command: Sequence[str], *, folder: Path, ready: Callable[[], bool]) -> Iterator[subprocess.Popen[bytes]]:
    """Start a program in a process group of its own, wait until it is ready, and end the whole group afterwards."""
    output = folder / "output"
    with output.open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, start_new_session=True)
        try:
            deadline = time.monotonic() + _PATIENCE
            while not ready():
                if process.poll() is not None or time.monotonic() > deadline:
                    pytest.fail(f"{command[0]} did not start: {output.read_text(errors='replace')}")
                time.sleep(0.01)
            yield process
        finally:
            try:
                os.killpg(process.pid, signal.SIGCONT)
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            process.wait(_PATIENCE)
