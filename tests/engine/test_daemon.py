"""The daemon on a loop whose time jumps: when it checks, what it believes, what it tells."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import pytest
from msgspec import structs

from healthmon.core.maintenance import Window
from healthmon.core.model import Cause, Fact, Result, Service, Verdict
from healthmon.core.state import State
from healthmon.engine.check import Clock
from healthmon.engine.daemon import Daemon
from healthmon.engine.plan import Change, Plan
from healthmon.testing import RememberingSink, run_jumping
from tests import make

WALL = 1_769_860_800.0

Answer = tuple[float, Verdict, Cause | None]
Behaviour = Callable[[float], Answer]
"""How a service is at a moment (seconds after the start): seconds that a check takes, its verdict and cause."""


def always(verdict: Verdict = Verdict.UP, seconds: float = 0.01, cause: Cause | None = None) -> Behaviour:
    """The same at all times."""
    return lambda _: (seconds, verdict, cause or (None if verdict.healthy else Cause.STATUS))


def down_between(begin: float, end: float, cause: Cause = Cause.REFUSED) -> Behaviour:
    """Up, but for a while."""
    return lambda now: (0.01, Verdict.DOWN, cause) if begin <= now < end else (0.01, Verdict.UP, None)


class World:
    """Services that behave as told, and a daemon that watches them."""

    def __init__(self, behaviours: Mapping[str, Behaviour], **keys: Any) -> None:
        self.behaviours = dict(behaviours)
        self.addresses: dict[str, str] = {}
        self.sink = RememberingSink()
        self.pulses = 0
        self.offset = 0.0  # of the wall clock
        self.slept = 0.0  # what the monotonic clock has jumped ahead
        self.keys = keys
        self.daemon: Daemon

    @property
    def now(self) -> float:
        """Seconds since the start."""
        return asyncio.get_running_loop().time()

    def build(self, *services: Service, **plan: Any) -> Daemon:
        """The daemon."""
        self.daemon = Daemon(
            Plan(services=services, **plan),
            check=self.check,
            sink=self.sink,
            clock=Clock(wall=lambda: WALL + self.offset + self.now, monotonic=lambda: 50.0 + self.slept + self.now),
            random=lambda: 0.0,
            pulse=self.pulse,
            **self.keys,
        )
        return self.daemon

    async def check(self, service: Service) -> Result:
        """As the service behaves when the check ends."""
        started = WALL + self.now
        seconds, _, _ = self.behaviours[service.id](self.now)
        await asyncio.sleep(seconds)
        _, verdict, cause = self.behaviours[service.id](self.now)
        facts = (Fact("status", 200), *(Fact("ip", ip) for id_, ip in self.addresses.items() if id_ == service.id))
        return make.result(
            verdict=verdict, service=service, cause=cause, started=started, duration=seconds, facts=facts
        )

    def pulse(self) -> None:
        """Count."""
        self.pulses += 1

    def moments(self, id_: str) -> list[float]:
        """When the checks of a service began, as seconds after the start."""
        return [round(result.started - WALL, 3) for result in self.sink.results if result.service.id == id_]

    @property
    def told(self) -> list[tuple[str, Verdict, str | None]]:
        """The transitions: service, verdict, root."""
        return [(one.service.id, one.after, one.blocked_by) for one in self.sink.transitions]


def watch(
    world: World,
    *services: Service,
    until: float,
    meanwhile: Callable[[World], Awaitable[None]] | None = None,
    **plan: Any,
) -> World:
    """Run the daemon for so many seconds."""

    async def main() -> None:
        world.build(*services, **plan)
        running = asyncio.create_task(world.daemon.run())
        if meanwhile is not None:
            await meanwhile(world)
        await asyncio.sleep(until - world.now)
        world.daemon.stop()
        await running

    run_jumping(main)
    return world


def test_checks_begin_at_a_fixed_rate_whatever_they_take() -> None:
    """And not one is lost."""
    world = watch(World({"a": always(seconds=3.0)}), make.service("a", interval=10.0), until=36.0)

    assert world.moments("a") == [0.0, 10.0, 20.0, 30.0]
    assert [round(lag, 6) for _, lag in world.sink.starts] == [0.0] * 4
    assert world.sink.skips == []


def test_many_services_are_spread_over_their_interval() -> None:
    """So that they are not all checked at the same moment."""
    services = [make.service(f"s{number}", interval=10.0) for number in range(100)]
    world = watch(World({service.id: always() for service in services}), *services, until=9.95)

    assert [world.moments(service.id) for service in services] == [[round(number / 10, 3)] for number in range(100)]


def test_a_service_never_overlaps_with_itself() -> None:
    """A check that is due while the one before it runs is skipped and counted."""
    world = watch(World({"a": always(seconds=2.5)}), make.service("a", interval=1.0), until=6.1)

    assert world.moments("a") == [0.0, 3.0]
    assert world.sink.skips == [("a", "running", 1)] * 4
    assert world.sink.most_in_flight == 1


def test_one_slow_service_delays_no_other() -> None:
    """However long it takes."""
    world = watch(
        World({"slow": always(seconds=100.0), "a": always()}),
        make.service("slow", interval=5.0),
        make.service("a", interval=5.0),
        until=20.5,
    )

    assert world.moments("a") == [0.0, 5.0, 10.0, 15.0, 20.0]


def test_no_more_checks_run_at_once_than_allowed() -> None:
    """The others wait for their turn, and what falls due meanwhile is skipped."""
    services = [make.service(f"s{number}", interval=10.0) for number in range(5)]
    world = watch(
        World({service.id: always(seconds=4.0) for service in services}), *services, until=19.0, max_concurrency=2
    )

    assert world.sink.most_in_flight == 2
    assert [world.moments(service.id)[0] for service in services] == [0.0, 0.0, 4.0, 4.0, 8.0]
    assert [round(lag, 3) for _, lag in world.sink.starts[:5]] == [0.0, 0.0, 4.0, 4.0, 8.0]


def test_a_check_that_waits_for_its_turn_is_not_queued_twice() -> None:
    """It is skipped as queued."""
    services = [make.service("a", interval=3.0), make.service("b", interval=3.0)]
    world = watch(World({"a": always(seconds=7.0), "b": always()}), *services, until=6.5, max_concurrency=1)

    assert world.sink.skips == [("a", "running", 1), ("b", "queued", 1)] * 2
    assert world.moments("b") == []


def test_time_that_the_program_did_not_run_is_not_made_up_for() -> None:
    """After a stop of minutes each service is checked once, and what was missed is counted."""

    async def stop(world: World) -> None:
        await asyncio.sleep(5.0)
        world.slept = 100.0

    world = watch(World({"a": always()}), make.service("a", interval=10.0), until=16.0, meanwhile=stop)

    assert world.sink.skips == [("a", "missed", 9)]
    assert len(world.sink.results) == 3


def test_a_step_of_the_wall_clock_moves_no_check_and_raises_no_alarm() -> None:
    """Back or ahead."""

    async def step(world: World) -> None:
        await asyncio.sleep(15.0)
        world.offset = -3600.0
        await asyncio.sleep(20.0)
        world.offset = 7200.0

    world = watch(World({"a": always()}), make.service("a", interval=10.0), until=55.0, meanwhile=step)

    assert world.moments("a") == [0.0, 10.0, 20.0, 30.0, 40.0, 50.0]
    assert world.told == [("a", Verdict.UP, None)]


def test_a_service_is_down_after_its_threshold() -> None:
    """And up again after the other one."""
    service = make.service("a", interval=10.0, failure_threshold=3, success_threshold=2)
    world = watch(World({"a": down_between(15.0, 55.0)}), service, until=95.0)

    assert [(one.after, round(one.at - WALL, 1)) for one in world.sink.transitions] == [
        (Verdict.UP, 10.0),
        (Verdict.DOWN, 40.0),
        (Verdict.UP, 70.0),
    ]


def test_one_alarm_for_the_root_and_none_for_what_hangs_on_it() -> None:
    """The dependents are checked before the database's own turn, and still ask it first."""
    services = [
        make.service("web", interval=5.0, failure_threshold=1, depends_on=("db",)),
        make.service("worker", interval=5.0, failure_threshold=1, depends_on=("web",)),
        make.service("db", interval=300.0, failure_threshold=1),
    ]
    broken = down_between(12.0, 1000.0)
    world = watch(World({"web": broken, "worker": broken, "db": broken}), *services, until=30.0)

    after = [one for one in world.told if one[1] is Verdict.DOWN]
    assert set(after) == {("db", Verdict.DOWN, None), ("web", Verdict.DOWN, "db"), ("worker", Verdict.DOWN, "db")}
    assert [one.service.id for one in world.sink.transitions if one.alarm] == ["db"]
    # While it is believed to be down, it is asked again about as often as they are.
    assert world.moments("db") == [0.0, 15.01, 25.01]


