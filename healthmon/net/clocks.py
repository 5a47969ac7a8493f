"""Instants on two clocks at once, and the kernel's stamps on what a socket receives.

The kernel stamps each packet when it arrives (``SO_TIMESTAMPING``; Documentation/networking/timestamping.rst of
Linux), and a read hands out the stamp of the last packet that it took from. The stamps are on the wall clock, which
may be set at any time, so they are used only where the monotonic clock agrees that it was not.
"""

import socket
import struct
import sys
import time
from collections.abc import Iterable
from itertools import pairwise
from typing import Literal, NamedTuple

Clock = Literal["kernel", "user"]
"""What measured a time: the kernel's receive stamps, or the program's own clock when its turn came."""

ANCILLARY = 64
"""The bytes of ancillary data that one stamp needs, with its header."""

_SO_TIMESTAMPING = 37  # SCM_TIMESTAMPING is the same number
_RX_SOFTWARE_AND_REPORT = 1 << 3 | 1 << 4  # SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE
_TIMESPEC = struct.Struct("@ll")  # the first of three: the stamp made by software
_SET = 1_000_000  # ns: a wall clock that moved more than this against the monotonic one was set


class Moment(NamedTuple):
    """When something happened and when the program noticed, in nanoseconds.

    Attributes:
        happened: When it happened, on the wall clock; None if the kernel did not say.
        wall: When the program noticed, on the wall clock.
        monotonic: The same on the monotonic clock.
    """

    happened: int | None
    wall: int
    monotonic: int


def enable_stamps(sock: socket.socket) -> bool:
    """Ask the kernel to stamp what a socket receives. Tells whether it will."""
    if not sys.platform.startswith("linux"):
        return False
    try:
        sock.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPING, _RX_SOFTWARE_AND_REPORT)
    except OSError:
        return False
    return True


def sent_now() -> Moment:
    """The moment of a send that is about to be made."""
    wall = time.time_ns()
    return Moment(wall, wall, time.monotonic_ns())


def received(ancillary: Iterable[tuple[int, int, bytes]] = ()) -> Moment:
    """The moment of a read that was just made, with the stamp from its ancillary data."""
    return Moment(_stamp(ancillary), time.time_ns(), time.monotonic_ns())


def _stamp(ancillary: Iterable[tuple[int, int, bytes]]) -> int | None:
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == _SO_TIMESTAMPING and len(data) >= _TIMESPEC.size:
            seconds, nanoseconds = _TIMESPEC.unpack_from(data)
            return int(seconds * 1_000_000_000 + nanoseconds) or None
    return None


def spans(first: Moment, *later: Moment) -> tuple[list[float], Clock]:
    """The seconds from each moment to the next, and the clock that measured them all."""
    moments = (first, *later)
    offset = first.wall - first.monotonic
    happened = [moment.happened for moment in moments if moment.happened is not None]
    steady = all(abs(moment.wall - moment.monotonic - offset) <= _SET for moment in later)
    if steady and len(happened) == len(moments):
        return _differences(happened), "kernel"
    return _differences([moment.monotonic for moment in moments]), "user"


def _differences(nanoseconds: list[int]) -> list[float]:
    return [max(0, end - start) / 1e9 for start, end in pairwise(nanoseconds)]
