"""What came of a rollout, for people: in a table, in forty columns, on pages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from healthmon.core.journal import Action, AtFault, Began, JournalEntry, Prerequisites
from healthmon.core.rollout import Step
from healthmon.reports.cells import shown_width
from healthmon.reports.rollouts import github, markdown
from healthmon.reports.rollouts.failures import at_fault, too_few_times
from healthmon.reports.rollouts.made import upshot_of
from healthmon.reports.rollouts.rows import rows
from healthmon.reports.rollouts.table import table
from healthmon.reports.rollouts.text import last_words
from tests.reports.rollouts.courses import (
    AT,
    BAD,
    DOWN,
    NOT_AGAIN,
    ONE,
    PEN,
    SALEOR,
    TOO_FEW,
    TWO,
    checked,
    course,
    deploy,
    from_,
    left,
    looked,
    rollback,
)
from tests.reports.workflow_commands import commands


def test_the_table() -> None:
    """A row a phase; a long result takes several lines."""
    shown = course(*ONE, deploy(1), checked(1, AtFault("brain", 2, "x")), rollback(1), checked(1, action=Action.VERIFY))
    assert list(table(rows(shown), PEN, 80)) == [
        "Phase                    Deploy  Healthy after  Result",
        "1 shop                     12 s           31 s  ✓ healthy",
        "2 core                     12 s              -  ✗ not healthy within 31 s:",
        "                                                  brain; rolled back",
        "3 applications and            -              -  - not reached",
        "more of them",
    ]


def test_in_forty_columns() -> None:
    """A line a phase instead, and what it took below it."""
    shown = course(*ONE, deploy(1), checked(1, AtFault("brain", 2, "x")), rollback(1), checked(1, action=Action.VERIFY))
    assert list(table(rows(shown), PEN, 40)) == [
        "✓ 1 shop: healthy",
        "  deploy 12 s · healthy after 31 s",
        "✗ 2 core: not healthy within 31 s:",
        "  brain; rolled back",
        "  deploy 12 s",
        "- 3 applications and more of them: not",
        "  reached",
    ]


def test_a_wide_name() -> None:
    """Chinese characters take two columns each."""
    wide = course(rollback=DOWN)
    wide = structs.replace(
        wide, phases=(structs.replace(wide.phases[0], name="店舗と注文のサービス一覧"), *wide.phases[1:])
    )
    assert list(table(rows(wide), PEN, 80))[1:3] == [
        "1 店舗と注文のサービス        -              -  - not reached",
        "一覧",
    ]
    assert all(shown_width(line) <= 80 for line in table(rows(wide), PEN, 80))


@pytest.mark.parametrize(
    ("entries", "results"),
    [
        ((), ["- not reached"] * 3),
        # Nobody has looked at what was there before.
        ((from_("core"),), ["- there before", "- not reached", "- not reached"]),
        (
            (Began(at=AT, action=Action.DEPLOY, phase="shop"),),
            ["? interrupted", "- not reached", "- not reached"],
        ),
        ((deploy(0),), ["? deployed, not found healthy yet", "- not reached", "- not reached"]),
        ((from_("core"), deploy(1), checked(1)), ["✓ there before", "✓ healthy", "- not reached"]),
        (
            (from_("core"), deploy(1), checked(1, SALEOR)),
            [
                "✗ healthy at first, broke later: saleor",
                "✗ phase 1 (shop) broke: saleor; not rolled back yet",
                "- not reached",
            ],
        ),
        # The journal has lost how long it took.
        ((checked(0),), ["✓ healthy", "- not reached", "- not reached"]),
        (
            (deploy(0, "exit 1"),),
            ["✗ the deploy command failed: exit 1; not rolled back yet", "- not reached", "- not reached"],
        ),
        (
            (*ONE, deploy(1), checked(1, SALEOR, AtFault("brain", 2, "x")), rollback(1, "exit 3")),
            [
                "✗ healthy at first, broke later: saleor",
                "✗ not healthy within 31 s: brain; phase 1 (shop) broke: saleor; the rollback failed: exit 3",
                "- not reached",
            ],
        ),
        (
            (*TWO, deploy(2), checked(2, AtFault("db", 0, "x"), AtFault("redis", None, "x"))),
            ["✓ healthy", "✓ healthy", "✗ a prerequisite broke: db, redis; not rolled back yet"],
        ),
        # Nobody has seen them ill.
        (
            (*TWO, deploy(2), checked(2, *TOO_FEW)),
            [
                "? healthy at first, later not 6 times in a row within 31 s: shop-api",
                "✓ healthy",
                "✗ healthy, but not 6 times in a row within 31 s: db, shop-api; not rolled back yet",
            ],
        ),
        (
            (*ONE, deploy(1), checked(1, NOT_AGAIN, AtFault("brain", 2, "x")), rollback(1)),
            [
                "? healthy at first, later not looked at once more in time: api",
                "✗ not healthy within 31 s: brain; healthy, but not looked at once more in time: api; rolled back",
                "- not reached",
            ],
        ),
    ],
)
def test_what_came_of_each_phase(entries: tuple[JournalEntry, ...], results: list[str]) -> None:
    """In a few words."""
    lines = list(table(rows(course(*entries)), PEN, 400))
    start = lines[0].index("Result")
    assert [line[start:] for line in lines[1:] if line[0].isdigit()] == results


@pytest.mark.parametrize(
    ("entries", "first", "results"),
    [
        ((from_("core"),), looked(), ["✓ there before", "- not reached", "- not reached"]),
        (
            (from_("core"),),
            looked(SALEOR),
            ["✗ there before, not healthy now: saleor", "- not reached", "- not reached"],
        ),
        # What no phase deploys stands below the table.
        ((from_("core"),), looked(AtFault("db", None, "x")), ["✓ there before", "- not reached", "- not reached"]),
        (ONE, looked(SALEOR), ["✗ healthy at first, not healthy now: saleor", "- not reached", "- not reached"]),
    ],
)
def test_what_must_stand_before(entries: tuple[JournalEntry, ...], first: Prerequisites, results: list[str]) -> None:
    """A phase whose services are not healthy has no tick."""
    found = rows(course(*entries, prerequisites=first))
    assert [f"{PEN.sign(row.verdict) if row.verdict else '-'} {row.result}" for row in found] == results


def test_on_a_page() -> None:
    """The outcome and the phases, of which no text is markup."""
    words = {Step(Action.DEPLOY, 1): ("one", "", "a `b` @root <b>"), Step(Action.ROLLBACK, 1): ()}
    shown = course(*ONE, deploy(1, "exit 1 | <b>"), rollback(1), left(action=Action.VERIFY), last_words=words)
    assert list(markdown.lines(upshot_of(shown))) == [
        "## ❌ Rolled back: phase 2 (core) failed, and phase 1 (shop) is live again.",
        "",
        "| Phase | Deploy | Healthy after | Result |",
        "| --- | --- | --- | --- |",
        "| 1 shop | 12 s | 31 s | ✓ healthy |",
        "| 2 core | 12 s | - | ✗ the deploy command failed: exit 1 &#124; \\<b\\>; rolled back |",
        "| 3 applications and more of them | - | - | not reached |",
        "",
        "- **Now:** before it: all 2 services are healthy",
        "- **Next:** Read why it failed here; all that was said is in r.journal.jsonl",
        "- **Next:** When that is mended, go on with: healthmon rollout r.toml --from 1",
        "",
        "### ✗ The deploy command of phase 2 (core)",
        "",
        "- `one`",
        "- ``a `b` @root <b>``",
        "",
        "### ✗ The rollback command of phase 2 (core)",
        "",
        "- `nothing`",
    ]
    (first, *_) = markdown.lines(upshot_of(course(*TWO, deploy(2), checked(2, total=10))))
    assert first.startswith("## ✅ Deployed: 3 phases, and 10 services")


def test_for_github_actions() -> None:
    """A line a phase, and the outcome as the one command, in which nothing said is another."""
    shown = course(*ONE, deploy(1, "exit 1\n::error::x ##[error]y"), rollback(1), left(action=Action.VERIFY))
    printed = "\n".join(github.lines(upshot_of(shown)))
    assert printed.splitlines()[0] == "✓ 1 shop: healthy, deploy 12 s, healthy after 31 s"
    (command,) = commands(printed)
    assert (command.name, command.properties) == ("error", {"title": "healthmon rollout"})
    assert command.data.splitlines()[0] == "Rolled back: phase 2 (core) failed, and phase 1 (shop) is live again."
    (well,) = commands("\n".join(github.lines(upshot_of(course(*TWO, deploy(2), checked(2, total=10))))))
    assert (well.name, well.data) == ("notice", "Deployed: 3 phases, and 10 services healthy after the last one.")


def test_what_failed() -> None:
    """Where this process did not see it itself, the journal tells; and what commands said last."""
    words = {Step(Action.DEPLOY, 1): ("one", "two"), Step(Action.ROLLBACK, 1): ()}
    assert list(at_fault(course(deploy(0), checked(0, SALEOR)), PEN)) == [
        "✗ saleor",
        "    met       connection refused",
    ]
    assert list(at_fault(course(*ONE), PEN)) == list(too_few_times(course(*ONE), PEN)) == []
    assert list(last_words(rows(course(*BAD, last_words=words)), PEN)) == [
        "✗ The deploy command of phase 2 (core)",
        "    said last one",
        "              two",
        "✗ The rollback command of phase 2 (core)",
        "    said last nothing",
    ]


def test_what_was_not_healthy_often_enough() -> None:
    """Is told with what was seen of it and the keys that help, also where the checks themselves show what is ill."""
    shown = course(*ONE, deploy(1), checked(1, *TOO_FEW, SALEOR, NOT_AGAIN))
    few = [
        "? db",
        "    met       healthy, but not 6 times in a row within 31 s",
        "? shop-api",
        "    met       healthy, but not 6 times in a row within 31 s",
        "    next      Give phase 2 (core) a longer `timeout` or a lower `stable` in r.toml.",
    ]
    assert list(too_few_times(shown, PEN)) == few
    assert list(at_fault(shown, PEN)) == [
        "✗ saleor",
        "    met       connection refused",
        *few,
        "? api",
        "    met       was healthy, and could not be checked again in time",
        "    next      Give phase 2 (core) a longer `timeout` in r.toml.",
    ]


def test_many_services_are_counted() -> None:
    """Not all named."""
    many = [AtFault(f"s{number}", 2, "x") for number in range(7)]
    lines = list(table(rows(course(*ONE, deploy(1), checked(1, *many))), PEN, 200))
    assert "✗ not healthy within 31 s: s0, s1, s2, s3, s4 and 2 more" in lines[2]


@given(
    width=st.integers(40, 200),
    count=st.integers(0, 6),
    fault=st.text("abc def", min_size=1, max_size=80),
)
def test_no_row_is_wider_than_the_terminal(width: int, count: int, fault: str) -> None:
    """However narrow, and however long the names."""
    entries = (*TWO, deploy(2, fault), rollback(2, fault))[:count]
    assert all(shown_width(line) <= width for line in table(rows(course(*entries)), PEN, width))
