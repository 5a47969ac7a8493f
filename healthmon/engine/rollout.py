"""Deploys in phases: runs what deploys, waits for what it deployed, and goes back where that does not come.

What it does next follows from what was done alone (`healthmon.core.rollout`), and each thing is recorded before the
next begins: so a rollout that was cut short at any moment goes on as if it had not been.
"""

from collections.abc import Coroutine, Sequence
from typing import Any, TypeVar

from healthmon.core.at_fault import at_fault, told_of_rollout
from healthmon.core.document import moment, seconds
from healthmon.core.journal import (
    Action,
    AtFault,
    Began,
    Checked,
    CommandEnded,
    Ended,
    Interrupted,
    JournalEntry,
    Prerequisites,
)
from healthmon.core.model import Service
from healthmon.core.recall import advance
from healthmon.core.rollout import (
    Command,
    Phase,
    Position,
    Step,
    before,
    failed_phase,
    next_step,
    number_of,
    outcome,
    up_to,
)
from healthmon.core.run import Ending, Run
from healthmon.core.waiting import Goal
from healthmon.engine.once import run_once
from healthmon.engine.race import raced
from healthmon.engine.surroundings import Finished, Surroundings
from healthmon.engine.waiting import WaitLimits, wait_for

T = TypeVar("T")


async def roll_out(phases: Sequence[Phase], position: Position, around: Surroundings) -> Finished:
    """Go on from a position to the end of a rollout, or to where it is interrupted.

    Args:
        phases: The phases.
        position: How far it has come.
        around: What it works with.
    """
    return await _Rollout(phases, position, around).run()


class _Interruption(Exception):
    """Raised when the rollout is to end where it is."""


