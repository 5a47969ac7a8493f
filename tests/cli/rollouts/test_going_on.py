"""Where a rollout goes on, and what is said of the one before."""

from pathlib import Path

import pytest

from healthmon.cli.rollouts.going_on import left_behind, position_of
from healthmon.cli.rollouts.order import Order
from healthmon.core.journal import Action, AnyEntry, Began, Checked, CommandEnded, Ended, Started
from healthmon.core.rollout import Step, next_step
from healthmon.errors import UsageError
from tests.cli.rollouts.ordered import NAMES, ordered

AT = "2026-01-31T12:00:00.000Z"
WHEN = "2026-01-31 12:00:00 UTC"


def started(order: Order, **keys: str) -> Started:
    """That it began."""
    return Started(**{"at": AT, "digest": order.digest(), "host": None, "phases": NAMES, "pid": 1, **keys})  # type: ignore[arg-type]


def began(phase: str) -> Began:
    """That a deployment began."""
    return Began(at=AT, action=Action.DEPLOY, phase=phase)


def ended(phase: str, fault: str | None = None, action: Action = Action.DEPLOY) -> CommandEnded:
    """That a command ended."""
    return CommandEnded(at=AT, action=action, phase=phase, fault=fault, seconds=1.0)


def checked(phase: str, action: Action = Action.WAIT) -> Checked:
    """That services were found healthy."""
    return Checked(at=AT, action=action, phase=phase, healthy=True, total=1, seconds=1.0)


def refused(order: Order, *entries: AnyEntry) -> str:
    """Why it is not gone on with."""
    with pytest.raises(UsageError) as caught:
        position_of(order, entries)
    return str(caught.value)


def test_it_goes_on(tmp_path: Path) -> None:
    """Where it was, with --resume; otherwise it begins."""
    order = ordered(tmp_path, resume=True)
    phases = order.undertaking.rollout.phases
    journal = (started(order), began("two"))
    assert next_step(phases, position_of(order, journal)) == Step(Action.DEPLOY, 1)
    order = ordered(tmp_path)
    assert next_step(phases, position_of(order, journal)) == Step(Action.DEPLOY, 0)


def test_one_that_is_over_says_how_it_ended(tmp_path: Path) -> None:
    """And what can be done then: after a failure not from the first phase on."""
    order = ordered(tmp_path, resume=True, strict=True)
    begins = f"--resume: the rollout begun {WHEN} is over"
    line = f"healthmon rollout {tmp_path}/rollout.toml --fail-on degraded"
    failed = (started(order), ended("two", "exit 1"))
    back = (ended("two", None, Action.ROLLBACK), checked("two", Action.VERIFY), Ended(at=AT, outcome="rolled_back"))
    mended = "phase 2 (two) failed. When that is mended, and all before it is healthy, go on with: "
    assert refused(order, *failed, *back) == f"{begins}, rolled back: {mended}{line} --from two"
    worse = (ended("two", "exit 1", Action.ROLLBACK), checked("two", Action.LOOK), Ended(at=AT, outcome="broken"))
    assert refused(order, *failed, *worse) == f"{begins}, broken: {mended}{line} --from two"
    good = (started(order), ended("3 or so"), checked("3 or so"), Ended(at=AT, outcome="deployed"))
    assert refused(order, *good) == f"{begins}: all of it is deployed. To deploy all of it again, leave --resume out."
    lost = (good[0], good[-1])
    assert refused(order, *lost) == f"{begins}, so there is nothing to go on with; leave it out to begin anew."


def test_one_that_is_another_now_is_not_gone_on_with(tmp_path: Path) -> None:
    """Nor one of which that cannot be told; where it stood is said."""
    order = ordered(tmp_path, resume=True)
    line = f"Begin anew where it stood: healthmon rollout {tmp_path}/rollout.toml"
    changed = (started(order, digest="other"), began("two"))
    assert refused(order, *changed).endswith(f"Take that back, or: {line} --from two")
    assert refused(order, started(order, digest="other")).endswith(f"Take that back, or: {line}")
    assert refused(order, began("two")).endswith(
        f"the rollout began, so what was done may not be what is to be done now. {line} --from two"
    )
    assert (
        refused(order) == "--resume: the journal tells of no rollout, so there is nothing to go on with; leave it out."
    )


def test_where_all_was_found_healthy_nothing_is_to_begin_anew(tmp_path: Path) -> None:
    """All of it would be deployed again."""
    order = ordered(tmp_path, resume=True)
    all_ = "All of its phases were deployed and found healthy; to deploy all of them again, leave --resume out."
    good = (ended("3 or so"), checked("3 or so"))
    assert refused(order, started(order, digest="other"), *good).endswith(f"Take that back, or: {all_}")
    assert refused(order, *good).endswith(f"what is to be done now. {all_}")


def notes(order: Order, *entries: AnyEntry, live: bool = False) -> list[str]:
    """What is said of the one before, without its beginning."""
    begins = f"The last rollout, begun {WHEN}, was not brought to its end. This one begins anew, with "
    return [note.replace(begins, "... ") for note in left_behind(order, entries, live=live)]


def test_what_is_left_behind_is_told(tmp_path: Path) -> None:
    """Beforehand, how to go on with it; live, that it cannot be gone on with any more."""
    order = ordered(tmp_path)
    line = f"healthmon rollout {tmp_path}/rollout.toml"
    keep = "To leave as they are the phases that it found healthy,"
    journal = (started(order), began("two"))
    assert notes(order, *journal) == [
        "... phase 1 (one).",
        f"To go on with the last one instead: {line} --resume",
        f"{keep} run: {line} --from two",
    ]
    assert notes(order, *journal, live=True) == [
        "... phase 1 (one). The last one is given up: from now on --resume goes on with this one.",
        f"{keep} interrupt this one and run: {line} --from two",
    ]
    changed = started(order, digest="other")
    assert notes(order, changed, *journal[1:]) == ["... phase 1 (one).", f"{keep} run: {line} --from two"]
    later = ordered(tmp_path, first="two")
    assert notes(later, *journal) == ["... phase 2 (two).", f"To go on with the last one instead: {line} --resume"]


def test_nothing_is_left_behind(tmp_path: Path) -> None:
    """Of one that is over, had done nothing, or is gone on with."""
    order = ordered(tmp_path)
    assert notes(order) == notes(order, started(order)) == []
    assert notes(order, started(order), began("two"), Ended(at=AT, outcome="broken")) == []
    assert notes(order, started(order), ended("3 or so"), checked("3 or so")) == []
    assert notes(ordered(tmp_path, resume=True), started(order), began("two")) == []