def test_a_service_that_fails_alone_raises_its_own_alarm() -> None:
    """Its dependency was asked, and is well."""
    services = [
        make.service("web", interval=5.0, failure_threshold=2, depends_on=("db",)),
        make.service("db", interval=300.0),
    ]
    world = watch(World({"web": down_between(12.0, 1000.0), "db": always()}), *services, until=30.0)

    assert world.told[-1] == ("web", Verdict.DOWN, None)
    assert world.moments("db") == [0.0, 20.01]


def test_a_service_that_stays_down_when_its_root_is_back_raises_the_alarm_then() -> None:
    """Nothing explains it any more."""
    services = [
        make.service("web", interval=5.0, failure_threshold=2, depends_on=("db",)),
        make.service("db", interval=5.0, failure_threshold=2),
    ]
    world = watch(World({"web": down_between(12.0, 1000.0), "db": down_between(12.0, 32.0)}), *services, until=60.0)

    assert [one for one in world.told if one[0] == "web"] == [
        ("web", Verdict.UP, None),
        ("web", Verdict.DOWN, "db"),
        ("web", Verdict.DOWN, None),
    ]


def test_a_dependency_that_hangs_is_waited_for() -> None:
    """And its check is not begun twice."""

    def hangs(now: float) -> Answer:
        return (8.0, Verdict.DOWN, Cause.NO_RESPONSE) if now >= 9.0 else (0.01, Verdict.UP, None)

    services = [
        make.service("db", interval=10.0, failure_threshold=1),
        make.service("web", interval=10.0, failure_threshold=1, depends_on=("db",)),
    ]
    world = watch(World({"db": hangs, "web": down_between(9.0, 1000.0)}), *services, until=19.5)

    assert world.told[2:] == [("db", Verdict.DOWN, None), ("web", Verdict.DOWN, "db")]
    assert world.moments("db") == [0.0, 10.0]


