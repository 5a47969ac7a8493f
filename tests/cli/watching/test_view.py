"""What is shown of many services, and in which order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healthmon.cli.terminal.keys import Key
from healthmon.cli.watching.view import Order, View, arrange
from healthmon.core.history import History, remember
from healthmon.core.model import Timings, Verdict
from tests.make import result, service

SERVICES = [service(id_) for id_ in ("up", "down", "degraded", "unknown", "slow", "new")]


def history(id_: str, verdict: Verdict, started: float, latency: float) -> History:
    """After one check."""
    return remember(None, result(id_, verdict, started=started, timings=Timings(wait=latency)))


HISTORIES = {
    "up": history("up", Verdict.UP, 3.0, 0.1),
    "down": history("down", Verdict.DOWN, 5.0, 9.0),
    "degraded": history("degraded", Verdict.DEGRADED, 4.0, 0.2),
    "unknown": history("unknown", Verdict.UNKNOWN, 1.0, 0.1),
    "slow": history("slow", Verdict.UP, 2.0, 0.9),
}


@pytest.mark.parametrize(
    ("view", "ids"),
    [
        (View(), "up down degraded unknown slow new"),
        (View(order=Order.STATE), "down unknown degraded up slow new"),
        (View(order=Order.LATENCY), "slow degraded up down unknown new"),
        (View(order=Order.SINCE), "down degraded up slow unknown new"),
        (View(failures=True), "down degraded unknown"),
        (View(order=Order.STATE, failures=True), "down unknown degraded"),
    ],
)
def test_arrange(view: View, ids: str) -> None:
    """The worst, the slowest, the latest first; alike ones in config order; those not yet checked last."""
    assert [one.id for one in arrange(SERVICES, HISTORIES, view)] == ids.split()


def test_sorting_goes_round() -> None:
    """Through all orders, and scrolls back to the top."""
    view, orders = View(top=5), []
    for _ in Order:
        view = view.press(Key.SORT, rows=3, total=10)
        orders.append(view.order)
    assert orders == [Order.STATE, Order.LATENCY, Order.SINCE, Order.CONFIG]
    assert view.top == 0
    assert View(top=5).press(Key.FAILURES, rows=3, total=10) == View(failures=True)


@pytest.mark.parametrize(
    ("top", "key", "then"),
    [
        (0, Key.UP, 0),
        (0, Key.DOWN, 1),
        (7, Key.DOWN, 7),
        (5, Key.PAGE_UP, 2),
        (1, Key.PAGE_UP, 0),
        (1, Key.PAGE_DOWN, 4),
        (5, Key.PAGE_DOWN, 7),
        (3, Key.END, 7),
        (3, Key.HOME, 0),
        (3, Key.QUIT, 3),
    ],
)
def test_scrolling(top: int, key: Key, then: int) -> None:
    """Ten services, three rows."""
    assert View(top=top).press(key, rows=3, total=10).top == then


@given(st.lists(st.sampled_from(Key)), st.integers(0, 50), st.integers(0, 100))
def test_it_never_scrolls_beyond(keys: list[Key], rows: int, total: int) -> None:
    """Whatever is pressed."""
    view = View()
    for key in keys:
        view = view.press(key, rows=rows, total=total)
    assert 0 <= view.top <= max(0, total - rows)
