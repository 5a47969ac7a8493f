"""How waiting went, in the words of the reports for people."""

from msgspec import structs

from healthmon.core.model import Result, Verdict
from healthmon.core.run import Ending, Run, Wait, Waited
from healthmon.core.safe_text import clean
from healthmon.core.units import format_duration
from healthmon.core.waiting import rarely_cured
from healthmon.core.wording import counted, named
from healthmon.reports.style import MARKS, Mark

_NAMED = 10
_LONGEST_MESSAGE = 80  # characters; on a line of its own it is shown whole


def down_as_wanted(result: Result, run: Run) -> bool:
    """Whether a service is down because it was to be so: there is nothing to mend."""
    return run.wait is not None and run.wait.down and run.reached(result)


def mark(result: Result, run: Run) -> Mark:
    """How a result looks: where services were to be down, one that is so is well, and one that is healthy is not."""
    if down_as_wanted(result, run):
        return structs.replace(MARKS[Verdict.UP], word="DOWN")
    if run.wait is not None and run.wait.down and result.verdict.healthy:
        return structs.replace(MARKS[Verdict.DOWN], word="STILL HEALTHY")
    return MARKS[result.verdict]


def tally(run: Run) -> str:
    """How many are healthy, and where they were to be down, how many are: ``Healthy: 0/1, down as wanted: 1/1``."""
    total = len(run.results)
    healthy = f"Healthy: {run.healthy}/{total}"
    if run.wait is None or not run.wait.down:
        return healthy
    return f"{healthy}, down as wanted: {sum(down_as_wanted(one, run) for one in run.results)}/{total}"


def at_once(result: Result, run: Run) -> bool:
    """Whether a service was as it was to be from its first check on, so that nothing was waited for."""
    waited = run.waited.get(result.service.id)
    if run.wait is None or waited is None or waited.reached is None:
        return False
    return run.wait.stable == 1 and waited.last_failure is None


def how_long(result: Result, run: Run) -> str:
    """How the waiting for a service went: ``healthy after 12 s, 5 checks, before: connection refused``. May be empty.

    Nothing is said of a service that was not waited for, or whose first check had not ended.
    """
    waited = run.waited.get(result.service.id)
    if run.wait is None or waited is None or not waited.checks:
        return ""
    checks = counted(waited.checks, "check")
    if waited.reached is not None:
        return f"{run.wait.wanted} after {format_duration(waited.reached)}, {checks}{_before(waited)}"
    if waited.since is not None and run.unproven(result):
        reached = f"{run.wait.wanted} after {format_duration(waited.since)}"
        return f"{reached}, but not looked at once more in time, {checks}{_before(waited)}"
    within = f"within {format_duration(run.duration)}, {checks}"
    if waited.good:
        return f"{waited.good} of {run.wait.stable} good checks in a row {within}{_before(waited)}"
    return f"not {run.wait.wanted} {within}"


def in_vain(result: Result, run: Run) -> str:
    """What became of the waiting for a service that is not as it was to be; empty of any other, and without waiting."""
    waited = run.waited.get(result.service.id)
    if run.wait is None or waited is None or waited.reached is not None:
        return ""
    if run.unproven(result):
        return "could not be looked at once more in time"
    if waited.good:
        return f"was {run.wait.wanted} only {waited.good} of {run.wait.stable} times in a row"
    return f"was not {run.wait.wanted} within {format_duration(run.duration)}"


def closing(run: Run) -> str:
    """How the waiting ended, in one line; empty of a run that did not wait."""
    if run.wait is None:
        return ""
    took = format_duration(run.duration)
    match run.wait.ending:
        case Ending.REACHED:
            return f"Waited {took}: {_everybody(run)} {run.wait.wanted}{in_a_row(run.wait)}."
        case Ending.GAVE_UP:
            return f"Gave up after {took}: waiting rarely cures {_incurable(run)}."
        case Ending.DEADLINE:
            return f"Waited {took}: the deadline came first; {_missing(run, run.wait)}."
        case Ending.INTERRUPTED:
            return f"Interrupted after {took}: {_missing(run, run.wait)}."


def in_a_row(wait: Wait) -> str:
    """How often it was to be found so, where that is more than once: `` 3 times in a row``."""
    return f" {wait.stable} times in a row" if wait.stable > 1 else ""


def _before(waited: Waited) -> str:
    failure = waited.last_failure
    return f", before: {clean(failure.message, limit=_LONGEST_MESSAGE)}" if failure else ""


def _everybody(run: Run) -> str:
    return "the service is" if len(run.results) == 1 else f"all {len(run.results)} services are"


def _missing(run: Run, wait: Wait) -> str:
    """Which services are not as they were to be, those first of which that is known, and what is missing of others."""
    ill, short, unproven, unknown = list[str](), list[str](), list[str](), list[str]()
    for result in run.results:
        id_, waited = result.service.id, run.waited.get(result.service.id)
        if run.reached(result):
            continue
        if waited is None or not waited.checks:
            unknown.append(id_)
        elif run.unproven(result):
            unproven.append(id_)
        elif waited.good:
            short.append(f"{id_} ({waited.good} so far)")
        else:
            ill.append(id_)
    told = (
        (ill, "is", "are", f"not {wait.wanted}"),
        (short, "was", "were", f"not found {wait.wanted}{in_a_row(wait)}"),
        (unproven, "was", "were", f"{wait.wanted}, but could not be looked at once more in time"),
        (unknown, "was", "were", "not checked to the end"),
    )
    parts: list[str] = []
    for ids, one, many, what in told:
        if ids:
            those = str(len(ids)) if parts else f"{len(ids)} of {counted(len(run.results), 'service')}"
            parts.append(f"{those} {one if len(ids) == 1 else many} {what}: {named(ids, _NAMED)}")
    return "; ".join(parts)


def _incurable(run: Run) -> str:
    found = [result for result in run.results if rarely_cured(result) and not run.reached(result)]
    return ", ".join(f"{result.service.id} ({clean(result.message, limit=_LONGEST_MESSAGE)})" for result in found)