def test_dependencies_are_asked_although_no_more_checks_may_begin() -> None:
    """The one that asks has given its place back, and the dependency comes first."""
    services = [
        make.service("web", interval=10.0, failure_threshold=1, depends_on=("db",)),
        make.service("other", interval=10.0),
        make.service("db", interval=300.0, failure_threshold=1),
    ]
    broken = down_between(5.0, 1000.0)
    world = watch(
        World({"web": broken, "other": always(seconds=0.5), "db": broken}), *services, until=18.0, max_concurrency=1
    )

    assert world.told[-2:] == [("db", Verdict.DOWN, None), ("web", Verdict.DOWN, "db")]


def test_a_root_that_is_checked_rarely_is_down_as_soon_as_what_hangs_on_it() -> None:
    """It is asked with each failure of theirs until it is believed to be down: nobody waits for its own interval."""
    services = [
        make.service("web", interval=2.0, failure_threshold=3, depends_on=("db",)),
        make.service("db", interval=300.0, failure_threshold=3),
    ]
    broken = down_between(11.0, 1000.0)
    world = watch(World({"web": broken, "db": broken}), *services, until=60.0)

    assert [(one.service.id, one.blocked_by, round(one.at - WALL)) for one in world.sink.transitions[2:]] == [
        ("web", "db", 16),
        ("db", None, 20),
    ]


