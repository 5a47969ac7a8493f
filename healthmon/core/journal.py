"""What a rollout's journal tells: one entry for each thing that began, ended or was said. Frozen, and nothing more.

Moments are text in UTC (RFC 3339), so that people and programs such as ``jq`` read a journal as it is.
"""

from enum import StrEnum

from msgspec import Struct


class Action(StrEnum):
    """What a rollout does for a phase."""

    DEPLOY = "deploy"
    WAIT = "wait"
    """Wait until the services of this and the earlier phases are healthy."""
    ROLLBACK = "rollback"
    VERIFY = "verify"
    """After a rollback: wait until the services of the earlier phases are healthy."""
    LOOK = "look"
    """Where nothing was rolled back: see once how the services of the earlier phases are."""


class Lack(StrEnum):
    """What a service lacks that was healthy when it was last looked at."""

    STREAK = "streak"
    """It was not found so often enough in a row."""
    LOOK = "look"
    """It could not be looked at once more in time."""


class AtFault(Struct, frozen=True):
    """A service that was not as it should be.

    Attributes:
        id: Its id.
        phase: The deployment step in which it appears, or None.
        message: What was seen of it. Safe to show.
        lacks: What alone it lacks, where it was healthy when it was last looked at; None where it was not.
    """

    id: str
    phase: int | None
    message: str
    lacks: Lack | None = None


class JournalEntry(Struct, frozen=True, kw_only=True, tag_field="event"):
    """Anything that a journal tells.

    Attributes:
        at: When.
    """

    at: str


class Started(JournalEntry, frozen=True, kw_only=True, tag="started"):
    """A rollout began.

    Attributes:
        digest: What it was to do, as a check sum: a changed one is not resumed.
        host: What `{host}` stood for, or None.
        phases: The names of the phases.
        pid: The process.
        first: The phase with which it began, where that was not the first of all.
        expect: What was expected of services beside what their config says, as it was typed.
        strict: Whether a degraded service did not count as healthy.
    """

    digest: str
    host: str | None
    phases: tuple[str, ...]
    pid: int
    first: str | None = None
    expect: tuple[str, ...] = ()
    strict: bool = False


class Resumed(JournalEntry, frozen=True, kw_only=True, tag="resumed"):
    """A rollout goes on, in another process."""

    pid: int


class Prerequisites(JournalEntry, frozen=True, kw_only=True, tag="prerequisites"):
    """What must be healthy before the next deployment was checked.

    Attributes:
        up_to: The phase up to which its services are among it; None for the prerequisites alone.
        healthy: Whether all of it is.
        total: How many services that are.
        seconds: How long it took.
        at_fault: Those that are not healthy.
    """

    up_to: str | None = None
    healthy: bool
    total: int
    seconds: float
    at_fault: tuple[AtFault, ...] = ()


class Began(JournalEntry, frozen=True, kw_only=True, tag="began"):
    """An action begins.

    Attributes:
        action: Which.
        phase: For which phase.
        command: The command that is run, or None.
        services: How many services are checked, or None.
        within: Seconds for them to become healthy, or None.
    """

    action: Action
    phase: str
    command: str | None = None
    services: int | None = None
    within: float | None = None


class Output(JournalEntry, frozen=True, kw_only=True, tag="output"):
    """A command said something. The line is safe to show, and cut."""

    phase: str
    line: str


class CommandEnded(JournalEntry, frozen=True, kw_only=True, tag="command"):
    """A command ended.

    Attributes:
        action: `deploy` or `rollback`.
        phase: For which phase.
        fault: Why it counts as failed, such as ``exit 1``; None where it did what it should.
        seconds: How long it took; None where nobody knows any more.
    """

    action: Action
    phase: str
    fault: str | None
    seconds: float | None


class Checked(JournalEntry, frozen=True, kw_only=True, tag="checked"):
    """Services were waited for, or looked at.

    Attributes:
        action: `wait`, `verify` or `look`.
        phase: For which phase.
        healthy: Whether all are as they should be.
        total: How many services that are.
        seconds: How long it took; None where nobody knows any more.
        at_fault: Those that are not as they should be.
    """

    action: Action
    phase: str
    healthy: bool
    total: int
    seconds: float | None
    at_fault: tuple[AtFault, ...] = ()


class Interrupted(JournalEntry, frozen=True, kw_only=True, tag="interrupted"):
    """A signal ended the process before the rollout was over.

    Attributes:
        signal: Its name.
    """

    signal: str


class Ended(JournalEntry, frozen=True, kw_only=True, tag="ended"):
    """The rollout is over.

    Attributes:
        outcome: How it ended: a `Conclusion` of `healthmon.core.rollout`.
    """

    outcome: str


AnyEntry = Started | Resumed | Prerequisites | Began | Output | CommandEnded | Checked | Interrupted | Ended
"""All of them: what a line of a journal is read as."""
