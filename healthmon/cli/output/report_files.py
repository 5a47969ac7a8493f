"""``--report F=PATH``: reports that are written to files, each whole or not at all, and to pipes and descriptors."""

import os
from collections.abc import Callable, Hashable, Iterable
from pathlib import Path

from msgspec import Struct

from healthmon.cli.output.report_places import fault_of, identity, written_in_place
from healthmon.config.nearest import did_you_mean
from healthmon.engine.written_in_place import append
from healthmon.errors import HealthmonError, UsageError


class ReportFile(Struct, frozen=True):
    """A report to be written: its format and where to."""

    format: str
    path: Path


def parse(texts: Iterable[str], formats: Iterable[str]) -> list[ReportFile]:
    """Read the values of ``--report`` before anything runs.

    Raises:
        UsageError: One is not ``FORMAT=PATH``, its format is unknown, nothing can be written to its path, or its file
            is that of another or of stdout.
    """
    files = [_parse(text, list(formats)) for text in texts]
    known: dict[Hashable, ReportFile] = {}
    for file in files:
        other = known.setdefault(identity(file.path), file)
        if other is not file:
            raise UsageError(f"--report: two reports cannot both be written to {_both(other.path, file.path)}.")
    return files


def _both(one: Path, other: Path) -> str:
    return str(other) if one == other else f"{other}, which is the same file as {one}"


def _parse(text: str, formats: list[str]) -> ReportFile:
    name, equals, path = text.partition("=")
    if not equals or not path:
        raise UsageError(f"--report {text}: write FORMAT=PATH, such as json=health.json.")
    if name not in formats:
        raise UsageError(
            f'--report {text}: "{name}" is none of the formats {", ".join(formats)}{did_you_mean(name, formats)}'
        )
    target = Path(path)
    try:
        fault = fault_of(target) or _unread(name, target)
    except OSError as error:  # Such as a name that is too long, or links that lead in a circle.
        fault = f"{path}: {error.strerror}."
    if fault:
        raise UsageError(f"--report {text}: {fault}")
    return ReportFile(name, target)


def _unread(name: str, path: Path) -> str | None:
    """Why nobody would read a report; None where somebody may."""
    if name != "prometheus" or path.suffix == ".prom" or written_in_place(path):
        return None
    return f"node_exporter reads only files whose names end in .prom; write prometheus={path}.prom."


def refuse_config(files: Iterable[ReportFile], config_files: Iterable[str]) -> None:
    """Refuse to write a report over one of the config's files.

    Raises:
        UsageError: One would be.
    """
    from healthmon.engine.foreign import refuse_config

    for file in files:
        refuse_config("--report", file.path, config_files)


def write(files: Iterable[ReportFile], render: Callable[[str], str]) -> None:
    """Write reports, files atomically: a reader sees the old file or the whole new one.

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
    if written_in_place(path):
        append(path, text.encode())
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
