"""What comes of checking a set of services: once, or again and again until they are as they should be."""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from msgspec import Struct

from healthmon.core.model import Result, Verdict


class Waited(Struct, frozen=True):
    """How the waiting for one service went.

    Attributes:
        checks: How many checks were made.
        reached: Seconds from the start of the waiting to the first of the checks that show, one after the other until
            the end, what was waited for; None if it was not reached.
        good: How many of the last checks in a row showed it.
        last_failure: The last result that did not show it, or None.
        since: Seconds from the start to the first of these good checks, whether they were enough or not; None if the
            last check was not good.
    """

    checks: int
    reached: float | None
    good: int
    last_failure: Result | None
    since: float | None = None


class Ending(StrEnum):
    """How waiting ended."""

    REACHED = "reached"
    DEADLINE = "deadline"
    GAVE_UP = "gave_up"
    INTERRUPTED = "interrupted"


def wanted(*, down: bool, degraded: bool) -> str:
    """What services are to be, in a word: `healthy`, `up` where a degraded one does not count, or `down`."""
    if down:
        return "down"
    return "healthy" if degraded else "up"


class Wait(Struct, frozen=True):
    """What was waited for, and how the waiting ended.

    Attributes:
        ending: How it ended.
        down: Whether services were to be down instead of healthy.
        stable: How many checks in a row had to show it.
        degraded: Whether a degraded service counted as healthy.
    """

    ending: Ending
    down: bool = False
    stable: int = 1
    degraded: bool = True

    @property
    def wanted(self) -> str:
        """What the services were to be, in a word."""
        return wanted(down=self.down, degraded=self.degraded)


class News(StrEnum):
    """What is new of a service since the last run."""

    FAILED = "failed"
    """It is not well, and was; or for a cause that has not been told yet."""
    RECOVERED = "recovered"
    UNBLOCKED = "unblocked"
    """It is not well, as before, but the root that was told to explain it no longer does."""
    REPEATED = "repeated"
    """It has not been well for so long that it is told again."""
    GONE = "gone"
    """It was not well, and is no longer checked."""


class Change(Struct, frozen=True):
    """A change since the last run.

    Attributes:
        news: What is new.
        since: When the service began not to be well, in seconds since the epoch: how long it took, or has taken.
        freed_from: The id of the root that no longer explains it; None but of what is unblocked.
    """

    news: News
    since: float
    freed_from: str | None = None


class Run(Struct, frozen=True, kw_only=True):
    """One pass over the selected services, or several, of which the last results count.

    Attributes:
        started: When it began, in seconds since the epoch.
        duration: How long it took, in seconds.
        host: What `{host}` stood for, or None.
        results: One a service, in config order.
        wait: What was waited for, and how that ended; None of a run that did not wait.
        waited: How the waiting for each service went, by id.
        changes: Where only what is new is to be told: what is, by id, of services that are no longer checked too; None
            to tell all.
    """

    started: float
    duration: float
    host: str | None
    results: tuple[Result, ...]
    wait: Wait | None = None
    waited: Mapping[str, Waited] = {}
    changes: Mapping[str, Change] | None = None

    def reached(self, result: Result) -> bool:
        """Whether a service was found, at the end of the waiting, as it was to be."""
        waited = self.waited.get(result.service.id)
        return waited is not None and waited.reached is not None

    def unproven(self, result: Result) -> bool:
        """Whether a service was as it was to be, and the waiting ended before it could be looked at once more."""
        waited = self.waited.get(result.service.id)
        if self.wait is None or waited is None or waited.reached is not None:
            return False
        return waited.since is not None and waited.good >= self.wait.stable

    def count(self, verdict: Verdict) -> int:
        """How many services have this verdict."""
        return sum(result.verdict is verdict for result in self.results)

    @property
    def healthy(self) -> int:
        """How many services are healthy: up or degraded."""
        return sum(result.verdict.healthy for result in self.results)

    @property
    def verdict(self) -> Verdict:
        """The worst verdict: down before unknown before degraded before up."""
        return worst(result.verdict for result in self.results)


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The worst of these: down before unknown before degraded before up, which it is of none."""
    met = set(verdicts)
    return next((one for one in (Verdict.DOWN, Verdict.UNKNOWN, Verdict.DEGRADED) if one in met), Verdict.UP)
