"""Where reports may be written: what can be told of a path before anything runs."""

import os
import stat
from collections.abc import Hashable
from contextlib import suppress
from pathlib import Path

from healthmon.engine.written_in_place import descriptor, own_number

_STDOUT, _STDERR = 1, 2


def fault_of(path: Path) -> str | None:
    """What is wrong with a place for a report; None where nothing is.

    Raises:
        OSError: It cannot even be looked at: its name is too long, or its links lead in a circle.
    """
    there = _stat(path)
    own = own_number(path)
    if path == Path("-") or own == _STDOUT:
        return "stdout has a report already, and no more than one; name a file."
    if own is not None:
        return None if _is_open_to_write(own) else f"the descriptor {path} is not open to be written to."
    if there and stat.S_ISDIR(there.st_mode):
        return f"{path} is a folder; name a file in it."
    return _fault_of_file(path, there)


def identity(path: Path) -> Hashable:
    """What all names of one file have in common. Several may write to a device, such as ``/dev/null``."""
    there = _stat(path)
    if there is None:
        return os.path.realpath(path)
    return object() if stat.S_ISCHR(there.st_mode) else (there.st_dev, there.st_ino)


def written_in_place(path: Path) -> bool:
    """Whether a report is written to what is there: a pipe, a device or a descriptor, and no file that is replaced."""
    return descriptor(path) is not None or (path.exists() and not path.is_file())


def _fault_of_file(path: Path, there: os.stat_result | None) -> str | None:
    folder = Path(os.path.realpath(path)).parent if path.is_symlink() else path.parent
    if not folder.is_dir():
        return f"the folder {folder} does not exist; make it first."
    if not os.access(path if there else folder, os.W_OK):
        return f"{path} cannot be written to."
    if there and stat.S_ISREG(there.st_mode) and not descriptor(path) and _takes_output(there):
        return f"{path} is where stdout or stderr goes, and a report would replace it; name another file."
    return None


def _stat(path: Path) -> os.stat_result | None:
    """What a path leads to; None where nothing is."""
    try:
        return path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None


def _is_open_to_write(number: int) -> bool:
    import fcntl

    try:
        return fcntl.fcntl(number, fcntl.F_GETFL) & os.O_ACCMODE != os.O_RDONLY
    except OSError:
        return False


def _takes_output(there: os.stat_result) -> bool:
    """Whether stdout or stderr goes to this file."""
    for number in (_STDOUT, _STDERR):
        with suppress(OSError):  # It is closed.
            if os.path.samestat(os.fstat(number), there):
                return True
    return False
