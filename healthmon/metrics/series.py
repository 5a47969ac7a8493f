"""All that is counted and kept of one service."""

from array import array
from bisect import bisect_left
from collections.abc import Sequence
from math import isfinite

from healthmon.core.model import Cause, FactValue, Result, Service, Verdict
from healthmon.core.state import State
from healthmon.metrics.families import CHECK_BOUNDS

VERDICTS = tuple(Verdict)
_PLACE = {verdict: place for place, verdict in enumerate(VERDICTS)}
_COUNTERS = len(VERDICTS) + len(CHECK_BOUNDS) + 1
_NOTHING_FAILED: dict[Cause, int] = {}


class Series:
    """One service: what it is, what is believed of it, its last result, and its counters. Small: there are thousands.

    Attributes:
        service: The service.
        state: What is believed of it.
        result: Its last result; None before the first.
        seconds: How long all its checks took together.
    """

    __slots__ = ("_counts", "_failures", "result", "seconds", "service", "state")

    def __init__(self, service: Service, state: State) -> None:
        self.service = service
        self.state = state
        self.result: Result | None = None
        self.seconds = 0.0
        # Checks by verdict, and behind them by how long they took.
        self._counts = array("Q", bytes(8 * _COUNTERS))
        self._failures: dict[Cause, int] | None = None

    def take(self, result: Result, state: State) -> None:
        """Count a result, and keep it with what is believed after it."""
        self.result = result
        self.state = state
        self.seconds += result.duration
        counts = self._counts
        counts[_PLACE[result.verdict]] += 1
        counts[len(VERDICTS) + bisect_left(CHECK_BOUNDS, result.duration)] += 1
        if result.cause is not None:
            if self._failures is None:
                self._failures = {}
            self._failures[result.cause] = self._failures.get(result.cause, 0) + 1

    def verdicts(self) -> Sequence[int]:
        """How many checks had each verdict, in the order of `VERDICTS`."""
        return self._counts[: len(VERDICTS)]

    def buckets(self) -> Sequence[int]:
        """How many checks took at most each of `CHECK_BOUNDS` and longer than the one before; the last, longer."""
        return self._counts[len(VERDICTS) :]

    def failures(self) -> dict[Cause, int]:
        """How many checks were not up, by cause; only causes that were met."""
        return self._failures or _NOTHING_FAILED


def number(value: FactValue) -> int | float | None:
    """A fact as the value of a metric, true as 1; None where it is no number, or there is no such fact."""
    return value + 0 if isinstance(value, int | float) and isfinite(value) else None


def moment(seconds: float) -> float:
    """A moment as it is exposed, to the millisecond."""
    return round(seconds, 3)


def span(seconds: float) -> float:
    """A duration as it is exposed, to the microsecond."""
    return round(seconds, 6)
