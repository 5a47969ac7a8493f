"""The log for programs: one JSON object a line. Each kind of event has all its keys, null where they do not apply."""

import msgspec
from msgspec import Struct

from healthmon.core.model import Cause, Result, Scalar, Verdict
from healthmon.core.notices import Notice
from healthmon.core.state import Transition
from healthmon.logs.contract import Event
from healthmon.logs.safe import explanation, moment, next_step, of_service, plain
from healthmon.logs.severity import priority

TRANSITION = "transition"
CHECK = "check"


class TransitionLine(Struct, frozen=True, kw_only=True):
    """The keys of a transition. `lasted` is in seconds."""

    time: str
    severity: str
    event: str
    service: str
    name: str
    group: str | None
    url: str
    before: Verdict
    after: Verdict
    cause: Cause | None
    message: str
    blocked_by: str | None
    freed_from: str | None
    flapping: bool
    alarm: bool
    lasted: float | None
    explanation: str | None
    next_step: str | None
    runbook: str | None


class CheckLine(Struct, frozen=True, kw_only=True):
    """The keys of a check. `duration` is in seconds."""

    time: str
    severity: str
    event: str
    service: str
    name: str
    group: str | None
    verdict: Verdict
    cause: Cause | None
    message: str
    blocked_by: str | None
    started: str
    duration: float
    attempts: int


class NoticeLine(Struct, frozen=True, kw_only=True):
    """The keys of all else: what the daemon says of itself."""

    time: str
    severity: str
    event: str
    message: str
    details: dict[str, Scalar]


def render(event: Event, told: float) -> str:
    """Render an event as JSON. Moments are in UTC (RFC 3339)."""
    severity = priority(event).name.lower()
    if isinstance(event, Transition):
        line: Struct = _transition(event, severity)
    elif isinstance(event, Notice):
        line = _notice(event, severity, told)
    else:
        line = _check(event, severity, told)
    return msgspec.json.encode(line).decode()


def _transition(transition: Transition, severity: str) -> TransitionLine:
    service, result, blocked_by = transition.service, transition.result, transition.blocked_by
    return TransitionLine(
        time=moment(transition.at, "milliseconds"),
        severity=severity,
        event=TRANSITION,
        service=plain(service.id),
        name=of_service(service, service.name),
        group=service.group and of_service(service, service.group),
        url=of_service(service, service.shown_url),
        before=transition.before,
        after=transition.after,
        cause=result.cause,
        message=of_service(service, result.message),
        blocked_by=blocked_by and plain(blocked_by),
        freed_from=transition.freed_from and plain(transition.freed_from),
        flapping=transition.flapping,
        alarm=transition.alarm,
        lasted=None if transition.lasted is None else round(transition.lasted, 3),
        explanation=explanation(result, blocked_by),
        next_step=next_step(result, blocked_by),
        runbook=service.runbook and of_service(service, service.runbook),
    )


def _check(result: Result, severity: str, told: float) -> CheckLine:
    service = result.service
    return CheckLine(
        time=moment(told, "milliseconds"),
        severity=severity,
        event=CHECK,
        service=plain(service.id),
        name=of_service(service, service.name),
        group=service.group and of_service(service, service.group),
        verdict=result.verdict,
        cause=result.cause,
        message=of_service(service, result.message),
        blocked_by=result.blocked_by and plain(result.blocked_by),
        started=moment(result.started, "milliseconds"),
        duration=round(result.duration, 6),
        attempts=result.attempts,
    )


def _notice(notice: Notice, severity: str, told: float) -> NoticeLine:
    return NoticeLine(
        time=moment(told, "milliseconds"),
        severity=severity,
        event=plain(notice.event),
        message=plain(notice.message),
        details={plain(name): _shown(value) for name, value in notice.details.items()},
    )


def _shown(value: Scalar) -> Scalar:
    return plain(value) if isinstance(value, str) else value
