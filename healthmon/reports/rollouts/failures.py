"""What failed in a rollout, for people, where the journal alone tells of it."""

from collections.abc import Iterator, Sequence

from healthmon.core.journal import AtFault, Lack
from healthmon.core.model import Verdict
from healthmon.core.rollout import failed_phase
from healthmon.reports.rollouts.course import Course, lacking, more_time
from healthmon.reports.style import Pen


def at_fault(course: Course, pen: Pen) -> Iterator[str]:
    """What the journal says of the services that failed, where the checks themselves were made by another process."""
    failed = failed_phase(course.position)
    wait = None if failed is None else course.position.records[failed].wait
    if failed is not None and wait is not None:
        for one in lacking(wait.at_fault, None):
            yield f"{pen.sign(Verdict.DOWN)} {pen.bold(one.id)}"
            yield f"    met       {one.message}"
        for lack in Lack:
            yield from _short(course, failed, lacking(wait.at_fault, lack), pen)


def too_few_times(course: Course, pen: Pen) -> Iterator[str]:
    """Those services of the phase that failed which are healthy, but were not found so often enough in a row.

    The report of the checks themselves says nothing of what is well.
    """
    failed = failed_phase(course.position)
    wait = None if failed is None else course.position.records[failed].wait
    if failed is not None and wait is not None:
        yield from _short(course, failed, lacking(wait.at_fault, Lack.STREAK), pen)


def _short(course: Course, index: int, found: Sequence[AtFault], pen: Pen) -> Iterator[str]:
    """Services that lack the same, and the one thing that helps all of them."""
    for one in found:
        yield f"{pen.sign(Verdict.UNKNOWN)} {pen.bold(one.id)}"
        yield f"    met       {one.message}"
    if found:
        yield f"    next      {more_time(course, index, found)}"
