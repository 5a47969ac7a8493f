"""What the daemon believes of a service, and how each result changes it. A function of its arguments, time included.

Two clocks are told apart. *Wall* moments are seconds since the epoch, for people. *Steady* moments are seconds on a
clock that no one sets: all that is counted is counted by it, so that a step of the clock raises no alarm.
"""

from msgspec import Struct, structs

from healthmon.core.flapping import Flapping
from healthmon.core.model import Cause, Result, Service, Verdict

__all__ = ["Flapping", "State", "Transition", "Watched", "advance", "alarms"]


class State(Struct, frozen=True, kw_only=True, gc=False):
    """What is believed of one service.

    Its counters are bounded by the thresholds, so that a result that tells nothing new leaves an equal state.

    Attributes:
        verdict: What is believed; unknown until a threshold is met for the first time.
        since: When it became so, wall, never after the last result that counts; None before that.
        cause: Why it is not up: the cause of the result that made it so; None when up or unknown.
        message: The message of that result.
        blocked_by: The id of the root that explains why it is down; None where nothing else explains it.
        failures: Failures in a row that count, at most the failure threshold. Of a service that is down and blocked,
            those that its root no longer explains.
        successes: Successes in a row, at most the success threshold.
        leaning: The way in which it leans while no threshold is met: the verdict of the last result that counts where
            that differs from what is believed; else None.
        first_check: When its first check was judged, steady; the start period counts from there.
        proven: Whether a success has been seen, which ends the start period.
        changes: When it changed last, steady, the latest last; never more than flapping asks for.
        flapping: Whether it changes too often.
        in_maintenance: Whether a maintenance window covers it.
    """

    verdict: Verdict = Verdict.UNKNOWN
    since: float | None = None
    cause: Cause | None = None
    message: str = ""
    blocked_by: str | None = None
    failures: int = 0
    successes: int = 0
    leaning: Verdict | None = None
    first_check: float | None = None
    proven: bool = False
    changes: tuple[float, ...] = ()
    flapping: bool = False
    in_maintenance: bool = False


class Transition(Struct, frozen=True, kw_only=True, gc=False):
    """A change of what is believed of a service.

    Attributes:
        service: The service.
        before: What was believed before.
        after: What is believed now. Equal to `before` only where a service that is down is no longer explained by
            its root.
        at: When, wall.
        lasted: Seconds for which `before` was believed, by the wall clock; None where it was never believed.
        result: The result that made the change.
        blocked_by: The id of the root that explains it, or None.
        freed_from: The id of the root that explained it until now, or None.
        flapping: Whether the service is flapping.
    """

    service: Service
    before: Verdict
    after: Verdict
    at: float
    lasted: float | None
    result: Result
    blocked_by: str | None
    flapping: bool
    freed_from: str | None = None

    @property
    def alarm(self) -> bool:
        """Whether somebody should be told that this very service is down."""
        return self.after is Verdict.DOWN and self.blocked_by is None


class Watched(Struct, frozen=True, kw_only=True, gc=False):
    """A service that is watched, as it stands now.

    Attributes:
        service: The service.
        state: What is believed of it.
        result: Its last result; None before the first.
    """

    service: Service
    state: State
    result: Result | None


def alarms(state: State, result: Result, *, now: float, in_maintenance: bool) -> bool:
    """Whether this result, if nothing explains it, raises an alarm: then the dependencies are to be asked first.

    Args:
        state: What is believed so far.
        result: The result, its `blocked_by` not looked for yet.
        now: The steady time.
        in_maintenance: Whether a maintenance window covers the service now.
    """
    if result.verdict is not Verdict.DOWN:
        return False
    return _turns_down(state, result.service, _failures(state, result.service, now), in_maintenance=in_maintenance)


