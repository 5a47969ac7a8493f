"""Happy eyeballs, and why no address answered."""

import asyncio
import errno
import socket
from collections.abc import Callable
from typing import Any

import pytest

from healthmon.core.model import Cause
from healthmon.net.connect import connect
from healthmon.net.lookups import AddressInfo
from healthmon.net.stamps import LatestRead, StampedSocket
from healthmon.net.trace import ProbeFailed, Trace
from tests.campaign.places import closed_port, full_port
from tests.campaign.servers import listening, silent
from tests.net.descriptors import leaving_no_socket


def v4(port: int) -> AddressInfo:
    return socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", ("127.0.0.1", port)


def v6(port: int) -> AddressInfo:
    return socket.AF_INET6, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", ("::1", port, 0, 0)


def other_v4(port: int) -> AddressInfo:
    return socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", ("127.0.0.2", port)


async def connecting(addresses: list[AddressInfo], trace: Trace) -> tuple[Any, ...]:
    """Connect, and return the other side's address. The socket is closed."""
    with await connect(addresses, LatestRead(), trace) as sock:
        assert not sock.getblocking()
        peer: tuple[Any, ...] = sock.getpeername()
        return peer


async def failing(addresses: list[AddressInfo], trace: Trace) -> tuple[Cause, str]:
    """The failure that connecting must end in."""
    with pytest.raises(ProbeFailed) as raised:
        await connect(addresses, LatestRead(), trace)
    return raised.value.cause, raised.value.message


async def test_one_address_that_answers() -> None:
    trace = Trace()
    async with listening(silent) as port, leaving_no_socket():
        assert await connecting([v4(port)], trace) == ("127.0.0.1", port)
    outcome = trace.outcome()
    assert outcome.fact("ip") == "127.0.0.1"
    assert outcome.fact("connect_errors") is None
    assert outcome.timings.connect is not None
    assert 0 < outcome.timings.connect < 10


async def test_a_refusing_address_is_followed_by_the_next() -> None:
    trace = Trace()
    async with listening(silent) as port, leaving_no_socket():
        with closed_port("::1", port):
            assert await connecting([v6(port), v4(port)], trace) == ("127.0.0.1", port)
    assert trace.outcome().fact("ip") == "127.0.0.1"
    assert trace.outcome().fact("connect_errors") == "::1: connection refused"


async def test_a_silent_address_is_overtaken_and_its_delay_counts() -> None:
    trace = Trace()
    async with listening(silent) as port, leaving_no_socket():
        with full_port("::1", port):
            assert await connecting([v6(port), v4(port)], trace) == ("127.0.0.1", port)
    assert trace.outcome().fact("ip") == "127.0.0.1"
    connect_time = trace.outcome().timings.connect
    assert connect_time is not None
    assert connect_time > 0.2


async def test_all_refuse() -> None:
    trace = Trace()
    async with leaving_no_socket():
        with closed_port() as port, closed_port("::1", port):
            assert await failing([v6(port), v4(port)], trace) == (Cause.REFUSED, "connection refused")
    assert trace.outcome().fact("connect_errors") == "::1: connection refused; 127.0.0.1: connection refused"
    assert trace.outcome().timings.connect is not None


async def test_one_refuses() -> None:
    trace = Trace()
    with closed_port() as port:
        assert await failing([v4(port)], trace) == (Cause.REFUSED, "connection refused")
    assert trace.outcome().fact("ip") == "127.0.0.1"
    assert trace.outcome().fact("connect_errors") is None


async def test_cancelled_while_an_address_is_silent() -> None:
    trace = Trace()
    async with leaving_no_socket():
        with full_port() as port, closed_port("::1", port), pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await connect([v6(port), v4(port)], LatestRead(), trace)
    assert trace.outcome().fact("connect_errors") == "::1: connection refused"


@pytest.mark.parametrize("seconds", [0, 0.0001, 0.3, 0.6])
async def test_cancelling_leaves_no_socket_whenever_it_comes(seconds: float) -> None:
    async with leaving_no_socket():
        with full_port() as port, pytest.raises(TimeoutError):
            async with asyncio.timeout(seconds):
                await connect([v4(port), other_v4(port), v4(port)], LatestRead(), Trace())


async def test_cancelling_after_the_winner_is_known_leaves_no_socket() -> None:
    """A task may be cancelled in the turn of the loop in which its connection is made."""
    async with listening(silent) as port, leaving_no_socket():
        for turns in range(12):
            task = asyncio.create_task(connect([v4(port), other_v4(port)], LatestRead(), Trace()))
            for _ in range(turns):
                await asyncio.sleep(0)
            task.cancel()
            done, _ = await asyncio.wait([task])
            if not task.cancelled():
                done.pop().result().close()


class Failing(StampedSocket):
    """A socket whose connecting ends with an error of our choice, by address."""

    errors: dict[str, int]

    def connect(self, address: Any, /) -> None:
        """Fail."""
        self.connect_error = self.errors[address[0]]
        raise OSError(self.connect_error, "told to")


