"""Work that ends when it is done, when time runs out, or when it is interrupted: whichever comes first."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, Generic, TypeVar

from msgspec import Struct

T = TypeVar("T")


class Race(Struct, Generic[T], frozen=True):
    """What came first.

    Attributes:
        work: The work; it may not be done.
        interrupted: Whether the interruption has come.
    """

    work: "asyncio.Task[T]"
    interrupted: bool


@asynccontextmanager
async def raced(
    work: Coroutine[Any, Any, T], interrupted: asyncio.Event | None, *, deadline: float | None = None
) -> AsyncIterator[Race[T]]:
    """Wait for work, its deadline or an interruption; what is left of it is ended when the context is.

    Args:
        work: The work.
        interrupted: When set, it is no longer waited for.
        deadline: Seconds after which it is no longer waited for.
    """
    task = asyncio.create_task(work)
    watch = asyncio.create_task(interrupted.wait()) if interrupted else None
    both: set[asyncio.Task[Any]] = {task, watch} if watch else {task}
    try:
        await asyncio.wait(both, timeout=deadline, return_when=asyncio.FIRST_COMPLETED)
        yield Race(task, interrupted=watch is not None and watch.done())
    finally:
        for one in both:
            one.cancel()
        await asyncio.gather(*both, return_exceptions=True)
