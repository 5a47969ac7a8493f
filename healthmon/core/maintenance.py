"""Maintenance windows: when a service may be down without an alarm. Functions of their arguments, time included."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, tzinfo
from itertools import chain, islice
from math import inf

from msgspec import Struct

from healthmon.core.selection import matches_id

_CRON = "a cron expression (minute, hour, day of the month, month, day of the week)"
_DAY = 86400.0
_LOOK_BACK = (_DAY / 8, 2 * _DAY, 40 * _DAY, 400 * _DAY, 9 * 366 * _DAY)
"""How far back to look for the last beginning of a window, in seconds: those that recur often are found nearby."""
_LONGEST_CHAIN = 100
"""How many beginnings to follow while each falls into the window before it: they may do so for ever."""


class Window(Struct, frozen=True, kw_only=True):
    """A maintenance window: once, from `start` to `end`, or again and again, for `duration` after each time of `cron`.

    Attributes:
        services: Patterns (globs) of the ids that it covers.
        start: When it begins, wall; None where it recurs.
        end: When it ends, wall; None where it recurs.
        cron: A cron expression of five fields; None where it happens once.
        duration: Seconds that it lasts where it recurs.
        timezone: The IANA time zone of the cron expression, such as ``Europe/Berlin``.
    """

    services: tuple[str, ...]
    start: float | None = None
    end: float | None = None
    cron: str | None = None
    duration: float = 0.0
    timezone: str = "UTC"


class Calendar:
    """All windows, and what each moment finds open. Cheap to ask at every result: it works out the next change once.

    Args:
        windows: The windows.
    """

    def __init__(self, windows: Sequence[Window]) -> None:
        self._windows = tuple(windows)
        # What was found out, and from when until when it holds. A set of windows is a number, with a bit for each.
        self._from, self._until = inf, inf
        self._open = 0
        self._covering: dict[str, int] = {}

    def covers(self, service_id: str, now: float) -> bool:
        """Whether a window is open for this service.

        Args:
            service_id: The service's id.
            now: The wall time. May go back.
        """
        self._look(now)
        if not self._open:
            return False
        covering = self._covering.get(service_id)
        if covering is None:
            covering = self._covering[service_id] = _bits(
                any(matches_id(pattern, service_id) for pattern in window.services) for window in self._windows
            )
        return bool(covering & self._open)

    def next_change(self, now: float) -> float | None:
        """The wall time after `now` at which a window opens or closes next; None if none ever does.

        Of a window that recurs before it closes, again and again, it may be a moment at which it stays open: ask again
        then.
        """
        self._look(now)
        return None if self._until == inf else self._until

    def _look(self, now: float) -> None:
        if self._from <= now < self._until:
            return
        found = [_around(window, now) for window in self._windows]
        self._open = _bits(is_open for is_open, _ in found)
        self._from, self._until = now, min((until for _, until in found), default=inf)


def _bits(flags: Iterator[bool]) -> int:
    return sum(flag << number for number, flag in enumerate(flags))


def _around(window: Window, now: float) -> tuple[bool, float]:
    """Whether the window is open, and until when it stays so."""
    if window.cron is None:
        start, end = window.start or 0.0, window.end or 0.0
        return start <= now < end, next((moment for moment in (start, end) if moment > now), inf)
    last, coming = _beginnings_around(window.cron, _zone(window.timezone), now, window.duration)
    end = last + window.duration
    if now >= end:
        return False, next(coming)
    for beginning in islice(coming, _LONGEST_CHAIN):
        if beginning > end:
            break
        end = beginning + window.duration
    return True, end


def _beginnings_around(cron: str, zone: tzinfo, now: float, duration: float) -> tuple[float, Iterator[float]]:
    """The last beginning up to now, and those after it. Of one longer ago than the duration, minus infinity."""
    for back in (*(back for back in _LOOK_BACK if back < duration), duration):
        beginnings = _beginnings(cron, zone, now - back)
        last, coming = -inf, next(beginnings, inf)
        while coming <= now:
            last, coming = coming, next(beginnings, inf)
        if last > -inf:
            break
    return last, chain((coming,), beginnings)


def _beginnings(cron: str, zone: tzinfo, after: float) -> Iterator[float]:
    """The moments of a cron expression after a moment; a few from before it where the clocks were just put back.

    As Debian's cron does it: what is to begin at a time that the clocks skip begins after the gap, and at a time that
    comes twice once; but both hours count where the minute or the hour is a star.
    """
    from cronsim import CronSim

    return (moment.timestamp() for moment in CronSim(cron, datetime.fromtimestamp(after, zone)))


def _zone(name: str) -> tzinfo:
    from zoneinfo import ZoneInfo

    return UTC if name == "UTC" else ZoneInfo(name)  # UTC needs no database.


def check_cron(expression: str) -> None:
    """Check a cron expression (crontab(5)).

    Raises:
        ValueError: It is none, or it names a moment that never comes.
    """
    from cronsim import CronSim, CronSimError

    if len(expression.split()) != 5:
        raise ValueError(f'expected {_CRON} of five fields, such as "0 3 * * sun"')
    try:
        first = next(CronSim(expression, datetime(2024, 1, 1, tzinfo=UTC)), None)
    except CronSimError as error:
        field = str(error).removeprefix("Bad ")
        raise ValueError(f"expected {_CRON} whose {field} is valid") from None
    except ValueError:  # Python reads no number of more than 4,300 digits.
        raise ValueError(f"expected {_CRON} whose numbers are valid") from None
    if first is None:
        raise ValueError(f"expected {_CRON} that names a moment that comes some time")


def check_timezone(name: str) -> None:
    """Check the name of a time zone.

    Raises:
        ValueError: There is none of that name in this machine's database (nor in the package tzdata).
    """
    try:
        _zone(name)
    except (KeyError, ValueError, OSError):
        raise ValueError('expected a time zone that this machine knows, such as "UTC" or "Europe/Berlin"') from None
