"""Finds which services of a run are not as they should be, and says why in words. Pure."""

from healthmon.core.journal import AtFault
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
        why = None
        if run.unproven(result):
            why = "was healthy, and could not be checked again in time"
        elif not goal.met(result):
            why = result.message
        elif run.wait is not None and not run.reached(result):
            why = f"healthy, but not {run.wait.stable} times in a row within {format_duration(run.duration)}"
        if why is not None:
            found.append(AtFault(result.service.id, result.service.phase, why))
    return tuple(found)
