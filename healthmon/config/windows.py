"""The keys of `[[maintenance]]`, and the windows that they describe."""

import re
from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from typing import Self

from msgspec import Struct

from healthmon.config.grammar import Texts
from healthmon.config.nearest import did_you_mean
from healthmon.config.texts import Shaped, Text
from healthmon.core.maintenance import Window, check_cron, check_timezone
from healthmon.core.selection import matches_id
from healthmon.core.units import PositiveDuration


class Moment(Shaped):
    """A moment as people write it (RFC 3339), or as TOML's own date and time. Without offset it is local time."""

    __slots__ = ()
    description = 'a date and time such as "2026-02-01T22:00:00Z", "2026-02-01T23:00:00+01:00" or "2026-02-01T22:00"'
    pattern = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?([Zz]|[+-][0-9]{2}:[0-9]{2})?$"

    @classmethod
    def parse(cls, value: object) -> Self:
        """Read the moment.

        Raises:
            ValueError: It is none.
        """
        return super().parse(value.isoformat() if isinstance(value, datetime) else value)

    @classmethod
    def checked(cls, text: str) -> str:
        """The moment itself.

        Raises:
            ValueError: It has another shape, or is in no calendar.
        """
        super().checked(text)
        try:
            datetime.fromisoformat(text.upper())
        except ValueError:
            raise ValueError("there is no such date or time") from None
        return text

    def stamp(self, timezone: str) -> float:
        """Seconds since the epoch; local time is that of the zone."""
        from zoneinfo import ZoneInfo

        when = datetime.fromisoformat(self.upper())
        if when.tzinfo is None:
            when = when.replace(tzinfo=UTC if timezone == "UTC" else ZoneInfo(timezone))  # UTC needs no database.
        return when.timestamp()


class Cron(Text):
    """When something happens again and again, in five fields (crontab(5))."""

    __slots__ = ()
    description = 'a cron expression of five fields, such as "0 3 * * sun"'

    @classmethod
    def checked(cls, text: str) -> str:
        """The expression itself.

        Raises:
            ValueError: It is none.
        """
        check_cron(text)
        return text


class Zone(Text):
    """A time zone by its IANA name."""

    __slots__ = ()
    description = 'a time zone such as "UTC" or "Europe/Berlin"'

    @classmethod
    def checked(cls, text: str) -> str:
        """The name itself.

        Raises:
            ValueError: There is no such zone, or no database of zones to look it up in.
        """
        try:
            check_timezone(text)
        except ValueError:
            raise ValueError(_no_such_zone(text)) from None
        return text


def _no_such_zone(name: str) -> str:
    from zoneinfo import available_timezones

    zones = available_timezones()
    if not zones:
        return "this machine has no database of time zones; install tzdata, the system's package or pip's"
    return f"there is no such time zone{did_you_mean(name, sorted(zones))}"


class WindowKeys(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A time in which services may be down without an alarm: once, or again and again.

    Attributes:
        services: Patterns of the ids of the services that it covers.
        start: When it begins.
        end: When it ends.
        cron: When it begins, again and again.
        duration: How long it lasts each time.
        timezone: The time zone of `cron`, and of `start` and `end` without an offset.
    """

    services: Texts = Texts(("*",))
    start: Moment | None = None
    end: Moment | None = None
    cron: Cron | None = None
    duration: PositiveDuration | None = None
    timezone: Zone = Zone("UTC")

    def __post_init__(self) -> None:
        once = (self.start is not None, self.end is not None)
        again = (self.cron is not None, self.duration is not None)
        if any(once) and any(again):
            raise ValueError("a window has `start` and `end`, or `cron` and `duration`, not both")
        if not (all(once) or all(again)):
            raise ValueError("a window needs `start` and `end`, or `cron` and `duration`")
        start, end = self.stamps()
        if start is not None and end is not None and end <= start:
            raise ValueError("`end` must be after `start`")

    def stamps(self) -> tuple[float | None, float | None]:
        """Start and end in seconds since the epoch."""
        start = None if self.start is None else self.start.stamp(self.timezone)
        return start, None if self.end is None else self.end.stamp(self.timezone)


def window(keys: WindowKeys) -> Window:
    """The window that the keys describe, in plain types."""
    start, end = keys.stamps()
    return Window(
        services=tuple(keys.services),
        start=start,
        end=end,
        cron=keys.cron and str(keys.cron),
        duration=float(keys.duration or 0),
        timezone=str(keys.timezone),
    )


def unmatched(keys: WindowKeys, ids: Collection[str]) -> Iterator[tuple[int, str]]:
    """The patterns that match no service, by their position, and what to say of them, which quotes none of them."""
    for index, pattern in enumerate(keys.services):
        if pattern != "*" and not any(matches_id(pattern, id_) for id_ in ids):
            yield index, did_you_mean(re.sub(r"[*?]|\[.*?\]", "", pattern), ids)
