"""The report for people: one line a service, the summary, and below it what to do about each that failed.

The lines ``Testing PORT - NAME... ✓ OK (HTTP 200)`` and ``Summary: Healthy: N/M`` are what log searches look for: they
stay as they are.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

from healthmon.core.causes import explain
from healthmon.core.model import Cause, Fact, Level, Reason, Result, Run, Verdict
from healthmon.core.safe_text import clean
from healthmon.core.units import format_duration
from healthmon.reports.contract import Appearance
from healthmon.reports.style import Pen


def render(run: Run, appearance: Appearance) -> str:
    """Render a run as lines of text."""
    pen = Pen(appearance)
    lines = [pen.dim(_heading(run))]
    for result in run.results:
        lines.append(_line(result, pen))
        if appearance.verbose:
            lines += [pen.dim(f"    {detail}") for detail in _details(result)]
    lines.append(pen.bold(f"Summary: Healthy: {run.healthy}/{len(run.results)}"))
    for result in run.results:
        if result.verdict is not Verdict.UP and result.blocked_by is None:
            lines += ["", *_troubleshooting(result, run, pen)]
    return pen.finish(lines)


def _heading(run: Run) -> str:
    moment = datetime.fromtimestamp(run.started, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    return f"{moment} · host {run.host}" if run.host else moment


def _line(result: Result, pen: Pen) -> str:
    address = result.service.address
    place = address.port if address.explicit else address.scheme
    attempts = f", {result.attempts} attempts" if result.attempts > 1 else ""
    latency = pen.dim(format_duration(_latency(result)) + attempts)
    verdict = pen.verdict(result.verdict)
    return f"Testing {place} - {result.service.name}... {verdict} ({_in_brackets(result)})  {latency}"


def _in_brackets(result: Result) -> str:
    """What stands behind the verdict: the status alone where the status is the fault, and there are no steps."""
    if result.verdict is Verdict.UNKNOWN:
        return str(result.cause)
    if result.cause is Cause.STATUS and result.fact("step") is None and result.fact("status") is not None:
        return f"HTTP {result.fact('status')}"
    return result.message


def _latency(result: Result) -> float:
    """The stages' sum where there was an answer to judge; otherwise how long the check took."""
    return result.timings.total if result.verdict.healthy or result.reasons else result.duration


def _details(result: Result) -> Iterator[str]:
    timings = result.timings
    stages = [(name, getattr(timings, name)) for name in timings.__struct_fields__]
    known = [f"{name} {format_duration(seconds)}" for name, seconds in stages if seconds is not None]
    if known:
        yield " · ".join(known)
    if result.facts:
        yield " ".join(f"{fact.name}={_fact_text(fact)}" for fact in result.facts)


def _fact_text(fact: Fact) -> str:
    if fact.name.endswith("_expires") and isinstance(fact.value, float):
        return datetime.fromtimestamp(fact.value, UTC).strftime("%Y-%m-%d")
    text = ",".join(fact.value) if isinstance(fact.value, tuple) else str(fact.value)
    return f'"{text}"' if " " in text else text


def _telling(reasons: tuple[Reason, ...]) -> Iterator[Reason]:
    """The reasons without those that only say once more that an error page is not the answer that was expected."""
    wrong_status = bool(reasons) and reasons[0].expectation == "status"
    met = {"nothing"} if wrong_status else set()
    for reason in reasons:
        if reason.actual not in met:
            yield reason
        if wrong_status:
            met.add(reason.actual)


def _troubleshooting(result: Result, run: Run, pen: Pen) -> Iterator[str]:
    service, advice = result.service, explain(result)
    yield f"{pen.sign(result.verdict)} {pen.bold(service.name)} ({service.id})  {service.shown_url}"
    if result.fact("step") is not None:
        yield f"    step      {result.fact('step')}"
    for reason in _telling(result.reasons):
        warning = " (warning)" if reason.level is Level.WARN else ""
        yield f"    expected  {reason.expectation}: {reason.expected}{warning}"
        yield f"    met       {reason.actual}"
    if not result.reasons:
        yield f"    met       {result.message}"
    if advice:
        yield f"    why       {advice.explanation}"
        yield f"    next      {advice.next_step}"
    if service.runbook:
        yield f"    runbook   {clean(service.runbook, service.secrets)}"
    blocked = [other for other in run.results if other.blocked_by == service.id]
    for number, other in enumerate(blocked):
        label = "         " if number else "needed by"
        yield f"    {label} {other.service.name} ({other.service.id}): {other.message}"