def test_a_dependency_that_died_while_the_check_ran_is_its_root() -> None:
    """What was well when the check began says nothing of the moment at which it failed."""

    def hangs(now: float) -> Answer:
        return (10.0, Verdict.DOWN, Cause.NO_RESPONSE) if now >= 20.0 else (0.01, Verdict.UP, None)

    services = [
        make.service("app", interval=20.0, failure_threshold=1, depends_on=("db",)),
        make.service("db", interval=20.0, failure_threshold=1),
    ]
    world = watch(World({"app": hangs, "db": down_between(22.0, 1000.0)}), *services, until=35.0)

    assert world.told[2:] == [("db", Verdict.DOWN, None), ("app", Verdict.DOWN, "db")]


def test_a_root_that_fails_now_and_then_does_not_silence_what_is_down_all_the_time() -> None:
    """Its own state is up, so it explains nothing for good."""

    def sometimes(now: float) -> Answer:
        return (0.01, Verdict.DOWN, Cause.STATUS) if round(now / 5) % 3 == 0 else (0.01, Verdict.UP, None)

    services = [
        make.service("app", interval=5.0, failure_threshold=3, depends_on=("db",)),
        make.service("db", interval=5.0, failure_threshold=3),
    ]
    world = watch(World({"app": down_between(22.0, 10_000.0), "db": sometimes}), *services, until=200.0)

    assert [one.service.id for one in world.sink.transitions if one.alarm] == ["app"]


def test_a_root_that_is_down_stays_one_while_it_cannot_be_found_out() -> None:
    """An unknown result neither counts nor resets, for those that need it either."""

    def broken(now: float) -> Answer:
        if now >= 60.0:
            return 0.01, Verdict.UNKNOWN, Cause.LOCAL
        return (0.01, Verdict.DOWN, Cause.STATUS) if now >= 12.0 else (0.01, Verdict.UP, None)

    services = [
        make.service("db", interval=5.0, failure_threshold=1),
        make.service("app", interval=5.0, failure_threshold=2, depends_on=("db",)),
    ]
    world = watch(World({"app": down_between(12.0, 1000.0), "db": broken}), *services, until=200.0)

    assert world.told[2:] == [("db", Verdict.DOWN, None), ("app", Verdict.DOWN, "db")]


def test_a_dependency_that_a_reload_has_added_explains_a_check_under_way() -> None:
    """What the config says now counts, also for what was seen before."""
    app = make.service("app", interval=10.0, failure_threshold=1)
    database = make.service("db", interval=10.0, failure_threshold=1)

    def slow(now: float) -> Answer:
        return (3.0, Verdict.DOWN, Cause.STATUS) if now >= 10.0 else (0.01, Verdict.UP, None)

    async def reload(world: World) -> None:
        await asyncio.sleep(11.0)
        needs = structs.replace(app, depends_on=("db",), hint="look at the database")
        world.daemon.adopt(Plan(services=(needs, database)))

    world = watch(World({"app": slow, "db": down_between(5.0, 1000.0)}), app, database, until=19.0, meanwhile=reload)

    assert world.told[2:] == [("db", Verdict.DOWN, None), ("app", Verdict.DOWN, "db")]
    assert world.sink.transitions[-1].result.service.hint == "look at the database"


def test_reloads_leave_no_place_taken() -> None:
    """A check that is cancelled before its first step has run nothing that could give its place back."""
    services = [make.service(f"s{number}", interval=1.0) for number in range(10)]

    async def reload(world: World) -> None:
        for number in range(50):
            await asyncio.sleep(1.0)
            # In the same step in which they begin.
            world.daemon._advance()
            other = [structs.replace(service, timeout=5.0 + number) for service in services]
            world.daemon.adopt(Plan(services=other, max_concurrency=3))

    world = watch(
        World({service.id: always() for service in services}),
        *services,
        until=60.0,
        meanwhile=reload,
        max_concurrency=3,
    )

    assert world.daemon._places.taken == 0
    assert {result.service.id for result in world.sink.results if result.started > WALL + 58.0} == {
        service.id for service in services
    }


