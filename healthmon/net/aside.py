"""Work that would hold up the event loop, done beside it in a thread that can be left behind."""

import asyncio
import contextlib
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


async def aside(function: Callable[[], T]) -> T:
    """Call a function in a daemon thread of its own and wait for what it returns or raises.

    A cancelled wait ends at once; the thread goes on to its end, which nobody awaits. `asyncio.to_thread` would be
    joined when the loop ends, and a function that takes long would hold that up.
    """
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[T] = loop.create_future()

    def work() -> None:
        try:
            result = function()
        except Exception as error:  # It is the caller's to judge.
            deliver(answer.set_exception, error)
        else:
            deliver(answer.set_result, result)

    def deliver(settle: Callable[..., None], value: object) -> None:
        def when_awaited() -> None:
            if not answer.done():
                settle(value)

        # A loop that has ended in the meantime wants no answer.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(when_awaited)

    threading.Thread(target=work, name="healthmon-aside", daemon=True).start()
    return await answer
