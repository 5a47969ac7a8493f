"""What came of a rollout, for people: in a table, in forty columns, and in words that leave no doubt."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from healthmon.core.journal import Action, AtFault, Began, Checked, CommandEnded, JournalEntry, Started
from healthmon.core.recall import recall
from healthmon.core.rollout import Command, Phase, Step, beginning
from healthmon.reports import rollout_github
from healthmon.reports.cells import shown_width
from healthmon.reports.contract import Appearance
from healthmon.reports.rollout_course import Course
from healthmon.reports.rollout_markdown import render
from healthmon.reports.rollout_plan import plan
from healthmon.reports.rollout_standing import at_fault, last_words, standing
from healthmon.reports.rollout_table import table
from healthmon.reports.style import Pen
from tests.make import service
from tests.reports.workflow_commands import commands

AT = "2026-01-31T12:00:00.000Z"
PEN = Pen(Appearance())
UP, DOWN = Command(("up",), "up --all"), Command(("down",), "down --all")
NAMES = ("shop", "core", "applications and more of them")
SALEOR = AtFault("saleor", 1, "connection refused")


def phases(rollback: Command | None = DOWN) -> tuple[Phase, ...]:
    """Three of them."""
    return tuple(Phase(name=name, number=number, deploy=UP, rollback=rollback) for number, name in enumerate(NAMES, 1))


def deploy(phase: int, fault: str | None = None) -> JournalEntry:
    """A deploy command that ended."""
    return CommandEnded(at=AT, action=Action.DEPLOY, phase=NAMES[phase], fault=fault, seconds=12.0)


def rollback(phase: int, fault: str | None = None) -> JournalEntry:
    """A rollback command that ended."""
    return CommandEnded(at=AT, action=Action.ROLLBACK, phase=NAMES[phase], fault=fault, seconds=2.0)


def from_(name: str) -> JournalEntry:
    """That it begins with this phase."""
    return Started(at=AT, digest="d", host=None, phases=NAMES, pid=1, first=name)


def checked(phase: int, *faults: AtFault, action: Action = Action.WAIT, total: int = 4) -> JournalEntry:
    """A waiting that ended."""
    return Checked(
        at=AT, action=action, phase=NAMES[phase], healthy=not faults, total=total, seconds=31.0, at_fault=faults
    )


def course(*entries: JournalEntry, rollback: Command | None = DOWN, **keys: Any) -> Course:
    """A rollout of which this is in the journal."""
    three = phases(rollback)
    given: dict[str, Any] = {
        "folder": "/srv/app",
        "checks": ["", "healthmon check --phase 1", "healthmon check --phase 2"],
        "resume": "healthmon rollout r.toml --resume",
        "anew": [f"healthmon rollout r.toml --from {number}" for number in range(3)],
        "journal": "r.journal.jsonl",
        **keys,
    }
    return Course(phases=three, position=recall(three, entries), **given)


ONE = (deploy(0), checked(0))
TWO = (*ONE, deploy(1), checked(1))


def test_the_table() -> None:
    """A row a phase; a long result takes several lines."""
    shown = course(*ONE, deploy(1), checked(1, AtFault("brain", 2, "x")), rollback(1), checked(1, action=Action.VERIFY))
    assert list(table(shown, PEN, 80)) == [
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
    assert list(table(shown, PEN, 40)) == [
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
    assert list(table(wide, PEN, 80))[1:3] == [
        "1 店舗と注文のサービス        -              -  - not reached",
        "一覧",
    ]
    assert all(shown_width(line) <= 80 for line in table(wide, PEN, 80))


@pytest.mark.parametrize(
    ("entries", "results"),
    [
        ((), ["- not reached"] * 3),
        (
            (Began(at=AT, action=Action.DEPLOY, phase="shop"),),
            ["? interrupted", "- not reached", "- not reached"],
        ),
        ((deploy(0),), ["? deployed, not waited for", "- not reached", "- not reached"]),
        ((from_("core"), deploy(1), checked(1)), ["✓ there before", "✓ healthy", "- not reached"]),
        (
            (from_("core"), deploy(1), checked(1, SALEOR)),
            ["✗ healthy at first, broke later: saleor", "✗ phase 1 (shop) broke: saleor", "- not reached"],
        ),
        # The journal has lost how long it took.
        ((checked(0),), ["✓ healthy", "- not reached", "- not reached"]),
        ((deploy(0, "exit 1"),), ["✗ the deploy command failed: exit 1", "- not reached", "- not reached"]),
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
            ["✓ healthy", "✓ healthy", "✗ a prerequisite broke: db, redis"],
        ),
    ],
)
def test_what_came_of_each_phase(entries: tuple[JournalEntry, ...], results: list[str]) -> None:
    """In a few words."""
    lines = list(table(course(*entries), PEN, 400))
    start = lines[0].index("Result")
    assert [line[start:] for line in lines[1:] if line[0].isdigit()] == results


def left(*faults: AtFault, action: Action = Action.LOOK) -> JournalEntry:
    """The last look, after the second phase failed."""
    return checked(1, *faults, action=action, total=2)


BAD = (*ONE, deploy(1, "exit 1"))


@pytest.mark.parametrize(
    ("shown", "lines"),
    [
        (
            course(*TWO, deploy(2), checked(2, total=10)),
            ["Deployed: 3 phases, and 10 services healthy after the last one."],
        ),
        (
            course(ready=False),
            [
                "Nothing was deployed: the prerequisites are not healthy.",
                "    next      Mend them, then: healthmon rollout r.toml --resume",
            ],
        ),
        (
            course(*ONE, ready=False),
            [
                "Nothing more was deployed: the services up to phase 1 (shop) are not healthy.",
                "    next      Mend them, then: healthmon rollout r.toml --resume",
            ],
        ),
        (
            course(),
            [
                "Interrupted before anything was deployed.",
                "    next      Go on with: healthmon rollout r.toml --resume",
            ],
        ),
        (
            course(*ONE, Began(at=AT, action=Action.DEPLOY, phase="core")),
            [
                "Interrupted while phase 2 (core) was being deployed. Nothing was rolled back.",
                "    next      Go on with: healthmon rollout r.toml --resume",
            ],
        ),
        (
            course(*BAD, rollback(1), left(action=Action.VERIFY)),
            [
                "Rolled back: phase 2 (core) failed, and phase 1 (shop) is live again.",
                "    now       all 2 services up to there are healthy",
                "    next      Read why it failed here; all that was said is in r.journal.jsonl",
                "    next      When that is mended, go on with: healthmon rollout r.toml --from 1",
            ],
        ),
        (
            course(deploy(0, "exit 1"), rollback(0), checked(0, action=Action.VERIFY, total=1)),
            [
                "Rolled back: phase 1 (shop) failed, and the prerequisites are healthy.",
                "    now       its service is healthy",
                "    next      Read why it failed here; all that was said is in r.journal.jsonl",
                "    next      When that is mended, go on with: healthmon rollout r.toml --from 0",
            ],
        ),
        (
            course(deploy(0, "exit 1"), rollback(0), checked(0, action=Action.VERIFY, total=0)),
            [
                "Rolled back: phase 1 (shop) failed.",
                "    now       not checked: no services are known for before this phase",
                "    next      Read why it failed here; all that was said is in r.journal.jsonl",
                "    next      When that is mended, go on with: healthmon rollout r.toml --from 0",
            ],
        ),
        (
            course(from_("core"), ready=False),
            [
                "Nothing was deployed: the services up to phase 1 (shop) are not healthy.",
                "    next      Mend them, then: healthmon rollout r.toml --resume",
            ],
        ),
        (
            course(*BAD, rollback(1), left(SALEOR, AtFault("db", 0, "x"), action=Action.VERIFY)),
            [
                "BROKEN AFTER THE ROLLBACK: phase 2 (core) was rolled back, but not all before it is healthy.",
                "    now       0 of 2 services up to there healthy; not healthy: saleor, db",
                "    next      Mend db, which no phase deploys.",
                "    next      Mend saleor of phase 1 (shop), which was deployed by: up --all",
                "    next      Then check: healthmon check --phase 1",
                "    next      Then go on with: healthmon rollout r.toml --from 1",
                "    journal   r.journal.jsonl",
            ],
        ),
        (
            course(*BAD, rollback(1, "exit 3"), left()),
            [
                "BROKEN, THE ROLLBACK FAILED TOO: the rollback of phase 2 (core): exit 3.",
                "    now       all 2 services up to there are healthy",
                "    next      Take it back by hand, in /srv/app: down --all",
                "    next      Then check: healthmon check --phase 1",
                "    next      Then go on with: healthmon rollout r.toml --from 1",
                "    journal   r.journal.jsonl",
            ],
        ),
        (
            course(deploy(0, "exit 1"), checked(0, action=Action.LOOK, total=0), rollback=None),
            [
                "BROKEN AND NOT ROLLED BACK: phase 1 (shop) failed, and has no rollback command.",
                "    now       not checked: no services are known for before this phase",
                "    next      Mend phase 1 (shop), or take it back by hand; its deploy command was: up --all",
                "    next      Then go on with: healthmon rollout r.toml --from 0",
                "    journal   r.journal.jsonl",
            ],
        ),
    ],
)
def test_how_things_were_left(shown: Course, lines: list[str]) -> None:
    """And what to do next."""
    assert list(standing(shown, PEN)) == lines


def test_on_a_page() -> None:
    """The outcome and the phases, of which no text is markup."""
    shown = course(*ONE, deploy(1, "exit 1 | <b>"), rollback(1), left(action=Action.VERIFY))
    assert render(shown).splitlines() == [
        "## ❌ Rolled back: phase 2 (core) failed, and phase 1 (shop) is live again.",
        "",
        "| Phase | Deploy | Healthy after | Result |",
        "| --- | --- | --- | --- |",
        "| 1 shop | 12 s | 31 s | ✓ healthy |",
        "| 2 core | 12 s | - | ✗ the deploy command failed: exit 1 &#124; \\<b\\>; rolled back |",
        "| 3 applications and more of them | - | - | not reached |",
        "",
        "- **Now:** all 2 services up to there are healthy",
        "- **Next:** Read why it failed here; all that was said is in r.journal.jsonl",
        "- **Next:** When that is mended, go on with: healthmon rollout r.toml --from 1",
        "",
    ]
    assert render(course(*TWO, deploy(2), checked(2, total=10))).startswith("## ✅ Deployed: 3 phases, and 10 services")


def test_for_github_actions() -> None:
    """A line a phase, and the outcome as the one command, in which nothing said is another."""
    shown = course(*ONE, deploy(1, "exit 1\n::error::x ##[error]y"), rollback(1), left(action=Action.VERIFY))
    printed = rollout_github.render(shown)
    assert printed.splitlines()[0] == "✓ 1 shop: healthy, deploy 12 s, healthy after 31 s"
    (command,) = commands(printed)
    assert (command.name, command.properties) == ("error", {"title": "healthmon rollout"})
    assert command.data.splitlines()[0] == "Rolled back: phase 2 (core) failed, and phase 1 (shop) is live again."
    (well,) = commands(rollout_github.render(course(*TWO, deploy(2), checked(2, total=10))))
    assert (well.name, well.data) == ("notice", "Deployed: 3 phases, and 10 services healthy after the last one.")


def test_what_failed() -> None:
    """Where this process did not see it itself, the journal tells; and what commands said last."""
    words = {Step(Action.DEPLOY, 1): ("one", "two"), Step(Action.ROLLBACK, 1): ()}
    assert list(at_fault(course(deploy(0), checked(0, SALEOR)), PEN)) == [
        "✗ saleor",
        "    met       connection refused",
    ]
    assert list(at_fault(course(*ONE), PEN)) == []
    assert list(last_words(course(*BAD, last_words=words), PEN)) == [
        "✗ The deploy command of phase 2 (core)",
        "    said last one",
        "              two",
        "✗ The rollback command of phase 2 (core)",
        "    said last nothing",
    ]


def test_many_services_are_counted() -> None:
    """Not all named."""
    many = [AtFault(f"s{number}", 2, "x") for number in range(7)]
    lines = list(table(course(*ONE, deploy(1), checked(1, *many)), PEN, 200))
    assert "✗ not healthy within 31 s: s0, s1, s2, s3, s4 and 2 more" in lines[2]


def test_the_plan_from_a_phase_on() -> None:
    """What is there is checked first, and left as it is."""
    three = phases()
    services = {-1: [], 0: [service("saleor")], 1: [service("saleor"), service("brain")], 2: []}
    lines = list(plan(three, beginning(three, "core"), services, []))
    assert lines[:7] == [
        "First: check saleor; unless all are healthy nothing is deployed.",
        "",
        "phase 1 (shop) - left as it is",
        "",
        "phase 2 (core)",
        "  deploy    up --all",
        "  wait      up to 5 min until healthy: brain",
    ]


def test_the_plan() -> None:
    """What is done, what is waited for, and what takes it back."""
    three = phases(None)
    services = {-1: [], 0: [service("saleor")], 1: [service("saleor")], 2: [service("saleor"), service("brain")]}
    assert list(plan(three, recall(three, ONE), services, ["Begins."])) == [
        "Begins.",
        "First: check saleor; unless all are healthy nothing is deployed.",
        "",
        "phase 1 (shop) - done already",
        "",
        "phase 2 (core)",
        "  deploy    up --all",
        "  wait      up to 5 min until healthy: nothing new",
        "            and still: 1 service from before",
        "  rollback  none: a failure would stay as it is",
        "",
        f"phase 3 ({NAMES[2]})",
        "  deploy    up --all",
        "  wait      up to 5 min until healthy: brain",
        "            and still: 1 service from before",
        "  rollback  none: a failure would stay as it is",
    ]


CORE_FAILED = checked(1, AtFault("brain", 2, "x"))


@pytest.mark.parametrize(
    ("entries", "back", "lines"),
    [
        (
            (*ONE, deploy(1)),
            DOWN,
            [
                "phase 2 (core) - deployed already",
                "  wait      up to 5 min until healthy: brain",
                "            and still: 1 service from before",
                "  rollback  down --all",
                "",
                f"phase 3 ({NAMES[2]})",
                "  deploy    up --all",
                "  wait      up to 5 min until healthy: nothing new",
                "            and still: 2 services from before",
                "  rollback  down --all",
            ],
        ),
        (
            (*ONE, deploy(1), CORE_FAILED),
            DOWN,
            [
                "phase 2 (core) - failed",
                "  rollback  down --all",
                "  verify    up to 5 min until healthy: saleor",
                "",
                f"phase 3 ({NAMES[2]}) - not reached",
                "",
                "Then it ends with 1, rolled back.",
            ],
        ),
        (
            (*ONE, deploy(1), CORE_FAILED, rollback(1)),
            DOWN,
            [
                "phase 2 (core) - failed, rolled back already",
                "  verify    up to 5 min until healthy: saleor",
                "",
                f"phase 3 ({NAMES[2]}) - not reached",
                "",
                "Then it ends with 1, rolled back.",
            ],
        ),
        (
            (*ONE, deploy(1), CORE_FAILED),
            None,
            [
                "phase 2 (core) - failed",
                "  look      once at: saleor",
                "",
                f"phase 3 ({NAMES[2]}) - not reached",
                "",
                "Then it ends with 3, broken.",
            ],
        ),
        (
            (*TWO, deploy(2), checked(2)),
            None,
            [
                "phase 2 (core) - done already",
                "",
                f"phase 3 ({NAMES[2]}) - done already",
                "",
                "Nothing is left to do: it ends with 0, deployed.",
            ],
        ),
    ],
)
def test_the_plan_of_what_goes_on(entries: tuple[JournalEntry, ...], back: Command | None, lines: list[str]) -> None:
    """No deployment where none comes: after a failure the way back, and how it ends."""
    three, saleor, brain = phases(back), service("saleor"), service("brain")
    services = {-1: [], 0: [saleor], 1: [saleor, brain], 2: [saleor, brain]}
    assert list(plan(three, recall(three, entries), services, [])) == [
        "",
        "phase 1 (shop) - done already",
        "",
        *lines,
    ]


def test_the_plan_of_a_first_phase_that_failed() -> None:
    """Nothing is known for before it, so nothing is looked at."""
    three = phases()
    services = {index: [service("saleor")] if index >= 0 else [] for index in range(-1, 3)}
    assert list(plan(three, recall(three, [deploy(0, "exit 1"), rollback(0, "exit 2")]), services, []))[1:3] == [
        "phase 1 (shop) - failed",
        "",
    ]


@given(
    width=st.integers(40, 200),
    count=st.integers(0, 6),
    fault=st.text("abc def", min_size=1, max_size=80),
)
def test_no_row_is_wider_than_the_terminal(width: int, count: int, fault: str) -> None:
    """However narrow, and however long the names."""
    entries = (*TWO, deploy(2, fault), rollback(2, fault))[:count]
    assert all(shown_width(line) <= width for line in table(course(*entries), PEN, width))
