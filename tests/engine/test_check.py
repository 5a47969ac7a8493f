"""One check: time-outs, retries, and faults that stay inside it."""

import asyncio
from typing import Any

import pytest
from msgspec import structs

from healthmon.core.expectations import Comparison, Expectations, Operator, Selected
from healthmon.core.model import Body, Cause, Fact, Outcome, Result, Stage, Verdict
from healthmon.engine.check import Clock, _judged, check
from healthmon.net.network import Network
from healthmon.net.trace import Trace
from healthmon.testing import JumpingLoop, ScriptedProbe, run_jumping
from tests.make import service


def checked(scripted: ScriptedProbe, **keys: Any) -> Result:
    """Check a service whose probe follows a script, on a loop whose time jumps."""

    async def main() -> Result:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, JumpingLoop)
        clock = Clock(wall=lambda: 1000.0 + loop.time(), monotonic=loop.time)
        network = Network()
        try:
            return await check(service(**keys), probe=scripted.probe, network=network, clock=clock)
        finally:
            network.close()

    result = run_jumping(main)
    assert isinstance(result, Result)
    return result


def test_an_answer() -> None:
    """Started and duration are the clock's."""
    result = checked(ScriptedProbe({"brain": [0.25]}))
    assert (result.verdict, result.started, result.duration, result.attempts) == (Verdict.UP, 1000.0, 0.25, 1)


@pytest.mark.parametrize(
    ("stage", "cause"),
    [
        (Stage.RESOLVE, Cause.DNS),
        (Stage.CONNECT, Cause.CONNECT_TIMEOUT),
        (Stage.TLS, Cause.TLS),
        (Stage.WAIT, Cause.NO_RESPONSE),
        (Stage.TRANSFER, Cause.TIMEOUT),
    ],
)
def test_the_stage_reached_tells_the_cause_of_a_timeout(stage: Stage, cause: Cause) -> None:
    """And the check ends by its timeout."""
    result = checked(ScriptedProbe({"brain": [stage]}), timeout=3.0)
    assert (result.verdict, result.cause, result.duration) == (Verdict.DOWN, cause, 3.0)
    assert result.message.endswith("within 3 s")


def test_a_retry_may_succeed() -> None:
    """The last attempt is what is reported; each has the whole timeout."""
    scripted = ScriptedProbe({"brain": [None, Cause.REFUSED, 0.5]})
    result = checked(scripted, retries=4, timeout=2.0)
    assert (result.verdict, result.attempts, result.duration) == (Verdict.UP, 3, 2.5)
    assert len(scripted.attempts) == 3


def test_retries_end() -> None:
    """After the first attempt and all extra ones."""
    result = checked(ScriptedProbe({"brain": [Cause.REFUSED]}), retries=2)
    assert (result.cause, result.attempts) == (Cause.REFUSED, 3)


def test_a_fault_of_the_probe_is_internal() -> None:
    """With the error and its place, and never an exception."""
    result = checked(ScriptedProbe({"brain": [KeyError("oops")]}))
    assert (result.verdict, result.cause) == (Verdict.UNKNOWN, Cause.INTERNAL)
    assert result.message.startswith("KeyError: 'oops' (testing.py:")


