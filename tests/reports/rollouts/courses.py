"""Rollouts for the tests of reports: three phases, and what the journal says of them."""

from typing import Any

from healthmon.core.journal import (
    Action,
    AtFault,
    Began,
    Checked,
    CommandEnded,
    JournalEntry,
    Lack,
    Prerequisites,
    Started,
)
from healthmon.core.recall import recall
from healthmon.core.rollout import Command, Phase
from healthmon.reports.contract import Appearance
from healthmon.reports.rollouts.course import Course
from healthmon.reports.style import Pen

AT = "2026-01-31T12:00:00.000Z"
PEN = Pen(Appearance())
UP, DOWN = Command(("up",), "up --all"), Command(("down",), "down --all")
NAMES = ("shop", "core", "applications and more of them")
SALEOR = AtFault("saleor", 1, "connection refused")
TOO_FEW = (
    AtFault("db", None, "healthy, but not 6 times in a row within 31 s", Lack.STREAK),
    AtFault("shop-api", 1, "healthy, but not 6 times in a row within 31 s", Lack.STREAK),
)
NOT_AGAIN = AtFault("api", 1, "was healthy, and could not be checked again in time", Lack.LOOK)


def phases(rollback: Command | None = DOWN, *, stable: int = 1) -> tuple[Phase, ...]:
    """Three of them."""
    return tuple(
        Phase(name=name, number=number, deploy=UP, rollback=rollback, stable=stable)
        for number, name in enumerate(NAMES, 1)
    )


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
    three = phases(rollback, stable=6)
    given: dict[str, Any] = {
        "folder": "/srv/app",
        "checks": ["", "healthmon check --phase 1", "healthmon check --phase 2"],
        "resume": "healthmon rollout r.toml --resume",
        "anew": [f"healthmon rollout r.toml --from {number}" for number in range(3)],
        "journal": "r.journal.jsonl",
        "file": "r.toml",
        "began": 1_769_860_800.0,
        "ended": 1_769_860_860.0,
        **keys,
    }
    return Course(phases=three, position=recall(three, entries), **given)


def looked(*faults: AtFault) -> Prerequisites:
    """A check of what must be healthy first."""
    return Prerequisites(at=AT, healthy=not faults, total=3, seconds=0.5, at_fault=faults)


UNREADY = looked(AtFault("db", None, "connection refused"))
ONE = (deploy(0), checked(0))
TWO = (*ONE, deploy(1), checked(1))


BEGAN = {action: Began(at=AT, action=action, phase="core") for action in Action}


def left(*faults: AtFault, action: Action = Action.LOOK) -> JournalEntry:
    """The last look, after the second phase failed."""
    return checked(1, *faults, action=action, total=2)


BAD = (*ONE, deploy(1, "exit 1"))
