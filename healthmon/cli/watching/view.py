"""Which services are shown, in which order, from which on. Pure."""

from collections.abc import Mapping, Sequence
from enum import StrEnum

from msgspec import Struct, structs

from healthmon.cli.terminal.keys import Key
from healthmon.core.history import History
from healthmon.core.model import Service, Verdict


class Order(StrEnum):
    """How the services are sorted; what is alike stays in config order."""

    CONFIG = "config"
    STATE = "state"
    LATENCY = "latency"
    SINCE = "since"


_WORST_FIRST = (Verdict.DOWN, Verdict.UNKNOWN, Verdict.DEGRADED, Verdict.UP)


class View(Struct, frozen=True):
    """What the user wants to see.

    Attributes:
        order: How the services are sorted.
        failures: Whether those that are up are left out.
        top: How many rows are scrolled past.
    """

    order: Order = Order.CONFIG
    failures: bool = False
    top: int = 0

    def press(self, key: Key, *, rows: int, total: int) -> "View":
        """What is seen after a key, where `rows` of `total` services have room."""
        match key:
            case Key.SORT:
                orders = list(Order)
                return structs.replace(self, order=orders[(orders.index(self.order) + 1) % len(orders)], top=0)
            case Key.FAILURES:
                return structs.replace(self, failures=not self.failures, top=0)
        top = {
            Key.UP: self.top - 1,
            Key.DOWN: self.top + 1,
            Key.PAGE_UP: self.top - rows,
            Key.PAGE_DOWN: self.top + rows,
            Key.HOME: 0,
            Key.END: total,
        }.get(key, self.top)
        return structs.replace(self, top=clamp(top, rows=rows, total=total))


def clamp(top: int, *, rows: int, total: int) -> int:
    """The nearest place from which on the rows are full."""
    return max(0, min(top, total - rows))


def arrange(services: Sequence[Service], histories: Mapping[str, History], view: View) -> Sequence[Service]:
    """The services to show, in order. One that has not been checked yet is no failure, and comes last."""
    if view.failures:
        services = [one for one in services if one.id in histories and histories[one.id].verdict is not Verdict.UP]
    if view.order is Order.CONFIG:
        return services

    def place(service: Service) -> tuple[bool, float]:
        history = histories.get(service.id)
        return (True, 0.0) if history is None else (False, _rank(history, view.order))

    return sorted(services, key=place)


def _rank(history: History, order: Order) -> float:
    """The worst, the slowest or the latest has the least."""
    if order is Order.STATE:
        return _WORST_FIRST.index(history.verdict)
    if order is Order.SINCE:
        return -history.since
    return 1.0 if history.latency is None else -history.latency
