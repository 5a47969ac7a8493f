"""When each service is checked next. A function of its arguments, time included: it never asks for the time.

All times are steady: seconds on a clock that no one sets.
"""

from collections.abc import Callable
from heapq import heapify, heappop, heappush, heapreplace
from math import floor

from msgspec import Struct


class Turn(Struct, frozen=True, gc=False):
    """A check that is due.

    Attributes:
        key: What is to be checked.
        due: When it was due, steady.
        missed: How many further turns of the same service have passed unused before now: the program was stopped.
    """

    key: str
    due: float
    missed: int = 0


class _Plan(Struct, gc=False):
    """What is planned for one service: it stands in the heap once, even when it has been removed.

    Without the garbage collector's header, and the collector passes over the heap's tuples, too.
    """

    key: str
    interval: float
    first: float
    slot: int
    live: bool


_Entry = tuple[float, int, _Plan]
"""When a turn is due, a number that is the plan's alone (so that plans are never compared), and the plan."""


class Schedule:
    """One heap over all services: fixed rate, a spread start, a small jitter that never adds up.

    The k-th turn of a service is due at `first + k * interval`, moved by up to `jitter` of the interval, so that what
    a check takes never shifts the ones that follow. Where two are due at the same time, the one added first comes
    first. Every operation takes O(log n).

    Args:
        random: Returns a number from 0 up to 1, like `random.random`.
        jitter: The part of an interval by which a turn may be late, at most 1.
    """

    def __init__(self, random: Callable[[], float], jitter: float = 0.02) -> None:
        self._random = random
        self._jitter = jitter
        self._plans: dict[str, _Plan] = {}
        self._heap: list[_Entry] = []
        self._added = 0

    def __len__(self) -> int:
        """How many services are scheduled."""
        return len(self._plans)

    def add(self, key: str, interval: float, first: float) -> None:
        """Schedule a service from `first` on; one that is scheduled already begins anew.

        Args:
            key: The service.
            interval: Seconds from one turn to the next, more than 0.
            first: When the first turn is due, apart from the jitter.
        """
        self.remove(key)
        plan = self._plans[key] = _Plan(key, interval, first, 0, True)
        self._added += 1
        heappush(self._heap, (self._due(plan), self._added, plan))

    def remove(self, key: str) -> None:
        """Schedule a service no more. Does nothing if it is not scheduled."""
        plan = self._plans.pop(key, None)
        if plan is None:
            return
        plan.live = False
        if len(self._heap) > 2 * len(self._plans):
            # In place of a search for each one that is removed; what is left over costs no more than what is alive.
            self._heap = [entry for entry in self._heap if entry[2].live]
            heapify(self._heap)

    def next_due(self) -> float | None:
        """When the next turn is due; None without any service."""
        heap = self._heap
        while heap and not heap[0][2].live:
            heappop(heap)
        return heap[0][0] if heap else None

    def take(self, now: float) -> Turn | None:
        """The earliest turn that is due by now, and plan the service's next one, which is after now; None if none is.

        Turns that passed unused in between are counted in `missed`, not made up for.
        """
        due = self.next_due()
        if due is None or due > now:
            return None
        _, number, plan = self._heap[0]
        taken, plan.slot = plan.slot, _next_slot(plan, now)
        heapreplace(self._heap, (self._due(plan), number, plan))
        return Turn(plan.key, due, plan.slot - taken - 1)

    def _due(self, plan: _Plan) -> float:
        return _slot_time(plan, plan.slot) + self._jitter * plan.interval * self._random()


def _slot_time(plan: _Plan, slot: int) -> float:
    return plan.first + slot * plan.interval


def _next_slot(plan: _Plan, now: float) -> int:
    """The first slot after now."""
    # The division may be off by one where a slot and now almost meet.
    slot = floor((now - plan.first) / plan.interval)
    while _slot_time(plan, slot) <= now:
        slot += 1
    return slot


def spread(count: int, interval: float, index: int, *, at_once: int = 50) -> float:
    """Seconds after the start at which the first check of the `index`-th of `count` services takes place.

    Few services (up to `at_once`) are checked at once, more are spread evenly over the interval.

    Args:
        count: How many services there are.
        interval: The service's interval.
        index: Its place among them, from 0.
        at_once: The most that are checked at once.
    """
    return 0.0 if count <= at_once else interval * index / count