def advance(
    state: State,
    result: Result,
    *,
    now: float,
    at: float,
    in_maintenance: bool,
    flapping: Flapping,
    root_is_down: bool = True,
) -> tuple[State, Transition | None]:
    """What is believed after a result, and the transition that it makes, if it makes one.

    - An unknown result neither counts nor resets.
    - Up and degraded are successes alike; between the two the belief changes at once.
    - Maintenance withholds going down, and an alarm, until the first failure after it. All else goes on.
    - What goes down because of its root stays so without an alarm while its root explains it. After
      `failure_threshold` failures in a row that no root explains, a transition from down to down raises the alarm.
      A root that only failed, and is not believed to be down itself, neither counts nor resets: one that fails now
      and then must not keep quiet about what is down all the time.

    Args:
        state: What is believed so far.
        result: The result. Its `blocked_by` names the root that explains it, if one does; its service has the
            thresholds.
        now: The steady time.
        at: The wall time.
        in_maintenance: Whether a maintenance window covers the service now.
        flapping: When a service counts as flapping.
        root_is_down: Whether the root that explains the result is believed to be down.
    """
    if result.verdict is Verdict.UNKNOWN:
        is_flapping = flapping.applies(state.changes, now)
        return structs.replace(state, in_maintenance=in_maintenance, flapping=is_flapping), None
    is_down = result.verdict is Verdict.DOWN
    believed = (
        _fail(state, result, now, in_maintenance=in_maintenance, root_is_down=root_is_down)
        if is_down
        else _succeed(state, result)
    )
    changed = believed.verdict is not state.verdict
    told = changed or (state.blocked_by is not None and believed.blocked_by is None)
    # The wall clock may have been set back: nothing has been so since a moment that is still to come.
    since = None if state.since is None else min(state.since, at)
    changes = flapping.remembered(state.changes, now)
    if changed and state.verdict is not Verdict.UNKNOWN:
        changes = flapping.remembered((*changes, now), now)
    after = structs.replace(
        believed,
        since=at if changed else since,
        cause=result.cause if told else state.cause,
        message=result.message if told else state.message,
        first_check=_first_check(state, now),
        changes=changes,
        flapping=flapping.applies(changes, now),
        in_maintenance=in_maintenance,
    )
    if not told:
        return after, None
    return after, Transition(
        service=result.service,
        before=state.verdict,
        after=after.verdict,
        at=at,
        lasted=None if since is None else at - since,
        result=result,
        blocked_by=after.blocked_by,
        flapping=after.flapping,
        freed_from=state.blocked_by if after.verdict is Verdict.DOWN else None,
    )


def _succeed(state: State, result: Result) -> State:
    """The counters and the belief after a success."""
    threshold = result.service.success_threshold
    successes = min(state.successes + 1, threshold)
    counted = structs.replace(state, failures=0, successes=successes, proven=True)
    if state.verdict.healthy or successes == threshold:
        return structs.replace(counted, verdict=result.verdict, blocked_by=None, leaning=None)
    return structs.replace(counted, leaning=result.verdict)


def _fail(state: State, result: Result, now: float, *, in_maintenance: bool, root_is_down: bool) -> State:
    """The counters and the belief after a failure."""
    if state.blocked_by is not None and result.blocked_by is not None:
        failures = 0 if root_is_down else state.failures
        return structs.replace(state, failures=failures, successes=0, leaning=None, blocked_by=result.blocked_by)
    failures = _failures(state, result.service, now)
    counted = structs.replace(state, failures=failures, successes=0)
    if _turns_down(state, result.service, failures, in_maintenance=in_maintenance):
        # Of one that is blocked, the failures that count are those that its root no longer explains.
        rest = failures if result.blocked_by is None else 0
        return structs.replace(counted, verdict=Verdict.DOWN, blocked_by=result.blocked_by, failures=rest, leaning=None)
    return structs.replace(counted, leaning=None if state.verdict is Verdict.DOWN else Verdict.DOWN)


def _turns_down(state: State, service: Service, failures: int, *, in_maintenance: bool) -> bool:
    """Whether so many failures make a transition: to down, or from down because of its root to down by itself."""
    open_ = state.verdict is not Verdict.DOWN or state.blocked_by is not None
    return open_ and failures == service.failure_threshold and not in_maintenance


def _failures(state: State, service: Service, now: float) -> int:
    """The failures in a row that count, with one more that its root does not explain."""
    starting = not state.proven and now - _first_check(state, now) < service.start_period
    return 0 if starting else min(state.failures + 1, service.failure_threshold)


def _first_check(state: State, now: float) -> float:
    """When the start period began. A moment that lies ahead comes from the clock of an earlier boot."""
    return now if state.first_check is None or state.first_check > now else state.first_check
