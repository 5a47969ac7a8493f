"""The report for GitHub Actions: the log's lines, and annotations as workflow commands.

A runner reads what a step prints, and obeys lines such as ``::error file=services.toml,line=12,title=...::message``. So
every line begins with words of our own, and what comes from a service stays within its line.
"""

from collections.abc import Iterator, Mapping, Sequence

from healthmon.core.model import Place, Result, Verdict
from healthmon.core.run import Run
from healthmon.core.units import format_duration
from healthmon.core.wording import counted, named
from healthmon.reports.account import account, latency, measured
from healthmon.reports.contract import Appearance
from healthmon.reports.rollouts import github as rollout_github
from healthmon.reports.troubles import Trouble, fails, troubles
from healthmon.reports.waiting import closing, how_long, in_vain, mark, tally
from healthmon.reports.workflow import command, one_line

MOST = 10
"""The most annotations of one kind that GitHub shows of a step; the others stand in the log alone."""

_NAMED = 20  # The most services that one message names.


def render(run: Run, appearance: Appearance) -> str:
    """Render a run as lines for a step's log, of which some are annotations."""
    lines = [] if appearance.rollout is None else [*rollout_github.lines(appearance.rollout)]
    lines += [line for result in run.results for line in _lines(result, run, verbose=appearance.verbose)]
    told = sorted(troubles(run), key=lambda trouble: trouble.result.verdict is Verdict.UNKNOWN)
    failed = [trouble for trouble in told if fails(trouble.result, run, strict=appearance.strict)]
    others = [trouble for trouble in told if not fails(trouble.result, run, strict=appearance.strict)]
    lines += _annotations("error", failed, run, appearance.places)
    lines += _annotations("warning", others, run, appearance.places)
    if appearance.rollout is None:
        lines.append(command("notice", {"title": "healthmon"}, _summary(run)))
    elif run.results:  # Whether all is well stands above.
        lines.append(_summary(run))
    return "".join(f"{line}\n" for line in lines)


def _lines(result: Result, run: Run, *, verbose: bool) -> Iterator[str]:
    shown, service = mark(result, run), result.service
    took, waiting = format_duration(latency(result)), how_long(result, run)
    line = f"{shown.sign} {shown.word} {service.name} ({service.id}): {result.message}, {took}"
    yield one_line(f"{line} · {waiting}" if waiting else line)
    for detail in measured(result) if verbose else ():
        # A runner looks past the white space at the beginning of a line: a mark of our own goes first.
        yield one_line(f"  · {detail}")


def _annotations(kind: str, told: Sequence[Trouble], run: Run, places: Mapping[str, Place]) -> Iterator[str]:
    """One a root. Where there are more than are shown, the last that is shown says so, and the others come after it."""
    shown = len(told) if len(told) <= MOST else MOST - 1
    for number, trouble in enumerate(told):
        if number == shown:
            names = _named([other.result for other in told[shown:]])
            message = f"GitHub shows {MOST} annotations of a kind. In the log are also: {names}."
            yield command(kind, {"title": f"{counted(len(told) - shown, 'more service')}"}, message)
        place = places.get(trouble.result.service.id)
        where = {} if place is None else {"file": place.file, "line": "" if place.line is None else str(place.line)}
        yield command(kind, {**where, "title": _title(trouble.result, run)}, _message(trouble, run))


def _title(result: Result, run: Run) -> str:
    service, why = result.service, in_vain(result, run)
    title = f"{service.name} ({service.id}) is {result.verdict}"
    # Without a word more, a service that is up would look like no error.
    return f"{title}, and {why}" if why else title


def _message(trouble: Trouble, run: Run) -> str:
    result = trouble.result
    lines = [result.message]
    waiting = how_long(result, run)
    if waiting:
        lines.append(f"Waited: {waiting}")
    lines += [f"{label.title()}: {text}" for label, text in account(result) if label in ("why", "next", "runbook")]
    if trouble.blocked:
        lines.append(f"Needed by: {_named(trouble.blocked)}")
    return "\n".join(one_line(line) for line in lines)


def _named(results: Sequence[Result]) -> str:
    return named([f"{result.service.name} ({result.service.id})" for result in results], _NAMED)


def _summary(run: Run) -> str:
    counts = [f"{run.count(verdict)} {verdict}" for verdict in Verdict if run.count(verdict)]
    healthy = f"{tally(run)} ({', '.join(counts)})"
    return one_line(f"{healthy}. {closing(run)}" if run.wait else healthy)
