"""Fixed rate, jitter that never adds up, nothing starved, nothing made up for."""

import random
from collections import Counter
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from healthmon.core.schedule import Schedule, Turn, spread

KEYS = st.sampled_from("abcdef")
INTERVALS = st.sampled_from([0.05, 0.1, 1.0, 7.0, 30.0, 61.7, 300.0])
STARTS = st.floats(0, 1e6)
NUMBERS = st.integers(0, 2**32)


def calm() -> float:
    """No jitter."""
    return 0.0


def take_all(schedule: Schedule, now: float) -> list[Turn]:
    """Every turn that is due."""
    turns = []
    while (turn := schedule.take(now)) is not None:
        turns.append(turn)
    return turns


def run(schedule: Schedule, turns: int, late: Callable[[], float] = calm) -> list[Turn]:
    """Take so many turns, each as soon as it is due, or so many seconds later."""
    taken = []
    for _ in range(turns):
        due = schedule.next_due()
        assert due is not None
        turn = schedule.take(due + late())
        assert turn is not None
        taken.append(turn)
    return taken


def test_nothing_is_due_without_a_service() -> None:
    """Nor is there a next time."""
    schedule = Schedule(calm)
    assert (len(schedule), schedule.next_due(), schedule.take(1e9)) == (0, None, None)


def test_a_turn_is_due_at_its_slot_and_not_before() -> None:
    """Then the next one an interval later."""
    schedule = Schedule(calm)
    schedule.add("a", 30.0, 100.0)
    assert (schedule.next_due(), schedule.take(99.999)) == (100.0, None)
    assert (schedule.take(100.0), schedule.take(100.0)) == (Turn("a", 100.0), None)
    assert schedule.next_due() == 130.0


def test_the_earliest_comes_first_and_of_two_at_once_the_one_added_first() -> None:
    """In the order in which they were due, however late they are taken."""
    schedule = Schedule(calm)
    for key, first in (("late", 3.0), ("b", 1.0), ("a", 1.0), ("early", 0.5)):
        schedule.add(key, 60.0, first)
    assert [turn.key for turn in take_all(schedule, 10.0)] == ["early", "b", "a", "late"]


def test_what_a_check_takes_does_not_shift_the_next() -> None:
    """A turn taken late is followed by one on time."""
    schedule = Schedule(calm)
    schedule.add("a", 30.0, 0.0)
    assert (schedule.take(29.0), schedule.next_due()) == (Turn("a", 0.0), 30.0)


def test_turns_that_passed_are_counted_and_not_made_up_for() -> None:
    """The machine slept for an hour and a little."""
    schedule = Schedule(calm)
    schedule.add("a", 30.0, 0.0)
    assert take_all(schedule, 3610.0) == [Turn("a", 0.0, missed=120)]
    assert schedule.next_due() == 3630.0


def test_a_slot_that_is_now_has_passed() -> None:
    """The next one is after now: no service has two turns at the same time."""
    schedule = Schedule(calm)
    schedule.add("a", 10.0, 0.0)
    assert take_all(schedule, 20.0) == [Turn("a", 0.0, missed=2)]
    assert schedule.next_due() == 30.0


def test_one_that_is_added_again_begins_anew() -> None:
    """With its new interval, and only once."""
    schedule = Schedule(calm)
    schedule.add("a", 30.0, 0.0)
    schedule.add("a", 5.0, 7.0)
    assert len(schedule) == 1
    assert (take_all(schedule, 7.0), schedule.next_due()) == ([Turn("a", 7.0)], 12.0)


def test_one_that_is_removed_has_no_turn() -> None:
    """Whether it is the next one or not, and whether it was there or not."""
    schedule = Schedule(calm)
    for key, first in (("a", 1.0), ("b", 2.0), ("c", 3.0), ("d", 4.0)):
        schedule.add(key, 60.0, first)
    schedule.remove("a")
    schedule.remove("c")
    schedule.remove("nobody")
    assert (len(schedule), schedule.next_due()) == (2, 2.0)
    assert [turn.key for turn in take_all(schedule, 59.0)] == ["b", "d"]


@given(INTERVALS, STARTS, NUMBERS, st.floats(0, 0.98))
def test_the_kth_turn_is_within_its_slot_and_the_jitter(
    interval: float, first: float, seed: int, jitter: float
) -> None:
    """Never before, and the jitter of one turn is forgotten in the next."""
    schedule = Schedule(random.Random(seed).random, jitter)
    schedule.add("a", interval, first)
    for number, turn in enumerate(run(schedule, 50)):
        slot = first + number * interval
        assert slot <= turn.due <= slot + jitter * interval * (1 + 1e-9)
        assert turn.missed == 0


def test_the_jitter_is_drawn_anew_for_each_turn() -> None:
    """So that services that began together do not stay together."""
    schedule = Schedule(iter([0.0, 0.5, 0.25, 0.0]).__next__, jitter=0.1)
    schedule.add("a", 10.0, 0.0)
    assert [turn.due for turn in run(schedule, 3)] == [0.0, 10.5, 20.25]


