"""What came of a rollout, for GitHub Actions: what stands above the annotations of its services."""

from healthmon.reports.contract import Appearance
from healthmon.reports.rollout_course import Course
from healthmon.reports.rollout_standing import standing
from healthmon.reports.rollout_table import rows
from healthmon.reports.style import MARKS, Pen
from healthmon.reports.workflow import command, one_line


def render(course: Course) -> str:
    """The phases as lines of the step's log, and the outcome as an annotation."""
    lines = []
    for row in rows(course):
        sign = MARKS[row.verdict].sign if row.verdict else "-"
        times = [f"deploy {row.deploy}"] if row.deploy else []
        times += [f"healthy after {row.healthy}"] if row.healthy else []
        lines.append(one_line(f"{sign} {row.name}: {', '.join([row.result, *times])}"))
    told = [one_line(line.strip()) for line in standing(course, Pen(Appearance()))]
    kind = "notice" if course.deployed else "error"
    lines.append(command(kind, {"title": "healthmon rollout"}, "\n".join(told)))
    return "".join(f"{line}\n" for line in lines)
