"""What came of a rollout, for pages: what stands above the report of its services, in GitHub-flavoured Markdown."""

from healthmon.reports.contract import Appearance
from healthmon.reports.markup import cell, plain
from healthmon.reports.rollout_course import Course
from healthmon.reports.rollout_standing import standing
from healthmon.reports.rollout_table import rows
from healthmon.reports.style import MARKS, Pen


def render(course: Course) -> str:
    """The outcome and the phases."""
    first, *more = [line.strip() for line in standing(course, Pen(Appearance()))]
    lines = [f"## {'✅' if course.deployed else '❌'} {plain(first)}", ""]
    lines += ["| Phase | Deploy | Healthy after | Result |", "| --- | --- | --- | --- |"]
    for row in rows(course):
        sign = f"{MARKS[row.verdict].sign} " if row.verdict else ""
        cells = [plain(row.name), row.deploy or "-", row.healthy or "-", sign + plain(row.result)]
        lines.append(f"| {' | '.join(map(cell, cells))} |")
    lines.append("")
    for label, text in (line.split(maxsplit=1) for line in more):
        lines.append(f"- **{label.title()}:** {plain(text)}")
    return "\n".join(lines).rstrip("\n") + "\n\n"
