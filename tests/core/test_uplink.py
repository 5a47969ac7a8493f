"""Without a network nothing is known of the services; with a part of it failures are what they are."""

from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from healthmon.core.uplink import Uplink, observe

SERVICES = "abcde"
ORDERS = st.lists(st.sampled_from(SERVICES), max_size=40)


class Machine:
    """A machine on which checks take a second, and the services that it has a way to."""

    def __init__(self, uplink: Uplink = Uplink()) -> None:  # noqa: B008 - frozen
        self.uplink = uplink
        self.now = 100.0
        self.lost: set[str] = set()
        self.broken: set[str] = set()

    def check(self, service_id: str, *, takes: float = 1.0) -> str:
        """Check a service and say what becomes of the result."""
        began, self.now = self.now, self.now + takes
        failed = service_id in self.lost | self.broken
        self.uplink, offline = observe(
            self.uplink,
            service_id=service_id,
            failed=failed,
            healthy=not failed,
            began=began,
            now=self.now,
            has_route=service_id not in self.lost,
        )
        assert not (offline and not failed)
        return "offline" if offline else "down" if failed else "up"

    def check_all(self, ids: Iterable[str]) -> list[str]:
        """Check one after the other."""
        return [self.check(id_) for id_ in ids]


def test_without_an_outage_nothing_is_offline() -> None:
    """And nothing is remembered."""
    machine = Machine()
    machine.broken = {"b"}
    assert (machine.check_all("abab"), machine.uplink) == (["up", "down", "up", "down"], Uplink())


def test_when_all_fail_without_a_route_all_are_offline() -> None:
    """From the first one on."""
    machine = Machine()
    machine.lost = {*SERVICES}
    assert machine.check_all(SERVICES * 2) == ["offline"] * 10
    assert machine.uplink == Uplink(since=101.0, witness="a")
    assert (machine.uplink.offline, machine.uplink.refuted) == (True, False)


def test_one_that_can_be_reached_refutes_the_outage_for_good() -> None:
    """A service on this very machine: after its first success the others are down, and stay so."""
    machine = Machine()
    machine.lost = {"b", "c"}
    assert machine.check_all("bcabcabcbbca") == [
        *("offline", "offline", "up"),
        *("down", "down", "up"),
        *("down", "down", "down", "down", "down", "up"),
    ]
    assert (machine.uplink.offline, machine.uplink.refuted) == (False, True)


def test_a_success_from_before_the_outage_refutes_nothing() -> None:
    """Its check began when the network was still there."""
    uplink, _ = observe(Uplink(), service_id="b", failed=True, healthy=False, began=0.0, now=10.0, has_route=False)
    for began, refuted in ((9.0, False), (10.0, True), (11.0, True)):
        after, offline = observe(
            uplink, service_id="a", failed=False, healthy=True, began=began, now=12.0, has_route=True
        )
        assert (after.refuted, offline) == (refuted, False)


def test_a_failure_with_a_route_is_never_offline() -> None:
    """Nor does that of a service on this very machine end anything: it has a route to itself always."""
    machine = Machine()
    machine.lost, machine.broken = {"b"}, {"a"}
    assert machine.check_all("babab") == ["offline", "down", "offline", "down", "offline"]


def test_when_the_witness_has_a_route_again_all_is_forgotten() -> None:
    """Whether it is healthy or fails otherwise."""
    for broken in (set[str](), {"b"}):
        machine = Machine()
        machine.lost = {"b", "c"}
        machine.check_all("bcab")
        machine.lost, machine.broken = set(), broken
        machine.check_all("cb")
        assert machine.uplink == Uplink()


def test_when_what_refuted_it_is_lost_too_the_outage_goes_on() -> None:
    """First the way out was gone, then that to the neighbours as well: now nothing is known of any."""
    machine = Machine()
    machine.lost = {"b"}
    machine.check_all("bab")
    machine.lost = {"a", "b"}
    assert machine.check_all("baba") == ["down", "offline", "offline", "offline"]
    machine.lost = {"b"}
    assert machine.check_all("bab") == ["offline", "up", "down"]


def test_when_the_outage_goes_on_it_begins_anew() -> None:
    """A success from before what refuted it was lost does not refute it again."""
    machine = Machine(Uplink(since=10.0, witness="b", refuted_by="a"))
    machine.lost = {"a", "b"}
    machine.check("a")
    assert machine.uplink == Uplink(since=101.0, witness="b")
    late, _ = observe(machine.uplink, service_id="c", failed=False, healthy=True, began=50.0, now=102.0, has_route=True)
    assert late == machine.uplink


@given(st.sampled_from(list("abc")), st.booleans())
def test_what_was_not_found_out_tells_nothing(service_id: str, has_route: bool) -> None:
    """Whosoever result it is."""
    for uplink in (Uplink(), Uplink(5.0, "a"), Uplink(5.0, "a", "b")):
        told = observe(
            uplink, service_id=service_id, failed=False, healthy=False, began=9.0, now=10.0, has_route=has_route
        )
        assert told == (uplink, False)


def reached_by(history: list[tuple[str, str, str]]) -> Machine:
    """A machine after any history: each step changes what is lost and what is broken, and checks something."""
    machine = Machine()
    for service_id, lost, broken in history:
        machine.lost, machine.broken = set(lost), set(broken)
        machine.check(service_id)
    return machine


SOME = st.text(SERVICES, max_size=5)
MACHINES = st.lists(st.tuples(st.sampled_from(SERVICES), SOME, SOME), max_size=30).map(reached_by)


@given(MACHINES, ORDERS, st.sets(st.sampled_from(SERVICES[1:])), st.sets(st.sampled_from(SERVICES[1:])))
def test_while_one_is_up_nothing_alternates(
    machine: Machine, order: list[str], lost: set[str], broken: set[str]
) -> None:
    """As long as no route comes or goes and "a" answers, what has been down is never offline again.

    Whatever was before, the first round may still find its witness with a route, and the second one another.
    """
    machine.lost, machine.broken = lost, broken
    machine.check_all(SERVICES * 2)
    machine.check("a")
    assert "offline" not in machine.check_all(order)


@given(MACHINES, st.permutations(SERVICES), st.sets(st.sampled_from(SERVICES)))
def test_a_full_recovery_forgets_everything(machine: Machine, order: list[str], broken: set[str]) -> None:
    """When every service has had a result with a route, in whatever order, and even if they fail."""
    machine.lost, machine.broken = set(), broken
    machine.check_all(order)
    assert machine.uplink == Uplink()


@given(MACHINES, st.permutations(SERVICES), ORDERS)
def test_a_full_outage_is_always_found(machine: Machine, first: list[str], order: list[str]) -> None:
    """When every service has failed without a route, nothing is down any more, whatever was before."""
    machine.lost = {*SERVICES}
    machine.check_all(first)
    assert set(machine.check_all(order)) <= {"offline"}


@given(MACHINES, ORDERS)
def test_what_has_a_route_is_never_offline(machine: Machine, order: list[str]) -> None:
    """In the middle of whatever outage."""
    for service_id in order:
        verdict = machine.check(service_id)
        assert service_id in machine.lost or verdict != "offline"


@given(MACHINES)
def test_the_parts_of_an_outage_belong_together(machine: Machine) -> None:
    """It has a beginning and a witness, and is refuted by another service."""
    uplink = machine.uplink
    assert (uplink.since is None) == (uplink.witness is None)
    assert uplink.refuted_by is None or uplink.refuted_by != uplink.witness
    assert uplink.offline == (uplink.since is not None and not uplink.refuted)
    assert not (uplink.refuted and uplink.since is None)
