"""Waiting, as functions of their arguments: what counts, what is remembered, how long the pauses are."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healthmon.core import waiting
from healthmon.core.advice.symptoms import SYMPTOMS
from healthmon.core.model import Cause, Fact, Result, Verdict
from healthmon.core.waiting import (
    Goal,
    Pace,
    Progress,
    advance,
    least_wait,
    means_down,
    outdated,
    pause,
    rarely_cured,
    worth_another_look,
)
from tests.conftest import ROOT
from tests.make import result, service

UP, DEGRADED, DOWN, UNKNOWN = Verdict.UP, Verdict.DEGRADED, Verdict.DOWN, Verdict.UNKNOWN

VERDICTS = st.lists(st.sampled_from(list(Verdict)), min_size=1, max_size=30)
GOALS = st.builds(Goal, stable=st.integers(1, 5), degraded=st.booleans())


def failed(cause: Cause, *, status: int = 500, symptom: str | None = None) -> Result:
    """A result with this cause, of the verdict that it means."""
    return result(verdict=cause.verdict, cause=cause, facts=(Fact("status", status),), symptom=symptom)


def replay(verdicts: list[Verdict], goal: Goal) -> list[Progress]:
    """The progress after each of some results. A check takes half a second, and one begins every second."""
    progress, all_ = Progress(service()), []
    for number, verdict in enumerate(verdicts):
        progress = advance(progress, result(verdict=verdict), goal, began=number, ended=number + 0.5)
        all_.append(progress)
    return all_


@pytest.mark.parametrize(
    ("goal", "met"),
    [
        (Goal(), [UP, DEGRADED]),
        (Goal(degraded=False), [UP]),
        (Goal(down=True), [DOWN]),
        (Goal(down=True, degraded=False), [DOWN]),
    ],
)
def test_what_counts(goal: Goal, met: list[Verdict]) -> None:
    """Unknown never does. The result that is down here is refused."""
    results = [result(verdict=one, cause=None if one is UP else Cause.REFUSED) for one in Verdict]
    assert [one.verdict for one in results if goal.met(one)] == met


@pytest.mark.parametrize("cause", list(Cause))
def test_the_causes_that_mean_down(cause: Cause) -> None:
    """Nobody serves: not a wrong answer, a wrong question, or trouble of our own."""
    assert means_down(failed(cause)) == (
        cause in {Cause.REFUSED, Cause.UNREACHABLE, Cause.CONNECT_TIMEOUT, Cause.RESET, Cause.UNHEALTHY, Cause.PROCESS}
    )


@pytest.mark.parametrize(("status", "down"), [(502, True), (503, True), (504, True), (500, False), (404, False)])
def test_the_statuses_that_mean_down(status: int, down: bool) -> None:
    """Those with which a proxy speaks for a service that is not there."""
    assert means_down(failed(Cause.STATUS, status=status)) is down


@pytest.mark.parametrize(
    ("cause", "symptom"),
    [
        (Cause.PROCESS, "exec.missing"),
        (Cause.REFUSED, "docker.no_engine"),
        (Cause.UNREACHABLE, "network.no_route"),
        (Cause.UNHEALTHY, "grpc.unknown_service"),
        (Cause.UNHEALTHY, "postgres.too_many_connections"),
        (Cause.UNHEALTHY, "docker.starting"),
    ],
)
def test_symptoms_that_tell_of_something_else(cause: Cause, symptom: str) -> None:
    """A command that cannot be started is not a service that is down."""
    assert not means_down(failed(cause, symptom=symptom))
    assert means_down(failed(cause, symptom=None))


def test_what_means_down_is_documented() -> None:
    """All causes and statuses."""
    text = (ROOT / "docs/wait.md").read_text(encoding="utf-8").partition("`--invert` waits")[2]
    sentence = text.partition(", with which a proxy")[0]
    assert set(re.findall(r"`(\w+)`", sentence)) == {cause.value for cause in Cause if means_down(failed(cause))}
    assert {int(status) for status in re.findall(r"\b\d{3}\b", sentence)} == set(waiting._GATEWAY)


def test_the_symptoms_are_real_ones() -> None:
    """And not names of the past."""
    assert set(SYMPTOMS) >= waiting._SOMETHING_ELSE


def test_degraded_is_not_down() -> None:
    """Whatever the warning's cause."""
    assert not means_down(result(verdict=DEGRADED, cause=Cause.PROCESS))


def test_what_waiting_rarely_cures() -> None:
    """A certificate, rejected credentials, and a name that does not exist; not one that cannot be looked up now."""
    assert {cause for cause in Cause if rarely_cured(failed(cause))} == {Cause.CERTIFICATE, Cause.AUTH}
    assert rarely_cured(failed(Cause.DNS, symptom="dns.no_name"))
    assert not rarely_cured(failed(Cause.DNS, symptom="dns.server_failure"))


def test_what_is_remembered() -> None:
    """From the first good check that lasts; the failure before it stays known."""
    goal = Goal(stable=2)
    first, second, third, fourth, fifth = replay([UP, DOWN, UP, DEGRADED, UNKNOWN], goal)
    assert (first.good, first.bad, first.since, first.last_failure) == (1, 0, 0.5, None)
    assert (second.good, second.bad, second.since, second.waited(goal).reached) == (0, 1, None, None)
    assert (third.good, third.since, third.waited(goal).reached) == (1, 2.5, None)
    assert (fourth.good, fourth.since, fourth.waited(goal).reached) == (2, 2.5, 2.5)
    assert (fourth.last, fourth.last_failure) == (result(verdict=DEGRADED), second.last)
    assert (fifth.checks, fifth.bad, fifth.waited(goal).last_failure) == (5, 1, fifth.last)
    assert (fifth.began, fifth.ended) == (4, 4.5)


