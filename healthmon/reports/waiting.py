"""How waiting went, in the words of the reports for people."""

from healthmon.core.model import Result
from healthmon.core.run import Ending, Run, Wait, Waited
from healthmon.core.safe_text import clean
from healthmon.core.units import format_duration
from healthmon.core.waiting import rarely_cured
from healthmon.core.wording import counted

_NAMED = 10
_LONGEST_MESSAGE = 80  # characters; on a line of its own it is shown whole


def wanted(result: Result, run: Run) -> bool:
    """Whether a service is down because it was to be so: there is nothing to mend."""
    return run.wait is not None and run.wait.down and run.reached(result)


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
    if waited.good:
        return f"{waited.good} of {run.wait.stable} good checks in a row, {checks}{_before(waited)}"
    return checks


def closing(run: Run) -> str:
    """How the waiting ended, in one line; empty of a run that did not wait."""
    if run.wait is None:
        return ""
    took = format_duration(run.duration)
    match run.wait.ending:
        case Ending.REACHED:
            return f"Waited {took}: {_everybody(run)} {run.wait.wanted}{_in_a_row(run.wait)}."
        case Ending.GAVE_UP:
            return f"Gave up after {took}: waiting rarely cures {_incurable(run)}."
        case Ending.DEADLINE:
            return f"Waited {took}: the deadline came first; {_missing(run, run.wait)}."
        case Ending.INTERRUPTED:
            return f"Interrupted after {took}: {_missing(run, run.wait)}."


def _in_a_row(wait: Wait) -> str:
    return f" {wait.stable} times in a row" if wait.stable > 1 else ""


def _before(waited: Waited) -> str:
    failure = waited.last_failure
    return f", before: {clean(failure.message, limit=_LONGEST_MESSAGE)}" if failure else ""


def _everybody(run: Run) -> str:
    return "the service is" if len(run.results) == 1 else f"all {len(run.results)} services are"


def _missing(run: Run, wait: Wait) -> str:
    missing = [result for result in run.results if not run.reached(result)]
    ids = [result.service.id for result in missing]
    named = ", ".join(ids[:_NAMED]) + (f" and {len(ids) - _NAMED} more" if len(ids) > _NAMED else "")
    those = f"{len(ids)} of {counted(len(run.results), 'service')}"
    if all(run.unproven(result) for result in missing):
        were = "was" if len(ids) == 1 else "were"
        return f"{those} {were} {wait.wanted}, but could not be looked at once more in time: {named}"
    are = "is" if len(ids) == 1 else "are"
    return f"{those} {are} not {wait.wanted}{_in_a_row(wait)}: {named}"


def _incurable(run: Run) -> str:
    found = [result for result in run.results if rarely_cured(result) and not run.reached(result)]
    return ", ".join(f"{result.service.id} ({clean(result.message, limit=_LONGEST_MESSAGE)})" for result in found)
