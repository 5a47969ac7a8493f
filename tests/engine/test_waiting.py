"""Waiting: each service at its own pace, all together at the end, and an end whatever comes."""

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healthmon.core.model import Cause, Result, Service, Verdict
from healthmon.core.run import Ending, Run, Wait
from healthmon.core.waiting import Goal, Pace, Progress
from healthmon.engine.check import Clock, check
from healthmon.engine.waiting import WaitLimits, wait_for
from healthmon.net.network import Network
from healthmon.testing import ScriptedProbe, run_jumping
from tests.make import result, service

Script = dict[str, list[Any]]
STEADY = Pace(interval=1.0, longest=1.0, jitter=0.0)
ONCE = Pace(interval=1.0, longest=100.0, jitter=0.0)
"""For short tests: who is there is not looked at again until the end."""
DOWN = Cause.REFUSED


def wait(script: Script, **keys: Any) -> tuple[Run, Ending, list[str], list[Progress]]:
    """Wait for services whose probe follows a script, on a loop whose time jumps."""
    scripted, seen = ScriptedProbe(script), list[Progress]()
    services = [service(id_, timeout=10.0, interval=0.1) for id_ in script]

    async def main() -> tuple[Run, Ending]:
        loop = asyncio.get_running_loop()
        clock = Clock(wall=lambda: 1000.0 + loop.time(), monotonic=loop.time, boot=loop.time)
        network = Network()

        async def check_one(one: Service) -> Result:
            return await check(one, probe=scripted.probe, network=network, clock=clock)

        interrupt_after = keys.pop("interrupt_after", None)
        if interrupt_after is not None:
            keys["interrupted"] = interrupted = asyncio.Event()
            loop.call_later(interrupt_after, interrupted.set)
        goal = keys.pop("goal", Goal())
        try:
            return await wait_for(
                services, check_one, **{"goal": goal, "pace": STEADY, "clock": clock, "observer": seen.append, **keys}
            )
        finally:
            network.close()

    run, ending = run_jumping(main)
    return run, ending, scripted.attempts, seen


def test_all_healthy_at_once_are_asked_once() -> None:
    """In one round nothing is older than the rest, so nothing is asked again."""
    run, ending, attempts, _ = wait({"a": [0.1], "b": [0.1]})
    assert (ending, attempts, run.healthy) == (Ending.REACHED, ["a", "b"], 2)
    assert run.waited["a"].reached == 0.1


def test_one_that_comes_late_has_the_others_asked_again() -> None:
    """At the end, for they may have fallen over meanwhile."""
    run, ending, attempts, _ = wait({"a": [0.0], "b": [DOWN, DOWN, 0.0]}, pace=ONCE)
    assert (ending, attempts) == (Ending.REACHED, ["a", "b", "b", "b", "a"])
    assert (run.waited["a"].reached, run.waited["b"].reached) == (0.0, 2.5)
    failure = run.waited["b"].last_failure
    assert failure
    assert failure.cause is DOWN


def test_one_that_fell_over_during_the_last_ones_check_is_found_out() -> None:
    """Its own check had ended after that began: seconds old, all the same."""
    run, ending, attempts, _ = wait({"a": [0.1, DOWN, 0.0], "b": [5.0]}, pace=ONCE)
    assert (ending, "".join(attempts)) == (Ending.REACHED, "abaaba")
    assert (run.waited["a"].reached, run.duration) == (6.0, 11.0)


def test_the_quick_are_asked_once_more_after_the_slow() -> None:
    """Who answers within the interval has grown old while c was looked at. None asks c again, nor d."""
    script: Script = {"a": [0.0], "b": [0.9], "c": [9.0], "d": [*[DOWN] * 5, 8.0]}
    _, ending, attempts, seen = wait(script, pace=ONCE)
    assert (ending, "".join(attempts)) == (Ending.REACHED, "abcd" + "d" * 5 + "abc" + "ab")
    came = next(one.ended for one in seen if one.service.id == "d" and one.good)
    assert [(one.service.id, one.ended - came) for one in seen[-3:]] == [("c", 9), ("a", 9), ("b", pytest.approx(9.9))]


def test_many_are_looked_at_once() -> None:
    """What takes long is their number: the first would be as old again when the last has answered."""
    script: Script = {f"s{number}": [0.01 + number % 7 / 100] for number in range(300)}
    run, ending, attempts, _ = wait(script, limits=WaitLimits(concurrency=1))
    assert (ending, len(attempts)) == (Ending.REACHED, 2 * 300 - 1)
    assert run.duration == pytest.approx(2 * 300 * 0.04, rel=0.1)


