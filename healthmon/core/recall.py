"""How far a rollout has come, from what its journal tells: also where some of it was lost. Pure."""

from collections.abc import Iterable, Sequence
from functools import reduce

from msgspec import structs

from healthmon.core.journal import Action, Began, Checked, CommandEnded, Ended, JournalEntry, Started
from healthmon.core.rollout import Phase, Position, Record, Step, beginning, failed_phase, next_step

_Happened = Began | CommandEnded | Checked

_PLACES = {
    Action.DEPLOY: "deploy",
    Action.WAIT: "wait",
    Action.ROLLBACK: "rollback",
    Action.VERIFY: "left",
    Action.LOOK: "left",
}
_ORDER = ("deploy", "wait", "rollback", "left")
_LOST = "the journal has lost why"


def recall(phases: Sequence[Phase], entries: Iterable[JournalEntry]) -> Position:
    """How far the last rollout of a journal has come."""
    return reduce(lambda position, entry: advance(phases, position, entry), entries, beginning(phases))


def advance(phases: Sequence[Phase], position: Position, entry: JournalEntry) -> Position:
    """Take an entry. What it says counts, also where those before it were lost.

    Args:
        phases: The phases of the rollout. An entry about another phase changes nothing.
        position: How far it had come before.
        entry: What happened.
    """
    match entry:
        case Started():
            return structs.replace(beginning(phases, entry.first), started=entry)
        case Ended():
            return structs.replace(position, ended=True)
        case Began() | CommandEnded() | Checked():
            names = [phase.name for phase in phases]
            return _done(names, position, entry) if entry.phase in names else position
        case _:
            return position


def _done(names: Sequence[str], position: Position, entry: _Happened) -> Position:
    """Something was begun, or ended, in a phase. What comes after it has not been done then; what is before it has."""
    index, name = names.index(entry.phase), _PLACES[entry.action]
    later = dict.fromkeys(_ORDER[_ORDER.index(name) :])
    record = structs.replace(_before(position.records[index], entry), **later)
    if not isinstance(entry, Began):
        record = structs.replace(record, **{name: entry})
    first = min(position.first, index)
    earlier = (
        _proven(record, entry, names[place]) if place >= first else record
        for place, record in enumerate(position.records[:index])
    )
    after = (Record(),) * (len(position.records) - index - 1)
    return structs.replace(
        position,
        records=(*earlier, record, *after),
        first=first,
        under_way=Step(entry.action, index) if isinstance(entry, Began) else None,
        ended=False,
    )


def _proven(record: Record, entry: _Happened, name: str) -> Record:
    """What is known of a phase when a later one has begun: it was found healthy, also where the journal has lost it."""
    if record.good:
        return record
    deploy = record.deploy if record.deployed else _lost(entry, Action.DEPLOY, None, name)
    wait = Checked(at=entry.at, action=Action.WAIT, phase=name, healthy=True, total=0, seconds=None)
    return Record(deploy, wait)


def _before(record: Record, entry: _Happened) -> Record:
    """What must have been before this, also where the journal has lost it."""
    match entry.action:
        case Action.WAIT if not record.deployed:
            return Record(_lost(entry, Action.DEPLOY, None))
        case Action.ROLLBACK | Action.VERIFY | Action.LOOK if not record.failed:
            record = Record(_lost(entry, Action.DEPLOY, _LOST))
    if entry.action is Action.VERIFY and not record.rolled_back:
        return structs.replace(record, rollback=_lost(entry, Action.ROLLBACK, None))
    return record


def _lost(entry: _Happened, action: Action, fault: str | None, name: str | None = None) -> CommandEnded:
    """The end of a command that the journal does not tell, and that what came after it shows."""
    return CommandEnded(at=entry.at, action=action, phase=name or entry.phase, fault=fault, seconds=None)


def ahead(phases: Sequence[Phase], position: Position) -> tuple[list[Step], Position]:
    """What is done from a position on if all goes well, and the position that it leads to.

    Where only the end was not written down, what was found last is looked at once more: after a failure by a step.
    """
    steps: list[Step] = []
    step, failed = next_step(phases, position), failed_phase(position)
    if step is None and failed is not None and not position.ended:
        step = Step(Action.LOOK, failed)
    while step is not None:
        steps.append(step)
        position = advance(phases, position, _well(phases[step.phase].name, step.action))
        step = next_step(phases, position)
    return steps, position


def _well(name: str, action: Action) -> CommandEnded | Checked:
    """The good end of an action."""
    if action in (Action.DEPLOY, Action.ROLLBACK):
        return CommandEnded(at="", action=action, phase=name, fault=None, seconds=None)
    return Checked(at="", action=action, phase=name, healthy=True, total=0, seconds=None)
