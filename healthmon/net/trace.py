"""The record that a probe keeps while it works, so that a check that is cut short still tells how far it came."""

from healthmon.core.model import Body, Cause, Fact, FactValue, Failure, Outcome, Stage, Timings


class ProbeFailed(Exception):
    """Raised when a probe could not get a complete answer.

    Args:
        cause: The cause, from the closed list.
        message: What happened, in a few words without a full stop, such as ``connection refused``.
        symptom: What tells more of it: a key of `healthmon.core.symptoms.SYMPTOMS`, or None.
    """

    def __init__(self, cause: Cause, message: str, symptom: str | None = None) -> None:
        super().__init__(message)
        self.cause = cause
        self.message = message
        self.symptom = symptom


_TIMED_OUT = {
    Stage.RESOLVE: (Cause.DNS, "the name was not resolved"),
    Stage.CONNECT: (Cause.CONNECT_TIMEOUT, "no connection"),
    Stage.TLS: (Cause.TLS, "the TLS handshake did not end"),
    Stage.WAIT: (Cause.NO_RESPONSE, "connected, but no answer"),
    Stage.TRANSFER: (Cause.TIMEOUT, "the answer began but was not finished"),
}


class Trace:
    """What one attempt has seen so far. Mutable, used by one probe only, and frozen into an `Outcome` at the end.

    Attributes:
        stage: The stage that the attempt is in.
        headers: The answer's headers.
        body: The answer's body, or what was read of it.
        credentials_sent: Whether the request carried credentials.
        seen: The answer in a word or two, where no fact tells it.
        failure: What has gone wrong already, while the probe still looks for details. It stands if that is cut short.
    """

    def __init__(self) -> None:
        self.stage = Stage.RESOLVE
        self.headers: tuple[tuple[str, str], ...] = ()
        self.body: Body | None = None
        self.credentials_sent = False
        self.seen: str | None = None
        self.failure: ProbeFailed | None = None
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

    def outcome(self, failure: ProbeFailed | None = None) -> Outcome:
        """Freeze what was seen, with the failure that ended it."""
        return Outcome(
            timings=Timings(**{stage.value: seconds for stage, seconds in self._times.items()}),
            facts=tuple(self._facts.values()),
            failure=None if failure is None else Failure(failure.cause, failure.message, self.stage, failure.symptom),
            headers=self.headers,
            body=self.body,
            credentials_sent=self.credentials_sent,
            seen=self.seen,
        )

    def timed_out(self, timeout: float) -> Outcome:
        """Freeze what was seen when the time was over: the stage reached tells the cause."""
        if self.failure is not None:
            return self.outcome(self.failure)
        cause, what = _TIMED_OUT[self.stage]
        return self.outcome(ProbeFailed(cause, f"{what} within {timeout:g} s"))
