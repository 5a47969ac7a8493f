"""What came of a rollout, for GitHub Actions: what stands above the annotations of its services."""

from collections.abc import Iterator

from healthmon.reports.rollouts.upshot import Upshot
from healthmon.reports.style import MARKS
from healthmon.reports.workflow import command, one_line


def lines(upshot: Upshot) -> Iterator[str]:
    """The phases as lines of the step's log, and the outcome as an annotation."""
    for row in upshot.rows:
        sign = MARKS[row.verdict].sign if row.verdict else "-"
        yield one_line(f"{sign} {row.name}: {', '.join([row.result, *row.times])}")
    told = [upshot.headline, *(f"{label.title()}: {text}" for label, text in upshot.told)]
    kind = "error" if upshot.exit_code else "notice"
    yield command(kind, {"title": "healthmon rollout"}, "\n".join(map(one_line, told)))
