"""What the daemon believes: thresholds, start period, maintenance, roots; no transition lost, none invented."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct, structs

from healthmon.core.model import Cause, Result, Service, Verdict
from healthmon.core.state import Flapping, State, Transition, advance, alarms
from tests.make import result, service

UP, DEGRADED, DOWN, UNKNOWN = Verdict.UP, Verdict.DEGRADED, Verdict.DOWN, Verdict.UNKNOWN
CALM = Flapping()
NEW = State()


class Event(Struct, frozen=True):
    """A result of the only service, and its circumstances. `now` and `at` are steps from the event before."""

    verdict: Verdict
    now: float = 30.0
    at: float = 30.0
    in_maintenance: bool = False
    blocked_by: str | None = None


class Step(Struct, frozen=True):
    """What became of an event."""

    before: State
    after: State
    transition: Transition | None
    result: Result
    now: float
    at: float


def replay(events: Iterable[Event], owner: Service, *, flapping: Flapping = CALM, state: State = NEW) -> list[Step]:
    """Advance through all events. Each result says in its message which it is."""
    now, at, steps = 1000.0, 1_769_860_800.0, []
    for number, event in enumerate(events):
        now, at = now + event.now, at + event.at
        one = result(
            verdict=event.verdict, service=owner, blocked_by=event.blocked_by, message=f"result {number}", started=at
        )
        after, transition = advance(state, one, now=now, at=at, in_maintenance=event.in_maintenance, flapping=flapping)
        steps.append(Step(state, after, transition, one, now, at))
        state = after
    return steps


def verdicts(letters: str, owner: Service, state: State = NEW) -> str:
    """What is believed after each of some results: u(p), g (degraded), d(own), ? (unknown)."""
    names = {"u": UP, "g": DEGRADED, "d": DOWN, "?": UNKNOWN}
    back = {verdict: letter for letter, verdict in names.items()}
    steps = replay([Event(names[letter]) for letter in letters], owner, state=state)
    return "".join(back[step.after.verdict] for step in steps)


def believing(verdict: Verdict, owner: Service, *, blocked_by: str | None = None) -> State:
    """A state that has settled in a verdict."""
    events = [Event(verdict, now=0.0, at=0.0, blocked_by=blocked_by)] * 12
    return replay(events, owner)[-1].after


# Thresholds.


@pytest.mark.parametrize(
    ("failures", "successes", "seen", "believed"),
    [
        (1, 1, "ududdu", "ududdu"),
        (3, 1, "ddd", "??d"),
        (3, 1, "uddudddd", "uuuuuudd"),
        (3, 2, "dddududuu", "??ddddddu"),
        (3, 2, "uu", "?u"),
        (3, 2, "udu", "???"),
        # Both count as successes; what is believed is the last of them.
        (3, 3, "ugu", "??u"),
        (3, 3, "uug", "??g"),
        (2, 2, "uugug", "?ugug"),
        # Unknown results neither count nor reset.
        (2, 2, "u?u?d??d?u?u", "??uuuuuddddu"),
        (3, 1, "???", "???"),
    ],
)
def test_thresholds(failures: int, successes: int, seen: str, believed: str) -> None:
    """So many in a row, and not one less."""
    assert verdicts(seen, service(failure_threshold=failures, success_threshold=successes)) == believed


def test_until_a_threshold_is_met_it_leans() -> None:
    """The way of the last result that counts, where that is not what is believed."""
    owner = service(failure_threshold=2, success_threshold=2)
    events = [
        Event(verdict) for verdict in (DEGRADED, UNKNOWN, UP, DOWN, UP, DOWN, UNKNOWN, DOWN, DOWN, DEGRADED, DOWN)
    ]
    leanings = [step.after.leaning for step in replay(events, owner)]
    assert leanings == [DEGRADED, DEGRADED, None, DOWN, None, DOWN, DOWN, None, None, DEGRADED, None]


def test_a_transition_says_what_has_changed() -> None:
    """With the result that changed it, and how long it was as before."""
    owner = service(failure_threshold=2)
    steps = replay([Event(UP), Event(DOWN), Event(DOWN)], owner)
    last = steps[-1]
    assert last.transition == Transition(
        service=owner,
        before=UP,
        after=DOWN,
        at=last.at,
        lasted=60.0,
        result=last.result,
        blocked_by=None,
        flapping=False,
    )
    assert last.transition.alarm
    first = steps[0].transition
    assert first is not None
    assert (first.before, first.after, first.lasted, first.alarm) == (UNKNOWN, UP, None, False)


def test_the_state_tells_of_the_result_that_made_it_so() -> None:
    """Not of those that only confirm it."""
    steps = replay([Event(UP), *[Event(DOWN)] * 5], service(failure_threshold=2))
    assert steps[-1].after == State(
        verdict=DOWN,
        since=steps[2].at,
        cause=Cause.STATUS,
        message="result 2",
        failures=2,
        first_check=steps[0].now,
        proven=True,
        changes=(steps[2].now,),
    )


def test_another_cause_of_the_same_outage_is_not_taken_over() -> None:
    """The state says why it went down."""
    owner = service(failure_threshold=1)
    state = believing(DOWN, owner)
    refused = result(verdict=DOWN, service=owner, cause=Cause.REFUSED, message="connection refused")
    after, _ = advance(state, refused, now=2000.0, at=state.since or 0.0, in_maintenance=False, flapping=CALM)
    assert after == state


def test_what_is_up_has_no_cause() -> None:
    """Nor has what was down before."""
    (*_, last) = replay([Event(DOWN), Event(UP)], service(failure_threshold=1))
    assert (last.before.cause, last.after.cause, last.after.message) == (Cause.STATUS, None, "result 1")


# Start period.


def test_failures_in_the_start_period_do_not_count() -> None:
    """It ends after its time, counted from the first check that told something."""
    owner = service(failure_threshold=2, start_period=60.0)
    steps = replay([Event(UNKNOWN), *[Event(DOWN)] * 5], owner)
    assert [step.after.failures for step in steps] == [0, 0, 0, 1, 2, 2]
    assert [step.after.verdict for step in steps] == [UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, DOWN, DOWN]
    assert [step.after.leaning for step in steps] == [None, DOWN, DOWN, DOWN, None, None]
    assert steps[-1].after.first_check == steps[1].now


def test_the_first_success_ends_the_start_period() -> None:
    """Even one that is one too few to be believed."""
    owner = service(failure_threshold=2, success_threshold=2, start_period=3600.0)
    assert verdicts("ddddudd", owner) == "??????d"


def test_a_first_check_by_an_earlier_clock_begins_anew() -> None:
    """The machine has booted since, and its steady clock began again."""
    owner = service(failure_threshold=1, start_period=60.0)
    steps = replay([Event(DOWN)] * 4, owner, state=State(first_check=1e9))
    assert [step.after.verdict for step in steps] == [UNKNOWN, UNKNOWN, DOWN, DOWN]
    assert steps[0].after.first_check == steps[0].now


# Maintenance.


def test_maintenance_withholds_going_down_until_it_ends() -> None:
    """Then the next failure is enough."""
    owner = service(failure_threshold=3)
    steps = replay([Event(UP), *[Event(DOWN, in_maintenance=True)] * 5, Event(UNKNOWN), Event(DOWN)], owner)
    assert [step.after.verdict for step in steps] == [UP] * 7 + [DOWN]
    assert [step.after.failures for step in steps] == [0, 1, 2, 3, 3, 3, 3, 3]
    assert [step.after.leaning for step in steps] == [None, *[DOWN] * 6, None]
    assert [step.after.in_maintenance for step in steps] == [False, *[True] * 5, False, False]
    assert steps[-1].transition is not None
    assert steps[-1].transition.alarm


def test_after_maintenance_the_threshold_still_holds() -> None:
    """One failure in the window and one after it are two."""
    owner = service(failure_threshold=3)
    steps = replay([Event(UP), Event(DOWN, in_maintenance=True), Event(DOWN), Event(DOWN)], owner)
    assert [step.after.verdict for step in steps] == [UP, UP, UP, DOWN]


def test_in_maintenance_all_but_going_down_goes_on() -> None:
    """Recovery, and a degradation."""
    owner = service(failure_threshold=1)
    events = [Event(DOWN), *[Event(verdict, in_maintenance=True) for verdict in (DOWN, UP, DEGRADED, UP)]]
    assert [step.after.verdict for step in replay(events, owner)] == [DOWN, DOWN, UP, DEGRADED, UP]


# Roots.


def test_what_goes_down_because_of_its_root_raises_no_alarm() -> None:
    """It is down all the same."""
    owner = service(failure_threshold=2)
    *_, last = replay([Event(UP), Event(DOWN), Event(DOWN, blocked_by="postgres")], owner)
    assert last.transition is not None
    assert (last.transition.after, last.transition.blocked_by, last.transition.alarm) == (DOWN, "postgres", False)
    assert (last.after.verdict, last.after.blocked_by, last.after.failures) == (DOWN, "postgres", 0)


def test_while_it_is_explained_nothing_changes_but_the_root() -> None:
    """Which is what the last result says."""
    owner = service(failure_threshold=2)
    state = believing(DOWN, owner, blocked_by="postgres")
    steps = replay([Event(DOWN, blocked_by="postgres"), Event(DOWN, blocked_by="redis")], owner, state=state)
    assert [step.transition for step in steps] == [None, None]
    assert (steps[0].after, steps[1].after) == (state, structs.replace(state, blocked_by="redis"))


def test_an_explained_failure_resets_the_successes() -> None:
    """They must come in a row."""
    owner = service(failure_threshold=1, success_threshold=2)
    events = [Event(UP), Event(DOWN, blocked_by="postgres"), Event(UP), Event(UP)]
    steps = replay(events, owner, state=believing(DOWN, owner, blocked_by="postgres"))
    assert [(step.after.verdict, step.after.successes) for step in steps] == [(DOWN, 1), (DOWN, 0), (DOWN, 1), (UP, 2)]
    assert [step.after.leaning for step in steps] == [UP, None, UP, None]


def test_what_its_root_no_longer_explains_raises_its_alarm() -> None:
    """After as many failures as it takes to go down; it has been down since before."""
    owner = service(failure_threshold=2)
    state = believing(DOWN, owner, blocked_by="postgres")
    events = [Event(DOWN), Event(DOWN, blocked_by="postgres"), Event(DOWN), Event(DOWN), Event(DOWN)]
    steps = replay(events, owner, state=state)
    assert [step.transition is not None for step in steps] == [False, False, False, True, False]
    told, after = steps[3].transition, steps[3].after
    assert told is not None
    assert state.since is not None
    assert (told.before, told.after, told.blocked_by, told.alarm) == (DOWN, DOWN, None, True)
    assert told.lasted == steps[3].at - state.since
    assert (after.since, after.blocked_by, after.message, after.changes) == (state.since, None, "result 3", ())


def test_that_alarm_is_withheld_in_maintenance() -> None:
    """And raised after it."""
    owner = service(failure_threshold=2)
    state = believing(DOWN, owner, blocked_by="postgres")
    steps = replay([*[Event(DOWN, in_maintenance=True)] * 3, Event(DOWN)], owner, state=state)
    assert [step.transition is not None for step in steps] == [False, False, False, True]
    assert [step.after.blocked_by for step in steps] == ["postgres", "postgres", "postgres", None]


def test_after_its_alarm_a_root_changes_nothing() -> None:
    """It has been raised: to take it back would be another."""
    owner = service(failure_threshold=2)
    state = believing(DOWN, owner)
    (step,) = replay([Event(DOWN, blocked_by="postgres")], owner, state=state)
    assert (step.after, step.transition) == (state, None)


def test_what_recovers_is_blocked_no_more() -> None:
    """When its threshold is met."""
    owner = service(failure_threshold=1, success_threshold=2)
    steps = replay([Event(UP), Event(UP)], owner, state=believing(DOWN, owner, blocked_by="postgres"))
    assert [step.after.blocked_by for step in steps] == ["postgres", None]
    assert steps[1].transition is not None
    assert (steps[1].transition.before, steps[1].transition.after, steps[1].transition.alarm) == (DOWN, UP, False)


# Flapping.


def test_more_changes_than_are_calm_are_flapping() -> None:
    """The first verdict of all is no change; in quiet times flapping ends by itself, even of an unknown service."""
    owner = service(failure_threshold=1)
    events = [Event(verdict, now=10.0) for verdict in (UP, DOWN, UP, DEGRADED, DOWN, DOWN)]
    events += [Event(UNKNOWN, now=50.0), Event(UNKNOWN, now=20.0)]
    steps = replay(events, owner, flapping=Flapping(transitions=3, window=100.0))
    assert [step.after.flapping for step in steps] == [False, False, False, False, True, True, True, False]
    assert [len(step.after.changes) for step in steps] == [0, 1, 2, 3, 4, 4, 4, 4]
    assert [step.transition.flapping for step in steps if step.transition] == [False, False, False, False, True]


def test_only_as_many_changes_are_kept_as_are_needed() -> None:
    """One more than are calm."""
    steps = replay([Event(DOWN), Event(UP)] * 20, service(failure_threshold=1), flapping=Flapping(2, 1e9))
    assert steps[-1].after.changes == tuple(step.now for step in steps[-3:])


def test_changes_by_an_earlier_clock_do_not_count() -> None:
    """The machine has booted since."""
    owner = service(failure_threshold=1)
    state = structs.replace(believing(UP, owner), changes=tuple(1e9 + number for number in range(6)), flapping=True)
    steps = replay([Event(UNKNOWN), Event(UP), Event(DOWN)], owner, state=state)
    assert [step.after.flapping for step in steps] == [False, False, False]
    assert steps[-1].after.changes == (steps[-1].now,)


# Clocks.


def test_a_wall_clock_set_back_leaves_no_moment_to_come() -> None:
    """Nothing is so since the future, nothing lasted less than no time."""
    owner = service(failure_threshold=1)
    steps = replay([Event(UP), Event(UP, at=-3600.0), Event(UP), Event(DOWN)], owner)
    assert [step.after.since for step in steps] == [steps[0].at, steps[1].at, steps[1].at, steps[3].at]
    assert steps[3].transition is not None
    assert steps[3].transition.lasted == 60.0
    (_, back) = replay([Event(UP), Event(DOWN, at=-3600.0)], owner)
    assert back.transition is not None
    assert back.transition.lasted == 0.0


# Properties.

THRESHOLDS = st.integers(1, 4)
SERVICES = st.builds(
    lambda f, s, start: service(failure_threshold=f, success_threshold=s, start_period=start),
    THRESHOLDS,
    THRESHOLDS,
    st.sampled_from([0.0, 0.0, 100.0]),
)
VERDICTS = st.sampled_from(Verdict)
CONCLUSIVE = st.sampled_from([UP, DOWN, DEGRADED])
EVENTS = st.lists(
    st.builds(
        Event,
        verdict=VERDICTS,
        now=st.sampled_from([0.0, 1.0, 30.0, 300.0]),
        at=st.sampled_from([30.0, 0.0, -7200.0, 1e6]),
        in_maintenance=st.booleans(),
        blocked_by=st.sampled_from([None, None, "postgres", "redis"]),
    ),
    max_size=40,
)
FLAPPINGS = st.builds(Flapping, st.integers(1, 6), st.sampled_from([60.0, 600.0]))


@given(EVENTS, SERVICES, FLAPPINGS)
def test_no_transition_is_lost_or_invented(events: list[Event], owner: Service, flapping: Flapping) -> None:
    """Each begins where the one before ended, and all together make the state."""
    steps = replay(events, owner, flapping=flapping)
    verdict, blocked_by, message = UNKNOWN, None, ""
    for step in steps:
        told = step.transition
        if told is not None:
            assert (told.before, told.after != told.before or told.alarm) == (verdict, True)
            assert told.blocked_by is None or told.after is DOWN
            verdict, message = told.after, told.result.message
            blocked_by = told.blocked_by
        elif blocked_by is not None:
            # The root may change without a transition: there is an alarm of that one's own.
            blocked_by = step.result.blocked_by or blocked_by if step.result.verdict is DOWN else blocked_by
        after = step.after
        assert (after.verdict, after.blocked_by, after.message) == (verdict, blocked_by, message)


def expected_verdicts(seen: Sequence[Verdict], failures: int, successes: int) -> list[Verdict]:
    """What is to be believed, read off the raw sequence: whoever had its number in a row last is right."""
    believed = []
    for end in range(1, len(seen) + 1):
        told = [verdict for verdict in seen[:end] if verdict is not UNKNOWN]
        current = UNKNOWN
        for stop in range(1, len(told) + 1):
            last_failures, last_successes = told[:stop][-failures:], told[:stop][-successes:]
            if len(last_failures) == failures and set(last_failures) == {DOWN}:
                current = DOWN
            elif (current.healthy and told[stop - 1].healthy) or (
                len(last_successes) == successes and all(verdict.healthy for verdict in last_successes)
            ):
                current = told[stop - 1]
        believed.append(current)
    return believed


@given(st.lists(VERDICTS, max_size=20), THRESHOLDS, THRESHOLDS)
def test_the_state_changes_exactly_when_a_threshold_is_met(seen: list[Verdict], failures: int, successes: int) -> None:
    """Against a model that looks at the whole sequence again at every result."""
    owner = service(failure_threshold=failures, success_threshold=successes)
    steps = replay([Event(verdict) for verdict in seen], owner)
    assert [step.after.verdict for step in steps] == expected_verdicts(seen, failures, successes)
    for step in steps:
        assert (step.transition is not None) == (step.after.verdict is not step.before.verdict)


def bare(state: State) -> State:
    """The state without its flags."""
    return structs.replace(state, in_maintenance=False, flapping=False)


@given(EVENTS, SERVICES, FLAPPINGS)
def test_unknown_results_might_as_well_not_be(events: list[Event], owner: Service, flapping: Flapping) -> None:
    """They change flags and nothing else; all others go on as if they were not there."""
    steps = replay(events, owner, flapping=flapping)
    state = State()
    for step in steps:
        if step.result.verdict is UNKNOWN:
            assert (bare(step.after), step.transition) == (bare(step.before), None)
            continue
        state, transition = advance(
            state,
            step.result,
            now=step.now,
            at=step.at,
            in_maintenance=step.after.in_maintenance,
            flapping=flapping,
        )
        assert (state, transition) == (step.after, step.transition)


@given(EVENTS, SERVICES, FLAPPINGS, EVENTS.filter(bool))
def test_what_tells_nothing_new_changes_nothing(
    events: list[Event], owner: Service, flapping: Flapping, same: list[Event]
) -> None:
    """The state settles and stays equal, so that it need not be written down again."""
    still = structs.replace(same[0], now=1000.0, at=30.0)
    steps = replay([*events, *[still] * 12], owner, flapping=flapping)
    assert len({bare(step.after) for step in steps[-6:]}) == 1
    assert len({step.after for step in steps[-4:]}) == 1


@given(EVENTS, SERVICES)
def test_counters_are_bounded(events: list[Event], owner: Service) -> None:
    """By the thresholds and by flapping."""
    for step in replay(events, owner, flapping=Flapping(3)):
        assert 0 <= step.after.failures <= owner.failure_threshold
        assert 0 <= step.after.successes <= owner.success_threshold
        assert not (step.after.failures and step.after.successes)
        assert len(step.after.changes) <= 4
        assert step.after.blocked_by is None or step.after.verdict is DOWN
        assert step.after.leaning != step.after.verdict
        assert step.after.since is None or step.after.since <= step.at or step.result.verdict is UNKNOWN


@given(EVENTS, SERVICES)
def test_alarms_agrees_with_what_would_come(events: list[Event], owner: Service) -> None:
    """Asked before the root is looked for, it says what happens if there is none."""
    for step in replay(events, owner):
        covered = step.after.in_maintenance
        plain = structs.replace(step.result, blocked_by=None)
        _, transition = advance(step.before, plain, now=step.now, at=step.at, in_maintenance=covered, flapping=CALM)
        for asked in (plain, step.result):
            found = alarms(step.before, asked, now=step.now, in_maintenance=covered)
            assert found == (transition is not None and transition.alarm)


@given(EVENTS, SERVICES)
def test_no_step_of_the_wall_clock_changes_what_is_believed(events: list[Event], owner: Service) -> None:
    """All that is counted is counted by the steady clock."""
    stepping = replay(events, owner)
    steady = replay([structs.replace(event, at=30.0) for event in events], owner)
    for one, other in zip(stepping, steady, strict=True):
        assert structs.replace(one.after, since=None) == structs.replace(other.after, since=None)
        assert (one.transition is None) == (other.transition is None)
        assert one.transition is None or one.transition.lasted is None or one.transition.lasted >= 0


@given(EVENTS, SERVICES)
def test_a_machine_that_sleeps_raises_no_alarm(events: list[Event], owner: Service) -> None:
    """However much time passes between two results, without results nothing changes; outside the start period."""
    owner = structs.replace(owner, start_period=0.0)
    slept = replay([structs.replace(event, now=event.now * 1e4) for event in events], owner)
    awake = replay(events, owner)
    assert [step.after.verdict for step in slept] == [step.after.verdict for step in awake]


# A service and its root, as the engine checks them.


class Pair:
    """A service that depends on another, both checked in any order; before an alarm the root is asked."""

    def __init__(self, failures: int, successes: int, root_failures: int, *, attributes: bool) -> None:
        self.root = service("postgres", failure_threshold=root_failures)
        self.service = service("brain", failure_threshold=failures, success_threshold=successes)
        self.states = {"postgres": State(), "brain": State()}
        self.seen = {"postgres": UNKNOWN, "brain": UNKNOWN}
        self.alarms: list[str] = []
        self.now = 0.0
        self.attributes = attributes

    def check(self, owner: Service, *, root_down: bool, broken: bool = False) -> None:
        """A check: the service fails where its root is down, or where it is broken itself."""
        self.now += 1.0
        verdict = DOWN if root_down or (broken and owner is self.service) else UP
        one = result(verdict=verdict, service=owner)
        state = self.states[owner.id]
        if owner is self.service and one.verdict is DOWN:
            if alarms(state, one, now=self.now, in_maintenance=False):
                self.check(self.root, root_down=root_down)
                known = self.seen["postgres"]
            else:
                known = self.seen["postgres"] if self.attributes else UNKNOWN
            one = structs.replace(one, blocked_by="postgres" if known is DOWN else None)
        self.seen[owner.id] = one.verdict
        self.states[owner.id], transition = advance(
            state, one, now=self.now, at=self.now, in_maintenance=False, flapping=CALM
        )
        if transition is not None and transition.alarm:
            self.alarms.append(owner.id)


PAIRS = st.builds(Pair, THRESHOLDS, THRESHOLDS, THRESHOLDS, attributes=st.booleans())


@given(PAIRS, st.lists(st.tuples(st.booleans(), st.booleans()), max_size=60))
def test_what_fails_because_of_its_root_raises_no_alarm_of_its_own(pair: Pair, script: list[tuple[bool, bool]]) -> None:
    """In whatever order the two are checked, and whether roots are looked for at every failure or before an alarm."""
    for root_first, root_down in script:
        pair.check(pair.root if root_first else pair.service, root_down=root_down)
    assert "brain" not in pair.alarms


@given(PAIRS, st.lists(st.tuples(st.booleans(), st.booleans()), max_size=30), st.integers(1, 5))
def test_the_alarm_of_what_stays_down_without_its_root_is_not_lost(
    pair: Pair, script: list[tuple[bool, bool]], threshold: int
) -> None:
    """When the root is well again, a service that goes on failing raises its own after `failure_threshold` failures."""
    pair.service = structs.replace(pair.service, failure_threshold=threshold)
    for root_first, root_down in script:
        pair.check(pair.root if root_first else pair.service, root_down=root_down)
    pair.check(pair.root, root_down=False)
    assert "brain" not in pair.alarms
    for _ in range(threshold):
        pair.check(pair.service, root_down=False, broken=True)
    assert pair.alarms.count("brain") == 1
    for _ in range(threshold):
        pair.check(pair.service, root_down=False, broken=True)
    assert pair.alarms.count("brain") == 1


@given(st.lists(st.tuples(CONCLUSIVE, st.booleans()), max_size=30), THRESHOLDS)
def test_an_alarm_and_its_end_take_turns(seen: list[tuple[Verdict, bool]], threshold: int) -> None:
    """Nobody is told twice of the same outage."""
    owner = service(failure_threshold=threshold)
    events = [Event(verdict, blocked_by="postgres" if blocked else None) for verdict, blocked in seen]
    told = [step.transition for step in replay(events, owner) if step.transition is not None]
    assert all(not (one.alarm and other.alarm) for one, other in pairwise(told))
