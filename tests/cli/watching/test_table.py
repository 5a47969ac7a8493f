"""The table of `check --watch`."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from healthmon.cli.terminal.canvas import Canvas
from healthmon.cli.watching.table import Scene, table
from healthmon.cli.watching.view import Order, View
from healthmon.core.history import History, remember
from healthmon.core.model import Cause, Result, Timings, Verdict
from healthmon.reports.cells import shown_width
from healthmon.reports.contract import Appearance
from tests.make import result, service

NOON = 1_769_860_800.0  # 2026-01-31 12:00:00 UTC
UP = result(timings=Timings(wait=0.013))
DOWN = result(verdict=Verdict.DOWN)
REFUSED = result(verdict=Verdict.DOWN, cause=Cause.REFUSED, message="connection refused")
SERVICES = [
    service("saleor", name="Saleor E-commerce API"),
    service("brain", name="Brain AI Gateway"),
    service("auth", name="認証 \x1b[2Jサービス"),
    service("crm", name="Django CRM"),
]


def remembered(*results: Result) -> History:
    """What is remembered after these results."""
    history = None
    for one in results:
        history = remember(history, one)
    assert history
    return history


HISTORIES = {
    "saleor": remembered(*[UP] * 12),
    "brain": remembered(UP, UP, DOWN, DOWN),
    "auth": remembered(REFUSED, UP, UP),
}


def drawn(columns: int, lines: int, *, unicode: bool = True, colour: bool = False, **keys: Any) -> list[str]:
    """The table five minutes after the first check."""
    keys = {
        "now": NOON + 300,
        "host": "203.0.113.10",
        "config": "services.toml",
        "shown": SERVICES,
        "histories": HISTORIES,
        "view": View(),
        "healthy": 2,
        "total": 4,
        "checked": None,
        "pause": 2.1,
        **keys,
    }
    return table(Scene(**keys), Canvas(columns, lines, Appearance(unicode=unicode, colour=colour)))


def test_wide() -> None:
    """All columns, and what went wrong in full."""
    assert drawn(110, 9) == [
        "12:05:00 UTC · host 203.0.113.10 · services.toml",
        "Healthy: 2/4 · next check in 3 s",
        "  NAME                   SINCE      LATENCY                            LAST 33  WHY",
        "✓ Saleor E-commerce API  12:00:00     13 ms                       ▄▄▄▄▄▄▄▄▄▄▄▄",
        "✗ Brain AI Gateway       12:00:00         -                               ▄▄××  HTTP 503, expected 200 or 302",
        "✓ 認証 サービス          12:00:00     13 ms                                ×▄▄",
        "· Django CRM                       checking",
        "",
        "q quit · s sort: config · f failures",
    ]


def test_eighty_columns() -> None:
    """What went wrong in brief, where there is no room for all of it."""
    lines = drawn(80, 8, view=View(order=Order.STATE, failures=True), checked=3)
    assert lines[1:5] == [
        "Healthy: 2/4 · checking, 3 of 4 done",
        "  NAME                   SINCE      LATENCY                   LAST 24  WHY",
        "✓ Saleor E-commerce API  12:00:00     13 ms              ▄▄▄▄▄▄▄▄▄▄▄▄",
        "✗ Brain AI Gateway       12:00:00         -                      ▄▄××  HTTP 503",
    ]
    assert lines[-1] == "q quit · s sort: state · f all"


def test_forty_columns() -> None:
    """What went wrong in the place of the latency."""
    assert drawn(40, 8, unicode=False) == [
        "12:05:00 UTC . host 203.0.113.10 . ser~",
        "Healthy: 2/4 . next check in 3 s",
        "  NAME             LATENCY      LAST 11",
        "+ Saleor E-comme~  13 ms    ===========",
        "x Brain AI Gatew~  HTTP 503        ==xx",
        "+ ?? ????          13 ms            x==",
        ". Django CRM       checking            ",
        "q quit . s sort: config . f failures",
    ]


def test_the_cause_alone_where_there_is_no_room_for_more() -> None:
    """A word that is whole says more than the beginning of a sentence; the latencies give way to it."""
    silent = result(verdict=Verdict.DOWN, cause=Cause.NO_RESPONSE, message="connected, but no answer within 1 s")
    known = {**HISTORIES, "saleor": remembered(REFUSED), "brain": remembered(UP, silent)}
    lines = drawn(40, 15, histories=known)
    assert [line[19:] for line in lines[3:5]] == ["refused            ×", "no_response       ▄×"]


def test_names_come_first_where_it_is_tiny() -> None:
    """And of the headings the one that counts."""
    assert [line.rstrip() for line in drawn(20, 5)] == [
        "Healthy: 2/4 · nex…",
        "✓ Saleor E-commerc…",
        "✗ Brain AI Gateway",
        "✓ 認証 サービス",
        "· Django CRM",
    ]
    assert drawn(20, 2, shown=[]) == ["Healthy: 2/4 · nex…", "  Nothing has fail…"]


def test_more_than_there_is_room_for() -> None:
    """The rows from the top on, and how to see the others."""
    lines = drawn(80, 7, view=View(top=1))
    assert [line.split()[1] for line in lines[3:-1]] == ["Brain", "認証", "Django"]
    assert lines[-1] == "q quit · s sort: config · f failures · ↑↓ scroll" + "2-4 of 4".rjust(31)
    assert drawn(40, 7, view=View(top=1))[-1] == "q quit · s sort: config · f f… 2-4 of 4"


def test_nothing_to_show() -> None:
    """Where only failures are wanted, and there are none."""
    assert drawn(80, 6, shown=[])[3] == "  Nothing has failed."


def test_since_yesterday() -> None:
    """The day says more than the hour."""
    assert "  26-01-31     13 ms  " in drawn(80, 8, now=NOON + 90_000)[3]


def test_colours() -> None:
    """Of the sign and of what went wrong; the summary is green when all is well."""
    lines = drawn(110, 9, colour=True)
    assert lines[4].startswith("\x1b[31m✗\x1b[0m Brain")
    assert lines[4].endswith("\x1b[31mHTTP 503, expected 200 or 302\x1b[0m")
    assert lines[1].startswith("\x1b[1mHealthy: 2/4"), "one has not been checked yet"
    known = {**HISTORIES, "crm": remembered(UP)}
    assert "\x1b[31mHealthy: 3/4" in drawn(110, 9, colour=True, histories=known, healthy=3)[1]
    assert "\x1b[32mHealthy: 4/4" in drawn(110, 9, colour=True, histories=known, healthy=4)[1]


@given(st.integers(10, 200), st.integers(1, 40), st.booleans(), st.integers(0, 4))
def test_it_fills_the_terminal_and_no_more(columns: int, lines: int, unicode: bool, top: int) -> None:
    """However small that is, if it has ten columns."""
    made = drawn(columns, lines, unicode=unicode, colour=True, view=View(top=top))
    assert len(made) == lines
    assert max(map(shown_width, made)) < columns
