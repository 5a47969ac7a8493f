"""Checks a set of services again and again until all are as they should be, or time runs out."""

import asyncio
import random as random_module
from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum

from msgspec import Struct

from healthmon.core.dependencies import attribute
from healthmon.core.judge import not_found_out
from healthmon.core.model import Cause, Run, Service
from healthmon.core.units import format_duration
from healthmon.core.waiting import Goal, Pace, Progress, advance, outdated, pause, rarely_cured
from healthmon.engine.check import Clock
from healthmon.engine.contract import Check

WaitObserver = Callable[[Progress], None]
"""Told of each check of a service that has ended."""


class Ending(StrEnum):
    """How waiting ended."""

    REACHED = "reached"
    DEADLINE = "deadline"
    GAVE_UP = "gave_up"
    INTERRUPTED = "interrupted"


class WaitLimits(Struct, frozen=True):
    """The bounds of waiting.

    Attributes:
        deadline: Seconds for all of it.
        concurrency: The most checks under way at a time.
    """

    deadline: float = 120.0
    concurrency: int = 100


async def wait_for(
    services: Sequence[Service],
    check: Check,
    *,
    goal: Goal,
    pace: Pace = Pace(),  # noqa: B008 - frozen
    limits: WaitLimits = WaitLimits(),  # noqa: B008 - frozen
    host: str | None = None,
    interrupted: asyncio.Event | None = None,
    observer: WaitObserver = lambda _: None,
    clock: Clock = Clock(),  # noqa: B008 - frozen
    random: Callable[[], float] = random_module.random,
) -> tuple[Run, Ending]:
    """Check each service at its own pace until it is as it should be; then see whether those that were so still are.

    Args:
        services: What to wait for, in config order.
        check: Checks one service; never raises.
        goal: What is waited for.
        pace: How often a service is checked.
        limits: The bounds.
        host: What `{host}` stood for, for the record.
        interrupted: When set, the waiting ends.
        observer: Told of each check that has ended.
        clock: Where the time comes from.
        random: Gives numbers from 0 to 1, for the jitter.

    Returns:
        A run with the last result of each service, and how the waiting ended.
    """
    waiting = _Waiting(services, check, goal, pace, limits, observer, clock, random)
    ending = await _finish(waiting, limits.deadline, interrupted)
    return waiting.run(host, ending), ending


async def _finish(waiting: "_Waiting", deadline: float, interrupted: asyncio.Event | None) -> Ending:
    """Wait for the goal, the deadline or the interruption, whichever comes first."""
    work = asyncio.create_task(waiting.work())
    watch = asyncio.create_task(interrupted.wait()) if interrupted else None
    try:
        await asyncio.wait({work, watch} if watch else {work}, timeout=deadline, return_when=asyncio.FIRST_COMPLETED)
        if watch and watch.done():
            return Ending.INTERRUPTED
        return work.result() if work.done() else Ending.DEADLINE
    finally:
        for task in (work, watch):
            if task:
                task.cancel()
        await asyncio.gather(*(task for task in (work, watch) if task), return_exceptions=True)


class _Waiting:
    def __init__(
        self,
        services: Sequence[Service],
        check: Check,
        goal: Goal,
        pace: Pace,
        limits: WaitLimits,
        observer: WaitObserver,
        clock: Clock,
        random: Callable[[], float],
    ) -> None:
        self._progress = {service.id: Progress(service) for service in services}
        self._check = check
        self._goal = goal
        self._pace = pace
        self._deadline = limits.deadline
        self._turns = asyncio.Semaphore(limits.concurrency)
        self._observer = observer
        self._clock = clock
        self._random = random
        self._started, self._begun = clock.wall(), clock.monotonic()
        self._gave_up = asyncio.Event()

    async def work(self) -> Ending:
        """Go on until every service is as it should be, and was found so again after the last one came to be."""
        reaching = asyncio.create_task(self._reach_all())
        giving_up = asyncio.create_task(self._gave_up.wait())
        try:
            await asyncio.wait({reaching, giving_up}, return_when=asyncio.FIRST_COMPLETED)
            if not reaching.done():
                return Ending.GAVE_UP
            reaching.result()
            return Ending.REACHED
        finally:
            for task in (reaching, giving_up):
                task.cancel()
            await asyncio.gather(reaching, giving_up, return_exceptions=True)

    def run(self, host: str | None, ending: Ending) -> Run:
        """The last results, and how the waiting for each went."""
        cause = Cause.INTERRUPTED if ending is Ending.INTERRUPTED else Cause.DEADLINE
        why = "interrupted" if ending is Ending.INTERRUPTED else f"no check ended within {self._spent()}"
        duration = self._elapsed()
        results = [
            one.last or not_found_out(one.service, cause, why, started=self._started, duration=duration)
            for one in self._progress.values()
        ]
        waited = {id_: one.waited(self._goal) for id_, one in self._progress.items()}
        return Run(started=self._started, duration=duration, host=host, results=attribute(results), waited=waited)

    async def _reach_all(self) -> None:
        pending: Iterable[str] = self._progress
        while True:
            async with asyncio.TaskGroup() as group:
                for id_ in pending:
                    group.create_task(self._reach(id_))
            async with asyncio.TaskGroup() as group:
                for old in outdated(self._progress.values()):
                    group.create_task(self._check_once(old.service))
            pending = [id_ for id_, one in self._progress.items() if one.good < self._goal.stable]
            if not pending:
                return

    async def _reach(self, id_: str) -> None:
        """Check a service until it is as it should be, so many times in a row."""
        while True:
            one = self._progress[id_]
            if one.checks:
                await asyncio.sleep(pause(one, self._pace, self._random))
            await self._check_once(one.service)
            if self._progress[id_].good >= self._goal.stable:
                return

    async def _check_once(self, service: Service) -> None:
        async with self._turns:
            began = self._elapsed()
            result = await self._check(service)
        progress = advance(self._progress[service.id], result, self._goal, began=began, ended=self._elapsed())
        self._progress[service.id] = progress
        self._observer(progress)
        if self._goal.give_up and not self._goal.met(result) and rarely_cured(result):
            self._gave_up.set()

    def _elapsed(self) -> float:
        return self._clock.monotonic() - self._begun

    def _spent(self) -> str:
        return format_duration(min(self._elapsed(), self._deadline))
