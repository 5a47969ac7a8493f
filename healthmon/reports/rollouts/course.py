"""A rollout as it is told to people: what is known of it, and how its parts are called."""

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from healthmon.core.journal import Action, AtFault, Checked, Lack, Prerequisites
from healthmon.core.model import Verdict
from healthmon.core.rollout import Phase, Position, Step, next_step, outcome
from healthmon.core.units import format_duration
from healthmon.core.wording import named
from healthmon.errors import signalled
from healthmon.reports.rollouts.upshot import End

_NAMED = 5  # services that are named one by one
_NOT_OVER = 1


class Course(Struct, frozen=True, kw_only=True):
    """A rollout that has ended or was interrupted, as far as it is told.

    Attributes:
        file: The rollout's file.
        phases: Its phases.
        position: How far it came.
        prerequisites: What came of the check of what must be healthy first; None where nothing was checked for that.
        interrupted: The number of the signal that interrupted it, or None.
        last_words: What a command that failed said last, by its step.
        folder: Where commands run.
        checks: For each phase the command that checks what is to be healthy before it; empty where nothing is known.
        resume: The command that goes on with it.
        anew: For each phase the command that begins with it.
        journal: The file that tells all of it.
        began: When this process began with it, in seconds since the epoch.
        ended: When it ended, in seconds since the epoch.
    """

    file: str
    phases: Sequence[Phase]
    position: Position
    prerequisites: Prerequisites | None = None
    interrupted: int | None = None
    last_words: Mapping[Step, Sequence[str]] = {}
    folder: str
    checks: Sequence[str]
    resume: str
    anew: Sequence[str]
    journal: str
    began: float
    ended: float

    @property
    def end(self) -> End:
        """How it ended."""
        if self.prerequisites is not None and not self.prerequisites.healthy:
            return End.NOT_READY
        how = outcome(self.phases, self.position)
        return End.INTERRUPTED if how is None else End(how)

    @property
    def exit_code(self) -> int:
        """0 where all is deployed and healthy, and nowhere else."""
        if self.interrupted is not None:
            return signalled(self.interrupted)
        how = outcome(self.phases, self.position) if self.end is not End.NOT_READY else None
        return _NOT_OVER if how is None else how.exit_code

    @property
    def verdict(self) -> Verdict:
        """What it counts as where a report has to pass or to fail it."""
        if self.end is End.INTERRUPTED:
            return Verdict.UNKNOWN
        return Verdict.DOWN if self.exit_code else Verdict.UP

    @property
    def step(self) -> Step | None:
        """What was under way when it was interrupted, or was to be done next; None where it is over."""
        return self.position.under_way or next_step(self.phases, self.position)

    @property
    def current(self) -> Phase | None:
        """The last phase that is live and was found healthy; None where there is none, or where nobody can tell."""
        index = len(self.phases)
        match self.end:
            case End.BROKEN | End.NOT_READY:
                return None
            case End.ROLLED_BACK:
                index = next(index for index, record in enumerate(self.position.records) if record.failed)
            case End.INTERRUPTED:
                step = self.step
                if step is None or step.action is not Action.DEPLOY or self.position.under_way is not None:
                    return None
                index = step.phase
                if not index or not self.position.records[index - 1].good:
                    return None
        return self.phases[index - 1] if index else None


def title(phase: Phase) -> str:
    """A phase in a sentence: ``phase 3 (applications)``."""
    return f"phase {phase.number} ({phase.name})"


def names(found: Sequence[AtFault]) -> str:
    """The ids of services, but not of too many."""
    return named([one.id for one in found], _NAMED)


def lacking(found: Sequence[AtFault], lack: Lack | None) -> list[AtFault]:
    """Those that lack this; without it those that were not healthy."""
    return [one for one in found if one.lacks is lack]


def shortfalls(checked: Checked, phase: Phase, found: Sequence[AtFault]) -> Iterator[str]:
    """What services lack that were healthy when they were last looked at: ``not 6 times in a row within 3 s: db``.

    Args:
        checked: The waiting.
        phase: The phase whose it was.
        found: Those of it that are told.
    """
    if streak := lacking(found, Lack.STREAK):
        within = "" if checked.seconds is None else f" within {format_duration(checked.seconds)}"
        yield f"not {phase.stable} times in a row{within}: {names(streak)}"
    if look := lacking(found, Lack.LOOK):
        yield f"not looked at once more in time: {names(look)}"


def more_time(course: Course, index: int, found: Sequence[AtFault]) -> str:
    """What helps those of a waiting that were only not found healthy often enough: the phase's bounds in the file."""
    phase = course.phases[index]
    lower = " or a lower `stable`" if lacking(found, Lack.STREAK) else ""
    return f"Give {title(phase)} a longer `timeout`{lower} in {course.file}."


def place_of(phases: Sequence[Phase], one: AtFault) -> int:
    """The position of the phase that brings a service; -1 for what is there before the first."""
    if one.phase is None or one.phase < phases[0].number:
        return -1
    return next(index for index, phase in enumerate(phases) if phase.number >= one.phase)
