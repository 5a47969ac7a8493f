"""Checks a set of services again and again until all are as they should be, or time runs out."""

import asyncio
import random as random_module
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Any

from msgspec import Struct

from healthmon.core.dependencies import attribute
from healthmon.core.judge import not_found_out
from healthmon.core.model import Cause, Result, Service
from healthmon.core.run import Ending, Run, Wait
from healthmon.core.units import format_duration
from healthmon.core.waiting import Goal, Pace, Progress, advance, outdated, pause, rarely_cured, worth_another_look
from healthmon.engine.check import Clock
from healthmon.engine.contract import Check
from healthmon.engine.race import raced

WaitObserver = Callable[[Progress], None]
"""Told of each check of a service that has ended."""


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
    """Check each service at its own pace until all are as they should be at the same time.

    One that is so is looked at now and then while others are waited for. When the last of them is there, all are looked
    at once more whose last check ended before that one's began, or longer ago than the interval and than it took:
    nothing counts that has fallen over meanwhile. Those that answer within the interval, and have grown older than that
    during this look, are looked at again after it, once, unless that would last more than half as long. So what stays
    as it is to be holds nobody up for longer than two rounds.

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
    async with raced(waiting.work(), interrupted, deadline=deadline) as race:
        if race.work.done():
            return race.work.result()
        # What has come in the same moment has come in time.
        return waiting.ending or (Ending.INTERRUPTED if race.interrupted else Ending.DEADLINE)


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
        self._concurrency = limits.concurrency
        self._turns = asyncio.Semaphore(limits.concurrency)
        self._observer = observer
        self._clock = clock
        self._random = random
        self._started, self._begun = clock.wall(), clock.monotonic()
        self._end: asyncio.Future[Ending] = asyncio.get_running_loop().create_future()
        self._missing = set(self._progress)  # not yet, or no longer, as they should be
        self._old = set[str]()  # once none is missing: those that are to be looked at once more
        self._look_began: float | None = None  # when the first look after an arrival did; None in the second
        self._hurry = {id_: asyncio.Event() for id_ in self._progress}

    @property
    def ending(self) -> Ending | None:
        """How it has ended; None while it has not."""
        return self._end.result() if self._end.done() else None

    async def work(self) -> Ending:
        """Go on until every service is as it should be, and was found so again after the last one came to be."""
        if not self._missing:
            return Ending.REACHED
        following = [asyncio.create_task(self._follow(one.service)) for one in self._progress.values()]
        try:
            either: list[asyncio.Future[Any]] = [self._end, *following]
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            for task in following:
                if task.done():
                    task.result()  # which can only raise
            return self._end.result()
        finally:
            for task in following:
                task.cancel()
            await asyncio.gather(*following, return_exceptions=True)

    def run(self, host: str | None, ending: Ending) -> Run:
        """The last results, and how the waiting for each went."""
        duration = self._elapsed()
        return Run(
            started=self._started,
            duration=duration,
            host=host,
            results=attribute([self._known(one, ending, duration) for one in self._progress.values()]),
            wait=Wait(ending, self._goal.down, self._goal.stable, self._goal.degraded),
            waited={id_: one.waited(self._goal, proven=id_ not in self._old) for id_, one in self._progress.items()},
        )

    def _known(self, one: Progress, ending: Ending, duration: float) -> Result:
        """What is known of a service in the end. What it was before a look that did not come to its end is too old."""
        if one.last is not None and one.service.id not in self._old:
            return one.last
        cause, why = self._unknown(ending, duration)
        symptom = None
        if one.last is not None:
            why, symptom = f"{one.last.message} when last looked at", "wait.too_late"
        return not_found_out(one.service, cause, why, started=self._started, duration=duration, symptom=symptom)

    def _unknown(self, ending: Ending, duration: float) -> tuple[Cause, str]:
        """Why nothing is known of a service whose first check had not ended."""
        match ending:
            case Ending.INTERRUPTED:
                return Cause.INTERRUPTED, "interrupted"
            case Ending.GAVE_UP:
                return Cause.INTERRUPTED, "gave up before its first check ended"
        return Cause.DEADLINE, f"no check ended within {format_duration(min(duration, self._deadline))}"

    async def _follow(self, service: Service) -> None:
        """Check a service again and again, at its pace, or at once when it is to hurry."""
        hurry = self._hurry[service.id]
        while True:
            async with self._turns:
                began = self._elapsed()
                result = await self._check(service)
            hurry.clear()
            self._take(result, began)
            with suppress(TimeoutError):
                async with asyncio.timeout(pause(self._progress[service.id], self._pace, self._goal, self._random)):
                    await hurry.wait()

    def _take(self, result: Result, began: float) -> None:
        if self._end.done():
            return  # Another check that ended in the same moment was the last that counts.
        id_ = result.service.id
        progress = advance(self._progress[id_], result, self._goal, began=began, ended=self._elapsed())
        self._progress[id_] = progress
        self._observer(progress)
        self._old.discard(id_)
        if not progress.reached(self._goal):
            self._missing.add(id_)
            self._old.clear()
            if self._goal.give_up and not progress.good and rarely_cured(result):
                self._end.set_result(Ending.GAVE_UP)
            return
        came = id_ in self._missing
        self._missing.discard(id_)
        if self._missing or self._old:
            return
        self._old = self._after_arrival(began) if came else self._after_look()
        if not self._old:
            self._end.set_result(Ending.REACHED)
        for id_ in filter(self._old.__contains__, self._progress):  # in config order
            self._hurry[id_].set()

    def _after_arrival(self, began: float) -> set[str]:
        """Those to be looked at once more when the last has come, whose check began at this moment."""
        self._look_began = self._elapsed()
        everyone = self._progress.values()
        before = [one for one in everyone if one.ended < began]
        return _ids(before) | _ids(outdated(everyone, self._elapsed(), self._pace))

    def _after_look(self) -> set[str]:
        """Those that have grown old during the look after an arrival. There is no third look: so it ends."""
        began, self._look_began = self._look_began, None
        if began is None:
            return set()
        now = self._elapsed()
        everyone, concurrency = self._progress.values(), self._concurrency
        return _ids(worth_another_look(everyone, now, self._pace, look=now - began, concurrency=concurrency))

    def _elapsed(self) -> float:
        return self._clock.monotonic() - self._begun


def _ids(progresses: Iterable[Progress]) -> set[str]:
    return {one.service.id for one in progresses}
