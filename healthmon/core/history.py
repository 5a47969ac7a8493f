"""What is remembered of a service while it is watched in a terminal: little, and never more. Pure."""

from msgspec import Struct

from healthmon.core.model import Result, Verdict

KEPT = 60
"""The most latencies that are remembered."""


class History(Struct, frozen=True, gc=False):
    """What is remembered of a service.

    Attributes:
        last: The last result.
        since: When the first of the results with its verdict began, in seconds since the epoch.
        latencies: In seconds, the newest last; None where a check failed.
    """

    last: Result
    since: float
    latencies: tuple[float | None, ...]

    @property
    def verdict(self) -> Verdict:
        """The last verdict."""
        return self.last.verdict

    @property
    def latency(self) -> float | None:
        """The last latency; None where the check failed."""
        return self.latencies[-1]


def remember(before: History | None, result: Result) -> History:
    """Take a result."""
    latency = result.timings.total if result.verdict.healthy else None
    if before is None:
        return History(result, result.started, (latency,))
    return History(
        last=result,
        since=before.since if before.verdict is result.verdict else result.started,
        latencies=(*before.latencies[1 - KEPT :], latency),
    )