def test_one_that_is_slow_is_not_asked_for_ever() -> None:
    """Two that answer no sooner than in three intervals: each would be old when the other has answered."""
    _, ending, attempts, _ = wait({"a": [3.0], "b": [5.0], "c": [4.0]}, pace=ONCE)
    assert (ending, attempts) == (Ending.REACHED, ["a", "b", "c"])


@pytest.mark.parametrize("stopped", [{"limits": WaitLimits(deadline=9)}, {"interrupt_after": 9.0}])
def test_no_time_to_look_again(stopped: dict[str, Any]) -> None:
    """Who answers in time counts; who does not has been healthy, and nobody knows whether it still is."""
    run, ending, _, _ = wait({"a": [0.0], "b": [0.0, None], "c": [6.0]}, pace=ONCE, **stopped)
    assert ending is (Ending.DEADLINE if "limits" in stopped else Ending.INTERRUPTED)
    assert [run.waited[id_].reached for id_ in "abc"] == [0.0, None, 6.0]
    assert [run.unproven(one) for one in run.results] == [False, True, False]
    assert (run.healthy, run.waited["b"].since) == (2, 0.0)
    unknown = run.results[1]
    cause = Cause.DEADLINE if "limits" in stopped else Cause.INTERRUPTED
    assert (unknown.verdict, unknown.cause, unknown.symptom) == (Verdict.UNKNOWN, cause, "wait.too_late")
    assert unknown.message == "HTTP 200 when last looked at"


def test_one_that_falls_over_at_the_last_look_is_the_only_one_missing() -> None:
    """The others were not asked again, for now it is waited for: what they showed last counts."""
    script: Script = {"a": [0.0, DOWN, DOWN], "b": [0.0, None], "c": [DOWN, 0.0]}
    run, ending, _, _ = wait(script, pace=ONCE, limits=WaitLimits(deadline=9))
    assert ending is Ending.DEADLINE
    assert [run.waited[id_].reached is None for id_ in "abc"] == [True, False, False]
    assert [run.unproven(one) for one in run.results] == [False, False, False]
    assert [one.verdict for one in run.results] == [Verdict.DOWN, Verdict.UP, Verdict.UP]


def test_what_comes_at_the_moment_of_the_interruption_comes_in_time() -> None:
    """Nothing is missing then."""
    run, ending, _, _ = wait({"a": [2.0]}, interrupt_after=2.0)
    assert (ending, run.waited["a"].reached) == (Ending.REACHED, 2.0)


def test_one_that_fell_over_meanwhile_is_waited_for_again() -> None:
    """And then the others are asked once more."""
    run, ending, attempts, _ = wait({"a": [0.0, DOWN, 0.0], "b": [DOWN, 0.0]}, pace=ONCE)
    assert (ending, attempts) == (Ending.REACHED, ["a", "b", "b", "a", "a", "b"])
    assert run.waited["a"].reached == 2.0


def test_stable_demands_so_many_in_a_row() -> None:
    """A failure between them begins anew."""
    run, ending, attempts, _ = wait({"a": [0.0, 0.0, DOWN, 0.0, 0.0, 0.0]}, goal=Goal(stable=3))
    assert (ending, len(attempts)) == (Ending.REACHED, 6)
    assert (run.waited["a"].reached, run.waited["a"].good) == (3.0, 3)


def test_a_hanging_service_holds_up_no_other() -> None:
    """Each has its own pace."""
    _, ending, attempts, _ = wait({"a": [None], "b": [DOWN, DOWN, 0.0]}, limits=WaitLimits(deadline=30))
    assert ending is Ending.DEADLINE
    assert attempts[:4] == ["a", "b", "b", "b"]


def test_the_deadline_ends_it_with_the_last_results() -> None:
    """A service that never answered within it is unknown."""
    run, ending, _, _ = wait({"a": [DOWN], "b": [None], "c": [0.0]}, limits=WaitLimits(deadline=5))
    assert (ending, run.duration) == (Ending.DEADLINE, 5.0)
    assert [one.cause for one in run.results] == [DOWN, Cause.DEADLINE, None]
    assert run.waited["a"].reached is None


