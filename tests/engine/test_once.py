"""One pass over a set: all at once, bounded, and always with one result a service."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healthmon.core.model import Cause, Result, Service, Verdict
from healthmon.core.run import Run
from healthmon.engine.check import Clock, check
from healthmon.engine.once import run_once
from healthmon.net.network import Network
from healthmon.testing import Remembering, ScriptedProbe, run_jumping
from tests.make import service

Script = dict[str, list[Any]]


def run(scripted: ScriptedProbe, services: list[Service], **limits: Any) -> Run:
    """A pass over services whose probe follows a script, on a loop whose time jumps."""

    async def main() -> Run:
        loop = asyncio.get_running_loop()
        clock = Clock(wall=lambda: 1000.0 + loop.time(), monotonic=loop.time)
        network = Network()

        async def check_one(one: Service) -> Result:
            return await check(one, probe=scripted.probe, network=network, clock=clock)

        interrupt_after = limits.pop("interrupt_after", None)
        if interrupt_after is not None:
            limits["interrupted"] = interrupted = asyncio.Event()
            loop.call_later(interrupt_after, interrupted.set)
        try:
            return await run_once(services, check_one, clock=clock, **limits)
        finally:
            network.close()

    done = run_jumping(main)
    assert isinstance(done, Run)
    return done


def causes(done: Run) -> list[Cause | None]:
    """The cause of each result, in order."""
    return [result.cause for result in done.results]


@pytest.mark.parametrize("hanging", [1, 10])
def test_hanging_services_cost_one_timeout(hanging: int) -> None:
    """Not one each."""
    script: Script = {f"s{number}": [None if number < hanging else 0.25] for number in range(10)}
    done = run(ScriptedProbe(script), [service(id_, timeout=10.0) for id_ in script])
    assert (done.duration, done.healthy) == (10.0, 10 - hanging)


def test_results_are_in_config_order() -> None:
    """Whatever the order in which they come; the observer sees them as they come."""
    script: Script = {"slow": [3.0], "fast": [1.0], "middle": [2.0]}
    remembering = Remembering()
    done = run(ScriptedProbe(script), [service(id_) for id_ in script], observer=remembering)
    assert [result.service.id for result in done.results] == ["slow", "fast", "middle"]
    assert [result.service.id for result in remembering.results] == ["fast", "middle", "slow"]


@pytest.mark.parametrize(("concurrency", "seconds"), [(1, 20.0), (3, 7.0), (20, 1.0), (1000, 1.0)])
def test_concurrency_is_bounded(concurrency: int, seconds: float) -> None:
    """And used in full."""
    script: Script = {f"s{number}": [1.0] for number in range(20)}
    scripted = ScriptedProbe(script)
    done = run(scripted, [service(id_) for id_ in script], concurrency=concurrency)
    assert (done.duration, scripted.most_at_once) == (seconds, min(concurrency, 20))


def test_deadline() -> None:
    """What is unfinished, begun or not, is unknown; what was finished stays."""
    script: Script = {"done": [1.0], "hangs": [None], "waits": [1.0]}
    done = run(
        ScriptedProbe(script), [service(id_) for id_ in script], concurrency=1, deadline=5.0, host="203.0.113.10"
    )
    assert causes(done) == [None, Cause.DEADLINE, Cause.DEADLINE]
    assert [result.verdict for result in done.results] == [Verdict.UP, Verdict.UNKNOWN, Verdict.UNKNOWN]
    assert done.results[1].message == "the deadline of 5 s came first"
    assert (done.started, done.duration, done.host) == (1000.0, 5.0, "203.0.113.10")


def test_interruption() -> None:
    """What is known so far is kept."""
    script: Script = {"done": [1.0], "hangs": [None]}
    done = run(ScriptedProbe(script), [service(id_) for id_ in script], deadline=5.0, interrupt_after=2.0)
    assert causes(done) == [None, Cause.INTERRUPTED]
    assert done.duration == 2.0


def test_failures_are_attributed() -> None:
    """To the root among the services of the run."""
    script: Script = {"redis": [Cause.REFUSED], "brain": [Cause.RESET]}
    done = run(ScriptedProbe(script), [service("redis"), service("brain", depends_on=("redis",))])
    assert [result.blocked_by for result in done.results] == [None, "redis"]


def test_no_services() -> None:
    """An empty run is no error here."""
    assert run(ScriptedProbe({}), []).results == ()


def test_a_fault_of_the_observer_is_not_swallowed() -> None:
    """It is a fault in healthmon, and ends the run."""

    def observer(_: Result) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run(ScriptedProbe({"brain": [1.0]}), [service()], observer=observer)


async def test_the_run_itself_can_be_cancelled() -> None:
    """Its checks end with it."""
    ended = asyncio.Event()

    async def hang(_: Service) -> Result:
        try:
            return await _forever()
        finally:
            ended.set()

    task = asyncio.create_task(run_once([service()], hang))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended.is_set()


async def _forever() -> Result:
    waiting: Callable[[], Awaitable[Any]] = asyncio.get_running_loop().create_future
    result = await waiting()
    assert isinstance(result, Result)
    return result


steps = st.one_of(st.floats(0, 20), st.none(), st.sampled_from([Cause.REFUSED, Cause.RESET]))


@given(
    st.lists(steps, max_size=12),
    st.integers(1, 5),
    st.none() | st.floats(0.1, 30),
    st.none() | st.floats(0, 30),
)
def test_every_service_has_exactly_one_result(
    script: list[Any], concurrency: int, deadline: float | None, interrupt_after: float | None
) -> None:
    """Whatever ends the run, and never later than all allow."""
    scripted = ScriptedProbe({str(number): [step] for number, step in enumerate(script)})
    services = [service(str(number), timeout=10.0) for number in range(len(script))]
    done = run(scripted, services, concurrency=concurrency, deadline=deadline, interrupt_after=interrupt_after)
    assert [result.service.id for result in done.results] == [one.id for one in services]
    assert done.duration <= min(deadline or 1e9, 10.0 * len(script)) + 0.001
