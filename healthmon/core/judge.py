"""Turns an outcome into a result. A function of its arguments, the time included."""

import re

from healthmon.core.evaluate import Evaluation, evaluate
from healthmon.core.model import Cause, Fact, Failure, Level, Outcome, Reason, Result, Service, Step, Verdict
from healthmon.core.safe_text import clean
from healthmon.core.symptoms import symptom_of
from healthmon.core.wording import listed, status_texts

_OF_THE_BODY = (Cause.BODY, Cause.JSON)
_OF_THE_WAY = (Cause.CERTIFICATE, Cause.LATENCY)


def judge(service: Service, outcome: Outcome, *, started: float, duration: float, attempts: int = 1) -> Result:
    """Judge what a probe saw against what the service's owner expects.

    Args:
        service: The service, with its expectations.
        outcome: What the last attempt saw.
        started: When the check began, in seconds since the epoch; a certificate's time left is counted from here.
        duration: How long the check took, in seconds.
        attempts: How many attempts were made.

    Returns:
        The result. Its texts are safe to show.
    """
    evaluations = evaluate(service, outcome, started) if outcome.answered else ()
    failed = [one for one in evaluations if not one.passed]
    failure = outcome.failure
    secrets = service.secrets | outcome.secrets
    symptom = typed = None
    if failure and not _headers_decide(service, outcome, failure, failed):
        verdict, cause, message = failure.cause.verdict, failure.cause, _failure_message(outcome, failure)
        symptom = failure.symptom or symptom_of(outcome, service.address.host)
    elif outcome.warning and not any(one.level is Level.EXPECT for one in failed):
        warning = outcome.warning
        verdict, cause, message, symptom = Verdict.DEGRADED, warning.cause, warning.message, warning.symptom
    elif failed:
        first = failed[0]
        verdict = Verdict.DOWN if first.level is Level.EXPECT else Verdict.DEGRADED
        cause, message = first.cause, _expectation_message(service, outcome, first)
        symptom = None if first.cause in _OF_THE_WAY else symptom_of(outcome, service.address.host)
        typed = service.typed.get(first.key) if first.level is Level.EXPECT and not first.of_step else None
        if failure and verdict is Verdict.DEGRADED and first.cause in _OF_THE_BODY:
            # The body could not be read: why not tells more than that its expectation failed.
            cause, message = failure.cause, _failure_message(outcome, failure)
    elif outcome.step and not outcome.step.last:
        verdict, cause, message = Verdict.UNKNOWN, Cause.INTERNAL, f"{_at(outcome.step)}no reason to end here"
    else:
        verdict, cause, message = Verdict.UP, None, seen(outcome)
    return Result(
        service=service,
        verdict=verdict,
        cause=cause,
        message=clean(message, secrets),
        started=started,
        duration=duration,
        timings=outcome.timings,
        attempts=attempts,
        facts=tuple(_clean_fact(fact, secrets) for fact in outcome.facts),
        reasons=tuple(_clean_reason(one.reason, secrets) for one in failed),
        symptom=symptom,
        typed=typed and clean(typed, secrets),
    )


def not_found_out(
    service: Service,
    cause: Cause,
    message: str,
    *,
    started: float,
    duration: float,
    attempts: int = 0,
    symptom: str | None = None,
) -> Result:
    """The result of a check that did not take place or was cut off: unknown, for the given cause."""
    return Result(
        service=service,
        verdict=cause.verdict,
        cause=cause,
        message=clean(message, service.secrets),
        started=started,
        duration=duration,
        attempts=attempts,
        symptom=symptom,
    )


def seen(outcome: Outcome) -> str:
    """What was seen, in a word or two."""
    if outcome.seen is not None:
        return outcome.seen
    status = outcome.fact("status")
    if status is not None:
        return f"HTTP {status}"
    version = outcome.fact("tls_version")
    return str(version) if version else "connected"


def _headers_decide(service: Service, outcome: Outcome, failure: Failure, failed: list[Evaluation]) -> bool:
    """Whether the answer's headers tell the verdict although its body failed.

    They do if they were wrong already, for that came first, and if no `expect` needs the body.
    """
    if not outcome.answered:
        return False
    wrong_before = any(one.level is Level.EXPECT and one.cause not in _OF_THE_BODY for one in failed)
    whole = outcome.step is None or outcome.step.last
    return wrong_before or (whole and failure.cause.verdict is Verdict.DOWN and not _need_body(service, outcome))


def _need_body(service: Service, outcome: Outcome) -> bool:
    """Whether an `expect` that this answer has to meet needs its body."""
    step = outcome.step
    return (step is not None and step.expect.need_body) or ((step is None or step.last) and service.expect.need_body)


def _failure_message(outcome: Outcome, failure: Failure) -> str:
    message = f"{seen(outcome)}, {failure.message}" if outcome.answered else failure.message
    return f"{_at(outcome.step)}{message}"


def _expectation_message(service: Service, outcome: Outcome, first: Evaluation) -> str:
    step = outcome.step if first.of_step else None
    level = step.expect if step else service.expect if first.level is Level.EXPECT else service.warn
    where = _at(step)
    match first.expectation:
        case "status":
            return f"{where}{seen(outcome)}, expected {listed(status_texts(level.status), 'or')}"
        case "latency":
            return f"{where}{seen(outcome)}, {first.met()}, expected {first.expected()}"
        case _:
            return f"{where}{seen(outcome)}, {first.expectation}: {first.met()}, expected {first.expected()}"


def _at(step: Step | None) -> str:
    """The beginning of a message about a step; one without a name of its own is called "step 2" already."""
    if step is None:
        return ""
    return f"{step.name}: " if re.fullmatch("step [0-9]+", step.name) else f"step {step.name}: "


def _clean_fact(fact: Fact, secrets: frozenset[str]) -> Fact:
    match fact.value:
        case str() as text:
            return Fact(fact.name, clean(text, secrets))
        case tuple() as texts:
            return Fact(fact.name, tuple(clean(text, secrets) for text in texts))
    return fact


def _clean_reason(reason: Reason, secrets: frozenset[str]) -> Reason:
    expected, actual = clean(reason.expected, secrets), clean(reason.actual, secrets)
    return Reason(clean(reason.expectation, secrets), expected, actual, reason.level)