def test_an_interruption_ends_it() -> None:
    """With what is known."""
    run, ending, _, _ = wait({"a": [DOWN], "b": [None]}, interrupt_after=2.5)
    assert (ending, run.duration) == (Ending.INTERRUPTED, 2.5)
    assert [one.cause for one in run.results] == [DOWN, Cause.INTERRUPTED]


@pytest.mark.parametrize(("give_up", "ending", "after"), [(True, Ending.GAVE_UP, 0.0), (False, Ending.DEADLINE, 9.0)])
def test_giving_up(give_up: bool, ending: Ending, after: float) -> None:
    """A certificate rarely mends itself; only who asks for it does not wait for that."""
    run, ended, _, _ = wait(
        {"a": [Cause.CERTIFICATE], "b": [None]}, goal=Goal(give_up=give_up), limits=WaitLimits(deadline=9)
    )
    assert (ended, run.duration) == (ending, after)
    assert run.results[0].cause is Cause.CERTIFICATE
    unknown = run.results[1]
    assert unknown.verdict is Verdict.UNKNOWN
    assert (unknown.cause, unknown.message) == (
        (Cause.INTERRUPTED, "gave up before its first check ended")
        if give_up
        else (Cause.DEADLINE, "no check ended within 9 s")
    )


def test_what_is_degraded_by_its_certificate_is_not_given_up() -> None:
    """It counts as healthy: one good check of two is no reason to end."""
    expiring = result(verdict=Verdict.DEGRADED, cause=Cause.CERTIFICATE)

    async def main() -> tuple[Run, Ending]:
        async def check_one(_: Service) -> Result:
            return expiring

        return await wait_for([expiring.service], check_one, goal=Goal(stable=2, give_up=True), pace=STEADY)

    run, ending = run_jumping(main)
    assert (ending, run.waited[expiring.service.id].checks) == (Ending.REACHED, 2)


def test_waiting_until_it_is_down() -> None:
    """An answer that is wrong is not down."""
    run, ending, attempts, _ = wait({"a": [0.0, Cause.JSON, Cause.LOCAL, DOWN]}, goal=Goal(down=True))
    assert (ending, len(attempts)) == (Ending.REACHED, 4)
    assert run.results[0].verdict is Verdict.DOWN


def test_pauses_grow_while_it_fails() -> None:
    """By half each time, up to the longest."""
    _, _, _, seen = wait({"a": [DOWN] * 5 + [0.0]}, pace=Pace(interval=1.0, longest=3.0, jitter=0.0))
    assert [one.ended for one in seen] == [0.0, 1.0, 2.5, 4.75, 7.75, 10.75]


def test_no_more_at_a_time_than_allowed() -> None:
    """Whatever the number of services."""
    script: Script = {f"s{number}": [0.1] for number in range(20)}
    run, ending, _, _ = wait(script, limits=WaitLimits(concurrency=5))
    assert (ending, run.healthy) == (Ending.REACHED, 20)


def test_who_is_there_is_looked_at_while_others_are_waited_for() -> None:
    """So that the report at the deadline tells of one that has fallen over long ago."""
    run, ending, _, _ = wait(
        {"a": [0.0, 0.0, DOWN], "b": [Cause.JSON]},
        pace=Pace(interval=1.0, longest=4.0, jitter=0.0),
        limits=WaitLimits(deadline=9),
    )
    assert ending is Ending.DEADLINE
    assert [one.cause for one in run.results] == [DOWN, Cause.JSON]
    assert run.waited["a"].reached is None


def test_up_down_up() -> None:
    """A service that flaps is waited for until it has stood as long as asked, and again if it falls at the end."""
    run, ending, attempts, _ = wait(
        {"a": [0.0, DOWN, 0.0, DOWN, DOWN, 0.0], "b": [0.0, 0.0, DOWN, 0.0]}, goal=Goal(stable=2), pace=ONCE
    )
    assert ending is Ending.REACHED
    assert (attempts.count("a"), attempts.count("b")) == (8, 5)
    assert [(one.reached, one.good) for one in run.waited.values()] == [(5.5, 3), (7.5, 2)]


def test_what_ends_after_the_last_moment_does_not_count() -> None:
    """Two checks end at once: the first was the last that was waited for."""
    run, ending, attempts, seen = wait(
        {"a": [0.0, 0.0, 0.0, DOWN], "b": [DOWN, 1.0]}, pace=Pace(interval=0.5, longest=0.5, jitter=0.0)
    )
    assert (ending, run.healthy, run.duration) == (Ending.REACHED, 2, 1.5)
    assert (attempts[-1], seen[-1].service.id, run.waited["a"].checks) == ("a", "b", 3)


