"""The wall clock is set, an hour back and an hour ahead.

No process can be given a wall clock of its own (time namespaces know only the monotonic ones), and a test must not set
the machine's. So the daemon's parts are put together in this process, with another wall clock: the real scheduler, real
checks over real sockets and the real metrics, in real time. That its monotonic clock is that of the machine is the very
point.
"""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

from healthmon.app.probing import checker
from healthmon.config.load import load
from healthmon.core.maintenance import Window
from healthmon.core.model import Verdict
from healthmon.demo.faults import Fault
from healthmon.engine.check import Clock
from healthmon.engine.daemon import Daemon
from healthmon.engine.plan import Plan
from healthmon.engine.sinks import Sinks
from healthmon.metrics.metrics import Metrics
from healthmon.net.network import Network
from healthmon.testing import RememberingSink
from tests.chaos.victim import Samples, demo_service
from tests.deploy.switchboard import Switchboard, switchboard

_HOUR = 3600.0


class Watch:
    """A daemon whose wall clock can be set.

    Attributes:
        offset: Seconds by which its wall clock is ahead of the machine's.
        sink: What it has told.
    """

    def __init__(self, config: Path, windows: tuple[Window, ...], network: Network) -> None:
        self.offset = 0.0
        self.sink = RememberingSink()
        self._metrics = Metrics(version="0", python="3")
        self.daemon = Daemon(
            Plan(services=load(config, environ={}).services, windows=windows),
            check=checker(network),
            sink=Sinks(self.sink, self._metrics),
            clock=Clock(wall=lambda: time.time() + self.offset),
        )

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait for a condition, while checks go on."""
        async with asyncio.timeout(30):
            while not condition():  # noqa: ASYNC110 - what it waits for has no event
                await asyncio.sleep(0.01)

    async def checks(self, count: int) -> None:
        """Wait for so many more checks."""
        goal = len(self.sink.results) + count
        await self.until(lambda: len(self.sink.results) >= goal)

    async def samples(self) -> Samples:
        """What `/metrics` would say."""
        page = await self._metrics.render(accept="", accept_encoding="")
        return Samples(b"".join([chunk async for chunk in page.chunks]).decode())

    def told(self) -> list[Verdict]:
        """The transitions."""
        return [one.after for one in self.sink.transitions]

    def in_maintenance(self) -> bool:
        """Whether the service is said to be in maintenance."""
        return self.daemon.watched()[0].state.in_maintenance


async def _through_the_steps(watch: Watch, board: Switchboard) -> None:
    running = asyncio.create_task(watch.daemon.run())
    await watch.checks(10)
    for offset in (-_HOUR, 0.0, _HOUR, 0.0):
        watch.offset = offset
        await watch.checks(10)
        # Only the hour ahead lies in the window.
        await watch.until(lambda offset=offset: watch.in_maintenance() == (offset > 0))  # type: ignore[misc]
    assert watch.told() == [Verdict.UP]

    # An hour behind, the service fails: that began when it did, by whichever clock.
    watch.offset = -_HOUR
    await asyncio.to_thread(board.switch, {"saleor": Fault.UNAVAILABLE})
    await watch.until(lambda: watch.told() == [Verdict.UP, Verdict.DOWN])
    last = watch.sink.transitions[-1]
    assert abs(last.at - (time.time() - _HOUR)) < _HOUR / 2
    # It was up since a moment that is still to come now.
    assert last.lasted is not None
    assert 0 <= last.lasted < _HOUR / 2

    found = await watch.samples()
    # In seconds and in turns, each step of an hour would have been far more.
    assert found.total("healthmon_scheduler_lag_seconds_sum") < _HOUR / 10
    assert found.total("healthmon_checks_skipped_total", reason="missed") < _HOUR
    assert found.checks("saleor", "unknown") == 0
    watch.daemon.stop()
    await running


async def test_a_step_of_an_hour_makes_no_transition_and_no_lag(tmp_path: Path) -> None:
    """Maintenance follows the wall clock; all else does not notice."""
    now = time.time()
    window = Window(services=("saleor",), start=now + _HOUR / 2, end=now + 2 * _HOUR)
    with switchboard() as board:
        config = tmp_path / "services.toml"
        config.write_text(demo_service(board, interval="50ms", failure_threshold=2), encoding="utf-8")
        network = Network()
        try:
            await _through_the_steps(Watch(config, (window,), network), board)
        finally:
            network.close()
