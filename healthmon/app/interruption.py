"""SIGINT and SIGTERM for what ends with a report of what is known so far.

The handlers are Python's own, not the loop's: the loop would forget a signal that comes just when it ends.
"""

import asyncio
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from msgspec import Struct

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interruption(Struct):
    """What came.

    Attributes:
        event: Set by the first signal.
        received: That signal; None while there was none.
    """

    event: asyncio.Event
    received: signal.Signals | None = None


class Noted(Struct):
    """What came.

    Attributes:
        before: What the signals did before they were noted, as `signal.getsignal` tells it.
        received: The first signal; None while there was none.
    """

    before: Mapping[signal.Signals, Any]
    received: signal.Signals | None = None


@contextmanager
def interruptible() -> Iterator[Interruption]:
    """Note SIGINT and SIGTERM in the running loop instead of ending at once; afterwards they do what they did."""
    interruption, loop = Interruption(asyncio.Event()), asyncio.get_running_loop()

    def take(number: signal.Signals) -> None:
        interruption.received = interruption.received or number
        loop.call_soon_threadsafe(interruption.event.set)

    with handling(take):
        yield interruption


@contextmanager
def noted() -> Iterator[Noted]:
    """Note the first SIGINT or SIGTERM instead of ending at once; the second one ends the process."""
    note = Noted({number: signal.getsignal(number) for number in SIGNALS})

    def take(number: signal.Signals) -> None:
        note.received = number
        for each in SIGNALS:
            signal.signal(each, signal.SIG_DFL)

    with handling(take):
        yield note


@contextmanager
def handling(take: Callable[[signal.Signals], None]) -> Iterator[None]:
    """Hand SIGINT and SIGTERM over as they come; afterwards they do what they did."""
    before = [(number, signal.getsignal(number)) for number in SIGNALS]
    for number in SIGNALS:
        signal.signal(number, lambda number, _: take(signal.Signals(number)))
    try:
        yield
    finally:
        for number, handler in before:
            signal.signal(number, handler)
