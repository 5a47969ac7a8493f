"""What a rollout works with, and what comes of it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from msgspec import Struct

from healthmon.core.journal import JournalEntry, Prerequisites
from healthmon.core.model import Service
from healthmon.core.rollout import Command, Position, Step
from healthmon.core.run import Run
from healthmon.core.waiting import Goal, Pace
from healthmon.engine.check import Clock
from healthmon.engine.contract import Check
from healthmon.engine.waiting import WaitLimits, WaitObserver

Runner = Callable[[Command, Step], Coroutine[Any, Any, str | None]]
"""Runs a command to its end, and says why it counts as failed, such as ``exit 1``; None where it did what it should.

When it is cancelled, nothing of the command goes on.
"""

Watching = Callable[[Sequence[Service], Goal, WaitLimits], AbstractAsyncContextManager[WaitObserver]]
"""Watches a waiting for these services as long as the context lasts."""


@asynccontextmanager
async def _unwatched(*_: object) -> AsyncIterator[WaitObserver]:
    yield lambda _: None


class Surroundings(Struct, frozen=True, kw_only=True):
    """What a rollout works with.

    Attributes:
        prerequisites: What must be healthy before anything is deployed. Part of what is waited for later, too.
        services: All services that have a phase, and the prerequisites, in config order.
        check: Checks one service; never raises.
        runner: Runs commands.
        record: Takes what happens. When it returns, that is safe from a kill.
        interrupted: When set, the rollout ends where it is.
        signal: The name of what set it.
        watching: Watches a waiting.
        pace: How often a service is checked that is not yet healthy.
        degraded: Whether a degraded service counts as healthy.
        concurrency: The most checks under way at a time.
        host: What `{host}` stood for, for the record.
        clock: Where the time comes from.
    """

    prerequisites: Sequence[Service]
    services: Sequence[Service]
    check: Check
    runner: Runner
    record: Callable[[JournalEntry], None]
    interrupted: asyncio.Event
    signal: Callable[[], str] = lambda: "SIGTERM"
    watching: Watching = _unwatched
    pace: Pace = Pace()
    degraded: bool = True
    concurrency: int = 100
    host: str | None = None
    clock: Clock = Clock()


class Finished(Struct, frozen=True, kw_only=True):
    """What came of it.

    Attributes:
        position: How far it came.
        prerequisites: What came of the check of what must stand before a deployment; None where none was made.
        interrupted: Whether it was interrupted.
        failed: The run that shows why the prerequisites or a phase failed, where services were checked for it.
        last: The last run; None where no service was checked.
    """

    position: Position
    prerequisites: Prerequisites | None = None
    interrupted: bool = False
    failed: Run | None = None
    last: Run | None = None

    @property
    def decisive(self) -> Run | None:
        """The run that decided how it ended; None where no service was checked."""
        return self.failed or self.last
