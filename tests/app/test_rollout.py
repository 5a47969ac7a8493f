"""A rollout over the real network: what ends it."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from healthmon.app.interruption import Noted
from healthmon.app.rollout import carry_out
from healthmon.core.journal import Began, Interrupted, Resumed
from healthmon.core.rollout import beginning
from healthmon.engine.journal import Journal, peek
from healthmon.engine.waiting import WaitObserver
from tests.cli.rollouts.ordered import ordered


@asynccontextmanager
async def unwatched(*_: object) -> AsyncIterator[WaitObserver]:
    """Nobody watches a waiting."""
    yield lambda _: None


def test_a_signal_that_came_before_it_began(tmp_path: Path) -> None:
    """Ends it before anything is deployed."""
    order = ordered(tmp_path)
    journal = Journal.open(order.journal)
    finished, ended_by = asyncio.run(
        carry_out(
            order.undertaking,
            beginning(order.undertaking.rollout.phases),
            journal,
            Resumed(at="2026-01-31T12:00:00.000Z", pid=1),
            noted=Noted({}, signal.SIGTERM),
            tell=lambda _: None,
            watching=unwatched,
        )
    )
    journal.close()
    assert (finished.interrupted, ended_by) == (True, signal.SIGTERM)
    entries, _ = peek(order.journal)
    assert [one.signal for one in entries if isinstance(one, Interrupted)] == ["SIGTERM"]
    assert not [one for one in entries if isinstance(one, Began)]
