"""A rollout as it is told to people: what is known of it, and how its parts are called."""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from healthmon.core.journal import AtFault
from healthmon.core.rollout import Conclusion, Phase, Position, Step, outcome

_NAMED = 5  # services that are named one by one


class Course(Struct, frozen=True, kw_only=True):
    """A rollout that has ended or was interrupted, as far as it is told.

    Attributes:
        phases: Its phases.
        position: How far it came.
        ready: Whether the prerequisites were healthy.
        last_words: What a command that failed said last, by its step.
        folder: Where commands run.
        checks: For each phase the command that checks what is to be healthy before it; empty where nothing is known.
        resume: The command that goes on with it.
        anew: For each phase the command that begins with it.
        journal: The file that tells all of it.
    """

    phases: Sequence[Phase]
    position: Position
    ready: bool = True
    last_words: Mapping[Step, Sequence[str]] = {}
    folder: str
    checks: Sequence[str]
    resume: str
    anew: Sequence[str]
    journal: str

    @property
    def deployed(self) -> bool:
        """Whether all phases are deployed and healthy."""
        return self.ready and outcome(self.phases, self.position) is Conclusion.DEPLOYED


def title(phase: Phase) -> str:
    """A phase in a sentence: ``phase 3 (applications)``."""
    return f"phase {phase.number} ({phase.name})"


def names(found: Sequence[AtFault]) -> str:
    """The ids of services, but not of too many."""
    named = [one.id for one in found[:_NAMED]]
    return ", ".join(named) + (f" and {len(found) - _NAMED} more" if len(found) > _NAMED else "")


def place_of(phases: Sequence[Phase], one: AtFault) -> int:
    """The position of the phase that brings a service; -1 for what is there before the first."""
    if one.phase is None or one.phase < phases[0].number:
        return -1
    return next(index for index, phase in enumerate(phases) if phase.number >= one.phase)
