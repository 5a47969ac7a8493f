"""The lines of a state file: written, and read back whatever has happened to them. Functions of their arguments."""

import msgspec
from msgspec import Struct

from healthmon.core.state import State
from healthmon.engine.sealed import opened, sealed

VERSION = 1
"""Raised when a state file of an older healthmon can no longer be understood, or the other way round."""

_FORMAT = "healthmon-state"


class Kept(Struct, frozen=True):
    """What is kept of a service.

    Attributes:
        fingerprint: That of the service as it was checked.
        state: What was believed of it.
    """

    fingerprint: str
    state: State


class _Header(Struct, frozen=True):
    format: str
    version: int


class _Line(Struct, frozen=True):
    id: str
    fingerprint: str
    state: State


_READ_HEADER = msgspec.json.Decoder(_Header)
_READ_LINE = msgspec.json.Decoder(_Line)


def line(service: str, kept: Kept) -> bytes:
    """The line that keeps this of a service."""
    return sealed(_Line(service, kept.fingerprint, kept.state))


def read(content: bytes) -> tuple[dict[str, Kept], str | None]:
    """What a file keeps, by service id, and what is wrong with it, as in "the file ..."; None where nothing is.

    A last line without its line feed is what a process leaves that was killed while it wrote: it is passed over. The
    check sum tells every other damage, so that no state is taken that was not written.
    """
    *lines, _torn = content.split(b"\n")
    if not lines:
        return {}, None
    version = _version(lines[0])
    if version not in (None, VERSION):
        return {}, f"is of another version of healthmon (format {version}, expected {VERSION})"
    kept: dict[str, Kept] = {}
    bad = version is None
    for one in lines[1:]:
        try:
            found = _READ_LINE.decode(opened(one))
        except (ValueError, RecursionError):
            bad = True
        else:
            kept[found.id] = Kept(found.fingerprint, found.state)
    return kept, "is damaged" if bad else None


def _version(first: bytes) -> int | None:
    """The version that a header gives; None if it is no header."""
    try:
        header = _READ_HEADER.decode(opened(first))
    except (ValueError, RecursionError):
        return None
    return header.version if header.format == _FORMAT else None


HEADER = sealed(_Header(_FORMAT, VERSION))
"""The first line of every state file."""