def test_a_check_under_way_at_the_deadline_is_given_up() -> None:
    """What was known before it stays."""
    run, ending, attempts, _ = wait({"a": [DOWN, None]}, limits=WaitLimits(deadline=4))
    assert (ending, attempts, run.duration) == (Ending.DEADLINE, ["a", "a"], 4.0)
    assert (run.results[0].cause, run.waited["a"].checks) == (DOWN, 1)


def test_the_run_tells_what_was_waited_for() -> None:
    """For the reports."""
    run, ending, _, _ = wait({"a": [DOWN]}, goal=Goal(down=True, stable=3))
    assert run.wait == Wait(ending, down=True, stable=3)


def test_nothing_to_wait_for() -> None:
    """Is there at once."""
    run, ending, _, _ = wait({})
    assert (ending, run.results, run.duration) == (Ending.REACHED, (), 0.0)


def test_a_fault_of_the_observer_is_told_as_it_is() -> None:
    """And leaves no check running."""

    def broken(_: Progress) -> None:
        raise LookupError("no such line")

    with pytest.raises(LookupError, match="no such line"):
        wait({"a": [0.0], "b": [None]}, observer=broken)


@given(
    st.lists(st.lists(st.sampled_from([0.0, 0.3, DOWN, Cause.JSON]), max_size=6), min_size=1, max_size=4),
    st.integers(1, 3),
)
def test_reached_means_reached_by_all_at_the_same_time(scripts: list[list[Any]], stable: int) -> None:
    """Whatever comes before: in the end each has its good checks in a row, and none is older than the last arrival."""
    script: Script = {f"s{number}": [*steps, 0.1] for number, steps in enumerate(scripts)}
    run, ending, _, seen = wait(script, goal=Goal(stable=stable), pace=Pace(jitter=0.0))
    assert (ending, run.healthy) == (Ending.REACHED, len(script))
    last = {one.service.id: one for one in seen}
    assert all(one.good >= stable for one in last.values())
    arrivals = [one.began for one in seen if one.good == stable]
    assert all(one.ended >= arrivals[-1] for one in last.values())


@given(
    st.lists(
        st.tuples(st.sampled_from([0.0, 0.1, 0.6, 0.9, 1.5, 3.0, 8.0]), st.lists(st.booleans(), max_size=5)),
        min_size=1,
        max_size=6,
    ),
    st.integers(1, 2),
)
def test_what_is_reached_is_not_long_ago(services: list[tuple[float, list[bool]]], stable: int) -> None:
    """Who answers within the interval was asked within two, and all others since the last one came."""
    script: Script = {
        f"s{number}": [*(took if good else DOWN for good in before), took]
        for number, (took, before) in enumerate(services)
    }
    pace, limits = Pace(1.0, 10.0, 0.0), WaitLimits(deadline=1000)
    run, ending, _, seen = wait(script, goal=Goal(stable=stable), pace=pace, limits=limits)
    assert ending is Ending.REACHED
    slowest = max(took for took, _ in services)
    for one in {one.service.id: one for one in seen}.values():
        age = run.duration - one.ended
        assert age <= (2.0 if one.took <= 1.0 else 2 * slowest + 1.0) + 1e-6


DURATIONS = st.lists(st.sampled_from([0.0, 0.004, 0.4, 2.0, 5.0, 9.0]), min_size=1, max_size=12)


@given(st.lists(DURATIONS, min_size=1, max_size=40), st.integers(1, 45), st.integers(1, 2))
def test_what_stays_healthy_holds_nobody_up_for_longer_than_two_rounds(
    scripts: list[list[Any]], concurrency: int, stable: int
) -> None:
    """However long each check takes, and however long it waits for its turn: there are two looks after the arrival."""
    script: Script = {f"s{number}": steps for number, steps in enumerate(scripts)}
    limits = WaitLimits(deadline=10_000, concurrency=concurrency)
    run, ending, _, seen = wait(script, goal=Goal(stable=stable), pace=Pace(jitter=0.0), limits=limits)
    assert (ending, run.healthy) == (Ending.REACHED, len(script))
    arrival = max(one.ended for one in seen if one.good == stable)
    longest, rounds = max(one.took for one in seen), -(-len(script) // concurrency)
    assert run.duration - arrival <= 2 * (rounds + 1) * longest
