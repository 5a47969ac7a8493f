"""`debug=true`: what a probe did, step by step, for people."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from msgspec import structs

from healthmon.core.model import Failure, Outcome, Result, Service, Stage
from healthmon.core.safe_text import clean
from healthmon.core.units import format_duration

_HIDDEN = frozenset({"set-cookie", "set-cookie2"})
_SHOWN = {Stage.RESOLVE: "resolve", Stage.CONNECT: "connect", Stage.TLS: "tls", Stage.WAIT: "answer"}


def describe(module: str, result: Result, outcomes: Sequence[Outcome], metrics: str) -> str:
    """The steps in the order in which they happened, the judgement, and the metrics.

    Args:
        module: The module's name.
        result: The judged check, of the service as it was really checked.
        outcomes: What each attempt saw.
        metrics: The metrics that would have been the answer.
    """
    found = frozenset[str]().union(*(outcome.secrets for outcome in outcomes))
    service = structs.replace(result.service, secrets=result.service.secrets | found)
    begun = datetime.fromtimestamp(result.started, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    lines = [f"{begun} {_safe(service, service.shown_url)} by module {module}, timeout {_time(service.timeout)}"]
    for number, outcome in enumerate(outcomes, 1):
        if len(outcomes) > 1:
            lines += ["", f"Attempt {number}"]
        lines += ["", *_steps(service, outcome)]
    lines += ["", *_timings(outcomes[-1]), "", "Facts", *_facts(result), "", *_judgement(result)]
    return "\n".join([*lines, "", "Metrics that would have been returned", metrics])


def _steps(service: Service, outcome: Outcome) -> Iterator[str]:
    failure, times = outcome.failure, outcome.timings
    yield from _step(service, failure, Stage.RESOLVE, times.resolve, _resolved(service, outcome))
    yield from _step(service, failure, Stage.CONNECT, times.connect, _connected(outcome))
    yield from _step(service, failure, Stage.TLS, times.tls, _secured(outcome))
    if _reached(outcome, Stage.WAIT):
        yield f"request   {_request(service)}"
        yield from _step(service, failure, Stage.WAIT, times.wait, _answered(outcome))
    for name, value in outcome.headers:
        yield f"          {_safe(service, name)}: {'***' if name.lower() in _HIDDEN else _safe(service, value)}"
    if outcome.body is not None:
        extent = "" if outcome.body.complete else ", not all of it"
        yield f"body      {len(outcome.body.content)} bytes{extent}{_in(times.transfer)}"
    if failure is not None and failure.stage is Stage.TRANSFER:
        yield f"failed    {_safe(service, failure.message)}"


def _step(
    service: Service, failure: Failure | None, stage: Stage, seconds: float | None, what: str | None
) -> Iterator[str]:
    """A step's line: what it came to, or why it failed; none if it was not taken."""
    name = f"{_SHOWN[stage]:9}"
    if failure is not None and failure.stage is stage:
        yield f"{name} failed: {_safe(service, failure.message)}{_in(seconds)}"
    elif what is not None:
        yield f"{name} {_safe(service, what)}{_in(seconds)}"


def _resolved(service: Service, outcome: Outcome) -> str | None:
    if outcome.fact("ip") is None:
        return None
    given = getattr(service.options, "proxy", None)
    if given is not None:
        return "left to the proxy"
    if outcome.timings.resolve is None:
        return "no name to look up"
    return f"{service.address.host}"


def _connected(outcome: Outcome) -> str | None:
    ip, errors = outcome.fact("ip"), outcome.fact("connect_errors")
    if ip is None or outcome.timings.connect is None:
        return None
    return f"{ip} ({errors})" if errors else str(ip)


def _secured(outcome: Outcome) -> str | None:
    version = outcome.fact("tls_version")
    if version is None:
        return None
    return f"{version}, {outcome.fact('tls_cipher')}, {outcome.fact('certificate_subject')}"


def _answered(outcome: Outcome) -> str | None:
    status, hops = outcome.fact("status"), outcome.fact("redirects")
    if status is None:
        return None
    after = f" after {hops} {'redirect' if hops == 1 else 'redirects'}, from {outcome.fact('url')}" if hops else ""
    return f"HTTP {status}{after}"


def _request(service: Service) -> str:
    """Names of headers only: their values may be secret."""
    options = service.options
    headers = ", ".join(getattr(options, "headers", {}))
    text = f"{getattr(options, 'method', '')} {service.shown_url}" + (f" with {headers}" if headers else "")
    return _safe(service, text)


def _reached(outcome: Outcome, stage: Stage) -> bool:
    """Whether a stage was entered: it, or one after it, has a time or the failure."""
    stages = list(Stage)[list(Stage).index(stage) :]
    failed_in = None if outcome.failure is None else outcome.failure.stage
    return failed_in in stages or any(getattr(outcome.timings, each.value) is not None for each in stages)


def _timings(outcome: Outcome) -> Iterator[str]:
    yield "Timings"
    for stage in Stage:
        seconds = getattr(outcome.timings, stage.value)
        yield f"{stage.value:9} {'-' if seconds is None else _time(seconds)}"


def _facts(result: Result) -> Iterator[str]:
    return (f"{fact.name}: {fact.value}" for fact in result.facts)


def _judgement(result: Result) -> Iterator[str]:
    cause = f" ({result.cause.value})" if result.cause else ""
    yield f"Judged {result.verdict.value}{cause}: {result.message}"
    for reason in result.reasons:
        yield f"{reason.level.value} {reason.expectation}: expected {reason.expected}, met {reason.actual}"


def _in(seconds: float | None) -> str:
    return "" if seconds is None else f", {_time(seconds)}"


def _time(seconds: float) -> str:
    return format_duration(seconds)


def _safe(service: Service, text: str) -> str:
    return clean(text, service.secrets)
