"""The report for pages: a job's summary, a comment on a merge request, a chat. GitHub-flavoured Markdown."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from healthmon.core.model import Result
from healthmon.core.run import Run
from healthmon.core.units import format_duration
from healthmon.reports.account import account, latency, measured
from healthmon.reports.contract import Appearance
from healthmon.reports.markup import cell, code, plain, prose
from healthmon.reports.rollouts import markdown as rollout_markdown
from healthmon.reports.style import MARKS
from healthmon.reports.troubles import Trouble, failed, troubles
from healthmon.reports.waiting import closing, mark, tally

_NAMED = 20  # The most services that are listed beneath their root.


def render(run: Run, appearance: Appearance) -> str:
    """Render a run as Markdown."""
    above = [] if appearance.rollout is None else [*rollout_markdown.lines(appearance.rollout)]
    if above and not run.results:
        return _whole(above)
    lines = [*above, *([""] if above else []), _heading(run, appearance), "", _when(run), ""]
    if run.wait:
        lines += [plain(closing(run)), ""]
    lines += _table(run)
    for trouble in troubles(run):
        lines += ["", *_section(trouble)]
    if appearance.verbose:
        lines += ["", *_details(run)]
    return _whole(lines)


def _whole(lines: Sequence[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _heading(run: Run, appearance: Appearance) -> str:
    if appearance.rollout is not None:  # Whether all is well stands above.
        return f"### {tally(run)}"
    return f"## {'❌' if failed(run, strict=appearance.strict) else '✅'} {tally(run)}"


def _when(run: Run) -> str:
    moment = datetime.fromtimestamp(run.started, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    host = f" · host {code(run.host)}" if run.host else ""
    return f"{moment}{host} · took {format_duration(run.duration)}"


def _table(run: Run) -> Iterator[str]:
    titles = ["", "Service", "Result", "Latency"]
    if run.wait:
        titles += [f"{run.wait.wanted.capitalize()} after", "Checks", "Before"]
    yield _row(titles)
    yield _row(["---"] * len(titles))
    for result in run.results:
        shown = mark(result, run)
        cells = [f"{shown.sign} {shown.word}", _name(result), code(result.message), format_duration(latency(result))]
        yield _row([*cells, *(_waited(result, run) if run.wait else ())])


def _waited(result: Result, run: Run) -> Sequence[str]:
    waited = run.waited.get(result.service.id)
    if waited is None:
        return "", "", ""
    if waited.since is not None and run.unproven(result):
        reached = f"{format_duration(waited.since)}, not looked at once more in time"
    else:
        reached = "never" if waited.reached is None else format_duration(waited.reached)
    before = waited.last_failure.message if waited.last_failure else ""
    return reached, str(waited.checks), code(before) if before != result.message else ""


def _section(trouble: Trouble) -> Iterator[str]:
    result = trouble.result
    yield f"### {MARKS[result.verdict].sign} {_name(result)}"
    yield ""
    yield code(result.service.shown_url)
    yield ""
    for label, text in account(result):
        # Our own sentences hold commands; the rest is what the server said, and what was written in the config.
        yield f"- **{label.title()}:** {prose(text) if label in ('why', 'next') else code(text)}"
    if trouble.blocked:
        yield "- **Needed by:**"
    for other in trouble.blocked[:_NAMED]:
        yield f"  - {_name(other)}: {code(other.message)}"
    if len(trouble.blocked) > _NAMED:
        yield f"  - and {len(trouble.blocked) - _NAMED} more"


def _details(run: Run) -> Iterator[str]:
    yield "### Details"
    yield ""
    for result in run.results:
        yield f"- {_name(result)}"
        for line in measured(result):
            yield f"  - {code(line)}"


def _name(result: Result) -> str:
    return f"{plain(result.service.name)} {code(result.service.id)}"


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell(one) for one in cells)} |"
