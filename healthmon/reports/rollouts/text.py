"""What came of a rollout, as text: what stands above the report of its services."""

from collections.abc import Iterator, Sequence

from healthmon.core.model import Verdict
from healthmon.reports.rollouts.table import table
from healthmon.reports.rollouts.upshot import Row, Upshot
from healthmon.reports.style import Pen

_WIDTH = 80  # columns of a file


def lines(upshot: Upshot, pen: Pen) -> list[str]:
    """The outcome, the phases, and what the commands that failed said last."""
    parts = [list(standing(upshot, pen)), list(table(upshot.rows, pen, _WIDTH)), list(last_words(upshot.rows, pen))]
    return [line for number, part in enumerate(filter(None, parts)) for line in ([""] if number else []) + part]


def standing(upshot: Upshot, pen: Pen) -> list[str]:
    """How things were left, and what to do next."""
    return [pen.colour(upshot.headline, upshot.tone), *(f"    {label:<9} {text}" for label, text in upshot.told)]


def last_words(rows: Sequence[Row], pen: Pen) -> Iterator[str]:
    """What the commands that failed said last."""
    for row in rows:
        for action, lines in row.words:
            yield f"{pen.sign(Verdict.DOWN)} {pen.bold(f'The {action} command of {row.title}')}"
            for number, line in enumerate(lines or ("nothing",)):
                yield f"    {'said last' if not number else '':<9} {line}"
