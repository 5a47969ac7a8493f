"""SIGINT and SIGTERM for what ends with a report of what is known so far.

The handlers are Python's own, not the loop's: the loop would forget a signal that comes just when it ends.
"""

import signal
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from healthmon.errors import Interrupted

if TYPE_CHECKING:
    import asyncio

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interruption(Struct):
    """What came.

    Attributes:
        event: Set by the first signal.
        received: That signal; None while there was none.
    """

    event: "asyncio.Event"
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
def interrupting() -> Iterator[None]:
    """Raise `Interrupted` at SIGINT and SIGTERM, so that what has begun comes to its end."""

    def take(number: signal.Signals) -> None:
        raise Interrupted(number)

    with handling(take):
        yield


@contextmanager
def interruptible(*more: signal.Signals) -> Iterator[Interruption]:
    """Note SIGINT and SIGTERM in the running loop instead of ending at once; afterwards they do what they did.

    Args:
        more: Signals that are to do the same.
    """
    import asyncio

    interruption, loop = Interruption(asyncio.Event()), asyncio.get_running_loop()

    def take(number: signal.Signals) -> None:
        interruption.received = interruption.received or number
        loop.call_soon_threadsafe(interruption.event.set)

    with handling(take, (*SIGNALS, *more)):
        yield interruption


@contextmanager
def noted() -> Iterator[Noted]:
    """Note the first SIGINT or SIGTERM instead of ending at once; the second one ends the process."""
    note = Noted({number: signal.getsignal(number) for number in SIGNALS})

    def take(number: signal.Signals) -> None:
        note.received = number
        for each in SIGNALS:
            if note.before[each] is not signal.SIG_IGN:
                signal.signal(each, signal.SIG_DFL)

    with handling(take):
        yield note


@contextmanager
def handling(take: Callable[[signal.Signals], None], numbers: Collection[signal.Signals] = SIGNALS) -> Iterator[None]:
    """Hand SIGINT and SIGTERM over as they come; afterwards they do what they did.

    One that is ignored stays so: whoever started this process, such as `nohup` or a script that puts it into the
    background, wants it not to be ended so.
    """
    heeded = [number for number in numbers if signal.getsignal(number) is not signal.SIG_IGN]
    before = [(number, signal.getsignal(number)) for number in heeded]
    for number in heeded:
        signal.signal(number, lambda number, _: take(signal.Signals(number)))
    try:
        yield
    finally:
        for number, handler in before:
            signal.signal(number, handler)
