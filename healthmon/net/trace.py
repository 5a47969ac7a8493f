"""The record that a probe keeps while it works, so that a check that is cut short still tells how far it came."""

from msgspec import structs

from healthmon.core.expectations import Expectations
from healthmon.core.model import Body, Cause, Fact, FactValue, Failure, Outcome, Stage, Step, Timings


class ProbeFailed(Exception):
    """Raised when a probe could not get a complete answer.

    Args:
        cause: The cause, from the closed list.
        message: What happened, in a few words without a full stop, such as ``connection refused``.
        symptom: What tells more of it: a key of `healthmon.core.advice.symptoms.SYMPTOMS`, or None.
    """

    def __init__(self, cause: Cause, message: str, symptom: str | None = None) -> None:
        super().__init__(message)
        self.cause = cause
        self.message = message
        self.symptom = symptom


_TIMED_OUT = {
    Stage.RESOLVE: (Cause.DNS, "the name was not resolved", "name.no_answer"),
    Stage.CONNECT: (Cause.CONNECT_TIMEOUT, "no connection", None),
    Stage.TLS: (Cause.TLS, "the TLS handshake did not end", None),
    Stage.WAIT: (Cause.NO_RESPONSE, "connected, but no answer", None),
    Stage.TRANSFER: (Cause.TIMEOUT, "the answer began but was not finished", None),
}


class Trace:
    """What one attempt has seen so far. Mutable, used by one probe only, and frozen into an `Outcome` at the end.

    Attributes:
        stage: The stage that the attempt is in.
        headers: The answer's headers.
        body: The answer's body, or what was read of it.
        credentials_sent: Whether the request carried credentials.
        seen: The answer in a word or two, where no fact tells it.
        warning: What a complete answer says of itself that is not well and not a failure: it makes degraded.
        failure: What has gone wrong already, while the probe still looks for details. It stands if that is cut short.
        secrets: Texts that the attempt was given and that may appear in no output, such as a token.
        held_up_by: What the attempt was waiting for when its time was over, where that is not the service.
        symptom: What that tells: a key of `healthmon.core.advice.symptoms.SYMPTOMS`, or None.
    """

    def __init__(self) -> None:
        self.stage = Stage.RESOLVE
        self.headers: tuple[tuple[str, str], ...] = ()
        self.body: Body | None = None
        self.credentials_sent = False
        self.seen: str | None = None
        self.warning: ProbeFailed | None = None
        self.failure: ProbeFailed | None = None
        self.secrets: set[str] = set()
        self.held_up_by: str | None = None
        self.symptom: str | None = None
        self._step: Step | None = None
        self._before: dict[Stage, float] = {}
        self._times: dict[Stage, float] = {}
        self._facts: dict[str, Fact] = {}

    def enter(self, stage: Stage) -> None:
        """Note that the attempt has begun this stage."""
        self.stage = stage

    def spent(self, stage: Stage, seconds: float) -> None:
        """Add to the time of a stage: several hops of one check add up."""
        self._times[stage] = self._times.get(stage, 0.0) + max(0.0, seconds)

    def fact(self, name: str, value: FactValue) -> None:
        """Record a fact; a later one with the same name replaces it in place."""
        self._facts[name] = Fact(name, value)

    def begin_step(self, name: str, expect: Expectations, *, began: float, last: bool) -> None:
        """Begin another step of the same attempt: what was seen of the one before is forgotten, its time is not.

        Args:
            name: Its name.
            expect: What is demanded of its answer.
            began: The time now, in seconds since the epoch.
            last: Whether no other follows.
        """
        self.stage = Stage.RESOLVE
        self.headers, self.body, self.seen, self.credentials_sent = (), None, None, False
        self._facts = {}
        self._step = Step(name, expect, began, last=last)
        self._before = dict(self._times)

    def outcome(self, failure: ProbeFailed | None = None) -> Outcome:
        """Freeze what was seen, with the failure that ended it."""
        step = self._step
        if step is not None:
            own = {stage: seconds - self._before.get(stage, 0.0) for stage, seconds in self._times.items()}
            step = structs.replace(step, timings=_timings(own))
        return Outcome(
            timings=_timings(self._times),
            facts=tuple(self._facts.values()),
            failure=self._failure(failure),
            headers=self.headers,
            body=self.body,
            credentials_sent=self.credentials_sent,
            seen=self.seen,
            warning=self._failure(self.warning),
            step=step,
            secrets=frozenset(self.secrets),
        )

    def _failure(self, failure: ProbeFailed | None) -> Failure | None:
        return None if failure is None else Failure(failure.cause, failure.message, self.stage, failure.symptom)

    def timed_out(self, timeout: float) -> Outcome:
        """Freeze what was seen when the time was over: the stage reached tells the cause."""
        if self.failure is not None:
            return self.outcome(self.failure)
        cause, what, symptom = _TIMED_OUT[self.stage]
        whose = f"{self.held_up_by}: " if self.held_up_by else ""
        return self.outcome(ProbeFailed(cause, f"{whose}{what} within {timeout:g} s", self.symptom or symptom))


def _timings(times: dict[Stage, float]) -> Timings:
    return Timings(**{stage.value: seconds for stage, seconds in times.items()})
