"""When each service is checked next. A function of its arguments, time included: it never asks for the time.

All times are steady: seconds on a clock that no one sets.
"""

from collections.abc import Callable

from msgspec import Struct


class Turn(Struct, frozen=True):
    """A check that is due.

    Attributes:
        key: What is to be checked.
        due: When it was due, steady.
        missed: How many further turns of the same service have passed unused before now: the program was stopped.
    """

    key: str
    due: float
    missed: int = 0


class Schedule:
    """One heap over all services: fixed rate, a spread start, a small jitter that never adds up.

    The k-th turn of a service is due at `first + k * interval`, moved by up to `jitter` of the interval, so that what
    a check takes never shifts the ones that follow.

    Args:
        random: Returns a number from 0 up to 1, like `random.random`.
        jitter: The part of an interval by which a turn may be late.
    """

    def __init__(self, random: Callable[[], float], jitter: float = 0.02) -> None:
        raise NotImplementedError

    def __len__(self) -> int:
        """How many services are scheduled."""
        raise NotImplementedError

    def add(self, key: str, interval: float, first: float) -> None:
        """Schedule a service from `first` on; one that is scheduled already begins anew."""
        raise NotImplementedError

    def remove(self, key: str) -> None:
        """Schedule a service no more. Does nothing if it is not scheduled."""
        raise NotImplementedError

    def next_due(self) -> float | None:
        """When the next turn is due; None without any service."""
        raise NotImplementedError

    def take(self, now: float) -> Turn | None:
        """The earliest turn that is due by now, and plan the service's next one, which is after now; None if none is.

        Turns that passed unused in between are counted in `missed`, not made up for.
        """
        raise NotImplementedError


def spread(count: int, interval: float, index: int, *, at_once: int = 50) -> float:
    """Seconds after the start at which the first check of the `index`-th of `count` services takes place.

    Few services (up to `at_once`) are checked at once, more are spread evenly over the interval.
    """
    raise NotImplementedError
