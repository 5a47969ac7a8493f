"""The report for people: one line a service, the summary, and below it what to do about each that failed.

The lines ``Testing PORT - NAME... ✓ OK (HTTP 200)`` and ``Summary: Healthy: N/M`` are what log searches look for: they
stay as they are.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

from healthmon.core.model import Cause, Result, Verdict
from healthmon.core.run import Run
from healthmon.core.units import format_duration
from healthmon.reports.account import account, latency, measured
from healthmon.reports.contract import Appearance
from healthmon.reports.news import others, told, what
from healthmon.reports.rollouts import text as rollout_text
from healthmon.reports.style import Pen
from healthmon.reports.waiting import at_once, closing, down_as_wanted, how_long, mark, tally


def render(run: Run, appearance: Appearance) -> str:
    """Render a run as lines of text."""
    pen = Pen(appearance)
    above = [] if appearance.rollout is None else rollout_text.lines(appearance.rollout, pen)
    if above and not run.results:
        return pen.finish(above)
    return pen.finish([*above, *([""] if above else []), *_services(run, appearance, pen)])


def _services(run: Run, appearance: Appearance, pen: Pen) -> list[str]:
    heading = _heading(run, stamped=appearance.stamped)
    lines = [pen.dim(heading)] if heading else []
    for result in told(run):
        lines.append(_line(result, run, pen))
        if appearance.verbose:
            lines += [pen.dim(f"    {detail}") for detail in measured(result)]
    lines.append(pen.bold(f"Summary: {tally(run)}"))
    if run.wait:
        lines.append(closing(run))
    lines += others(run, strict=appearance.strict)
    for part in _parts(run, pen):
        lines += ["", *part]
    return lines


def troubleshooting(run: Run, pen: Pen) -> Iterator[str]:
    """What to do about each service that failed, with an empty line between them."""
    for number, part in enumerate(_parts(run, pen)):
        yield from ["", *part] if number else part


def _parts(run: Run, pen: Pen) -> Iterator[list[str]]:
    ill = {one.service.id: one for one in told(run) if one.verdict is not Verdict.UP and not down_as_wanted(one, run)}
    for result in ill.values():
        if result.blocked_by not in ill:
            yield list(_troubleshooting(result, run, pen))


def _heading(run: Run, *, stamped: bool) -> str:
    """When and of what; where each line gets the time, only of what, which may be empty."""
    if stamped:
        return f"host {run.host}" if run.host else ""
    moment = datetime.fromtimestamp(run.started, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    return f"{moment} · host {run.host}" if run.host else moment


def _line(result: Result, run: Run, pen: Pen) -> str:
    address = result.service.address
    place = address.port if address.explicit else address.scheme
    attempts = f", {result.attempts} attempts" if result.attempts > 1 else ""
    waiting, news = "" if at_once(result, run) else how_long(result, run), what(result, run)
    took = pen.dim(format_duration(latency(result)) + attempts + (f" · {waiting}" if waiting else ""))
    verdict = pen.mark(mark(result, run))
    line = f"Testing {place} - {result.service.name}... {verdict} ({_in_brackets(result)})  {took}"
    return f"{line}, {news}" if news else line


def _in_brackets(result: Result) -> str:
    """What stands behind the verdict: the status alone where the status is the fault, and there are no steps."""
    if result.verdict is Verdict.UNKNOWN:
        return str(result.cause)
    if result.cause is Cause.STATUS and result.fact("step") is None and result.fact("status") is not None:
        return f"HTTP {result.fact('status')}"
    return result.message


def _troubleshooting(result: Result, run: Run, pen: Pen) -> Iterator[str]:
    service = result.service
    yield f"{pen.sign(result.verdict)} {pen.bold(service.name)} ({service.id})  {service.shown_url}"
    for label, text in account(result):
        yield f"    {label:<9} {text}"
    blocked = [other for other in told(run) if other.blocked_by == service.id]
    for number, other in enumerate(blocked):
        label = "         " if number else "needed by"
        yield f"    {label} {other.service.name} ({other.service.id}): {other.message}"