@given(VERDICTS, GOALS)
def test_progress_is_what_the_results_say(verdicts: list[Verdict], goal: Goal) -> None:
    """Counted anew from all of them."""
    after = replay(verdicts, goal)[-1]
    marks = "".join("g" if goal.met(result(verdict=verdict)) else "b" for verdict in verdicts)
    good = len(marks) - len(marks.rstrip("g"))
    assert (after.checks, after.good) == (len(marks), good)
    assert after.bad == len(marks) - len(marks.rstrip("b"))
    assert after.since == (len(marks) - good + 0.5 if good else None)
    assert (after.last_failure is None) == ("b" not in marks)
    waited = after.waited(goal)
    assert (waited.checks, waited.good, waited.last_failure) == (after.checks, after.good, after.last_failure)
    assert (waited.reached is not None) == bool(re.search(f"g{{{goal.stable}}}$", marks))


def test_pauses() -> None:
    """Even while good checks are counted, longer by half with each failure, long for who is there."""
    pace = Pace(interval=2.0, longest=5.0, jitter=0.0)

    def after(good: int, bad: int, interval: float = 3.0) -> float:
        return pause(Progress(service(interval=interval), good=good, bad=bad), pace, Goal(stable=2), lambda: 0.0)

    assert [after(0, bad) for bad in (0, 1, 2, 3, 4, 10_000)] == [2.0, 2.0, 3.0, 4.5, 5.0, 5.0]
    assert [after(good, 0) for good in (1, 2, 3)] == [2.0, 5.0, 5.0]
    assert [after(good, 0, interval=900.0) for good in (0, 1, 2)] == [2.0, 2.0, 900.0]


def test_the_longest_pause_is_never_shorter_than_the_interval() -> None:
    """Who asks every minute means it."""
    pace = Pace(interval=60.0, longest=10.0, jitter=0.0)
    assert pause(Progress(service(), bad=1), pace, Goal(), lambda: 0.5) == 60.0


@given(
    st.builds(
        Progress, st.builds(service, interval=st.floats(0.001, 1e4)), good=st.integers(0, 9), bad=st.integers(0, 1000)
    ),
    st.builds(Pace, st.floats(0.001, 1e4), st.floats(0.001, 1e4), st.floats(0.0, 0.5)),
    GOALS,
    st.floats(0.0, 1.0),
)
def test_pauses_stay_within_their_bounds(progress: Progress, pace: Pace, goal: Goal, number: float) -> None:
    """From the interval to the longest, give or take the jitter."""
    seconds = pause(progress, pace, goal, lambda: number)
    own = progress.service.interval if progress.good >= goal.stable else 0.0
    longest = max(pace.interval, pace.longest, own)
    assert pace.interval * (1 - pace.jitter) * 0.999 <= seconds <= longest * (1 + pace.jitter) * 1.001


@given(st.integers(1, 20), st.floats(0.001, 100.0), st.floats(0.0, 0.5))
def test_the_least_that_waiting_takes(stable: int, interval: float, jitter: float) -> None:
    """Pauses as short as chance can make them, and checks that take no time."""
    goal, pace = Goal(stable=stable), Pace(interval, interval, jitter)
    pauses = [pause(Progress(service(), good=good), pace, goal, lambda: 0.0) for good in range(1, stable)]
    assert least_wait(goal, pace) == pytest.approx(sum(pauses))


def test_outdated() -> None:
    """Longer ago than the interval, and than the check itself took."""
    early, late, slow = (
        Progress(service(id_), began=began, ended=ended)
        for id_, began, ended in (("early", 1.9, 2.0), ("late", 8.9, 9.0), ("slow", 0.0, 5.0))
    )
    assert outdated([early, late, slow], 10.0, Pace(interval=1.0)) == [early]
    assert outdated([early, late, slow], 10.1, Pace(interval=1.0)) == [early, late, slow]
    assert outdated([], 10.0, Pace()) == []


def test_who_answers_at_once_is_worth_another_look() -> None:
    """If it has grown old, and the look would last at most half as long as the one in which it has."""
    quick, fresh, slow = (
        Progress(service(id_), began=ended - took, ended=ended)
        for id_, took, ended in (("quick", 1.0, 2.0), ("fresh", 0.5, 9.5), ("slow", 1.1, 2.0))
    )
    progresses, pace = [quick, fresh, slow], Pace(interval=1.0)
    assert worth_another_look(progresses, 10.0, pace, look=2.0, concurrency=1) == [quick]
    assert worth_another_look(progresses, 10.0, pace, look=1.9, concurrency=1) == []
    assert worth_another_look([quick] * 8, 10.0, pace, look=4.0, concurrency=4) == [quick] * 8
    assert worth_another_look([quick] * 8, 10.0, pace, look=4.0, concurrency=3) == []
    assert worth_another_look([], 10.0, pace, look=4.0, concurrency=3) == []


def test_one_that_could_not_be_looked_at_again() -> None:
    """Has not reached the goal; since when it was good stays known."""
    goal = Goal()
    good = replay([DOWN, UP], goal)[-1]
    assert (good.waited(goal).reached, good.waited(goal).since) == (1.5, 1.5)
    unproven = good.waited(goal, proven=False)
    assert (unproven.reached, unproven.since, unproven.good) == (None, 1.5, 1)


@pytest.mark.parametrize(
    ("goal", "word"), [(Goal(), "healthy"), (Goal(degraded=False), "up"), (Goal(down=True, degraded=False), "down")]
)
def test_the_word_for_what_is_waited_for(goal: Goal, word: str) -> None:
    """Where a degraded service does not count, healthy would be too little."""
    assert goal.wanted == word
