"""Fakes that are part of the product, for tests of healthmon and of what is built on it."""

import asyncio
import selectors
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from healthmon.core.model import Cause, Result, Service, Stage
from healthmon.core.notices import Notice
from healthmon.core.state import State, Transition, Watched
from healthmon.net.network import Network
from healthmon.net.trace import ProbeFailed, Trace
from healthmon.probes.contract import Probe


class _JumpingSelector(selectors.DefaultSelector):
    """Never waits: where the loop would wait for a timer, it moves the loop's time forward instead."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if ready or timeout == 0:
            return ready
        if timeout is None:
            # Nothing is timed: only a real event can go on from here.
            return super().select(None)
        self.now += timeout
        return ready


class JumpingLoop(asyncio.SelectorEventLoop):
    """An event loop whose time jumps to the next timer as soon as nothing else is to be done.

    For code that waits by the clock and does no I/O of its own: hours pass in no time, in their right order.
    """

    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        super().__init__(self._jumping)

    def time(self) -> float:
        """The loop's own time in seconds, from 0."""
        return self._jumping.now


Step = float | Cause | Stage | Exception | None


class ScriptedProbe:
    """A probe that does as it is told: service id → the steps of its attempts, in order, the last repeated.

    A step is a number (answer with status 200 after so many seconds), a `Cause` (fail with it at once), a `Stage` (get
    so far and no further), None (connect and never answer), or an exception (raise it).

    Attributes:
        attempts: The ids of the services probed, in order.
        most_at_once: The most probes that were under way at a time.
    """

    def __init__(self, script: Mapping[str, Sequence[Step]]) -> None:
        self.attempts: list[str] = []
        self.most_at_once = 0
        self._script = script
        self._under_way = 0
        self.probe = Probe(
            name="scripted", default_port=1, options=dict, expectations=frozenset({"status"}), run=self._run
        )

    async def _run(self, service: Service, network: Network, trace: Trace) -> None:
        del network
        steps = self._script[service.id]
        step = steps[min(self.attempts.count(service.id), len(steps) - 1)]
        self.attempts.append(service.id)
        with self._counted():
            trace.enter(step if isinstance(step, Stage) else Stage.WAIT)
            if step is None or isinstance(step, Stage):
                await asyncio.get_running_loop().create_future()
            elif isinstance(step, Cause):
                raise ProbeFailed(step, f"scripted {step}")
            elif isinstance(step, Exception):
                raise step
            else:
                await asyncio.sleep(step)
                trace.spent(Stage.WAIT, step)
                trace.fact("status", 200)

    @contextmanager
    def _counted(self) -> Iterator[None]:
        self._under_way += 1
        self.most_at_once = max(self.most_at_once, self._under_way)
        try:
            yield
        finally:
            self._under_way -= 1


class Remembering:
    """A sink of results that remembers them."""

    def __init__(self) -> None:
        self.results: list[Result] = []

    def __call__(self, result: Result) -> None:
        """Take a result."""
        self.results.append(result)


class RememberingSink:
    """A sink of all that a daemon tells, which remembers it in order.

    Attributes:
        watched: The ids of the services, each time that they changed.
        starts: (id, lag) of each check that began.
        skips: (id, reason, count) of the checks that did not.
        results: Every result, as it was judged.
        states: What was believed after each of them, or without one, and of which service.
        transitions: Every transition.
        notices: Every notice.
        most_in_flight: The most checks that were under way at a time.
    """

    def __init__(self) -> None:
        self.watched: list[list[str]] = []
        self.starts: list[tuple[str, float]] = []
        self.skips: list[tuple[str, str, int]] = []
        self.results: list[Result] = []
        self.states: list[tuple[str, State]] = []
        self.transitions: list[Transition] = []
        self.notices: list[Notice] = []
        self.most_in_flight = 0

    def watching(self, services: Sequence[Watched]) -> None:
        """Take the services."""
        self.watched.append([one.service.id for one in services])

    def started(self, service: Service, lag: float, in_flight: int) -> None:
        """Take a beginning."""
        self.starts.append((service.id, lag))
        self.most_in_flight = max(self.most_in_flight, in_flight)

    def skipped(self, service: Service, reason: str, count: int) -> None:
        """Take what did not take place."""
        self.skips.append((service.id, str(reason), count))

    def checked(self, result: Result, before: State, after: State, in_flight: int) -> None:
        """Take a result."""
        del before, in_flight
        self.results.append(result)
        self.states.append((result.service.id, after))

    def marked(self, service: Service, before: State, after: State) -> None:
        """Take what is believed."""
        del before
        self.states.append((service.id, after))

    def changed(self, transition: Transition) -> None:
        """Take a transition."""
        self.transitions.append(transition)

    def noticed(self, notice: Notice) -> None:
        """Take a notice."""
        self.notices.append(notice)


def run_jumping(main: Callable[[], Any]) -> Any:
    """Run a coroutine function to its end on a `JumpingLoop`."""
    with asyncio.Runner(loop_factory=JumpingLoop) as runner:
        return runner.run(main())
