"""From what was seen to the layers, one line each. Pure."""

from collections.abc import Iterator

from msgspec import Struct

from healthmon.core.evaluate import Evaluation, evaluate
from healthmon.core.model import Failure, Outcome, Service, Stage
from healthmon.core.safe_text import clean
from healthmon.engine.diagnosis.evidence import Attempt, Evidence
from healthmon.engine.diagnosis.exchange import answer_texts, request_texts, seen_texts
from healthmon.engine.diagnosis.listening import listening
from healthmon.engine.diagnosis.transport import tls_texts
from healthmon.net.routes import is_own

_STAGES = list(Stage)
_HTTP = frozenset({"http", "https"})
_NOT_REACHED = "not reached"


class Layer(Struct, frozen=True):
    """One layer between this machine and a healthy service, or one line of it.

    Attributes:
        name: Which: ``name``, ``route``, ``port``, ``listener``, ``tls``, ``request``, ``answer``, ``expect`` or
            ``warn``.
        passed: Whether it is as it should be; None if it was not reached.
        seconds: How long it took; None if that is not known.
        detail: What was seen, safe to show.
    """

    name: str
    passed: bool | None
    seconds: float | None
    detail: str


def find_layers(evidence: Evidence, *, now: float) -> Iterator[Layer]:
    """The layers from the name up to the expectations.

    Args:
        evidence: What was seen.
        now: The moment from which a certificate's time left is counted, in seconds since the epoch.
    """
    service = evidence.result.service
    secrets = service.secrets | evidence.outcome.secrets
    for layer in _all_layers(evidence, service, now):
        yield Layer(layer.name, layer.passed, layer.seconds, clean(layer.detail, secrets, limit=400))


def _all_layers(evidence: Evidence, service: Service, now: float) -> Iterator[Layer]:
    probe, outcome = evidence.probe, evidence.outcome
    if probe.transport is not None:
        yield _name(evidence)
        yield from _routes(evidence)
    if probe.transport == "tcp":
        yield from _ports(evidence)
    if evidence.local:
        told = listening(evidence.local, evidence.place, evidence.attempts)
        yield Layer("listener", told.passed, None, told.detail)
    if probe.tls or outcome.fact("tls_version") or _at(outcome, Stage.TLS):
        yield _tls(outcome, service, now)
    if service.address.scheme in _HTTP:
        yield from _exchange(outcome, list(request_texts(service, outcome)), list(answer_texts(outcome)))
    elif probe.asks is not None and (asked := list(probe.asks(service))):
        yield from _exchange(outcome, asked, list(seen_texts(outcome)))
    for evaluation in evaluate(service, evidence.outcome, now):
        yield _expectation(evaluation, evidence.outcome)


def _name(evidence: Evidence) -> Layer:
    place, failure = evidence.place, _at(evidence.outcome, Stage.RESOLVE)
    of_proxy = " (the proxy)" if place.proxy else ""
    if not evidence.attempts:
        return Layer(
            "name",
            passed=False,
            seconds=evidence.outcome.timings.resolve,
            detail=failure.message if failure else "no address",
        )
    ips = ", ".join(attempt.ip for attempt in evidence.attempts)
    if place.reach.resolve:
        text = f"{ips}, because the config says so (resolve) instead of looking up {place.host}"
    elif [place.host] == [attempt.ip for attempt in evidence.attempts]:
        text = f"{place.host} is an address{of_proxy}"
    else:
        text = f"{place.host} is {ips}{of_proxy}"
    return Layer("name", passed=True, seconds=evidence.resolved, detail=text)


def _routes(evidence: Evidence) -> Iterator[Layer]:
    if not evidence.attempts:
        yield Layer("route", passed=None, seconds=None, detail=_NOT_REACHED)
    for attempt in evidence.attempts:
        way, prefix = attempt.way, _prefix(attempt, evidence)
        if way.source is None:
            yield Layer("route", passed=False, seconds=None, detail=f"{prefix}no route: {way.problem}")
        elif is_own(attempt.ip, way):
            yield Layer("route", passed=True, seconds=None, detail=f"{prefix}stays on this machine")
        else:
            yield Layer("route", passed=True, seconds=None, detail=f"{prefix}leaves from {way.source}")


def _ports(evidence: Evidence) -> Iterator[Layer]:
    port = evidence.place.port
    if not evidence.attempts:
        yield Layer("port", passed=None, seconds=None, detail=_NOT_REACHED)
    for attempt in evidence.attempts:
        where = f"[{attempt.ip}]:{port}" if ":" in attempt.ip else f"{attempt.ip}:{port}"
        text = f"{where} accepts connections" if attempt.connected else f"{where}: {attempt.problem}"
        yield Layer("port", passed=attempt.connected, seconds=attempt.seconds, detail=text)


def _prefix(attempt: Attempt, evidence: Evidence) -> str:
    return f"{attempt.ip} " if len(evidence.attempts) > 1 else ""


def _tls(outcome: Outcome, service: Service, now: float) -> Layer:
    failure = _at(outcome, Stage.TLS)
    seconds = outcome.timings.tls
    if failure:
        details = [failure.message, *tls_texts(outcome, service, now)]
        return Layer("tls", passed=False, seconds=seconds, detail=", ".join(details))
    if not _reached(outcome, Stage.WAIT):
        return Layer("tls", passed=None, seconds=None, detail=_NOT_REACHED)
    return Layer("tls", passed=True, seconds=seconds, detail=", ".join(tls_texts(outcome, service, now)))


def _exchange(outcome: Outcome, asked: list[str], answered: list[str]) -> Iterator[Layer]:
    sent = _reached(outcome, Stage.WAIT)
    yield Layer("request", passed=True if sent else None, seconds=None, detail=", ".join(asked))
    if not sent:
        yield Layer("answer", passed=None, seconds=None, detail=_NOT_REACHED)
        return
    timings, failure = outcome.timings, outcome.failure
    seconds = None if timings.wait is None else timings.wait + (timings.transfer or 0.0)
    yield Layer("answer", passed=failure is None, seconds=seconds, detail=", ".join(answered))


def _expectation(evaluation: Evaluation, outcome: Outcome) -> Layer:
    demand = f"{evaluation.expectation}: {evaluation.expected()}"
    if not outcome.answered:
        return Layer(evaluation.level.value, passed=None, seconds=None, detail=f"{demand}; {_NOT_REACHED}")
    return Layer(
        evaluation.level.value, passed=evaluation.passed, seconds=None, detail=f"{demand}; met {evaluation.met()}"
    )


def _at(outcome: Outcome, stage: Stage) -> Failure | None:
    """The failure, if it happened in this stage of the service's own connection, not on the way of a redirect."""
    failure = outcome.failure
    return failure if failure and failure.stage is stage and not outcome.fact("redirects") else None


def _reached(outcome: Outcome, stage: Stage) -> bool:
    failure = outcome.failure
    return not failure or bool(outcome.fact("redirects")) or _STAGES.index(failure.stage) >= _STAGES.index(stage)
