"""What came of a rollout, as test points of TAP before those of its services."""

from healthmon.core.safe_text import clean
from healthmon.reports.contract import LONG
from healthmon.reports.rollouts.upshot import Row, Upshot
from healthmon.reports.tap_point import Point, quoted


def points(upshot: Upshot) -> list[Point]:
    """One for the outcome, so that one is not ok whenever the exit code is not 0, and one a phase."""
    outcome = Point(
        title="rollout",
        message=clean(upshot.headline, limit=LONG),
        verdict=upshot.verdict,
        facts=[("outcome", quoted(upshot.end))],
        details=[(label, clean(text, limit=LONG)) for label, text in upshot.told],
    )
    return [outcome, *map(_point, upshot.rows)]


def _point(row: Row) -> Point:
    details = [(label, clean(text, limit=LONG)) for label, text in row.account]
    seconds = [("seconds", f"{row.seconds:.6f}")]
    result = clean(row.result, limit=LONG)
    return Point(title=clean(row.title), message=result, verdict=row.verdict, facts=seconds, details=details)
