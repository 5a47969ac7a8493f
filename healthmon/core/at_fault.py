"""Finds which services of a rollout's run are not as they should be, and says why in words. Pure."""

from msgspec import structs

from healthmon.core.journal import AtFault, Lack
from healthmon.core.model import Cause, Result
from healthmon.core.run import Run
from healthmon.core.units import format_duration
from healthmon.core.waiting import Goal


def at_fault(run: Run, *, degraded: bool) -> tuple[AtFault, ...]:
    """The services that are not healthy, or of which nobody knows whether they are.

    Args:
        run: The run: a single look, or a waiting that did not come to its goal.
        degraded: Whether a degraded service counts as healthy.
    """
    goal, found = Goal(degraded=degraded), []
    for result in run.results:
        why, lacks = None, None
        if run.unproven(result):
            why, lacks = "was healthy, and could not be checked again in time", Lack.LOOK
        elif not goal.met(result):
            why = result.message
        elif run.wait is not None and not run.reached(result):
            why = f"healthy, but not {run.wait.stable} times in a row within {format_duration(run.duration)}"
            lacks = Lack.STREAK
        if why is not None:
            found.append(AtFault(result.service.id, result.service.phase, why, lacks))
    return tuple(found)


def told_of_rollout(run: Run) -> Run:
    """The run, in which checks that were cut off have the symptoms of a rollout: what helps is in its file."""
    return structs.replace(run, results=tuple(structs.replace(one, symptom=_symptom(one, run)) for one in run.results))


def _symptom(result: Result, run: Run) -> str | None:
    match result.cause:
        case Cause.INTERRUPTED:
            return "rollout.interrupted"
        case Cause.DEADLINE:
            return "rollout.too_late" if run.unproven(result) else "rollout.timeout"
    return result.symptom
