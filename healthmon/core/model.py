"""The frozen types of a check, from the config to the judgement. What comes of many is in `healthmon.core.run`.

::

    Service ─probe─▶ Outcome ─judge─▶ Result

Times that mark a moment are seconds since the epoch (UTC); all others are seconds.

What each check makes anew is kept from the collector (`gc=False`): it is frozen and refers to nothing that could refer
to it, and a daemon keeps so many that walking them would hold up its checks.
"""

from enum import StrEnum
from typing import Any

from msgspec import Struct

from healthmon.core.expectations import Expectations

Scalar = str | int | float | bool | None
"""A value that stands alone."""

FactValue = Scalar | tuple[str, ...]
"""The value of a fact: one, or several texts such as the records of a name."""


class Verdict(StrEnum):
    """What a check says of a service. `unknown`, it could not be found out, never counts as healthy."""

    UP = "up"
    DEGRADED = "degraded"
    DOWN = "down"
    UNKNOWN = "unknown"

    @property
    def healthy(self) -> bool:
        """Whether the service can be relied on. A degraded one can."""
        return self in (Verdict.UP, Verdict.DEGRADED)


class Cause(StrEnum):
    """Why a check is not up: the first thing that went wrong. The list is closed."""

    DNS = "dns"
    UNREACHABLE = "unreachable"
    REFUSED = "refused"
    CONNECT_TIMEOUT = "connect_timeout"
    TLS = "tls"
    CERTIFICATE = "certificate"
    NO_RESPONSE = "no_response"
    TIMEOUT = "timeout"
    RESET = "reset"
    PROTOCOL = "protocol"
    TOO_LARGE = "too_large"
    REDIRECT = "redirect"
    STATUS = "status"
    HEADER = "header"
    BODY = "body"
    JSON = "json"
    VALUE = "value"
    LATENCY = "latency"
    AUTH = "auth"
    UNHEALTHY = "unhealthy"
    PROCESS = "process"
    DEADLINE = "deadline"
    INTERRUPTED = "interrupted"
    OFFLINE = "offline"
    LOCAL = "local"
    INTERNAL = "internal"

    @property
    def verdict(self) -> Verdict:
        """The verdict of a check that ended with this cause before it could be judged."""
        return Verdict.UNKNOWN if self in _NOT_FOUND_OUT else Verdict.DOWN


_NOT_FOUND_OUT = frozenset({Cause.DEADLINE, Cause.INTERRUPTED, Cause.OFFLINE, Cause.LOCAL, Cause.INTERNAL})


class Stage(StrEnum):
    """The stages of a check, in order. Each has its time in `Timings`.

    `wait` is from the first byte of the request sent to the first byte of the answer's status line; `transfer` from
    there to the last byte read.
    """

    RESOLVE = "resolve"
    CONNECT = "connect"
    TLS = "tls"
    WAIT = "wait"
    TRANSFER = "transfer"


class Timings(Struct, frozen=True, gc=False):
    """How long each stage took, in seconds; None where it does not apply or was not reached."""

    resolve: float | None = None
    connect: float | None = None
    tls: float | None = None
    wait: float | None = None
    transfer: float | None = None

    @property
    def total(self) -> float:
        """The latency: the sum of the stages."""
        stages = (self.resolve, self.connect, self.tls, self.wait, self.transfer)
        return sum(stage for stage in stages if stage is not None)


class Fact(Struct, frozen=True, gc=False):
    """Something a probe saw, by name: `status`, `ip`, `clock`, `certificate_expires`, ..."""

    name: str
    value: FactValue


class Failure(Struct, frozen=True, gc=False):
    """What kept a probe from a complete answer.

    Attributes:
        cause: The cause, from the closed list.
        message: What happened, in a few words without a full stop, such as ``connection refused``.
        stage: The stage in which it happened.
        symptom: What tells more of it than the cause does: a key of `healthmon.core.advice.symptoms.SYMPTOMS`, or None.
    """

    cause: Cause
    message: str
    stage: Stage
    symptom: str | None = None


class Body(Struct, frozen=True, gc=False):
    """The body of an answer, decoded from its content encoding.

    Attributes:
        content: The bytes read, never more than the service's limit.
        complete: Whether that is all of it.
        charset: The character set that the answer declared, or None.
    """

    content: bytes
    complete: bool = True
    charset: str | None = None


class Step(Struct, frozen=True, gc=False):
    """The step to which an outcome belongs, of a check that takes several.

    Attributes:
        name: Its name.
        expect: What is demanded of its answer.
        began: When it began, in seconds since the epoch; a certificate's time left is counted from here.
        timings: How long its own stages took; those of the outcome are of all steps together.
        last: Whether no other follows: then the answer is also the one that the service's own expectations are for.
    """

    name: str
    expect: Expectations
    began: float
    timings: Timings = Timings()
    last: bool = True


