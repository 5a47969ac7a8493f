"""A file that one process at a time holds, and in which it says who it is."""

import errno
import fcntl
import os
import re
import stat
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from msgspec import Struct

_WRITTEN = re.compile(rb"(?P<pid>[0-9]{1,10})(?: (?P<since>[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})Z)?\n")
_MOST = 64  # bytes: what is longer was not written here


class Holder(Struct, frozen=True):
    """Who holds a lock.

    Attributes:
        pid: The process, or None where it could not say.
        since: When it took the lock, in seconds since the epoch, or None.
    """

    pid: int | None = None
    since: float | None = None

    def __str__(self) -> str:
        """Such as ``process 4711, since 2026-01-31 12:00:00 UTC``."""
        who = "process unknown" if self.pid is None else f"process {self.pid}"
        if self.since is None:
            return who
        return f"{who}, since {datetime.fromtimestamp(self.since, UTC):%Y-%m-%d %H:%M:%S} UTC"


class Taken(Exception):
    """Raised when another process holds the lock."""

    def __init__(self, holder: Holder) -> None:
        super().__init__(str(holder))
        self.holder = holder


def take(path: Path, *, shared_folder: bool = False) -> int:
    """Lock a file, which is made if need be, for as long as the descriptor that is returned stays open.

    The kernel gives the lock back when the process ends, however it ends (flock(2)), so the file may stay. What is in
    it is replaced only where it was written here: a path that was mistyped costs nobody a file. Whoever deletes it
    while it is held lets another process make a new one, and lock that.

    Args:
        path: The file.
        shared_folder: Whether others may make files beside it, as in ``/tmp``: then a link, or a file of another
            user, is refused.

    Raises:
        Taken: Another process holds it.
        OSError: It cannot be locked.
    """
    lock = _take(path, shared_folder=shared_folder)
    while not _is_at(lock, path):  # It was deleted before it was locked: the next run would make another.
        os.close(lock)
        lock = _take(path, shared_folder=shared_folder)
    if _ours(lock):
        with suppress(OSError):  # A full or read-only disk: then nobody can be told who has it.
            os.ftruncate(lock, 0)
            os.pwrite(
                lock, f"{os.getpid()} {datetime.fromtimestamp(time.time(), UTC):%Y-%m-%dT%H:%M:%SZ}\n".encode(), 0
            )
    return lock


def held(path: Path) -> Holder | None:
    """Who holds a lock; None where nobody does, or where that cannot be told. Makes no file.

    To be told that, this process takes it for a moment where its last holder was killed, and nowhere else: one that is
    just being taken is never in the way.
    """
    try:
        lock = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError:
        return None
    try:
        # Whoever holds it has written so, and whoever lets it go has taken that away.
        if _content(lock):
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _holder(lock)
    except OSError:
        return None
    finally:
        os.close(lock)
    return None


def release(lock: int) -> None:
    """Let another process have it."""
    if _ours(lock):
        with suppress(OSError):
            os.ftruncate(lock, 0)
    os.close(lock)


def _take(path: Path, *, shared_folder: bool) -> int:
    lock = _open(path, os.O_NOFOLLOW if shared_folder else 0)
    try:
        if shared_folder:
            _refuse_foreign(os.fstat(lock), path)
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        holder = _holder(lock)
        os.close(lock)
        raise Taken(holder) from error
    except BaseException:
        os.close(lock)
        raise
    return lock


def _is_at(lock: int, path: Path) -> bool:
    """Whether the file is still the one that others find there."""
    try:
        return os.path.samestat(os.fstat(lock), path.stat())
    except FileNotFoundError:
        return False


def _open(path: Path, flags: int) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NONBLOCK | flags, 0o600)
    except OSError as error:
        if error.errno == errno.ELOOP and flags:
            raise _foreign(path) from error
        if error.errno != errno.EROFS:
            raise
    # The disk has turned read-only since the last time, which is no reason to do nothing.
    return os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | flags)


def _refuse_foreign(found: os.stat_result, path: Path) -> None:
    if not stat.S_ISREG(found.st_mode) or found.st_uid != os.geteuid() or found.st_nlink != 1:
        raise _foreign(path)


def _foreign(path: Path) -> PermissionError:
    return PermissionError(errno.EPERM, "it is not a file of this user alone", str(path))


def _ours(lock: int) -> bool:
    """Whether the file is empty, or holds what was written here."""
    content = _content(lock)
    return content == b"" or (content is not None and _WRITTEN.fullmatch(content) is not None)


def _holder(lock: int) -> Holder:
    written = _WRITTEN.fullmatch(_content(lock) or b"")
    if written is None or not _lives(int(written["pid"])):
        return Holder()  # It has not written yet; this is of the last one, which was killed.
    try:
        since = datetime.fromisoformat(written["since"].decode()).replace(tzinfo=UTC).timestamp()
    except (AttributeError, ValueError):
        since = None
    return Holder(int(written["pid"]), since)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True  # Another user's.
    except (ProcessLookupError, OverflowError):
        return False
    return True


def _content(lock: int) -> bytes | None:
    """What stands in the file; None if it is no file that can be read at a place."""
    try:
        return os.pread(lock, _MOST, 0)
    except OSError:
        return None
