"""Files that are there as a whole or not at all; and what is done with one that is corrupt."""

import os
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path


def replace(path: Path, content: bytes, *, mode: int = 0o600) -> None:
    """Give a file new content. Whoever reads it finds the old or the new, also after this process or the machine died.

    Two that do this at once do not meet: the later one's content stays.

    Args:
        path: The file. Where it is a link, the file that it leads to.
        content: What it is to hold.
        mode: Its permissions.

    Raises:
        OSError: It could not be done; the old file stands as it was.
    """
    import tempfile

    # Beside the file itself, so that the replacement stays on one file system.
    path = leads_to(path)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        Path(temporary).chmod(mode)
        Path(temporary).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(temporary).unlink()
        raise
    sync_folder(path.parent)


def leads_to(path: Path) -> Path:
    """The file to which a path leads through all links, whether it is there yet or not.

    Raises:
        OSError: It leads nowhere, for its links make a circle, or cannot be followed.
    """
    try:
        return Path(os.path.realpath(path, strict=True))
    except FileNotFoundError:
        return Path(os.path.realpath(path))


def set_aside(path: Path) -> Path:
    """Keep a corrupt file under a name that tells when it was found so, and return that.

    Raises:
        OSError: It could not be done.
    """
    stem = f"{path.name}.corrupt-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    aside, number = path.with_name(stem), 1
    while aside.exists():
        number += 1
        aside = path.with_name(f"{stem}-{number}")
    try:
        # Its own name stays until a new file takes it, so that at no moment nothing is there.
        aside.hardlink_to(path)
    except OSError:  # A file system without links.
        path.rename(aside)
    return aside


def sync_folder(folder: Path) -> None:
    """Have a renaming survive a power cut, where the file system can be asked for that."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def write_all(file: int, content: bytes) -> int:
    """Write all of it to a descriptor, and say how much that was.

    Raises:
        OSError: It could not be written, or only a part of it.
    """
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(file, rest) :]
    return len(content)
