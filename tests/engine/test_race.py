"""Work against a deadline and an interruption: what comes first, and that nothing is left of the rest."""

import asyncio

import pytest

from healthmon.engine.race import raced


class Work:
    """Work that ends when it is told to.

    Attributes:
        done: Tells it.
        ended: Whether it has come to an end, of whatever kind.
    """

    def __init__(self) -> None:
        self.done = asyncio.Event()
        self.ended = False

    async def __call__(self) -> str:
        """Do it."""
        try:
            await self.done.wait()
            return "done"
        finally:
            await asyncio.sleep(0)
            self.ended = True


async def test_what_is_done_comes_first() -> None:
    work = Work()
    work.done.set()
    async with raced(work(), asyncio.Event(), deadline=60) as race:
        assert (race.work.done(), race.work.result(), race.interrupted) == (True, "done", False)


@pytest.mark.parametrize("interruption", [True, False])
async def test_the_deadline(interruption: bool) -> None:
    """Also where nothing interrupts."""
    work = Work()
    async with raced(work(), asyncio.Event() if interruption else None, deadline=0.01) as race:
        assert (race.work.done(), race.interrupted, work.ended) == (False, False, False)
    assert race.work.cancelled()
    assert work.ended


async def test_an_interruption() -> None:
    """Without a deadline; what is left has ended when the context has."""
    work, interrupted = Work(), asyncio.Event()
    interrupted.set()
    async with raced(work(), interrupted) as race:
        assert (race.work.done(), race.interrupted) == (False, True)
    assert work.ended


async def test_who_waits_is_cancelled() -> None:
    """With what it waits for."""
    work = Work()

    async def wait() -> None:
        async with raced(work(), None):
            raise AssertionError("nothing has come")

    waiting = asyncio.create_task(wait())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert work.ended