class Outcome(Struct, frozen=True, gc=False):
    """What a probe saw of a service in one attempt: no verdict yet.

    Attributes:
        timings: How long each stage took.
        facts: What was seen, in the order in which it is shown.
        failure: What kept the probe from a complete answer; None after a complete one. An outcome may have both
            facts and a failure: a status 503 whose body never came has the status and the time-out.
        headers: The answer's headers, in order, as (name, value).
        body: The answer's body; None if it was not read.
        credentials_sent: Whether the request carried credentials.
        seen: The answer in a word or two, such as ``PONG``; None where facts tell it: a status, a TLS version.
        warning: What a complete answer says of itself that is not well and not a failure: it makes degraded.
        step: The step at which the check ended; None of a check that takes no steps.
        secrets: Texts that may appear in no output, beside the service's: what the attempt was given, such as a token.
    """

    timings: Timings = Timings()
    facts: tuple[Fact, ...] = ()
    failure: Failure | None = None
    headers: tuple[tuple[str, str], ...] = ()
    body: Body | None = None
    credentials_sent: bool = False
    seen: str | None = None
    warning: Failure | None = None
    step: Step | None = None
    secrets: frozenset[str] = frozenset()

    @property
    def answered(self) -> bool:
        """Whether there is something to evaluate: a complete answer, or at least the headers of the final one."""
        if self.failure is None:
            return True
        in_body = self.failure.stage is Stage.TRANSFER and self.failure.cause is not Cause.REDIRECT
        return in_body and self.fact("status") is not None

    def fact(self, name: str) -> FactValue:
        """The value of the fact with this name, or None."""
        return next((fact.value for fact in self.facts if fact.name == name), None)


class Address(Struct, frozen=True):
    """Where a service's URL points.

    Attributes:
        scheme: The URL's scheme, in lower case.
        host: The host, without brackets. Of a scheme that leads to no host, what its URL names: a file, a container.
        port: The port, the scheme's default where the URL has none; 0 where there are no ports.
        explicit: Whether the URL names the port.
    """

    scheme: str
    host: str
    port: int
    explicit: bool

    def __str__(self) -> str:
        """Host and port, an IPv6 address in brackets; without a port, what it names."""
        if not self.port:
            return self.host
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class Place(Struct, frozen=True):
    """Where a service is written: the config file, and the line, counted from 1; None where it is not known."""

    file: str
    line: int | None


class Service(Struct, frozen=True, kw_only=True):
    """A service as the user wrote it, with defaults merged and placeholders replaced.

    Attributes:
        id: Unique in the config.
        name: For people.
        url: Where it is. May hold secrets in its user part; show `shown_url`.
        shown_url: The URL with secrets masked.
        address: Host and port of the URL.
        options: The probe's own keys, an instance of the probe's options type.
        uses_host: Whether the URL was written with `{host}`.
        secrets: Texts that may appear in no output.
        phase: The deployment step in which the service appears, or None.
        interval: Seconds between checks.
        timeout: Seconds that one attempt may take, resolving and reading included.
        retries: Extra attempts in one check.
        start_period: Seconds after the first check in which failures do not count.
        hint: The user's own next step: a command or a sentence.
        runbook: A link to the user's own instructions.
        by_hand: The command with which a person asks the same; None where there is none.
        typed: What of `expect` the command line demands: the key, such as ``json version`` → the whole as typed.
    """

    id: str
    name: str
    url: str
    shown_url: str
    address: Address
    options: Any
    uses_host: bool = False
    secrets: frozenset[str] = frozenset()
    enabled: bool = True
    group: str | None = None
    phase: int | None = None
    tags: tuple[str, ...] = ()
    labels: dict[str, str] = {}
    depends_on: tuple[str, ...] = ()
    interval: float = 30.0
    timeout: float = 10.0
    retries: int = 0
    failure_threshold: int = 3
    success_threshold: int = 1
    start_period: float = 0.0
    expect: Expectations = Expectations()
    warn: Expectations = Expectations()
    hint: str | None = None
    runbook: str | None = None
    by_hand: str | None = None
    typed: dict[str, str] = {}

    @property
    def need_body(self) -> bool:
        """Whether an expectation needs the answer's body."""
        return self.expect.need_body or self.warn.need_body

    def __repr__(self) -> str:
        """Short, and without secrets."""
        return f"<Service {self.id} {self.shown_url}>"


class Level(StrEnum):
    """Whether a failed expectation makes a service down (`expect`) or degraded (`warn`)."""

    EXPECT = "expect"
    WARN = "warn"


class Reason(Struct, frozen=True, gc=False):
    """An expectation that failed.

    Attributes:
        expectation: Which: ``status``, ``latency``, ``json status``, ``header content-type``, ...
        expected: What was demanded, as text.
        actual: What was met, as text.
        level: Whether it was demanded by `expect` or by `warn`.
    """

    expectation: str
    expected: str
    actual: str
    level: Level


class Result(Struct, frozen=True, kw_only=True, gc=False):
    """A judged check. All its text is safe to show: without control characters, cut, and without secrets.

    Attributes:
        service: What was checked.
        verdict: The verdict.
        cause: The first thing that went wrong; None when up.
        message: One line: what was seen, and what was expected where that differs.
        started: When the check began, in seconds since the epoch.
        duration: How long it took, all attempts together, in seconds.
        timings: The stages of the last attempt.
        attempts: How many attempts were made.
        facts: What the last attempt saw.
        reasons: Every expectation that failed.
        blocked_by: The id of the root: the dependency whose failure explains this one.
        symptom: What tells more than the cause does: a key of `healthmon.core.advice.symptoms.SYMPTOMS`, or None.
        typed: The expectation whose failure is the cause, as it was typed; None where the file or healthmon demands it.
    """

    service: Service
    verdict: Verdict
    cause: Cause | None
    message: str
    started: float
    duration: float
    timings: Timings = Timings()
    attempts: int = 1
    facts: tuple[Fact, ...] = ()
    reasons: tuple[Reason, ...] = ()
    blocked_by: str | None = None
    symptom: str | None = None
    typed: str | None = None

    def fact(self, name: str) -> FactValue:
        """The value of the fact with this name, or None."""
        return next((fact.value for fact in self.facts if fact.name == name), None)
