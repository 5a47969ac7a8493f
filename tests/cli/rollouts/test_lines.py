"""What is told of a rollout while it goes on."""

import pytest

from healthmon.cli.rollouts.lines import LastWords, Telling
from healthmon.core.journal import (
    Action,
    AtFault,
    Began,
    Checked,
    CommandEnded,
    Ended,
    Interrupted,
    JournalEntry,
    Lack,
    Output,
    Prerequisites,
    Resumed,
    Started,
)
from healthmon.core.recall import recall
from healthmon.core.rollout import Command, Phase, Step
from healthmon.reports.contract import Appearance
from healthmon.reports.style import Pen

AT = "2026-01-31T12:00:00.000Z"
TOO_FEW = AtFault("db", None, "healthy, but not 6 times in a row", Lack.STREAK)
FAULTS = tuple(AtFault(f"s{number}", 1, "refused") for number in range(7))
NAMED = ", ".join(f"s{number} (refused)" for number in range(5))
NOT_HEALTHY = f"shop: 7 of 9 services not healthy after 60 s: {NAMED} and 2 more"
STARTED = Started(at=AT, digest="d", host=None, phases=("shop",), pid=1)
DEPLOY = Began(at=AT, action=Action.DEPLOY, phase="shop", command="up --all")
PHASES = (Phase(name="shop", number=1, deploy=Command(("up",), "up --all")),)


def ended(fault: str | None, action: Action = Action.DEPLOY) -> JournalEntry:
    """A command ended."""
    return CommandEnded(at=AT, action=action, phase="shop", fault=fault, seconds=2.0)


@pytest.mark.parametrize(
    ("entry", "line"),
    [
        (STARTED, "Rollout of 1 phase; journal: r.jsonl"),
        (Resumed(at=AT, pid=2), "Resumed; journal: r.jsonl"),
        (Prerequisites(at=AT, healthy=True, total=1, seconds=0.5), "prerequisites: 1 service healthy after 500 ms"),
        (
            Prerequisites(at=AT, up_to="shop", healthy=True, total=2, seconds=0.5),
            "up to shop: 2 services healthy after 500 ms",
        ),
        (DEPLOY, "shop: deploy: up --all"),
        (
            Began(at=AT, action=Action.ROLLBACK, phase="shop", command="down"),
            "shop: ROLLBACK: down",
        ),
        (
            Began(at=AT, action=Action.WAIT, phase="shop", services=5, within=300.0),
            "shop: waiting up to 5 min for the 5 services so far to be healthy",
        ),
        (
            Began(at=AT, action=Action.VERIFY, phase="shop", services=4, within=60.0),
            "shop: waiting up to 60 s for the 4 services before this phase to be healthy",
        ),
        (
            Began(at=AT, action=Action.LOOK, phase="shop", services=4),
            "shop: looking at the 4 services before this phase",
        ),
        # There is nothing to look at before the first phase.
        (Began(at=AT, action=Action.LOOK, phase="shop", services=0), None),
        (Began(at=AT, action=Action.VERIFY, phase="shop", services=0, within=60.0), None),
        (Checked(at=AT, action=Action.VERIFY, phase="shop", healthy=True, total=0, seconds=0.1), None),
        (Output(at=AT, phase="shop", line="core: deployed in 2 s"), "shop | core: deployed in 2 s"),
        (ended(None), "shop: deployed in 2 s"),
        (ended(None, Action.ROLLBACK), "shop: rolled back in 2 s"),
        (ended("exit 1"), "shop: the deploy command failed after 2 s: exit 1"),
        (
            Checked(at=AT, action=Action.WAIT, phase="shop", healthy=False, total=9, seconds=60.0, at_fault=FAULTS),
            NOT_HEALTHY,
        ),
        (
            Checked(at=AT, action=Action.WAIT, phase="shop", healthy=False, total=9, seconds=60.0, at_fault=(TOO_FEW,)),
            "shop: 1 of 9 services not healthy often enough after 60 s: db (healthy, but not 6 times in a row)",
        ),
        (Ended(at=AT, outcome="deployed"), None),
    ],
)
def test_a_line_an_entry(entry: JournalEntry, line: str | None) -> None:
    """In words; a command's own stand behind a bar."""
    assert Telling(Pen(Appearance()), "r.jsonl", 10.0).line(entry) == line


def test_an_interruption() -> None:
    """Says at once what becomes of the command, if one runs, for that may take a while."""
    lines = Telling(Pen(Appearance()), "r.jsonl", 10.0)
    interrupted = Interrupted(at=AT, signal="SIGINT")
    assert lines.line(interrupted) == "Interrupted by SIGINT."
    lines.line(DEPLOY)
    lines.line(Output(at=AT, phase="shop", line="x"))
    assert lines.line(interrupted) == "Interrupted by SIGINT; the command is told to end, and killed after 10 s."


def test_last_words_are_those_of_the_command_that_stands_as_failed() -> None:
    """Not of one that was run again and did what it should, nor of a rollout before."""
    said = [Output(at=AT, phase="shop", line=f"{number}") for number in range(20)]
    failed: list[JournalEntry] = [STARTED, DEPLOY, *said, ended("exit 1")]
    words = LastWords()
    for entry in failed:
        words.take(entry)
    assert words.of(recall(PHASES, failed), PHASES) == {Step(Action.DEPLOY, 0): tuple(map(str, range(10, 20)))}

    again: list[JournalEntry] = [DEPLOY, ended(None)]
    for entry in again:
        words.take(entry)
    assert words.of(recall(PHASES, [*failed, *again]), PHASES) == {}

    for entry in (*failed, STARTED):
        words.take(entry)
    assert words.of(recall(PHASES, failed), PHASES) == {Step(Action.DEPLOY, 0): ()}