class _Rollout:
    def __init__(self, phases: Sequence[Phase], position: Position, around: Surroundings) -> None:
        self._phases = phases
        self._position = position
        self._around = around
        self._noted = False
        self._prerequisites: Prerequisites | None = None
        self._failed: Run | None = None
        self._last: Run | None = None

    async def run(self) -> Finished:
        ready = True
        try:
            step = next_step(self._phases, self._position)
            if step is None:
                ready = await self._look_again()
            # A waiting has them among its services, and a way back where they do not come.
            elif step.action is Action.DEPLOY:
                ready = await self._still_healthy(step.phase)
            while ready and (step := next_step(self._phases, self._position)) is not None:
                await self._do(step)
        except _Interruption:
            self._note_interruption()
            return self._finished(interrupted=True)
        how = outcome(self._phases, self._position)
        if ready and how is not None:
            self._record(Ended(at=self._now(), outcome=how))
        return self._finished()

    def _finished(self, *, interrupted: bool = False) -> Finished:
        return Finished(
            position=self._position,
            prerequisites=self._prerequisites,
            interrupted=interrupted,
            failed=self._failed,
            last=self._last,
        )

    async def _look_again(self) -> bool:
        """Look once more where only the end was not written down: nobody knows how long ago that was.

        Returns:
            Whether how it ended still holds.
        """
        found, failed = self._position, failed_phase(self._position)
        last = len(self._phases) - 1
        step = Step(Action.WAIT, last) if failed is None else Step(Action.LOOK, failed)
        # Until then what was found counts no more.
        began = Began(at=self._now(), action=step.action, phase=self._phases[step.phase].name)
        self._position = advance(self._phases, found, began)
        if failed is not None:
            await self._do(step)
            return True
        healthy = await self._still_healthy(len(self._phases))
        self._position = found
        return healthy

    async def _still_healthy(self, index: int) -> bool:
        """Whether what the phases before this position brought is healthy, and the prerequisites are."""
        services = self._up_to(before(self._phases, index))
        if not services:
            return True
        run = await self._look(services)
        found = at_fault(run, degraded=self._around.degraded)
        if found:
            self._failed = run
        self._prerequisites = Prerequisites(
            at=self._now(),
            up_to=self._phases[index - 1].name if index else None,
            healthy=not found,
            total=len(services),
            seconds=seconds(run.duration),
            at_fault=found,
        )
        self._record(self._prerequisites)
        return not found

    async def _do(self, step: Step) -> None:
        if self._around.interrupted.is_set():
            raise _Interruption
        phase = self._phases[step.phase]
        match step.action:
            case Action.DEPLOY:
                await self._command(step, phase.deploy)
            case Action.ROLLBACK:
                assert phase.rollback is not None  # noqa: S101 - it is a step only then
                await self._command(step, phase.rollback)
            case Action.WAIT | Action.VERIFY:
                await self._wait(step)
            case Action.LOOK:
                services = self._services_of(step)
                self._record(Began(at=self._now(), action=step.action, phase=phase.name, services=len(services)))
                run = await self._look(services)
                self._checked(step, run, at_fault(run, degraded=self._around.degraded))

    async def _command(self, step: Step, command: Command) -> None:
        name = self._phases[step.phase].name
        self._record(Began(at=self._now(), action=step.action, phase=name, command=command.shown))
        begun = self._around.clock.monotonic()
        fault = await self._unless_interrupted(self._around.runner(command, step))
        took = seconds(self._around.clock.monotonic() - begun)
        self._record(CommandEnded(at=self._now(), action=step.action, phase=name, fault=fault, seconds=took))

    async def _unless_interrupted(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of work, which is cancelled when the rollout is interrupted."""
        async with raced(work, self._around.interrupted) as race:
            if not race.work.done():
                self._note_interruption()  # Before it is ended, which may take a while.
                raise _Interruption
            return race.work.result()

    async def _wait(self, step: Step) -> None:
        phase, services = self._phases[step.phase], self._services_of(step)
        self._record(
            Began(
                at=self._now(),
                action=step.action,
                phase=phase.name,
                services=len(services),
                within=phase.timeout,
            )
        )
        goal = Goal(stable=phase.stable, degraded=self._around.degraded)
        limits = WaitLimits(deadline=phase.timeout, concurrency=self._around.concurrency)
        async with self._around.watching(services, goal, limits) as observer:
            run, ending = await wait_for(
                services,
                self._around.check,
                goal=goal,
                pace=self._around.pace,
                limits=limits,
                host=self._around.host,
                interrupted=self._around.interrupted,
                observer=observer,
                clock=self._around.clock,
            )
        self._last = run = told_of_rollout(run)
        if ending is Ending.INTERRUPTED:
            raise _Interruption
        self._checked(step, run, () if ending is Ending.REACHED else at_fault(run, degraded=goal.degraded))

    async def _look(self, services: Sequence[Service]) -> Run:
        """Check services once."""
        run = await run_once(
            services,
            self._around.check,
            host=self._around.host,
            concurrency=self._around.concurrency,
            interrupted=self._around.interrupted,
            clock=self._around.clock,
        )
        self._last = run = told_of_rollout(run)
        if self._around.interrupted.is_set():
            raise _Interruption
        return run

    def _checked(self, step: Step, run: Run, found: tuple[AtFault, ...]) -> None:
        if found and step.action is Action.WAIT:
            self._failed = run
        self._record(
            Checked(
                at=self._now(),
                action=step.action,
                phase=self._phases[step.phase].name,
                healthy=not found,
                total=len(run.results),
                seconds=seconds(run.duration),
                at_fault=found,
            )
        )

    def _services_of(self, step: Step) -> list[Service]:
        return self._up_to(number_of(self._phases, step))

    def _up_to(self, number: int | None) -> list[Service]:
        return up_to(self._around.services, self._around.prerequisites, number)

    def _note_interruption(self) -> None:
        if not self._noted:
            self._noted = True
            self._record(Interrupted(at=self._now(), signal=self._around.signal()))

    def _record(self, entry: JournalEntry) -> None:
        self._around.record(entry)
        self._position = advance(self._phases, self._position, entry)

    def _now(self) -> str:
        return moment(self._around.clock.wall())