def test_a_reload_does_not_end_an_outage() -> None:
    """Nothing is said twice."""

    async def reload(world: World) -> None:
        for _ in range(3):
            await asyncio.sleep(20.0)
            world.daemon.adopt(Plan(services=(service,)))

    service = make.service("a", interval=10.0)
    world = World({"a": down_between(15.0, 1000.0, Cause.UNREACHABLE)}, has_way=lambda _: False)
    world = watch(world, service, until=70.0, meanwhile=reload)

    assert [one.event for one in world.sink.notices] == ["first_round", "offline"]


def test_maintenance_raises_no_alarm_and_what_is_still_down_at_its_end_turns_down_then() -> None:
    """Not only at its next turn."""
    window = Window(services=("a*",), start=WALL + 5.0, end=WALL + 130.0)
    world = watch(
        World({"a": down_between(15.0, 1000.0), "b": down_between(15.0, 1000.0)}),
        make.service("a", interval=50.0, failure_threshold=1),
        make.service("b", interval=50.0, failure_threshold=1),
        until=140.0,
        windows=(window,),
    )

    assert [(one.service.id, one.after, round(one.at - WALL)) for one in world.sink.transitions] == [
        ("a", Verdict.UP, 0),
        ("b", Verdict.UP, 0),
        ("b", Verdict.DOWN, 50),
        ("a", Verdict.DOWN, 130),
    ]
    assert [state.in_maintenance for id_, state in world.sink.states if id_ == "a"] == [
        False,
        True,
        True,
        True,
        False,
        False,
    ]
    assert [one.message for one in world.sink.notices[1:]] == [
        "Maintenance has begun for 1 service: a.",
        "Maintenance has ended for 1 service: a.",
    ]


def test_without_a_way_to_the_network_all_is_unknown() -> None:
    """Said once, and once when it is back; no state changes."""
    behaviours = {id_: down_between(15.0, 45.0, Cause.UNREACHABLE) for id_ in "ab"}
    world = World(behaviours, has_way=lambda result: result.started >= WALL + 45.0)
    world = watch(world, *(make.service(id_, interval=10.0, failure_threshold=1) for id_ in "ab"), until=65.0)

    causes = [result.cause for result in world.sink.results if result.service.id == "a"]
    assert causes == [None, None, Cause.OFFLINE, Cause.OFFLINE, Cause.OFFLINE, None, None]
    assert [one.event for one in world.sink.notices] == ["first_round", "offline", "online"]
    assert [one.after for one in world.sink.transitions] == [Verdict.UP, Verdict.UP]


@pytest.mark.parametrize(("address", "cause"), [("127.0.0.2", Cause.OFFLINE), ("192.0.2.7", Cause.UNREACHABLE)])
def test_what_answers_on_this_very_machine_tells_nothing_of_the_network(address: str, cause: Cause) -> None:
    """Only what answers from elsewhere shows that not everything fails at once."""
    behaviours = {"far": down_between(15.0, 1000.0, Cause.UNREACHABLE), "near": always()}
    world = World(behaviours, has_way=lambda _: False)
    world.addresses["near"] = address
    world = watch(world, *(make.service(id_, interval=10.0) for id_ in ("far", "near")), until=65.0)

    assert [one.cause for one in world.sink.results if one.service.id == "far"][-1] is cause


