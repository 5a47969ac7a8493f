"""UDP: what comes back for a datagram, from the real dnsmasq and from servers that misbehave."""

import asyncio
import errno
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager

import pytest

from healthmon.config.load import parse
from healthmon.core.advice.advise import explain
from healthmon.core.model import Cause, Result, Verdict
from healthmon.engine.check import check
from healthmon.errors import ConfigError
from healthmon.net.network import Network
from healthmon.probes.udp import UDP
from tests.campaign.places import resolving
from tests.loopback import needs_ipv6
from tests.net.descriptors import leaving_no_socket
from tests.ports import free_port
from tests.programs.running import accepting, needed, started

QUERY = "12 34 01 00 00 01 00 00 00 00 00 00 07 73 65 72 76 69 63 65 04 74 65 73 74 00 00 01 00 01"
"""Asks a DNS server for the address of service.test (RFC 1035)."""

Reply = Callable[[bytes], list[bytes]]


class _Server(asyncio.DatagramProtocol):
    def __init__(self, reply: Reply) -> None:
        self._reply = reply
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]
        self._transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        assert self._transport
        for answer in self._reply(data):
            self._transport.sendto(answer, addr)


@asynccontextmanager
async def answering(reply: Reply, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[int]:
    """Run a server, and yield its port."""
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: _Server(reply), local_addr=(host, port))
    try:
        yield transport.get_extra_info("sockname")[1]
    finally:
        transport.close()
        await asyncio.sleep(0)


async def checked(network: Network, port: int, keys: str, host: str = "127.0.0.1") -> Result:
    """The check of a service on a port of this machine, which leaves nothing open."""
    (one,) = parse(f'[[services]]\nname = "A"\nurl = "udp://{host}:{port}"\n{keys}').services
    async with leaving_no_socket():
        return await check(one, probe=UDP, network=network)


def told(result: Result) -> tuple[Cause | None, str, str | None]:
    """What is said of it."""
    return result.cause, result.message, result.symptom


@pytest.fixture(scope="module")
def dnsmasq(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a real server that speaks UDP."""
    dnsmasq, folder, port = needed("dnsmasq", "dnsmasq-base"), tmp_path_factory.mktemp("dnsmasq"), free_port()
    command = [dnsmasq, "--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--user=root"]
    command += [f"--port={port}", "--listen-address=127.0.0.1", "--bind-interfaces", "--pid-file="]
    with started([*command, "--address=/service.test/127.0.0.9"], folder=folder, ready=lambda: accepting(port)):
        yield port


async def test_a_server_answers(network: Network, dnsmasq: int) -> None:
    """The answer ends with the address that it was asked for."""
    result = await checked(network, dnsmasq, f'send_hex = "{QUERY}"\nexpect.body.contains = "service"\n')
    assert (result.verdict, result.message) == (Verdict.UP, "answered")
    assert result.fact("body_bytes") == 46
    assert result.fact("ip") == "127.0.0.1"
    assert result.timings.wait is not None
    assert result.timings.total == result.timings.wait


async def test_a_server_answers_something_else(network: Network, dnsmasq: int) -> None:
    result = await checked(network, dnsmasq, f'send_hex = "{QUERY}"\nexpect.json.status = "ok"\n')
    assert result.cause is Cause.JSON
    assert result.message.startswith("answered, json status: not JSON: ")


async def test_a_server_that_knows_no_answer_is_silent(network: Network, dnsmasq: int) -> None:
    result = await checked(network, dnsmasq, 'send = "hello"\ntimeout = "100ms"\n')
    assert told(result) == (Cause.NO_RESPONSE, "no answer within 0.1 s", "udp.silent")
    advice = explain(result)
    assert advice is not None
    assert f"tcpdump -ni any udp port {dnsmasq}" in advice.next_step


async def test_json_comes_back(network: Network) -> None:
    async with answering(lambda sent: [b'{"heard": "%s"}' % sent]) as port:
        result = await checked(network, port, 'send = "ping"\nexpect.json.heard = "ping"\n')
    assert result.verdict is Verdict.UP


async def test_nothing_listens(network: Network) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        # What hears itself alone is nobody for others; and nobody else takes its port.
        taken.connect(taken.getsockname())
        result = await checked(network, taken.getsockname()[1], 'send = "x"\n')
    assert told(result) == (Cause.REFUSED, "port unreachable", "udp.refused")


async def test_the_first_datagram_counts(network: Network) -> None:
    async with answering(lambda _: [b"one", b"two"]) as port:
        assert (await checked(network, port, 'send = "x"\nexpect.body.contains = "one"\n')).verdict is Verdict.UP


async def test_an_empty_datagram_is_an_answer(network: Network) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.setblocking(False)
        loop = asyncio.get_running_loop()
        loop.add_reader(server, lambda: server.sendto(b"", server.recvfrom(10)[1]))
        result = await checked(network, server.getsockname()[1], 'send = "x"\nwarn.body.contains = "a"\n')
        loop.remove_reader(server)
    assert (result.verdict, result.cause) == (Verdict.DEGRADED, Cause.BODY)
    assert result.message.startswith("answered, body: an empty body")


async def test_what_comes_from_elsewhere_is_not_heard(network: Network) -> None:
    """Another socket of the same machine, that saw the sender's port, is not the server."""
    stranger = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)

    class Elsewhere(_Server):
        def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
            del data
            stranger.sendto(b"me", addr)

    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: Elsewhere(lambda _: []), local_addr=("127.0.0.1", 0))
    try:
        port = transport.get_extra_info("sockname")[1]
        result = await checked(network, port, 'send = "x"\ntimeout = "100ms"\n')
    finally:
        transport.close()
        stranger.close()
        await asyncio.sleep(0)
    assert result.cause is Cause.NO_RESPONSE


