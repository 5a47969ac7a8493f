"""Keeps a state file to one process."""

import errno
import fcntl
import os
from contextlib import suppress
from pathlib import Path

from healthmon.errors import LockHeld


def locked(path: Path) -> int:
    """Lock the file beside this one, for as long as the descriptor that is returned stays open.

    The file itself cannot be locked: a new one takes its place now and then. The kernel gives the lock back when the
    process ends, however it ends (flock(2)).

    Raises:
        LockHeld: Another process has it.
        OSError: It cannot be locked.
    """
    beside = path.with_name(f"{path.name}.lock")
    try:
        lock = os.open(beside, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        if error.errno != errno.EROFS:
            raise
        # The disk has turned read-only since the last start, which is no reason to watch nothing.
        lock = os.open(beside, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        holder = os.pread(lock, 20, 0).decode("ascii", "replace").strip() or "unknown"
        os.close(lock)
        raise LockHeld(f"Another healthmon (process {holder}) has the state file {path}; stop it first.") from error
    except OSError:
        os.close(lock)
        raise
    with suppress(OSError):  # A full disk: then nobody can be told who has it.
        os.ftruncate(lock, 0)
        os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
    return lock
