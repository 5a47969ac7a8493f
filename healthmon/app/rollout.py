"""Rolls out over the real network, with real commands and a real journal."""

import signal
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from msgspec import Struct

from healthmon.app.interruption import Noted, interruptible
from healthmon.app.limits import affordable_concurrency
from healthmon.app.probing import checker, prepared
from healthmon.config.rollout import Rollout
from healthmon.core.document import moment
from healthmon.core.journal import JournalEntry, Output
from healthmon.core.model import Service
from healthmon.core.output_lines import Lines
from healthmon.core.rollout import Command, Phase, Position, Step, up_to
from healthmon.core.units import format_duration
from healthmon.core.waiting import Pace
from healthmon.core.wording import signal_name
from healthmon.engine.check import Clock
from healthmon.engine.journal import Journal, JournalFailed
from healthmon.engine.rollout import roll_out
from healthmon.engine.surroundings import Finished, Runner, Surroundings, Watching
from healthmon.net.exec.leashed import CannotEnd, CannotRun, Task, run

Tell = Callable[[Sequence[JournalEntry]], None]
"""Tells somebody of entries, all that came at once."""


class Undertaking(Struct, frozen=True, kw_only=True):
    """A rollout and what it is about.

    Attributes:
        rollout: What is deployed.
        config: The file with the services.
        host: What `{host}` stands for, or None.
        prerequisites: What must be healthy first.
        services: All services that take part, in config order.
        environ: The environment of the commands, beside what tells them of the phase.
        locks: Descriptors of locks, which last until the command has ended that runs when healthmon is killed.
        pace: How often a service is checked that is not yet healthy.
        degraded: Whether a degraded service counts as healthy.
    """

    rollout: Rollout
    config: str
    host: str | None
    prerequisites: Sequence[Service]
    services: Sequence[Service]
    environ: Mapping[str, str]
    locks: Sequence[int] = ()
    pace: Pace = Pace()
    degraded: bool = True

    def up_to(self, number: int | None) -> list[Service]:
        """What is to be healthy: see `healthmon.core.rollout.up_to`."""
        return up_to(self.services, self.prerequisites, number)


async def carry_out(
    undertaking: Undertaking,
    position: Position,
    journal: Journal,
    beginning: JournalEntry,
    *,
    noted: Noted,
    tell: Tell,
    watching: Watching,
) -> tuple[Finished, signal.Signals | None]:
    """Go on from a position; SIGINT and SIGTERM end the rollout where it is.

    Args:
        undertaking: What it is about.
        position: How far it has come.
        journal: Takes what happens before anybody is told.
        beginning: The first entry.
        noted: What came before signals were heeded here: it ends the rollout, too.
        tell: Tells somebody what happens.
        watching: Watches while services are waited for.

    Returns:
        What came of it, and the signal that ended it, if one did.

    Raises:
        JournalFailed: The journal cannot be written any more.
    """

    def record(entry: JournalEntry) -> None:
        journal.write([entry])
        tell([entry])

    with interruptible() as interruption, prepared(undertaking.services) as network:
        record(beginning)
        if noted.received is not None:
            interruption.received = noted.received
            interruption.event.set()
        finished = await roll_out(
            undertaking.rollout.phases,
            position,
            Surroundings(
                prerequisites=undertaking.prerequisites,
                services=undertaking.services,
                check=checker(network),
                runner=command_runner(undertaking, journal, tell),
                record=record,
                interrupted=interruption.event,
                signal=lambda: str(interruption.received and interruption.received.name),
                watching=watching,
                pace=undertaking.pace,
                degraded=undertaking.degraded,
                concurrency=min(100, affordable_concurrency()),
                host=undertaking.host,
            ),
        )
    return finished, interruption.received if finished.interrupted else None


def command_runner(undertaking: Undertaking, journal: Journal, tell: Tell, clock: Clock = Clock()) -> Runner:  # noqa: B008 - frozen
    """What runs the commands of a rollout, and takes down what they say."""
    rollout = undertaking.rollout
    secrets = frozenset[str]().union(*(service.secrets for service in undertaking.services))

    def run_command(command: Command, step: Step) -> Coroutine[Any, Any, str | None]:
        lines, name = Lines(secrets), rollout.phases[step.phase].name

        def take(said: Iterable[str]) -> None:
            entries = [Output(at=moment(clock.wall()), phase=name, line=line) for line in said]
            # If it cannot be written, neither can what follows the command, and that ends the rollout.
            with suppress(JournalFailed):
                journal.write(entries)
            tell(entries)

        async def work() -> str | None:
            task = Task(
                arguments=command.arguments,
                cwd=rollout.folder,
                env={**undertaking.environ, **variables(rollout.phases, step, undertaking.host)},
                timeout=rollout.command_timeout,
                grace=rollout.grace,
                kept=undertaking.locks,
            )
            try:
                status = await run(task, lambda data: take(lines.take(data)))
            except CannotRun as error:
                return f"cannot be run: {error}"
            except CannotEnd as error:
                return f"did not end within {format_duration(rollout.command_timeout)}, and {error}"
            finally:
                take(lines.close())
            return _fault(status, rollout.command_timeout)

        return work()

    return run_command


def variables(phases: Sequence[Phase], step: Step, host: str | None) -> dict[str, str]:
    """What the environment tells a command. None of the names is that of an option's variable."""
    phase = phases[step.phase]
    before = phases[step.phase - 1] if step.phase else None
    return {
        "HEALTHMON_ROLLOUT_ACTION": step.action,
        "HEALTHMON_ROLLOUT_PHASE_NAME": phase.name,
        "HEALTHMON_ROLLOUT_PHASE_NUMBER": str(phase.number),
        "HEALTHMON_ROLLOUT_GOOD_NAME": before.name if before else "",
        "HEALTHMON_ROLLOUT_GOOD_NUMBER": str(before.number) if before else "",
        "HEALTHMON_ROLLOUT_TARGET_HOST": host or "",
    }


def _fault(status: int | None, timeout: float) -> str | None:
    """Why a command counts as failed; None where it did what it should."""
    if status is None:
        return f"did not end within {format_duration(timeout)}, and was ended"
    if not status:
        return None
    name = signal_name(status - 128)
    return f"exit {status} ({name})" if name else f"exit {status}"