@needs_ipv6
async def test_the_next_address_is_asked_where_one_refuses() -> None:
    network = Network(lookup=resolving("::1", "127.0.0.1"))
    try:
        async with answering(lambda _: [b"yes"]) as port:
            result = await checked(network, port, 'send = "x"\n', host="service.example")
    finally:
        network.close()
    assert result.verdict is Verdict.UP
    assert (result.fact("ip"), result.fact("connect_errors")) == ("127.0.0.1", "::1: port unreachable")


@needs_ipv6
async def test_an_ipv6_address(network: Network) -> None:
    async with answering(lambda _: [b"yes"], "::1") as port:
        assert (await checked(network, port, 'send = "x"\n', host="[::1]")).verdict is Verdict.UP


async def test_this_machine_forbids_it(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    def connect(_: socket.socket, __: object) -> None:
        raise OSError(errno.EACCES, "Permission denied")

    monkeypatch.setattr("healthmon.net.stamps.StampedSocket.connect", connect)
    result = await checked(network, 9, 'send = "x"\n')
    assert told(result) == (Cause.LOCAL, "this machine forbids the connection", None)


@pytest.mark.parametrize(
    ("keys", "fault"),
    [
        ("", "udp:// needs `send` or `send_hex`"),
        ('send = "a"\nsend_hex = "00"', "only one of `send` and `send_hex`"),
        (f'send = "{"x" * 65508}"', "a datagram holds 65507 bytes at most"),
        ('send = "a"\nresolve = "b"', "`resolve` is an IP address"),
        ('send = "a"\nexpect.banner = "b"', "banner"),
    ],
)
def test_keys_that_cannot_be(keys: str, fault: str) -> None:
    with pytest.raises(ConfigError) as raised:
        parse(f'[[services]]\nname = "A"\nurl = "udp://127.0.0.1:1"\n{keys}\n')
    assert fault in str(raised.value)


def test_what_is_asked() -> None:
    (one,) = parse('[[services]]\nname = "A"\nurl = "udp://127.0.0.1:1"\nsend_hex = "ff41"\n').services
    assert UDP.asks is not None
    assert list(UDP.asks(one)) == [r"\xffA"]
    assert one.by_hand == "nc -u -w 10 127.0.0.1 1"
