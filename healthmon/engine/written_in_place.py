"""What cannot be replaced by another file is written where it stands, and never waited for without end.

That is: pipes, terminals and devices; what a descriptor leads to; and files to which others append, too.
"""

import errno
import os
import re
import select
import stat
from contextlib import suppress
from pathlib import Path
from time import monotonic

_PATIENCE = 5.0
"""Seconds for which nothing at all may be taken."""
_AT_ONCE = 4096
"""Bytes for which a pipe has room when it has any (pipe(7)), so that no descriptor makes one wait."""
_MOST_LINKS = 40
"""As the kernel has it (path_resolution(7))."""


def descriptor(path: Path) -> Path | None:
    """The descriptor to which a path leads, such as ``/proc/4711/fd/2`` for ``/dev/stderr``; None where to none.

    Its own name counts, and not that of a file to which it is open: who replaced that would take it away from
    all who write to the descriptor.
    """
    for _ in range(_MOST_LINKS):
        place = path.parent.resolve() / path.name
        if re.fullmatch(r"/proc/\d+(/task/\d+)?/fd/\d+", str(place)):
            return place
        if not place.is_symlink():
            return None
        path = place.parent / place.readlink()
    return None


def own_number(path: Path) -> int | None:
    """The number of a descriptor that is this process' own; None for any other path."""
    found = descriptor(path)
    return int(found.name) if found and found.parts[2] == str(os.getpid()) else None


def append(path: Path, content: bytes, *, patience: float = _PATIENCE) -> None:
    """Write to something that is there: behind what a file holds, and at the position of a descriptor of our own.

    Args:
        path: Where to.
        content: What is to be written.
        patience: The seconds for which its reader may take nothing.

    Raises:
        OSError: It could not be written, or nobody reads it.
    """
    own = own_number(path)
    if own is not None:
        write(own, content, patience=patience)
        return
    file = open_to_append(path)
    try:
        write(file, content, patience=patience)
    finally:
        os.close(file)


def open_to_append(path: Path, *, create: bool = False) -> int:
    """Open something to write behind what it holds, and do not wait until somebody reads it.

    Raises:
        OSError: It could not be opened, or is a pipe that nobody reads.
    """
    flags = os.O_WRONLY | os.O_APPEND | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
    try:
        return os.open(path, flags | os.O_CREAT if create else flags, 0o666)
    except OSError as error:
        if error.errno == errno.ENXIO and stat.S_ISFIFO(path.stat().st_mode):
            raise OSError(errno.ENXIO, "Nobody reads this pipe") from error
        raise


def write(file: int, content: bytes, *, patience: float = _PATIENCE) -> None:
    """Write all of it to a descriptor.

    Raises:
        OSError: It could not be written, or its reader has taken nothing for too long.
    """
    ready = select.poll()
    ready.register(file, select.POLLOUT)
    rest, until = memoryview(content), monotonic() + patience
    while rest:
        left = until - monotonic()
        if left <= 0 or not ready.poll(left * 1000):
            raise TimeoutError(errno.ETIMEDOUT, f"Its reader has taken nothing for {patience:g} s")
        with suppress(BlockingIOError):
            rest = rest[os.write(file, rest[:_AT_ONCE]) :]
            until = monotonic() + patience
