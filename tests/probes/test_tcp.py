"""TCP: whether a port accepts connections."""

import asyncio

import pytest

from healthmon.config.load import parse
from healthmon.core.model import Address, Cause, Service, Stage
from healthmon.net.network import Network
from healthmon.net.reach import ReachOptions
from healthmon.net.trace import ProbeFailed, Trace
from healthmon.probes.tcp import TCP, TcpOptions
from tests.campaign.places import closed_port, full_port
from tests.campaign.servers import listening
from tests.make import service
from tests.net.descriptors import leaving_no_socket


def at(port: int, options: ReachOptions = TcpOptions()) -> Service:  # noqa: B008 - frozen
    """A service on a port of this machine."""
    return service("redis", address=Address("tcp", "127.0.0.1", port, explicit=True), options=options)


async def test_an_open_port_is_connected_to_and_nothing_is_said(network: Network) -> None:
    trace = Trace()
    said: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        said.set_result(await reader.read())

    async with leaving_no_socket(), listening(listen) as port:
        await TCP.run(at(port), network, trace)
        assert await said == b""
    outcome = trace.outcome()
    assert [(fact.name, fact.value) for fact in outcome.facts] == [("ip", "127.0.0.1")]
    assert outcome.timings.resolve is None
    assert outcome.timings.connect == outcome.timings.total


async def test_a_closed_port_refuses(network: Network) -> None:
    async with leaving_no_socket():
        with closed_port() as port, pytest.raises(ProbeFailed) as raised:
            await TCP.run(at(port), network, Trace())
    assert (raised.value.cause, raised.value.message) == (Cause.REFUSED, "connection refused")


async def test_a_port_that_drops_what_comes_is_cancelled_while_connecting(network: Network) -> None:
    trace = Trace()
    async with leaving_no_socket():
        with full_port() as port, pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await TCP.run(at(port), network, trace)
    assert trace.stage is Stage.CONNECT


async def test_the_keys_say_how_the_host_is_reached(network: Network) -> None:
    with pytest.raises(ProbeFailed) as raised:
        await TCP.run(at(9, TcpOptions(ip="6")), network, Trace())
    assert raised.value.cause is Cause.DNS


def test_a_port_must_be_given() -> None:
    assert TCP.default_port is None


def test_a_person_asks_with_nc() -> None:
    """The same port, about as long."""
    (one,) = parse('[[services]]\nname = "A"\nurl = "tcp://127.0.0.1:5432"\ntimeout = "2.4s"\n').services
    assert one.by_hand == "nc -vz -w 2 127.0.0.1 5432"
