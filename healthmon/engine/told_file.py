"""The file that keeps, from one run to the next, what was told of services that are not healthy."""

from collections.abc import Mapping
from pathlib import Path

import msgspec
from msgspec import Struct

from healthmon.core.changes import Told
from healthmon.engine import whole_file
from healthmon.engine.sealed import opened, sealed

VERSION = 1
"""Raised when the file of an older healthmon can no longer be understood, or the other way round."""

_FORMAT = "healthmon-told"


class _Header(Struct, frozen=True):
    format: str
    version: int


class _Content(Struct, frozen=True):
    format: str
    version: int
    services: dict[str, Told]


_READ_HEADER = msgspec.json.Decoder(_Header)
_READ = msgspec.json.Decoder(_Content)


class Remembered(Struct, frozen=True):
    """What a file says.

    Attributes:
        told: What was told, by service id; None where there is no file, or none that could be read.
        problem: What is wrong with it, and what was done about that: a sentence or two; None where nothing is.
    """

    told: dict[str, Told] | None = None
    problem: str | None = None


def read(path: Path) -> Remembered:
    """Read the file; a corrupt one is set aside."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return Remembered()
    except OSError as error:
        return Remembered(problem=f"The state file {path} could not be read: {error.strerror}. {_AGAIN}")
    told, fault = parse(content)
    if fault is None:
        return Remembered(told)
    try:
        aside = f"it is now {whole_file.set_aside(path)}"
    except OSError as error:
        aside = f"it could not be set aside ({error.strerror})"
    return Remembered(problem=f"The state file {path} {fault}; {aside}. {_AGAIN}")


_AGAIN = "What is not healthy is told again."


def parse(content: bytes) -> tuple[dict[str, Told], str | None]:
    """What is written in a file, and what is wrong with it, as in "the file ..."; None where nothing is."""
    if not content.endswith(b"\n"):
        return {}, "is damaged"
    try:
        text = opened(content[:-1])
        header = _READ_HEADER.decode(text)
        if header.format == _FORMAT and header.version != VERSION:
            return {}, f"is of another version of healthmon (format {header.version}, expected {VERSION})"
        found = _READ.decode(text)
    except (ValueError, RecursionError):
        return {}, "is damaged"
    return (found.services, None) if found.format == _FORMAT else ({}, "is not one of `--on-change`")


def write(path: Path, told: Mapping[str, Told]) -> None:
    """Write the file, whole or not at all.

    Raises:
        OSError: It could not be done; the old one stands.
    """
    whole_file.replace(path, sealed(_Content(_FORMAT, VERSION, dict(told))))
