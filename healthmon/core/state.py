"""What the daemon believes of a service, and how each result changes it. A function of its arguments, time included.

Two clocks are told apart. *Wall* moments are seconds since the epoch, for people. *Steady* moments are seconds on a
clock that no one sets: all that is counted is counted by it, so that a step of the clock raises no alarm.
"""

from msgspec import Struct

from healthmon.core.model import Cause, Result, Service, Verdict


class Flapping(Struct, frozen=True):
    """When a service counts as flapping: it changed more than so many times within a window.

    Attributes:
        transitions: The most changes within the window that are still calm.
        window: Seconds, steady.
    """

    transitions: int = 5
    window: float = 600.0


class State(Struct, frozen=True, kw_only=True):
    """What is believed of one service.

    Its counters are bounded by the thresholds, so that a result that tells nothing new leaves an equal state.

    Attributes:
        verdict: What is believed; unknown until a threshold is met for the first time.
        since: When it became so, wall; None before that.
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


class Transition(Struct, frozen=True, kw_only=True):
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

    @property
    def alarm(self) -> bool:
        """Whether somebody should be told that this very service is down."""
        return self.after is Verdict.DOWN and self.blocked_by is None


class Watched(Struct, frozen=True, kw_only=True):
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
    raise NotImplementedError


def advance(
    state: State, result: Result, *, now: float, at: float, in_maintenance: bool, flapping: Flapping
) -> tuple[State, Transition | None]:
    """What is believed after a result, and the transition that it makes, if it makes one.

    Args:
        state: What is believed so far.
        result: The result. Its `blocked_by` names the root that explains it, if one does; its service has the
            thresholds.
        now: The steady time.
        at: The wall time.
        in_maintenance: Whether a maintenance window covers the service now.
        flapping: When a service counts as flapping.
    """
    raise NotImplementedError
