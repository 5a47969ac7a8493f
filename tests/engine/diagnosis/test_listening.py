"""What is told of the listeners on this machine."""

import pytest

from healthmon.engine.diagnosis.evidence import Attempt, Local, Place
from healthmon.engine.diagnosis.listening import Told, listening
from healthmon.net.listeners import Listener, Process
from healthmon.net.reach import ReachOptions
from healthmon.net.routes import Way

PLACE = Place("127.0.0.1", 8001, ReachOptions())


def local(*places: tuple[str, int], others: frozenset[int] = frozenset()) -> Local:
    """A machine on which python3, process 123, listens here."""
    listeners = tuple(Listener(address, port, uid=0, inode=port) for address, port in places)
    return Local(listeners, {listener.inode: Process(123, "python3") for listener in listeners}, others)


def attempt(ip: str, *, connected: bool) -> Attempt:
    """What became of an address."""
    return Attempt(ip, Way(source=ip), 0.001, None if connected else "connection refused")


def test_who_listens_on_all_addresses() -> None:
    assert Told(passed=True, detail="python3 (pid 123) listens on 0.0.0.0:8001") == listening(
        local(("0.0.0.0", 8001)), PLACE, [attempt("127.0.0.1", connected=True)]
    )


def test_bound_to_loopback_only_is_told_although_it_works_here() -> None:
    """It works on this machine and from nowhere else, which is what puzzles people."""
    told = listening(local(("127.0.0.1", 8001)), PLACE, [attempt("127.0.0.1", connected=True)])
    expected = "python3 (pid 123) listens on 127.0.0.1:8001, and nowhere else: other machines cannot reach it"
    assert Told(passed=True, detail=expected) == told


def test_one_process_on_two_addresses_is_one_sentence() -> None:
    told = listening(local(("127.0.0.1", 8001), ("0.0.0.0", 8001)), PLACE, [attempt("127.0.0.1", connected=True)])
    assert told.detail == "python3 (pid 123) listens on 127.0.0.1:8001 and 0.0.0.0:8001"


@pytest.mark.parametrize(
    ("ip", "bound", "expected"),
    [
        (
            "192.0.2.7",
            "127.0.0.1",
            (
                "python3 (pid 123) listens on 127.0.0.1:8001, not on 192.0.2.7, so other machines cannot reach it; "
                "let it listen on 0.0.0.0 or on 192.0.2.7"
            ),
        ),
        (
            "192.0.2.7",
            "192.0.2.8",
            "python3 (pid 123) listens on 192.0.2.8:8001, not on 192.0.2.7; let it listen on 0.0.0.0 or on 192.0.2.7",
        ),
        (
            "::1",
            "0.0.0.0",
            "python3 (pid 123) listens on 0.0.0.0:8001, not on ::1; let it listen on :: or on ::1",
        ),
    ],
)
def test_listening_on_another_address_is_the_fault(ip: str, bound: str, expected: str) -> None:
    told = listening(local((bound, 8001)), PLACE, [attempt(ip, connected=False)])
    assert Told(passed=False, detail=expected) == told


def test_listening_on_another_port_is_told() -> None:
    """The nearest first; ports of other known services are not mistaken for this one."""
    here = local(("0.0.0.0", 22), ("127.0.0.1", 8000), ("127.0.0.1", 8010), others=frozenset({8000}))
    told = listening(here, PLACE, [attempt("127.0.0.1", connected=False)])
    assert Told(passed=False, detail="nothing listens on port 8001 here; python3 (pid 123) listens on 22, 8010") == told


def test_at_most_three_others_are_told() -> None:
    listeners = tuple(Listener("0.0.0.0", 9000 + pid, uid=0, inode=pid) for pid in range(1, 6))
    here = Local(listeners, {pid: Process(pid, "p") for pid in range(1, 6)})
    told = listening(here, PLACE, [attempt("127.0.0.1", connected=False)])
    assert told.detail.split("; ")[1:] == [
        "p (pid 1) listens on 9001",
        "p (pid 2) listens on 9002",
        "p (pid 3) listens on 9003",
    ]


def test_a_port_that_the_kernel_passes_on_is_no_fault() -> None:
    """A published port of a container has no listener here where the kernel itself forwards it."""
    told = listening(local(), PLACE, [attempt("127.0.0.1", connected=True)])
    assert told.passed is None
    assert "the kernel passes it on" in told.detail