def test_a_fault_of_the_judge_is_internal(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault in one check touches no other, wherever it lies."""

    def fail(*_: object, **__: object) -> Result:
        raise ZeroDivisionError("oops")

    monkeypatch.setattr("healthmon.engine.check.judge", fail)
    result = checked(ScriptedProbe({"brain": [0.25]}))
    assert (result.verdict, result.cause) == (Verdict.UNKNOWN, Cause.INTERNAL)
    assert result.message.startswith("ZeroDivisionError: oops (test_check.py:")


LARGE = '[{"a": 1}' + ', {"a": 1}' * 10_000 + "]"


@pytest.mark.parametrize(("expression", "verdict"), [("length(@)", Verdict.UP), ("length([?a==`2`])", Verdict.DOWN)])
async def test_a_large_body_is_evaluated_beside_the_loop(expression: str, verdict: Verdict) -> None:
    """With the same result."""
    result = await judged_by(expression, 10.0)
    assert result.verdict is verdict


async def test_an_evaluation_that_takes_too_long_is_a_timeout() -> None:
    """A server may choose what it sends; a check ends by its timeout all the same."""
    result = await judged_by("@[].a | sort(@) | reverse(@) | sort(@) | join(',', map(&to_string(@), @))", 0.001)
    assert (result.verdict, result.cause) == (Verdict.DOWN, Cause.TIMEOUT)
    assert result.message == "HTTP 200, the body was not evaluated within 1 ms"


async def test_a_fault_beside_the_loop_is_internal(monkeypatch: pytest.MonkeyPatch) -> None:
    """As one in it."""

    def fail(*_: object, **__: object) -> Result:
        raise ZeroDivisionError("oops")

    monkeypatch.setattr("healthmon.engine.check.judge", fail)
    assert (await judged_by("length(@)", 10.0)).cause is Cause.INTERNAL


async def judged_by(expression: str, seconds: float) -> Result:
    """What becomes of a large body within so many seconds."""
    at_least_one = (Comparison(Operator.GE, 1),)
    owner = service(expect=Expectations(json=(Selected(expression, at_least_one),)), timeout=seconds)
    outcome = Outcome(facts=(Fact("status", 200),), body=Body(LARGE.encode()))
    return await _judged(owner, outcome, 0.0, asyncio.get_running_loop().time() + seconds)


def test_a_timeout_error_of_the_probe_is_not_the_services_timeout() -> None:
    """Only the time that is over is."""
    assert checked(ScriptedProbe({"brain": [TimeoutError("mine")]})).cause is Cause.INTERNAL


def test_lack_of_memory_is_local() -> None:
    """The service is not to blame."""
    assert checked(ScriptedProbe({"brain": [MemoryError()]})).cause is Cause.LOCAL


def test_what_was_seen_before_a_timeout_is_kept() -> None:
    """Facts and timings of the stages that ended."""
    trace = Trace()
    trace.fact("ip", "127.0.0.1")
    trace.spent(Stage.CONNECT, 0.25)
    trace.spent(Stage.CONNECT, 0.25)
    trace.enter(Stage.WAIT)
    outcome = trace.timed_out(1.0)
    assert (outcome.fact("ip"), outcome.timings.connect, outcome.timings.wait) == ("127.0.0.1", 0.5, None)


def test_the_real_clock_is_the_default() -> None:
    """Wall and monotonic time are two things."""
    assert isinstance(Clock().wall(), float)
    assert isinstance(Clock().monotonic(), float)


@pytest.mark.parametrize(
    ("slept", "verdict", "cause"),
    [
        (0.0, Verdict.DOWN, Cause.NO_RESPONSE),
        (1.5, Verdict.DOWN, Cause.NO_RESPONSE),
        (2.5, Verdict.UNKNOWN, Cause.LOCAL),
    ],
)
def test_a_machine_that_slept_has_not_found_out(slept: float, verdict: Verdict, cause: Cause) -> None:
    """A failure is this machine's own if the check took much longer than its timeout by the clock that never sleeps."""

    async def main() -> Result:
        loop = asyncio.get_running_loop()
        clock = Clock(
            wall=lambda: 1000.0 + loop.time(),
            monotonic=loop.time,
            boot=lambda: loop.time() + (slept if loop.time() > 5.0 else 0.0),
        )
        network = Network()
        try:
            probe = ScriptedProbe({"brain": [None]}).probe
            return await check(service(timeout=10.0), probe=probe, network=network, clock=clock)
        finally:
            network.close()

    result = run_jumping(main)
    assert (result.verdict, result.cause, result.duration) == (verdict, cause, 10.0)


def _of_an_extra(error: Exception) -> ScriptedProbe:
    scripted = ScriptedProbe({"brain": [error]})
    libraries = {"redis": "redis", "its-parser": "its_parser"}
    scripted.probe = structs.replace(scripted.probe, extra="redis", libraries=libraries)
    return scripted


def test_a_library_that_cannot_be_used_is_a_matter_of_this_machine() -> None:
    """It is installed, but half, or in another version than is needed."""
    result = checked(_of_an_extra(ImportError("cannot import name 'Connection' from 'redis'", name="redis")))
    assert (result.verdict, result.cause) == (Verdict.UNKNOWN, Cause.LOCAL)
    assert result.message == (
        "the library redis and its-parser cannot be used (cannot import name 'Connection' from 'redis'); "
        "run pip install 'healthmon[redis]'"
    )


def test_what_healthmon_itself_cannot_import_is_its_own_fault() -> None:
    """No command that installs a library would help."""
    ours = ImportError("cannot import name 'x'", name="healthmon.net.redis.session")
    assert checked(_of_an_extra(ours)).cause is Cause.INTERNAL
    assert checked(ScriptedProbe({"brain": [ImportError("no ssl")]})).cause is Cause.INTERNAL
