"""SIGINT and SIGTERM for what ends with a report of what is known so far."""

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager

from msgspec import Struct


class Interruption(Struct):
    """What came.

    Attributes:
        event: Set by the first signal.
        received: That signal; None while there was none.
    """

    event: asyncio.Event
    received: signal.Signals | None = None


@contextmanager
def interruptible() -> Iterator[Interruption]:
    """Note SIGINT and SIGTERM in the running loop instead of ending at once; afterwards they do what they did."""
    interruption = Interruption(asyncio.Event())

    def interrupt(number: signal.Signals) -> None:
        interruption.received = interruption.received or number
        interruption.event.set()

    loop = asyncio.get_running_loop()
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.getsignal(number) for number in numbers]
    for number in numbers:
        loop.add_signal_handler(number, interrupt, number)
    try:
        yield interruption
    finally:
        for number, handler in zip(numbers, before, strict=True):
            loop.remove_signal_handler(number)
            signal.signal(number, handler)
