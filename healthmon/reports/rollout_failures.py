"""What failed in a rollout, for people, where the journal alone tells of it."""

from collections.abc import Iterator

from healthmon.core.model import Verdict
from healthmon.core.rollout import failed_phase
from healthmon.reports.rollout_course import Course
from healthmon.reports.style import Pen


def at_fault(course: Course, pen: Pen) -> Iterator[str]:
    """What the journal says of the services that failed, where the checks themselves were made by another process."""
    failed = failed_phase(course.position)
    wait = None if failed is None else course.position.records[failed].wait
    for one in wait.at_fault if wait else ():
        yield f"{pen.sign(Verdict.DOWN)} {pen.bold(one.id)}"
        yield f"    met       {one.message}"
