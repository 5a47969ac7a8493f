"""Makes of a rollout what every report tells of it."""

from typing import Any

from healthmon.core.document import moment
from healthmon.core.journal import AtFault, Checked, CommandEnded, Prerequisites
from healthmon.core.rollout import Record
from healthmon.core.safe_text import clean
from healthmon.reports.rollouts.course import Course
from healthmon.reports.rollouts.rows import rows
from healthmon.reports.rollouts.standing import standing
from healthmon.reports.rollouts.upshot import Row, Upshot

_PATH = 4096  # characters: the longest path that Linux takes


def upshot_of(course: Course) -> Upshot:
    """What came of a rollout."""
    how, found = standing(course), rows(course)
    return Upshot(
        end=course.end,
        exit_code=course.exit_code,
        verdict=course.verdict,
        tone=how.tone,
        headline=how.headline,
        told=how.told,
        rows=found,
        began=course.began,
        ended=course.ended,
        document=_document(course, found, how.headline),
    )


def _document(course: Course, found: list[Row], headline: str) -> dict[str, Any]:
    """All of it as plain data: times in seconds, moments in UTC (RFC 3339). What was not done is None."""
    phases, first = course.phases, course.position.first
    return {
        # A path may be no text at all, and a document is.
        "file": clean(course.file, limit=_PATH),
        "journal": clean(course.journal, limit=_PATH),
        "started": moment(course.began),
        "ended": moment(course.ended),
        "from": phases[first].name if first else None,
        "outcome": course.end,
        "exit_code": course.exit_code,
        "message": headline,
        "current": course.current and course.current.name,
        "prerequisites": course.prerequisites and _checked(course.prerequisites),
        "phases": [
            {"name": phase.name, "number": phase.number, "result": row.result, **_record(record, row)}
            for phase, record, row in zip(phases, course.position.records, found, strict=True)
        ],
    }


def _record(record: Record, row: Row) -> dict[str, Any]:
    words = dict(row.words)
    return {
        "deploy": record.deploy and _command(record.deploy, words),
        "wait": record.wait and _checked(record.wait),
        "rollback": record.rollback and _command(record.rollback, words),
        "left": record.left and _checked(record.left),
    }


def _command(ended: CommandEnded, words: dict[str, Any]) -> dict[str, Any]:
    return {"fault": ended.fault, "seconds": ended.seconds, "last_words": words.get(ended.action, ())}


def _checked(checked: Checked | Prerequisites) -> dict[str, Any]:
    return {
        "healthy": checked.healthy,
        "total": checked.total,
        "seconds": checked.seconds,
        "at_fault": [_at_fault(one) for one in checked.at_fault],
    }


def _at_fault(one: AtFault) -> dict[str, Any]:
    return {"id": one.id, "phase": one.phase, "message": one.message, "lacks": one.lacks}
