"""The block that is drawn while services are waited for."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healthmon.cli.gate.block import block
from healthmon.cli.terminal.canvas import Canvas
from healthmon.core.model import Cause, Verdict
from healthmon.core.waiting import Goal, Progress
from healthmon.reports.cells import shown_width
from healthmon.reports.contract import Appearance
from tests.cli.waiting import DEGRADED, DOWN, REFUSED, REJECTED, UP, waited
from tests.make import result

EVERYONE = [
    waited("saleor", UP, name="Saleor E-commerce API"),
    waited("brain", DOWN, DOWN, name="Brain AI Gateway"),
    waited("auth", REJECTED, name="Auth \x1b[31mService"),
    waited("crm", name="顧客管理"),
]


def drawn(
    everyone: Sequence[Progress],
    columns: int = 80,
    lines: int = 24,
    goal: Goal = Goal(),  # noqa: B008 - frozen
    *,
    unicode: bool = True,
    colour: bool = False,
) -> list[str]:
    """The block 65 s after the start, of 120 s."""
    canvas = Canvas(columns, lines, Appearance(unicode=unicode, colour=colour))
    return list(block(everyone, goal, elapsed=65.0, deadline=120.0, canvas=canvas))


def test_wide() -> None:
    """Sign, name, state, what was met, checks; what waiting rarely cures; the time left."""
    assert drawn(EVERYONE) == [
        "Waiting for 3 of 4 to be healthy",
        "✓ Saleor E-commerce API  healthy   after 1 s                            1 check",
        "✗ Brain AI Gateway       status    HTTP 503, expected 200 or 302       2 checks",
        "✗ Auth Service           auth      HTTP 401                             1 check",
        "· 顧客管理               checking  first check under way               0 checks",
        "Waiting rarely cures: auth (credentials)",
        "━" * 33 + "─" * 28 + " 0:55 left of 2:00",
    ]


def test_narrow() -> None:
    """Without the columns for which there is no room, and in ASCII."""
    assert drawn(EVERYONE, columns=40, unicode=False) == [
        "Waiting for 3 of 4 to be healthy",
        "+ Saleor E-comme~  healthy             ",
        "x Brain AI Gatew~  HTTP 503, expected ~",
        "x Auth Service     HTTP 401            ",
        ". ????             checking            ",
        "Waiting rarely cures: auth (credential~",
        "===========---------- 0:55 left of 2:00",
    ]


def test_more_than_there_is_room_for() -> None:
    """Those not yet there come first."""
    everyone = [*(waited(f"s{number}", UP) for number in range(20)), waited("late", REFUSED), waited("new")]
    lines = drawn(everyone, lines=8)
    assert [line.split()[1] for line in lines[1:-1]] == ["Late", "New", "S0", "19"]
    assert lines[-2] == "  and 19 more"


def test_stable_and_down() -> None:
    """How many in a row there have been; and the words turned round."""
    goal = Goal(stable=3)
    assert "  healthy 2 of 3  HTTP 200  " in drawn([waited("a", UP, UP, goal=goal)], goal=goal)[1]
    goal = Goal(down=True)
    lines = drawn([waited("a", UP, goal=goal), waited("b", REFUSED, goal=goal)], goal=goal)
    assert lines[0] == "Waiting for 1 of 2 to be down"
    assert lines[1].startswith("! A  still healthy  HTTP 200 ")
    assert lines[2].startswith("✓ B  down           after 1 s ")


def test_all_there() -> None:
    """Those that were asked first are asked once more."""
    assert drawn([waited("a", DEGRADED)])[0] == "All are healthy: do they stay so?"
    assert drawn([waited("a", DEGRADED)], unicode=False)[1].startswith("! A  healthy  after 1 s")


def test_colours() -> None:
    """Each sign and state in the colour of what it means."""
    green, red = "\x1b[32m", "\x1b[31m"
    lines = drawn(EVERYONE, colour=True)
    assert f"{green}✓" in lines[1]
    assert f"{red}✗" in lines[2]
    assert f"{green}healthy" in drawn(EVERYONE, columns=40, colour=True)[1]


@pytest.mark.parametrize("down", [False, True])
@given(columns=st.integers(10, 120), lines=st.integers(1, 30), unicode=st.booleans(), count=st.integers(1, 40))
def test_it_never_outgrows_the_terminal(columns: int, lines: int, unicode: bool, count: int, down: bool) -> None:
    """However small that is, if it has ten columns."""
    kinds = [[UP], [DOWN], [REFUSED, UP], [REJECTED], []]
    everyone = [waited(f"s{n}", *kinds[n % 5], name="日本語のサービス", goal=Goal(down=down)) for n in range(count)]
    made = drawn(everyone, columns, lines, Goal(down=down), unicode=unicode, colour=True)
    assert len(made) <= max(2, lines - 1)
    assert max(map(shown_width, made)) <= max(1, columns - 1)


def test_what_is_degraded_by_its_certificate_is_on_its_way() -> None:
    """It counts, and is not told to be beyond cure while more good checks are counted."""
    goal = Goal(stable=2)
    expiring = result(verdict=Verdict.DEGRADED, cause=Cause.CERTIFICATE, message="the certificate expires in 3 days")
    lines = drawn([waited("a", expiring, goal=goal)], goal=goal)
    assert "healthy 1 of 2" in lines[1]
    assert not any("rarely" in line for line in lines)
    beyond = drawn([waited("a", expiring, goal=Goal(degraded=False))], goal=Goal(degraded=False))
    assert "Waiting rarely cures: a (certificate)" in beyond
