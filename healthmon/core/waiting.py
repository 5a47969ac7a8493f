"""Waiting until services are healthy, or down: what counts, what is remembered, and how long to pause. Pure."""

from collections.abc import Callable, Iterable

from msgspec import Struct, structs

from healthmon.core.model import Cause, Result, Service, Verdict
from healthmon.core.run import Waited, wanted

_NOBODY_SERVES = frozenset(
    {Cause.REFUSED, Cause.UNREACHABLE, Cause.CONNECT_TIMEOUT, Cause.RESET, Cause.UNHEALTHY, Cause.PROCESS}
)
_GATEWAY = frozenset({502, 503, 504})
_SOMETHING_ELSE = frozenset(
    {
        # Who was asked is not the service, or it was asked in a way to which nobody answers, or there was no way to it.
        "network.no_route",
        "docker.no_engine",
        "docker.engine",
        "exec.missing",
        "oauth2.unreachable",
        "grpc.unknown_service",
        "postgres.no_database",
        "redis.no_database",
        "redis.protected",
        # It serves others, or is about to.
        "postgres.too_many_connections",
        "redis.too_many_clients",
        "ws.closed",
        "docker.starting",
    }
)
"""Symptoms of causes that otherwise mean that nobody serves."""

_RARELY_CURED = frozenset({Cause.CERTIFICATE, Cause.AUTH})
_NO_NAME = frozenset({"name.not_found", "name.no_address", "dns.no_name"})
_FASTER = 1.5
_LONGEST = 64  # steps, after which every pause is the longest: the power stays a number


class Goal(Struct, frozen=True):
    """What is waited for.

    Attributes:
        stable: How many checks in a row must show it.
        down: Whether services are to be down instead of healthy.
        degraded: Whether a degraded service counts as healthy.
        give_up: Whether to end early where waiting rarely helps.
    """

    stable: int = 1
    down: bool = False
    degraded: bool = True
    give_up: bool = False

    @property
    def wanted(self) -> str:
        """What services are to be, in a word."""
        return wanted(down=self.down, degraded=self.degraded)

    def met(self, result: Result) -> bool:
        """Whether a result shows what is waited for."""
        if self.down:
            return means_down(result)
        return result.verdict is Verdict.UP or (self.degraded and result.verdict is Verdict.DEGRADED)


class Pace(Struct, frozen=True):
    """How often a service is checked that is not yet as it should be.

    Attributes:
        interval: Seconds from the end of a check to the next, at first and while good checks in a row are counted.
        longest: The most seconds; each failure lengthens the pause by half until then. A service that is as it should
            be is looked at again after so long, or after its own interval if that is longer, while others are waited
            for: what is dear to ask is not asked more often than its owner wants.
        jitter: The share of a pause by which it varies to either side, so that many gates do not ask in step.
    """

    interval: float = 1.0
    longest: float = 10.0
    jitter: float = 0.1


class Progress(Struct, frozen=True):
    """How far the waiting for one service has come.

    Attributes:
        service: The service.
        checks: How many checks have ended.
        good: How many of the last ones in a row showed what is waited for.
        bad: How many of the last ones in a row did not.
        since: Seconds from the start of the waiting to the end of the first of the good ones; None while there is none.
        began: Seconds from the start to the beginning of the last check.
        ended: Seconds from the start to its end.
        last: The last result.
        last_failure: The last result that did not show what is waited for.
    """

    service: Service
    checks: int = 0
    good: int = 0
    bad: int = 0
    since: float | None = None
    began: float = 0.0
    ended: float = 0.0
    last: Result | None = None
    last_failure: Result | None = None

    @property
    def took(self) -> float:
        """Seconds that the last check took."""
        return self.ended - self.began

    def reached(self, goal: Goal) -> bool:
        """Whether the service is as it should be, for now."""
        return self.good >= goal.stable

    def waited(self, goal: Goal, *, proven: bool = True) -> Waited:
        """What a report tells of it. Without proof, all else was there and it could not be looked at again in time."""
        return Waited(
            checks=self.checks,
            reached=self.since if proven and self.reached(goal) else None,
            good=self.good,
            last_failure=self.last_failure,
            since=self.since,
        )


def advance(progress: Progress, result: Result, goal: Goal, *, began: float, ended: float) -> Progress:
    """Take a result. The times are seconds from the start of the waiting."""
    met = goal.met(result)
    return structs.replace(
        progress,
        checks=progress.checks + 1,
        good=progress.good + 1 if met else 0,
        bad=0 if met else progress.bad + 1,
        since=(ended if progress.since is None else progress.since) if met else None,
        began=began,
        ended=ended,
        last=result,
        last_failure=progress.last_failure if met else result,
    )


def pause(progress: Progress, pace: Pace, goal: Goal, random: Callable[[], float]) -> float:
    """Seconds until the next check of a service. `random` gives numbers from 0 to 1."""
    longest = max(pace.interval, pace.longest)
    if progress.reached(goal):
        seconds = max(longest, progress.service.interval)
    else:
        steps = min(max(0, progress.bad - 1), _LONGEST)
        seconds = min(pace.interval * _FASTER**steps, longest)
    return seconds * (1 + pace.jitter * (2 * random() - 1))


def least_wait(goal: Goal, pace: Pace) -> float:
    """The least seconds in which so many checks in a row can be made."""
    return (goal.stable - 1) * pace.interval * (1 - pace.jitter)


def outdated(progresses: Iterable[Progress], now: float, pace: Pace) -> list[Progress]:
    """Those whose last check ended longer ago than the interval, or than it took: much may have happened since.

    To ask what takes long again would make the others as old as what it is to mend.
    """
    return [progress for progress in progresses if now - progress.ended > max(pace.interval, progress.took)]


def worth_another_look(
    progresses: Iterable[Progress], now: float, pace: Pace, *, look: float, concurrency: int
) -> list[Progress]:
    """Those to be looked at again after a look at all: they have grown old while it lasted, and answer at once.

    None of them where that would last more than half as long: then it is their number that takes the time, and not the
    few that are slow. The first would be as old again when the last has answered.

    Args:
        progresses: All that are waited for.
        now: Seconds from the start of the waiting to the end of the look.
        pace: Whose interval is the age that counts, and the time within which an answer comes at once.
        look: How long the look lasted, in seconds.
        concurrency: The most checks under way at a time.
    """
    quick = [progress for progress in outdated(progresses, now, pace) if progress.took <= pace.interval]
    return quick if sum(progress.took for progress in quick) / concurrency <= look / 2 else []


def means_down(result: Result) -> bool:
    """Whether a result shows that nobody serves: not that something is wrong with the answer, or with the asking."""
    if result.verdict is not Verdict.DOWN or result.symptom in _SOMETHING_ELSE:
        return False
    if result.cause is Cause.STATUS:
        return result.fact("status") in _GATEWAY
    return result.cause in _NOBODY_SERVES


def rarely_cured(result: Result) -> bool:
    """Whether waiting rarely helps: a certificate, rejected credentials, a name that does not exist."""
    return result.cause in _RARELY_CURED or result.symptom in _NO_NAME
