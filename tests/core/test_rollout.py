"""Rollouts: what follows from what was done, wherever it was cut short."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from healthmon.core.journal import (
    Action,
    Began,
    Checked,
    CommandEnded,
    Ended,
    Interrupted,
    JournalEntry,
    Output,
    Started,
)
from healthmon.core.recall import advance, ahead, recall
from healthmon.core.rollout import (
    Command,
    Conclusion,
    Phase,
    Position,
    Record,
    Step,
    before,
    beginning,
    failed_phase,
    next_step,
    outcome,
    up_to,
)
from tests.make import service

AT = "2026-01-31T12:00:00.000Z"
COMMAND = Command(("true",), "true")
STARTED = Started(at=AT, digest="d", host=None, phases=("a", "b"), pid=1)


def phase(name: str, number: int, *, rollback: bool = True) -> Phase:
    """A phase that may have a way back."""
    return Phase(name=name, number=number, deploy=COMMAND, rollback=COMMAND if rollback else None)


TWO = (phase("a", 1), phase("b", 2))
Fate = Callable[[Step], bool]


def ends(step: Step, phases: tuple[Phase, ...], *, well: bool) -> JournalEntry:
    """The entry that ends a step."""
    about: dict[str, Any] = {"at": AT, "action": step.action, "phase": phases[step.phase].name, "seconds": 1.0}
    if step.action in (Action.DEPLOY, Action.ROLLBACK):
        return CommandEnded(**about, fault=None if well else "exit 1")
    return Checked(**about, healthy=well, total=1)


def carry_out(phases: tuple[Phase, ...], position: Position, fate: Fate) -> Iterator[JournalEntry]:
    """The entries of a rollout from a position to its end: what a live one records."""
    entries: list[JournalEntry] = []
    while (step := next_step(phases, _after(phases, position, entries))) is not None:
        for entry in (
            Began(at=AT, action=step.action, phase=phases[step.phase].name),
            ends(step, phases, well=fate(step)),
        ):
            entries.append(entry)
            yield entry


def _after(phases: tuple[Phase, ...], position: Position, entries: list[JournalEntry]) -> Position:
    for entry in entries:
        position = advance(phases, position, entry)
    return position


def steps_of(entries: list[JournalEntry]) -> list[tuple[str, str]]:
    """What was begun, in order."""
    return [(entry.action, entry.phase) for entry in entries if isinstance(entry, Began)]


@pytest.mark.parametrize(
    ("bad", "steps", "how"),
    [
        (set(), ["deploy a", "wait a", "deploy b", "wait b"], Conclusion.DEPLOYED),
        ({"deploy a"}, ["deploy a", "rollback a", "verify a"], Conclusion.ROLLED_BACK),
        (
            {"wait b"},
            ["deploy a", "wait a", "deploy b", "wait b", "rollback b", "verify b"],
            Conclusion.ROLLED_BACK,
        ),
        (
            {"wait b", "rollback b"},
            ["deploy a", "wait a", "deploy b", "wait b", "rollback b", "look b"],
            Conclusion.BROKEN,
        ),
        (
            {"wait b", "verify b"},
            ["deploy a", "wait a", "deploy b", "wait b", "rollback b", "verify b"],
            Conclusion.BROKEN,
        ),
    ],
)
def test_the_way_of_a_rollout(bad: set[str], steps: list[str], how: Conclusion) -> None:
    """What fails decides where it goes."""
    entries = list(carry_out(TWO, beginning(TWO), lambda step: f"{step.action} {TWO[step.phase].name}" not in bad))
    position = recall(TWO, [STARTED, *entries])

    assert [f"{action} {name}" for action, name in steps_of(entries)] == steps
    assert outcome(TWO, position) is how
    assert failed_phase(position) == (None if how is Conclusion.DEPLOYED else 0 if "deploy a" in bad else 1)
    assert [record.good for record in position.records] == ["deploy a" not in bad, not bad]


def test_what_it_ends_with() -> None:
    """0 is for what is deployed alone."""
    assert [(how.exit_code, how.words) for how in Conclusion] == [(0, "deployed"), (1, "rolled back"), (3, "broken")]


def test_without_a_way_back_it_looks() -> None:
    """And is broken, however well the earlier phases are."""
    phases = (phase("a", 1), phase("b", 2, rollback=False))
    entries = list(carry_out(phases, beginning(phases), lambda step: step != Step(Action.WAIT, 1)))
    assert steps_of(entries)[-1] == ("look", "b")
    assert outcome(phases, recall(phases, entries)) is Conclusion.BROKEN


PHASES = st.lists(st.booleans(), min_size=1, max_size=4).map(
    lambda backs: tuple(phase(f"p{index}", index, rollback=back) for index, back in enumerate(backs))
)


@given(phases=PHASES, bad=st.sets(st.tuples(st.sampled_from(Action), st.integers(0, 3))), data=st.data())
def test_after_any_cut_the_end_is_the_same(
    phases: tuple[Phase, ...], bad: set[tuple[Action, int]], data: st.DataObject
) -> None:
    """However often it is cut short and resumed; and what had ended is not done again."""

    def fate(step: Step) -> bool:
        return (step.action, step.phase) not in bad

    whole = list(carry_out(phases, beginning(phases), fate))
    expected = outcome(phases, recall(phases, whole))
    journal: list[JournalEntry] = [STARTED]
    cuts = data.draw(st.lists(st.integers(0, len(whole)), max_size=4))
    for cut in cuts:
        journal += list(carry_out(phases, recall(phases, journal), fate))[:cut]
        if data.draw(st.booleans()):
            journal.append(Interrupted(at=AT, signal="SIGTERM"))
    journal += carry_out(phases, recall(phases, journal), fate)

    assert outcome(phases, recall(phases, journal)) == expected
    ended = [(entry.action, entry.phase) for entry in journal if isinstance(entry, CommandEnded | Checked)]
    assert len(ended) == len(set(ended))


@given(phases=PHASES, data=st.data())
def test_lost_lines_never_skip_a_deployment(phases: tuple[Phase, ...], data: st.DataObject) -> None:
    """Whatever a damaged journal has lost: what is not known to have ended is done (again)."""
    whole = list(carry_out(phases, beginning(phases), lambda _: True))
    kept = [entry for entry in whole if data.draw(st.booleans())]
    position = recall(phases, kept)
    for index, record in enumerate(position.records):
        begun = {
            entry.action for entry in kept if isinstance(entry, Began | Checked) and entry.phase == phases[index].name
        }
        done = any(isinstance(entry, CommandEnded) and entry.phase == phases[index].name for entry in kept)
        later = any(int(entry.phase[1:]) > index for entry in kept if isinstance(entry, Began | CommandEnded | Checked))
        # A waiting shows that its deployment had ended well, and so does a later phase: that it was found healthy, too.
        assert record.deployed == (done or Action.WAIT in begun or later)
        assert record.good == (
            later or any(isinstance(one, Checked) and one.phase == phases[index].name for one in kept)
        )
        assert not record.failed
    step = next_step(phases, position)
    last = phases[-1].name
    assert step is not None or any(isinstance(entry, Checked) and entry.phase == last for entry in kept)


@given(phases=PHASES, bad=st.sets(st.tuples(st.sampled_from(Action), st.integers(0, 3))), data=st.data())
def test_no_line_that_is_lost_deploys_again_what_was_good(
    phases: tuple[Phase, ...], bad: set[tuple[Action, int]], data: st.DataObject
) -> None:
    """Any one of any rollout, its beginning among them, wherever it was cut short."""
    begins = data.draw(st.integers(0, len(phases) - 1))
    started = structs.replace(STARTED, first=phases[begins].name if begins else None)
    whole = list(carry_out(phases, beginning(phases, started.first), lambda step: (step.action, step.phase) not in bad))
    journal = [started, *whole[: data.draw(st.integers(0, len(whole)))]]
    del journal[data.draw(st.integers(0, len(journal) - 1))]
    told = [one for one in journal if isinstance(one, Began | CommandEnded | Checked)]
    proven = {
        int(one.phase[1:]) for one in told if isinstance(one, Checked) and one.action is Action.WAIT and one.healthy
    }
    reached = max((int(one.phase[1:]) for one in told), default=0)
    again = {step.phase for step in ahead(phases, recall(phases, journal))[0] if step.action is Action.DEPLOY}
    assert not again & (proven | set(range(reached)))


@given(phases=PHASES, bad=st.sets(st.tuples(st.sampled_from(Action), st.integers(0, 3))), data=st.data())
def test_what_is_ahead(phases: tuple[Phase, ...], bad: set[tuple[Action, int]], data: st.DataObject) -> None:
    """Is what a rollout does that goes on from any position, where all goes well from there."""
    whole = list(carry_out(phases, beginning(phases), lambda step: (step.action, step.phase) not in bad))
    journal = [STARTED, *whole[: data.draw(st.integers(0, len(whole)))]]
    position = recall(phases, journal)
    follows = list(carry_out(phases, position, lambda _: True))
    steps, end = ahead(phases, position)
    failed = failed_phase(position)
    if not follows and failed is not None:  # Only how it ended is missing: that is looked at once more.
        assert steps == [Step(Action.LOOK, failed)]
        return
    assert [(step.action, phases[step.phase].name) for step in steps] == steps_of(follows)
    assert outcome(phases, end) is outcome(phases, recall(phases, [*journal, *follows]))


def test_a_beginning_that_is_lost_leaves_out_no_phase() -> None:
    """An older rollout began with a later one: what this one does before that counts."""
    started = structs.replace(STARTED, first="b")
    began = Began(at=AT, action=Action.DEPLOY, phase="a")
    assert [step.phase for step in ahead(TWO, recall(TWO, [started, began]))[0]] == [0, 0, 1, 1]


FAULTY = CommandEnded(at=AT, action=Action.DEPLOY, phase="a", fault="exit 1", seconds=1.0)


def test_what_followed_a_faulty_end_shows_that_it_was_mended() -> None:
    """The beginning, or the end, of another try was lost."""
    waits = Began(at=AT, action=Action.WAIT, phase="a")
    assert recall(TWO, [FAULTY, waits]).records[0].deployed
    back = structs.replace(FAULTY, action=Action.ROLLBACK)
    verifies = Began(at=AT, action=Action.VERIFY, phase="a")
    record = recall(TWO, [FAULTY, back, verifies]).records[0]
    assert (record.failed, record.rolled_back) == (True, True)


def test_something_that_begins_after_the_end_opens_it_again() -> None:
    """The beginning of another rollout was lost."""
    position = recall(TWO, [Ended(at=AT, outcome="deployed"), Began(at=AT, action=Action.DEPLOY, phase="a")])
    assert position.ended is False


@given(phases=PHASES, bad=st.sets(st.tuples(st.sampled_from(Action), st.integers(0, 3))), data=st.data())
def test_lost_lines_never_turn_a_failure_round(
    phases: tuple[Phase, ...], bad: set[tuple[Action, int]], data: st.DataObject
) -> None:
    """Where a rollback, or what follows it, had begun, nothing is deployed any more: it is brought to its end."""
    whole = list(carry_out(phases, beginning(phases), lambda step: (step.action, step.phase) not in bad))
    failed = failed_phase(recall(phases, whole))
    late = (Action.ROLLBACK, Action.VERIFY, Action.LOOK)
    # The phases before it are remembered; of the one that failed any lines may be lost.
    kept = [
        entry
        for entry in whole
        if isinstance(entry, Began | CommandEnded | Checked)
        and (failed is None or entry.phase != phases[failed].name or data.draw(st.booleans()))
    ]
    begun = [entry for entry in kept if entry.action in late]
    if begun and begun[-1] is kept[-1]:
        position = recall(phases, kept)
        step = next_step(phases, position)
        assert failed_phase(position) == failed
        assert step is None or step.action in late
        assert begun[-1].action is not Action.VERIFY or step is None or step.action is Action.VERIFY


def test_it_begins_with_a_phase() -> None:
    """Those before it are not deployed; the journal tells so when it goes on."""
    started = Started(at=AT, digest="d", host=None, phases=("a", "b"), pid=1, first="b")
    entries = list(carry_out(TWO, beginning(TWO, "b"), lambda _: True))
    assert steps_of(entries) == [("deploy", "b"), ("wait", "b")]
    assert next_step(TWO, recall(TWO, [started])) == Step(Action.DEPLOY, 1)
    assert outcome(TWO, recall(TWO, [started, *entries])) is Conclusion.DEPLOYED
    assert (before(TWO, 0), before(TWO, 1)) == (None, 1)


def test_what_comes_later_makes_what_was_later_undone() -> None:
    """A phase that is deployed again has its services, and the phases after it, before it."""
    entries = [*carry_out(TWO, beginning(TWO), lambda _: True), Began(at=AT, action=Action.DEPLOY, phase="a")]
    position = recall(TWO, entries)
    assert position.records == (Record(), Record())
    assert (position.under_way, next_step(TWO, position)) == (Step(Action.DEPLOY, 0), Step(Action.DEPLOY, 0))
    assert position.begun


def test_a_new_beginning_forgets_the_one_before() -> None:
    """As do entries about phases that are not there."""
    entries = [
        *carry_out(TWO, beginning(TWO), lambda _: True),
        Ended(at=AT, outcome="deployed"),
        STARTED,
        Output(at=AT, phase="a", line="hello"),
        Began(at=AT, action=Action.DEPLOY, phase="of another file"),
    ]
    position = recall(TWO, entries)
    assert (position.started, position.ended, position.begun) == (STARTED, False, False)
    assert outcome(TWO, position) is None


def test_what_is_to_be_healthy() -> None:
    """The prerequisites always; the others by their phase."""
    services = [service("db"), service("a", phase=1), service("b", phase=2), service("none")]
    assert [one.id for one in up_to(services, services[:1], 1)] == ["db", "a"]
    assert [one.id for one in up_to(services, services[:1], None)] == ["db"]
