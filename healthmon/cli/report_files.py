"""``--report F=PATH``: reports that are written to files, each whole or not at all."""

import os
from collections.abc import Callable, Iterable
from pathlib import Path

from msgspec import Struct

from healthmon.config.nearest import did_you_mean
from healthmon.errors import HealthmonError, UsageError


class ReportFile(Struct, frozen=True):
    """A report to be written: its format and where to."""

    format: str
    path: Path


def parse(texts: Iterable[str], formats: Iterable[str]) -> list[ReportFile]:
    """Read the values of ``--report`` before anything runs.

    Raises:
        UsageError: One is not ``FORMAT=PATH``, its format is unknown, its folder cannot be written to, or its file
            is that of another.
    """
    files = [_parse(text, list(formats)) for text in texts]
    for file in files:
        if [other.path for other in files].count(file.path) > 1:
            raise UsageError(f"--report: two reports cannot both be written to {file.path}.")
    return files


def _parse(text: str, formats: list[str]) -> ReportFile:
    name, equals, path = text.partition("=")
    if not equals or not path:
        raise UsageError(f"--report {text}: write FORMAT=PATH, such as json=health.json.")
    if name not in formats:
        raise UsageError(
            f'--report {text}: "{name}" is none of the formats {", ".join(formats)}{did_you_mean(name, formats)}'
        )
    if path == "-":
        raise UsageError(f"--report {text}: write --format {name} to have it on stdout.")
    target = Path(path)
    if target.is_dir():
        raise UsageError(f"--report {text}: {path} is a folder; name a file in it.")
    if not target.parent.is_dir():
        raise UsageError(f"--report {text}: the folder {target.parent} does not exist; make it first.")
    if not os.access(target if target.exists() else target.parent, os.W_OK):
        raise UsageError(f"--report {text}: {path} cannot be written to.")
    return ReportFile(name, target)


def refuse_config(files: Iterable[ReportFile], config_files: Iterable[str]) -> None:
    """Refuse to write a report over one of the config's files.

    Raises:
        UsageError: One would be.
    """
    from healthmon.engine.foreign import refuse_config

    for file in files:
        refuse_config("--report", file.path, config_files)


def write(files: Iterable[ReportFile], render: Callable[[str], str]) -> None:
    """Write reports, each atomically: a reader sees the old file or the whole new one.

    Raises:
        HealthmonError: One could not be written; the others are written nevertheless.
    """
    failed = []
    for file in files:
        try:
            _write(file.path, render(file.format))
        except OSError as error:
            failed.append(f"The report {file.path} could not be written: {error.strerror}.")
    if failed:
        raise HealthmonError("\n".join(failed))


def _write(path: Path, text: str) -> None:
    if path.exists() and not path.is_file():
        # A terminal, a pipe or /dev/null cannot be replaced.
        path.write_text(text, encoding="utf-8")
        return
    from healthmon.engine import whole_file

    whole_file.replace(path, text.encode(), mode=_mode(path))


def _mode(path: Path) -> int:
    """The permissions of the file that is replaced, or those that a new one would get."""
    if path.exists():
        return path.stat().st_mode & 0o7777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
