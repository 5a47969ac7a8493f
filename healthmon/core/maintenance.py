"""Maintenance windows: when a service may be down without an alarm. Functions of their arguments, time included."""

from collections.abc import Sequence

from msgspec import Struct


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
        raise NotImplementedError

    def covers(self, service_id: str, now: float) -> bool:
        """Whether a window is open for this service.

        Args:
            service_id: The service's id.
            now: The wall time. May go back.
        """
        raise NotImplementedError

    def next_change(self, now: float) -> float | None:
        """The wall time after `now` at which a window opens or closes next; None if none ever does."""
        raise NotImplementedError
