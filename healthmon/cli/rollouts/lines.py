"""What is told of a rollout line by line while it goes on. No line of a command can pass for one of healthmon's own."""

from collections import deque
from collections.abc import Sequence

from healthmon.core.journal import (
    Action,
    AtFault,
    Began,
    Checked,
    CommandEnded,
    Interrupted,
    JournalEntry,
    Output,
    Prerequisites,
    Resumed,
    Started,
)
from healthmon.core.model import Verdict
from healthmon.core.rollout import Phase, Position, Step
from healthmon.core.units import format_duration
from healthmon.core.wording import counted, named
from healthmon.reports.style import Pen

_NAMED = 5
_KEPT = 10  # lines


class Telling:
    """Puts the entries of a journal into words.

    Args:
        pen: Writes colours.
        journal: The journal's path.
        grace: Seconds that a command has which is told to end.
    """

    def __init__(self, pen: Pen, journal: str, grace: float) -> None:
        self._pen = pen
        self._journal = journal
        self._grace = grace
        self._command_runs = False

    def line(self, entry: JournalEntry) -> str | None:
        """The line about an entry; None where there is nothing to tell."""
        if isinstance(entry, Output):
            return f"{entry.phase} | {entry.line}"
        runs, self._command_runs = self._command_runs, isinstance(entry, Began) and entry.command is not None
        return self._interrupted(entry, runs=runs) if isinstance(entry, Interrupted) else self._own(entry)

    def _own(self, entry: JournalEntry) -> str | None:
        match entry:
            case Started() | Resumed():
                begins = (
                    f"Rollout of {counted(len(entry.phases), 'phase')}" if isinstance(entry, Started) else "Resumed"
                )
                return self._pen.bold(f"{begins}; journal: {self._journal}")
            case Began(action=Action.VERIFY | Action.LOOK, services=0) | Checked(total=0):
                return None  # Nothing is known for before the first phase, so nothing is looked at.
            case Began():
                return self._pen.bold(f"{entry.phase}: {_began(entry)}")
            case CommandEnded():
                return self._well(entry.phase, entry.fault is None, _ended(entry))
            case Checked() | Prerequisites():
                return self._well(_subject(entry), entry.healthy, _checked(entry))
            case _:
                return None

    def _interrupted(self, entry: Interrupted, *, runs: bool) -> str:
        after = format_duration(self._grace)
        what = f"; the command is told to end, and killed after {after}" if runs else ""
        return self._pen.colour(f"Interrupted by {entry.signal}{what}.", Verdict.UNKNOWN)

    def _well(self, name: str, well: bool, text: str) -> str:  # noqa: FBT001 - private
        return self._pen.colour(f"{name}: {text}", Verdict.UP if well else Verdict.DOWN)


class LastWords:
    """Keeps what the commands that failed said last."""

    def __init__(self) -> None:
        self._said: deque[str] = deque(maxlen=_KEPT)
        self._of_failed: dict[tuple[str, Action], Sequence[str]] = {}

    def take(self, entry: JournalEntry) -> None:
        """Take an entry of the journal, in its order."""
        match entry:
            case Started():
                self._of_failed.clear()
            case Began():
                self._said.clear()
            case Output():
                self._said.append(entry.line)
            case CommandEnded():
                self._of_failed.pop((entry.phase, entry.action), None)
                if entry.fault is not None:
                    self._of_failed[entry.phase, entry.action] = tuple(self._said)

    def of(self, position: Position, phases: Sequence[Phase]) -> dict[Step, Sequence[str]]:
        """By the step of each command that stands as failed now."""
        records = enumerate(zip(phases, position.records, strict=True))
        return {
            Step(ended.action, index): self._of_failed.get((phase.name, ended.action), ())
            for index, (phase, record) in records
            for ended in (record.deploy, record.rollback)
            if ended is not None and ended.fault is not None
        }


def left_out(lines: int) -> str:
    """What is told where so many lines of a command are missing, whose reader was too slow."""
    return f"({counted(lines, 'line')} left out here: see the journal)"


def _began(entry: Began) -> str:
    services, within = counted(entry.services or 0, "service"), format_duration(entry.within or 0.0)
    match entry.action:
        case Action.DEPLOY:
            return f"deploy: {entry.command}"
        case Action.ROLLBACK:
            return f"ROLLBACK: {entry.command}"
        case Action.WAIT:
            return f"waiting up to {within} for the {services} so far to be healthy"
        case Action.VERIFY:
            return f"waiting up to {within} for the {services} before this phase to be healthy"
        case Action.LOOK:
            return f"looking at the {services} before this phase"


def _ended(entry: CommandEnded) -> str:
    took = format_duration(entry.seconds or 0.0)
    if entry.fault is None:
        return f"{'deployed' if entry.action is Action.DEPLOY else 'rolled back'} in {took}"
    return f"the {entry.action} command failed after {took}: {entry.fault}"


def _subject(entry: Checked | Prerequisites) -> str:
    if isinstance(entry, Checked):
        return entry.phase
    return "prerequisites" if entry.up_to is None else f"up to {entry.up_to}"


def _checked(entry: Checked | Prerequisites) -> str:
    after, all_ = format_duration(entry.seconds or 0.0), counted(entry.total, "service")
    if entry.healthy:
        return f"{all_} healthy after {after}"
    enough = "" if any(one.lacks is None for one in entry.at_fault) else " often enough"
    return f"{len(entry.at_fault)} of {all_} not healthy{enough} after {after}: {_faults(entry.at_fault)}"


def _faults(found: Sequence[AtFault]) -> str:
    return named([f"{one.id} ({one.message})" for one in found], _NAMED)