def test_the_rate_is_exact_over_a_long_time() -> None:
    """A tenth of a second has no exact binary form; a hundred thousand of them still make ten thousand seconds."""
    numbers = random.Random(1)
    schedule = Schedule(numbers.random)
    schedule.add("a", 0.1, 1234.5)
    turns = run(schedule, 100_000, late=lambda: numbers.random() * 0.09)
    assert sum(turn.missed for turn in turns) == 0
    assert turns[-1].due == pytest.approx(1234.5 + 99_999 * 0.1, abs=0.002)


@settings(deadline=None)
@given(st.lists(INTERVALS, min_size=1, max_size=20), NUMBERS)
def test_nothing_starves(intervals: Sequence[float], seed: int) -> None:
    """Each service gets all its turns, however often the others want theirs."""
    numbers = random.Random(seed)
    schedule = Schedule(numbers.random)
    for number, interval in enumerate(intervals):
        schedule.add(str(number), interval, numbers.random() * interval)
    # One turn is taken at a time, as a busy program does; none of them takes long.
    turns = run(schedule, 500)
    end = turns[-1].due
    taken = Counter(turn.key for turn in turns)
    for number, interval in enumerate(intervals):
        assert abs(taken[str(number)] - end / interval) <= 2


@given(st.lists(st.tuples(INTERVALS, STARTS), min_size=1, max_size=10), st.floats(1, 1e6), NUMBERS)
def test_after_a_jump_each_service_has_one_turn(
    services: Sequence[tuple[float, float]], jump: float, seed: int
) -> None:
    """And `missed` says how many more it would have had."""
    schedule = Schedule(random.Random(seed).random)
    for number, (interval, first) in enumerate(services):
        schedule.add(str(number), interval, first)
    now = max(first for _, first in services) + 1000.0 + jump
    turns = take_all(schedule, now)
    assert sorted(int(turn.key) for turn in turns) == list(range(len(services)))
    for turn in turns:
        interval, first = services[int(turn.key)]
        assert turn.missed == _slots_until(now, interval, first)
    next_due = schedule.next_due()
    assert next_due is not None
    assert next_due > now


def _slots_until(now: float, interval: float, first: float) -> int:
    """How many slots there are after the first one, found by trying those nearby."""
    guess = int((now - first) / interval)
    return max(slot for slot in range(max(0, guess - 2), guess + 3) if first + slot * interval <= now)


class Machine(RuleBasedStateMachine):
    """A schedule beside a plain model of it: a dict of what is scheduled."""

    def __init__(self) -> None:
        super().__init__()
        self.schedule = Schedule(random.Random(1).random)
        self.model: dict[str, tuple[float, float]] = {}
        self.now = 0.0

    @rule(key=KEYS, interval=INTERVALS, wait=st.floats(0, 100))
    def add(self, key: str, interval: float, wait: float) -> None:
        """Add one, or add it again."""
        self.schedule.add(key, interval, self.now + wait)
        self.model[key] = (interval, self.now + wait)

    @rule(key=KEYS)
    def remove(self, key: str) -> None:
        """Remove one, scheduled or not."""
        self.schedule.remove(key)
        self.model.pop(key, None)

    @precondition(lambda self: self.model)
    @rule(step=st.floats(0, 1000))
    def take(self, step: float) -> None:
        """Let time pass and take what is due."""
        self.now += step
        turns = take_all(self.schedule, self.now)
        assert [turn.due for turn in turns] == sorted(turn.due for turn in turns)
        taken = Counter(turn.key for turn in turns)
        assert set(taken) <= set(self.model)
        assert not taken or max(taken.values()) == 1
        for turn in turns:
            interval, first = self.model[turn.key]
            slot = round((turn.due - first) // interval)
            assert 0 <= turn.due - (first + slot * interval) <= 0.021 * interval

    @invariant()
    def is_bounded(self) -> None:
        """No more is kept of what was removed than of what is there."""
        assert len(self.schedule) == len(self.model)
        assert len(self.schedule._heap) <= 2 * len(self.model) + 1
        assert (self.schedule.next_due() is None) == (not self.model)


TestMachine = Machine.TestCase
TestMachine.settings = settings(deadline=None)


def test_many_changes_leave_nothing_behind() -> None:
    """As reloads make them."""
    schedule = Schedule(calm)
    for number in range(10_000):
        schedule.add(str(number % 100), 30.0, float(number))
    assert (len(schedule), len(schedule._heap) <= 201) == (100, True)
    for number in range(100):
        schedule.remove(str(number))
    assert (len(schedule), schedule._heap, schedule.next_due()) == (0, [], None)


@pytest.mark.parametrize(
    ("count", "index", "expected"), [(1, 0, 0.0), (50, 49, 0.0), (51, 0, 0.0), (100, 25, 7.5), (100, 99, 29.7)]
)
def test_first_checks_are_spread_over_the_interval(count: int, index: int, expected: float) -> None:
    """Few take place at once: they disturb no one, and the first round is done soon."""
    assert spread(count, 30.0, index) == pytest.approx(expected)


def test_how_many_are_checked_at_once_can_be_chosen() -> None:
    """None, too."""
    assert [spread(4, 8.0, index, at_once=0) for index in range(4)] == [0.0, 2.0, 4.0, 6.0]
