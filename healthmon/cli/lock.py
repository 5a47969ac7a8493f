"""``--lock PATH``: only one run at a time, so that slow runs from cron do not pile up."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from healthmon.errors import LockHeld, UsageError


@contextmanager
def held(path: str | None) -> Iterator[None]:
    """Hold the lock on this file, made if need be; without a path, hold nothing.

    The kernel gives the lock back when the process ends, however it ends (flock(2)), so the file itself may stay.

    Raises:
        LockHeld: Another process holds it.
        UsageError: The file cannot be opened.
    """
    if path is None:
        yield
        return
    try:
        file = Path(path).open("a", encoding="utf-8")  # noqa: SIM115 - closed below
    except OSError as error:
        raise UsageError(f"--lock {path}: {error.strerror}. Name a file in a folder that you may write to.") from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise LockHeld(f"Another run holds the lock {path}; this one checks nothing.") from error
        yield
