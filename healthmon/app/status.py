"""Tells systemd how the daemon is: alive while its scheduler advances, and which services are down."""

from collections.abc import Callable, Sequence
from math import inf
from typing import Protocol

from healthmon.core.model import Verdict
from healthmon.core.state import Watched
from healthmon.core.wording import named

_NAMED = 5
_EVERY = 1.0
"""Seconds between two messages, at least, unless systemd wants to hear more often."""


class Notifier(Protocol):
    """What it speaks through; see `healthmon.net.systemd.Notifier`."""

    def watchdog(self) -> None:
        """The daemon is alive."""

    def status(self, text: str) -> None:
        """How the daemon is."""

    @property
    def watchdog_interval(self) -> float | None:
        """The seconds within which systemd wants to hear; None where it does not."""


def summary(watched: Sequence[Watched]) -> str:
    """How the services are in one line, such as ``8 of 10 healthy; down: brain, agents``."""
    ids = {verdict: [one.service.id for one in watched if one.state.verdict is verdict] for verdict in Verdict}
    parts = [f"{len(ids[Verdict.UP]) + len(ids[Verdict.DEGRADED])} of {len(watched)} healthy"]
    parts += [
        f"{verdict}: {named(ids[verdict], _NAMED)}" for verdict in (Verdict.DOWN, Verdict.DEGRADED) if ids[verdict]
    ]
    if ids[Verdict.UNKNOWN]:
        parts.append(f"{len(ids[Verdict.UNKNOWN])} not known")
    return "; ".join(parts)


class Status:
    """Speaks to systemd whenever the scheduler advances, though not more often than is of use.

    Args:
        notifier: Sends it.
        watched: All services as they stand now.
        version: Raised whenever that may make another line.
        monotonic: Seconds since some moment.
    """

    def __init__(
        self,
        notifier: Notifier,
        *,
        watched: Callable[[], Sequence[Watched]],
        version: Callable[[], int],
        monotonic: Callable[[], float],
    ) -> None:
        self._notifier = notifier
        self._watched = watched
        self._version = version
        self._monotonic = monotonic
        self._next = -inf
        self._every = min(_EVERY, (notifier.watchdog_interval or inf) / 3)
        self._told: int | None = None

    def line(self) -> str:
        """How the services are."""
        return summary(self._watched())

    def pulse(self) -> None:
        """The scheduler has advanced."""
        now = self._monotonic()
        if now < self._next:
            return
        self._next = now + self._every
        self._notifier.watchdog()
        if self._version() != self._told:
            self._told = self._version()
            self._notifier.status(self.line())