def test_what_is_asked_on_this_machine_says_nothing_of_the_network() -> None:
    """A command, a container, what listens on loopback: it answers although the network is gone."""
    far = make.service("far", interval=10.0, failure_threshold=1)
    world = World(
        {"far": down_between(15.0, 1000.0, Cause.UNREACHABLE), "near": always()},
        has_way=lambda _: False,
    )
    world = watch(world, far, make.service("near", interval=10.0), until=65.0)

    assert [one.event for one in world.sink.notices] == ["first_round", "offline"]
    assert ("far", Verdict.DOWN, None) not in world.told


def test_what_fails_while_there_is_a_way_is_down() -> None:
    """Whatever the cause."""
    world = World({"a": down_between(5.0, 1000.0, Cause.UNREACHABLE)}, has_way=lambda _: True)
    world = watch(world, make.service("a", interval=10.0, failure_threshold=1), until=15.0)

    assert world.told[-1] == ("a", Verdict.DOWN, None)
    assert [one.event for one in world.sink.notices] == ["first_round"]


def test_it_is_ready_when_every_service_has_had_its_first_check() -> None:
    """And not before."""
    seen: list[tuple[bool, int]] = []

    async def look(world: World) -> None:
        seen.append((world.daemon.ready, sum(one.result is None for one in world.daemon.watched())))
        await asyncio.sleep(1.0)
        seen.append((world.daemon.ready, sum(one.result is None for one in world.daemon.watched())))
        await asyncio.sleep(2.0)
        seen.append((world.daemon.ready, sum(one.result is None for one in world.daemon.watched())))

    watch(
        World({"a": always(), "b": always(seconds=2.0)}),
        make.service("a"),
        make.service("b"),
        until=5.0,
        meanwhile=look,
    )

    assert seen == [(False, 2), (False, 1), (True, 0)]


def test_the_scheduler_has_a_pulse_although_nothing_is_due() -> None:
    """About once a second."""
    world = watch(World({"a": always()}), make.service("a", interval=3600.0), until=60.5)

    assert 60 <= world.pulses <= 70
    assert len(world.sink.results) == 1


def test_it_is_alive_only_while_the_scheduler_advances() -> None:
    """By the steady clock."""
    seen: list[bool] = []

    async def look(world: World) -> None:
        seen.append(world.daemon.alive)
        await asyncio.sleep(1.5)
        seen.append(world.daemon.alive)
        world.slept += 60.0
        seen.append(world.daemon.alive)

    watch(World({"a": always()}), make.service("a"), until=5.0, meanwhile=look)

    assert seen == [False, True, False]


def test_a_reload_keeps_what_is_checked_as_before() -> None:
    """Its state and its place in the schedule; what is checked differently begins anew, what is gone is gone."""
    kept = make.service("kept", interval=10.0)
    changed = make.service("changed", interval=10.0)
    changes: list[Change] = []

    async def reload(world: World) -> None:
        await asyncio.sleep(14.0)
        renamed = structs.replace(kept, name="Renamed", hint="look")
        slower = structs.replace(changed, timeout=3.0)
        changes.append(world.daemon.adopt(Plan(services=(slower, make.service("new", interval=10.0), renamed))))

    behaviours = {id_: always() for id_ in ("kept", "changed", "gone", "new")}
    world = watch(World(behaviours), kept, changed, make.service("gone", interval=10.0), until=26.0, meanwhile=reload)

    assert changes == [Change(added=("new",), changed=("changed",), reworded=("kept",), removed=("gone",))]
    assert world.sink.watched == [["kept", "changed", "gone"], ["changed", "new", "kept"]]
    assert {id_: world.moments(id_) for id_ in behaviours} == {
        "kept": [0.0, 10.0, 20.0],
        "changed": [0.0, 10.0, 14.0, 24.0],
        "gone": [0.0, 10.0],
        "new": [14.0, 24.0],
    }
    assert [one.service.id for one in world.sink.transitions] == ["kept", "changed", "gone", "changed", "new"]
    found = world.daemon.find("kept")
    assert found is not None
    assert (found.service.name, found.state.verdict) == ("Renamed", Verdict.UP)