@pytest.fixture
def fail_with(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[AddressInfo]]:
    """Makes each of the addresses fail with an error of our choice."""

    def fail(*errors: int) -> list[AddressInfo]:
        makers = (v6, v4, other_v4)[: len(errors)] if len(errors) > 1 else (v4,)
        addresses = [make(9) for make in makers]
        kind = type("_Failing", (Failing,), {"errors": {a[4][0]: e for a, e in zip(addresses, errors, strict=True)}})
        monkeypatch.setattr("healthmon.net.connect.StampedSocket", kind)
        return addresses

    return fail


@pytest.mark.parametrize(
    ("number", "cause", "message"),
    [
        (errno.ECONNREFUSED, Cause.REFUSED, "connection refused"),
        (errno.ENETUNREACH, Cause.UNREACHABLE, "network unreachable"),
        (errno.EHOSTUNREACH, Cause.UNREACHABLE, "no route to host"),
        (errno.EINVAL, Cause.UNREACHABLE, "invalid argument"),
        (errno.ETIMEDOUT, Cause.CONNECT_TIMEOUT, "connection timed out"),
        (errno.EPERM, Cause.LOCAL, "this machine forbids the connection"),
        (errno.ENOBUFS, Cause.LOCAL, "this machine has no buffer space left"),
    ],
)
async def test_errors_of_a_socket_have_their_causes(
    number: int, cause: Cause, message: str, fail_with: Callable[..., list[AddressInfo]]
) -> None:
    assert await failing(fail_with(number), Trace()) == (cause, message)


@pytest.mark.parametrize(
    ("errors", "cause"),
    [
        ((errno.ENETUNREACH, errno.ECONNREFUSED), Cause.REFUSED),
        ((errno.ECONNREFUSED, errno.ETIMEDOUT), Cause.CONNECT_TIMEOUT),
        ((errno.ENETUNREACH, errno.ETIMEDOUT), Cause.CONNECT_TIMEOUT),
        ((errno.EADDRNOTAVAIL, errno.ECONNREFUSED), Cause.REFUSED),
        ((errno.ENETUNREACH, errno.EPERM), Cause.LOCAL),
        ((errno.ECONNREFUSED, errno.EMFILE), Cause.LOCAL),
        ((errno.EAFNOSUPPORT, errno.EHOSTUNREACH, errno.ECONNREFUSED), Cause.REFUSED),
    ],
)
async def test_of_different_errors_the_most_telling_is_the_cause(
    errors: tuple[int, ...], cause: Cause, fail_with: Callable[..., list[AddressInfo]]
) -> None:
    found, message = await failing(fail_with(*errors), Trace())
    assert found is cause
    assert message.count(";") == len(errors) - 1


@pytest.mark.parametrize(
    ("errors", "symptom"),
    [
        ((errno.ENETUNREACH,), "network.no_route"),
        ((errno.ENETDOWN,), "network.no_route"),
        ((errno.EAFNOSUPPORT,), "network.no_route"),
        ((errno.EHOSTUNREACH,), None),
        ((errno.ENETUNREACH, errno.EHOSTUNREACH), None),
        ((errno.EAFNOSUPPORT, errno.ENETUNREACH), "network.no_route"),
    ],
)
async def test_a_machine_without_a_way_says_so(
    errors: tuple[int, ...], symptom: str | None, fail_with: Callable[..., list[AddressInfo]]
) -> None:
    """A host that does not answer on its own network is another matter."""
    with pytest.raises(ProbeFailed) as caught:
        await connect(fail_with(*errors), LatestRead(), Trace())
    assert (caught.value.cause, caught.value.symptom) == (Cause.UNREACHABLE, symptom)


async def test_the_message_names_each_address_where_they_fail_differently(
    fail_with: Callable[..., list[AddressInfo]],
) -> None:
    addresses = fail_with(errno.ENETUNREACH, errno.ECONNREFUSED)
    _, message = await failing(addresses, Trace())
    assert message == "::1: network unreachable; 127.0.0.1: connection refused"


async def test_no_file_left_is_a_local_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: Any) -> None:
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr("healthmon.net.connect.StampedSocket", refuse)
    expected = (Cause.LOCAL, "this program has too many files open")
    assert await failing([v4(9)], Trace()) == expected
    assert await failing([v6(9), v4(9)], Trace()) == expected


async def test_an_event_loop_without_stamps_still_fails_with_a_cause(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another event loop may connect by itself and raise an error of its own."""

    async def refuse(*arguments: Any) -> None:
        raise RuntimeError("the loop says no")

    monkeypatch.setattr(asyncio.get_running_loop(), "sock_connect", refuse)
    assert await failing([v4(9)], Trace()) == (Cause.LOCAL, "no connection can be made: the loop says no")
