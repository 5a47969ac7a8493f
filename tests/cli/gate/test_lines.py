"""Waiting told line by line."""

import pytest

from healthmon.cli.gate.lines import Changes, heartbeat
from healthmon.core.model import Result
from healthmon.core.waiting import Goal
from healthmon.reports.contract import Appearance
from healthmon.reports.style import Pen
from tests.cli.waiting import DEGRADED, DOWN, REFUSED, REJECTED, UP, waited


def told(*results: Result, goal: Goal = Goal()) -> list[str | None]:  # noqa: B008 - frozen
    """The lines after each of these results."""
    changes = Changes(goal, Pen(Appearance()))
    return [changes.line(waited("brain", *results[: end + 1], goal=goal)) for end in range(len(results))]


@pytest.mark.parametrize(
    ("results", "lines"),
    [
        ([UP], [None]),
        (
            [DOWN, DOWN, UP],
            ["✗ brain: HTTP 503, expected 200 or 302 [status]", None, "✓ brain: healthy after 3 s, 3 checks"],
        ),
        ([DOWN, REFUSED], ["✗ brain: HTTP 503, expected 200 or 302 [status]", "✗ brain: connection refused [refused]"]),
        ([UP, REFUSED], [None, "✗ brain: fell over again: connection refused [refused]"]),
        ([REJECTED], ["✗ brain: HTTP 401 [auth]; waiting rarely cures this"]),
        ([DOWN, DEGRADED], ["✗ brain: HTTP 503, expected 200 or 302 [status]", "! brain: healthy after 2 s, 2 checks"]),
    ],
)
def test_only_what_changes(results: list[Result], lines: list[str | None]) -> None:
    """Verdict, cause or status; reached; fell over again. Well from the first is nothing to tell."""
    assert told(*results) == lines


def test_stable() -> None:
    """The first good one is told, and the last that was needed."""
    assert told(REFUSED, UP, UP, UP, goal=Goal(stable=3))[1:] == [
        "✓ brain: healthy 1 of 3",
        None,
        "✓ brain: healthy after 2 s, 4 checks",
    ]


def test_the_words_turn_round() -> None:
    """Where services are to be down."""
    assert told(UP, REJECTED, REFUSED, goal=Goal(down=True)) == [
        "! brain: still healthy (HTTP 200)",
        "✗ brain: HTTP 401 [auth]; waiting rarely cures this",
        "✓ brain: down after 3 s, 3 checks",
    ]


def test_degraded_is_not_enough() -> None:
    """Where it is to count as a failure."""
    assert told(DEGRADED, goal=Goal(degraded=False)) == ["! brain: HTTP 200, 2.4 s, expected at most 2 s [latency]"]


def test_heartbeat() -> None:
    """Who is waited for, why, and how long it may take."""
    few = [waited("brain", DOWN), waited("auth", REFUSED), waited("crm"), waited("saleor", UP)]
    assert heartbeat(few, Goal(), elapsed=60.02, deadline=120) == (
        "Waiting for 3 of 4, 60 s of 2 min: brain (HTTP 503), auth (connection refused), crm (first check under way)"
    )
    many = [waited(f"s{number}") for number in range(7)]
    assert heartbeat(many, Goal(), elapsed=30, deadline=120).endswith(" and 2 more")
    assert heartbeat([waited("a", UP)], Goal(), elapsed=30, deadline=120) == (
        "Waiting for 0 of 1, 30 s of 2 min: all are healthy, and checked once more"
    )
