"""Files that healthmon did not write: they are left alone, whatever the command line says."""

from collections.abc import Iterable
from pathlib import Path

from healthmon.engine.sealed import could_begin
from healthmon.errors import UsageError

_MARKS = (b'"crc"', b'"format":"healthmon-')
_BLANK = b"\0\r\n\t "


def is_foreign(content: bytes) -> bool:
    """Whether a file holds something, and nothing that healthmon writes: not even a damaged piece of it.

    NUL bytes alone are what a power cut leaves of a file.
    """
    text = content.strip(_BLANK)
    return not could_begin(text) and not any(mark in text for mark in _MARKS)


def refuse_foreign(option: str, path: Path, config_files: Iterable[str | Path] = ()) -> None:
    """Refuse to keep something in a file that is somebody else's.

    Args:
        option: The option that names the file, such as ``--state``.
        path: The file, which need not be there.
        config_files: The files of the config.

    Raises:
        UsageError: It is one of the config's files, or holds what healthmon did not write.
    """
    refuse_config(option, path, config_files)
    try:
        foreign = path.is_file() and is_foreign(path.read_bytes())
    except OSError:  # Whoever opens it says what is wrong.
        return
    if foreign:
        raise UsageError(f"{option} {path}: healthmon did not write this file, so it is left alone. Name another one.")


def refuse_config(option: str, path: Path, config_files: Iterable[str | Path]) -> None:
    """Refuse to write over one of the config's files.

    Raises:
        UsageError: It is one.
    """
    if any(_same(path, Path(file)) for file in config_files):
        raise UsageError(f"{option} {path}: this is one of the config's own files. Name another one.")


def _same(path: Path, other: Path) -> bool:
    try:
        return path.samefile(other)
    except OSError:  # One of them is not there.
        return False