def test_a_check_of_what_a_reload_has_taken_away_ends_and_tells_nothing() -> None:
    """It is cancelled."""

    async def reload(world: World) -> None:
        await asyncio.sleep(1.0)
        world.daemon.adopt(Plan(services=(make.service("a"),)))

    world = watch(
        World({"a": always(), "gone": always(seconds=5.0)}),
        make.service("a"),
        make.service("gone"),
        until=9.0,
        meanwhile=reload,
    )

    assert world.moments("gone") == []
    assert world.daemon.find("gone") is None


def test_a_reload_without_a_dependency_lets_go_of_who_waits_for_it() -> None:
    """The alarm comes all the same."""
    web = make.service("web", interval=10.0, failure_threshold=1, depends_on=("db",))

    async def reload(world: World) -> None:
        await asyncio.sleep(11.0)
        world.daemon.adopt(Plan(services=(web,)))

    hanging: Behaviour = lambda now: (500.0 if now > 5 else 0.1, Verdict.UP, None)  # noqa: E731
    world = watch(
        World({"web": down_between(5.0, 1000.0), "db": hanging}),
        web,
        make.service("db", interval=10.0),
        until=12.0,
        meanwhile=reload,
    )

    assert world.told[-1] == ("web", Verdict.DOWN, None)


def test_states_from_before_a_restart_are_believed() -> None:
    """So that nothing is told twice."""
    before = State(verdict=Verdict.DOWN, since=WALL - 100.0, failures=3, cause=Cause.STATUS, proven=True)
    world = World({"a": always(Verdict.DOWN)}, states={"a": before})
    world = watch(world, make.service("a", interval=10.0), until=55.0)

    assert world.told == []
    (watched,) = world.daemon.watched()
    assert watched.state.since == WALL - 100.0


def test_it_stops_in_its_grace_time_whatever_the_probes_do() -> None:
    """What does not end is cancelled and tells nothing."""

    async def main() -> tuple[World, float]:
        world = World({"a": always(seconds=1.0), "b": always(seconds=1000.0)})
        world.build(make.service("a"), make.service("b"))
        running = asyncio.create_task(world.daemon.run(grace=2.0))
        await asyncio.sleep(0.5)
        world.daemon.stop()
        await running
        return world, world.now

    world, ended = run_jumping(main)

    assert ended == 2.5
    assert [result.service.id for result in world.sink.results] == ["a"]


def test_a_stop_raises_no_alarm_that_could_not_be_explained() -> None:
    """The dependency has not answered: whether it is the root is for the next start to find out."""

    async def main() -> World:
        hanging: Behaviour = lambda now: (500.0 if now > 5 else 0.1, Verdict.UP, None)  # noqa: E731
        world = World({"web": down_between(5.0, 1000.0), "db": hanging})
        world.build(
            make.service("web", interval=10.0, failure_threshold=1, depends_on=("db",)),
            make.service("db", interval=10.0),
        )
        running = asyncio.create_task(world.daemon.run(grace=2.0))
        await asyncio.sleep(11.0)
        world.daemon.stop()
        await running
        return world

    assert [one.after for one in run_jumping(main).sink.transitions] == [Verdict.UP, Verdict.UP]


def test_a_fault_in_healthmon_is_told_and_survived() -> None:
    """One that is not the probe's."""

    def broken(result: Result) -> bool:
        raise RuntimeError("broken")

    world = World({"a": down_between(5.0, 15.0, Cause.DNS)}, has_way=broken)
    world = watch(world, make.service("a", interval=10.0), until=25.0)

    _, notice = world.sink.notices
    assert notice.event == "internal"
    assert "RuntimeError: broken (test_daemon.py:" in notice.message
    assert world.moments("a") == [0.0, 20.0]


def test_facts_of_a_result_are_kept_for_who_asks() -> None:
    """The last result, as it was judged."""
    world = watch(World({"a": always()}), make.service("a"), until=5.0)
    found = world.daemon.find("a")
    assert found is not None
    assert found.result is not None
    assert found.result.facts == (Fact("status", 200),)
    assert world.daemon.find("b") is None
