"""A deployment in phases: what is to be done, what has been done, and what follows from both. Pure.

::

    entries of the journal ─recall─▶ Position ─next_step─▶ Step

The live rollout and one that is resumed take the same way: what is next is never remembered, only what was done. See
`healthmon.core.recall` for that.
"""

from collections.abc import Iterable, Sequence
from enum import StrEnum

from msgspec import Struct

from healthmon.core.journal import Action, Checked, CommandEnded, Started
from healthmon.core.model import Service


class Command(Struct, frozen=True):
    """A command of a phase.

    Attributes:
        arguments: The program and its arguments.
        shown: The same as a person would type it.
    """

    arguments: tuple[str, ...]
    shown: str


class Phase(Struct, frozen=True, kw_only=True):
    """A phase of a rollout.

    Attributes:
        name: For people. Unique in the rollout.
        number: The services of all phases up to this number are to be healthy after it.
        deploy: Brings it about.
        rollback: Takes things back to the last good phase; None where nothing does.
        timeout: Seconds for the services to become healthy.
        stable: How many checks in a row must find a service healthy.
    """

    name: str
    number: int
    deploy: Command
    rollback: Command | None = None
    timeout: float = 300.0
    stable: int = 1


class Record(Struct, frozen=True):
    """What has been done for a phase, and how it ended. None where it has not ended, or was not begun.

    Attributes:
        deploy: The deploy command.
        wait: The waiting for its services.
        rollback: The rollback command.
        left: The last look at the services of the earlier phases, after it failed.
    """

    deploy: CommandEnded | None = None
    wait: Checked | None = None
    rollback: CommandEnded | None = None
    left: Checked | None = None

    @property
    def deployed(self) -> bool:
        """Whether its deploy command did what it should."""
        return self.deploy is not None and self.deploy.fault is None

    @property
    def rolled_back(self) -> bool:
        """Whether its rollback command did."""
        return self.rollback is not None and self.rollback.fault is None

    @property
    def failed(self) -> bool:
        """Whether the phase did not come about."""
        return (self.deploy is not None and not self.deployed) or (self.wait is not None and not self.wait.healthy)

    @property
    def good(self) -> bool:
        """Whether it did."""
        return self.wait is not None and self.wait.healthy and not self.failed


class Step(Struct, frozen=True):
    """What is to be done: an action, and the position of the phase, counted from 0."""

    action: Action
    phase: int


class Position(Struct, frozen=True, kw_only=True):
    """How far a rollout has come.

    Attributes:
        records: What has been done, phase by phase.
        first: The position of the phase with which it begins. Those before it were deployed by another rollout.
        started: How it began; None where the journal does not tell.
        under_way: What had begun and not ended.
        ended: Whether the journal says that the rollout is over.
    """

    records: tuple[Record, ...]
    first: int = 0
    started: Started | None = None
    under_way: Step | None = None
    ended: bool = False

    @property
    def begun(self) -> bool:
        """Whether anything was done at all."""
        return self.under_way is not None or any(record != Record() for record in self.records)


class Conclusion(StrEnum):
    """How a rollout ended."""

    DEPLOYED = "deployed"
    """All phases are deployed, and healthy."""
    ROLLED_BACK = "rolled_back"
    """A phase failed; the rollback went back to the last good one, which is healthy."""
    BROKEN = "broken"
    """A phase failed, and things are not back at the last good one, or that is not healthy."""

    @property
    def exit_code(self) -> int:
        """What the process ends with."""
        return _EXIT_CODES[self]

    @property
    def words(self) -> str:
        """The same in a sentence: ``rolled back``."""
        return self.replace("_", " ")


_EXIT_CODES = {Conclusion.DEPLOYED: 0, Conclusion.ROLLED_BACK: 1, Conclusion.BROKEN: 3}


def beginning(phases: Sequence[Phase], first: str | None = None) -> Position:
    """The position of a rollout of which nothing has been done.

    Args:
        phases: Its phases.
        first: The name of the phase with which it begins; None for the first of all.
    """
    index = next((index for index, phase in enumerate(phases) if phase.name == first), 0)
    return Position(records=(Record(),) * len(phases), first=index)


def next_step(phases: Sequence[Phase], position: Position) -> Step | None:
    """What is to be done next; None when the rollout is over."""
    for index, (phase, record) in enumerate(zip(phases, position.records, strict=True)):
        if index < position.first:
            continue
        action = _next_action(phase, record)
        if action is not None:
            return Step(action, index)
        if record.failed:
            return None
    return None


def _next_action(phase: Phase, record: Record) -> Action | None:
    """What is to be done next for a phase; None when it is done with, well or not."""
    if record.deploy is None:
        return Action.DEPLOY
    if not record.failed:
        return Action.WAIT if record.wait is None else None
    if phase.rollback is not None and record.rollback is None:
        return Action.ROLLBACK
    if record.left is not None:
        return None
    return Action.VERIFY if record.rolled_back else Action.LOOK


def failed_phase(position: Position) -> int | None:
    """The position of the phase that did not come about; None where none failed."""
    return next((index for index, record in enumerate(position.records) if record.failed), None)


def outcome(phases: Sequence[Phase], position: Position) -> Conclusion | None:
    """How the rollout ended; None while it is not over."""
    if next_step(phases, position) is not None:
        return None
    failed = failed_phase(position)
    if failed is None:
        return Conclusion.DEPLOYED
    record = position.records[failed]
    healthy = record.left is not None and record.left.healthy
    return Conclusion.ROLLED_BACK if record.rolled_back and healthy else Conclusion.BROKEN


def before(phases: Sequence[Phase], index: int) -> int | None:
    """The number up to which services are to be healthy before a phase; None before the first."""
    return phases[index - 1].number if index else None


def number_of(phases: Sequence[Phase], step: Step) -> int | None:
    """The number up to which services are checked for a step; None for the prerequisites alone.

    After a deployment those of its phase, too; before it, and after a rollback, those of the phases before.
    """
    return phases[step.phase].number if step.action is Action.WAIT else before(phases, step.phase)


def up_to(services: Iterable[Service], prerequisites: Iterable[Service], number: int | None) -> list[Service]:
    """What is to be healthy after a phase.

    Args:
        services: All services, in config order.
        prerequisites: Those of them that must be healthy before the first phase.
        number: The number of the phase; None before the first.

    Returns:
        The prerequisites and the services of all phases up to that number, in config order.
    """
    first = {service.id for service in prerequisites}
    return [
        service
        for service in services
        if service.id in first or (number is not None and service.phase is not None and service.phase <= number)
    ]
