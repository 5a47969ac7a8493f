"""The server against clients that are slow, silent, many or gone; and its end."""

import asyncio
import errno
import os
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from msgspec import structs

from healthmon.errors import PortInUse
from healthmon.web import listening
from healthmon.web.limits import Limits
from healthmon.web.server import serving
from tests.loopback import needs_ipv6
from tests.unhurried import unqueued
from tests.web.fake import FakeDaemon, FakeMetrics, served
from tests.web.raw import PATIENCE, RawClient, connected, get, until

BRISK = Limits(idle=0.2, body=0.2, write=0.3, linger=0.1, handshake=0.2)
"""For tests that wait until a limit is met."""
ENDLESS = 10_000
"""So many chunks of 64 KiB are more than any buffer takes."""
SOON = 2.0
"""Seconds: more than a farewell takes on a busy machine; less than a body or a lingering client may take."""


def open_files() -> int:
    """How many files this process has open."""
    return len(list(Path("/proc/self/fd").iterdir()))


@asynccontextmanager
async def no_file_left_open() -> AsyncIterator[None]:
    """Afterwards as many are open as before; the loop may need a turn to close the last."""
    before = open_files()
    yield
    await until(lambda: open_files() == before)


async def serve_on(host: str, port: int) -> list[tuple[str, int]]:
    """Where an empty application listens."""
    async with serving(web.Application(), listen=(host, port), tls=None, fault=pytest.fail) as server:
        return list(server.addresses)


async def test_the_real_port_is_told() -> None:
    """Of port 0."""
    ((host, port),) = await serve_on("127.0.0.1", 0)
    assert host == "127.0.0.1"
    assert port > 0


@needs_ipv6
async def test_every_address_of_a_name_has_the_same_port() -> None:
    """Whatever this machine calls localhost."""
    addresses = await serve_on("localhost", 0)
    assert len({port for _, port in addresses}) == 1


@needs_ipv6
async def test_the_ipv6_wildcard_takes_ipv4_too() -> None:
    """As its users expect."""
    async with serving(web.Application(), listen=("::", 0), tls=None, fault=pytest.fail) as server:
        ((host, port),) = server.addresses
        async with connected(port) as client:
            await client.send(get("/"))
            head, _ = await client.answer()
    assert host == "::"
    assert head.startswith(b"HTTP/1.1 404 ")


@pytest.mark.parametrize("dual", [pytest.param(True, marks=needs_ipv6), False])
async def test_no_host_means_all_addresses(dual: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """With or without IPv6."""
    monkeypatch.setattr(socket, "has_dualstack_ipv6", lambda: dual)
    ((host, _),) = await serve_on("", 0)
    assert host == ("::" if dual else "0.0.0.0")


async def test_a_name_may_have_an_address_that_this_machine_has_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """As localhost has ::1 where there is no IPv6. One is enough."""
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 0)) for address in ("192.0.2.1", "127.0.0.1")]

    async def look_up(*_: Any, **__: Any) -> Any:
        return found

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", look_up)
    ((host, _),) = await serve_on("localhost", 0)
    assert host == "127.0.0.1"


async def test_a_taken_port() -> None:
    """By whom, and what to do. Nothing stays open."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        before = open_files()
        with pytest.raises(PortInUse) as raised:
            await serve_on("127.0.0.1", port)
        assert open_files() == before
    message = str(raised.value)
    assert message.startswith(f"Port {port} on 127.0.0.1 is already in use by ")
    assert f"(pid {os.getpid()})" in message
    assert message.endswith("Stop what has it, or set another `listen` in [daemon].")


async def test_a_port_that_nobody_is_seen_to_have() -> None:
    """It is bound, and nobody listens on it."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        with pytest.raises(PortInUse, match=rf"^Port {port} on 127\.0\.0\.1 is already in use\. Stop what has it, "):
            await serve_on("127.0.0.1", port)


async def test_an_address_that_is_not_ours() -> None:
    """One of a documentation range, which nobody has."""
    with pytest.raises(PortInUse) as raised:
        await serve_on("192.0.2.1", 9877)
    assert str(raised.value) == (
        "Cannot listen on 192.0.2.1:9877: this machine does not have the address; see `ip addr`. "
        "Add it, or set another `listen` in [daemon]."
    )


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (errno.EACCES, "Cannot listen on [::1]:80: ports below 1024 need a privilege. Give the daemon "),
        (errno.ENOBUFS, "Cannot listen on [::1]:80: No buffer space available. Mend that, "),
    ],
)
def test_other_reasons(error: int, message: str) -> None:
    """Each with its remedy. They are not provoked: it depends on the machine who may do what."""
    met = listening._explain("::1", 80, OSError(error, os.strerror(error)))
    assert met.startswith(message)
    assert met.endswith("or set another `listen` in [daemon].")


async def test_a_host_that_is_none() -> None:
    """Too long a label never leaves this machine."""
    with pytest.raises(PortInUse, match=r"^Cannot listen on x{64}: it is no address, and no name that has one\. "):
        await serve_on("x" * 64, 0)


async def test_a_connection_is_kept_for_the_next_request() -> None:
    """Bodies that nobody needs in between."""
    async with served() as server, connected(server.port) as client:
        await client.send(get("/-/healthy", "Content-Length: 4") + b"body" + get("/-/ready"))
        assert (await client.answer())[1].startswith(b"Healthy")
        assert (await client.answer())[1].startswith(b"Ready")


@pytest.mark.parametrize("sent", [b"", b"GET / HTTP/1.1\r\nHost: h\r\nX-Slow: "])
async def test_a_client_that_does_not_finish_its_request_is_dropped(sent: bytes) -> None:
    """Silence, or half a head."""
    async with served(limits=BRISK) as server, connected(server.port) as client:
        await client.send(sent)
        assert await client.rest() == b""


async def test_a_head_that_comes_byte_by_byte_is_dropped() -> None:
    """Each byte buys no more time."""
    async with served(limits=BRISK) as server, connected(server.port) as client:
        await client.send(b"GET / HTTP/1.1\r\nX-Slow: ")
        rest = asyncio.create_task(client.rest())
        while not rest.done():
            client.writer.write(b"x")
            await asyncio.wait([rest], timeout=0.02)
        assert await rest == b""


async def test_an_idle_connection_is_closed() -> None:
    """After its answer."""
    async with served(limits=BRISK) as server, connected(server.port) as client:
        await client.send(get("/-/healthy"))
        await client.answer()
        assert await client.rest() == b""


@pytest.mark.parametrize(
    ("request_", "status", "sentence"),
    [
        (
            get("/-/reload", "Content-Length: 1025", method="POST") + b"x" * 1025,
            413,
            "The body is larger than 1024 bytes.",
        ),
        (get("/-/reload", "Content-Length: 10", method="POST") + b"x", 408, "The body did not come within 0.2 s."),
        (
            get("/-/reload", "Transfer-Encoding: chunked", method="POST") + b"401\r\n" + b"x" * 1025 + b"\r\n0\r\n\r\n",
            413,
            "The body is larger than 1024 bytes.",
        ),
        (get("/", "X-Long: " + "x" * 9000), 431, "The request has a line of more than 8190 bytes."),
        (get("/" + "x" * 9000), 431, "The request has a line of more than 8190 bytes."),
        (get("/", *[f"X-{n}: 1" for n in range(100)]), 400, None),
        (b"\x00\x01\x02\r\n\r\n", 400, None),
    ],
    ids=["large", "slow", "large-chunked", "header", "target", "headers", "garbage"],
)
async def test_requests_out_of_bounds(request_: bytes, status: int, sentence: str | None) -> None:
    """One sentence, and the connection ends."""
    daemon = FakeDaemon()
    async with served(daemon, limits=BRISK) as server, connected(server.port) as client:
        await client.send(request_)
        head, body = await client.answer()
        await client.rest()
    assert int(head.split(b" ")[1]) == status
    assert b"connection: close" in head.lower() or head.startswith(b"HTTP/1.0")
    if sentence is not None:
        assert body.decode() == sentence + "\n"
    assert body.count(b"\n") == 1
    assert (daemon.reloads, server.faults) == (0, [])


@asynccontextmanager
async def asked_for_its_body(port: int) -> AsyncIterator[RawClient]:
    """A client whose request the server has begun to handle."""
    async with connected(port) as client:
        headers = ("Transfer-Encoding: chunked", "Expect: 100-continue")
        await client.send(get("/-/reload", *headers, method="POST"))
        assert await client.reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        yield client


async def test_a_body_that_is_not_what_it_says() -> None:
    """A chunk whose size is none."""
    daemon = FakeDaemon()
    async with served(daemon, limits=BRISK) as server, asked_for_its_body(server.port) as client:
        await client.send(b"zz\r\n")
        head, _ = await client.answer()
    assert head.split(b" ")[1] in (b"400", b"408")  # Which of them depends on aiohttp's parser.
    assert (daemon.reloads, server.faults) == (0, [])


async def test_a_client_that_leaves_amid_its_body_is_no_fault() -> None:
    """Nothing is done for it."""
    daemon = FakeDaemon()
    async with served(daemon) as server:
        async with asked_for_its_body(server.port) as client:
            await client.send(b"5\r\nhe")
        assert await _answered(server.port)
    assert (daemon.reloads, server.faults) == (0, [])


async def test_at_the_bound_a_connection_is_turned_away() -> None:
    """With 503, while none of the others is idle; and when one of them ends, the next is served."""
    limits = structs.replace(Limits(), connections=3, silence=60.0)
    async with served(limits=limits) as server, AsyncExitStack() as idle:
        for _ in range(2):
            await idle.enter_async_context(connected(server.port))
        async with connected(server.port) as third:
            await third.send(get("/probe?target=hang"))
            async with connected(server.port) as fourth:
                head, body = await fourth.answer()
                assert await fourth.rest() == b""
        assert head.startswith(b"HTTP/1.1 503 Service Unavailable\r\n")
        assert body == b"Too many connections are open; come back in a moment.\n"
        assert await _answered(server.port)


async def test_at_the_bound_the_longest_idle_connection_makes_room() -> None:
    """One that had its answer. One with a request under way, and one that has only just come, stay."""
    limits = structs.replace(Limits(), connections=4, silence=60.0)
    async with served(limits=limits) as server, AsyncExitStack() as stack:
        busy, silent, first, second = [await stack.enter_async_context(connected(server.port)) for _ in range(4)]
        await busy.send(get("/probe?target=hang"))
        for client in (first, second):
            await client.send(get("/-/healthy"))
            assert (await client.answer())[0].startswith(b"HTTP/1.1 200 ")
        fifth = await stack.enter_async_context(connected(server.port))
        await fifth.send(get("/-/healthy"))
        assert (await fifth.answer())[0].startswith(b"HTTP/1.1 200 ")
        assert await first.rest() == b""
        for client in (silent, second):
            await client.send(get("/-/healthy"))
            assert (await client.answer())[0].startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("sent", [b"", b"GET /-/heal"])
async def test_silent_connections_keep_nobody_out(sent: bytes) -> None:
    """Nor do those that never end their request's head."""
    limits = structs.replace(Limits(), connections=3, silence=0.0)
    async with served(limits=limits) as server, AsyncExitStack() as stack:
        silent = [await stack.enter_async_context(connected(server.port)) for _ in range(3)]
        for client in silent:
            await client.send(sent)
        async with connected(server.port) as another:
            await another.send(get("/-/healthy"))
            assert (await another.answer())[0].startswith(b"HTTP/1.1 200 ")
        assert await silent[0].rest() == b""


async def _answered(port: int) -> bool:
    """Whether a connection is served before long: the end of another takes the server a moment to see."""
    for _ in range(1000):
        async with connected(port) as client:
            await client.send(get("/-/healthy", "Connection: close"))
            if (await client.rest()).startswith(b"HTTP/1.1 200 "):
                return True
    return False


async def test_many_idle_connections_take_no_more_files_than_the_bound() -> None:
    """However many come."""
    limits = structs.replace(Limits(), connections=5, silence=60.0)
    async with served(limits=limits) as server, AsyncExitStack() as idle:
        before = open_files()
        clients = [await idle.enter_async_context(connected(server.port)) for _ in range(50)]
        for client in clients[5:]:
            assert b" 503 " in await client.rest()
        ours = open_files() - before - len(clients)
        assert ours == 5


async def test_a_reader_that_stops_costs_little_and_is_cut_off() -> None:
    """No more of the answer is made than the buffers take; others are served meanwhile."""
    metrics = FakeMetrics(chunks=ENDLESS, size=2**16)
    async with no_file_left_open():
        async with (
            served(metrics=metrics, limits=BRISK) as server,
            connected(server.port, receive_buffer=4096) as stalled,
        ):
            await stalled.send(get("/metrics"))
            await until(lambda: metrics.made > 0)
            async with connected(server.port) as other:
                await other.send(get("/-/healthy"))
                assert (await other.answer())[0].startswith(b"HTTP/1.1 200 ")
            await until_reset(stalled)
        assert metrics.made < 100
        assert server.faults == []


async def until_reset(client: RawClient) -> None:
    """Wait, without reading, until the server has cut the connection off."""
    await until(lambda: client.error() == errno.ECONNRESET)


async def test_a_large_answer_in_one_piece_is_cut_off_likewise() -> None:
    """Where the handler has made it whole."""

    async def large(_: web.Request) -> web.Response:
        return web.Response(body=b"x" * 2**24)

    async with (
        served(probe_handler=large, limits=BRISK) as server,
        connected(server.port, receive_buffer=4096) as stalled,
    ):
        await stalled.send(get("/probe"))
        await until_reset(stalled)
    assert server.faults == []


async def test_a_closed_connection_is_reset_when_its_client_takes_nothing_more() -> None:
    """The end of an answer that the kernel has no room for; the handler has long returned."""

    async def until_it_stops(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while request.transport and not request.transport.get_write_buffer_size():
            await response.write(b"x" * 2**12)
        return response

    limits = structs.replace(Limits(), linger=0.05)
    async with (
        served(probe_handler=until_it_stops, limits=limits) as server,
        connected(server.port, receive_buffer=4096) as stalled,
    ):
        await stalled.send(get("/probe", "Connection: close"))
        await until_reset(stalled)
    assert server.faults == []


async def test_answers_that_nobody_takes_do_not_keep_a_closed_connection() -> None:
    """A client that asks and asks, reads nothing, and leaves its connection open."""
    async with served(limits=BRISK) as server, connected(server.port, receive_buffer=4096) as stalled:
        async with asyncio.timeout(PATIENCE):
            await _ask_until_reset(stalled.writer)
    assert server.faults == []


async def _ask_until_reset(writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            writer.write(get("/") * 100)
            await writer.drain()
            await asyncio.sleep(0)
    except ConnectionError:
        pass


async def test_a_client_that_leaves_midway_is_no_fault() -> None:
    """And no more is made for it."""
    metrics = FakeMetrics(chunks=ENDLESS, size=2**16)
    async with served(metrics=metrics) as server:
        async with connected(server.port, receive_buffer=4096) as client:
            await client.send(get("/metrics"))
            await until(lambda: metrics.made > 2)
        made = -1
        while made != metrics.made:
            made = metrics.made
            await asyncio.sleep(0.05)
    assert metrics.made < 100
    assert server.faults == []


async def test_the_end_waits_for_nobody(capfd: pytest.CaptureFixture[str]) -> None:
    """Half a request, half an answer, a probe under way, a reload under way: soon all are gone."""
    daemon, metrics = FakeDaemon(), FakeMetrics(chunks=ENDLESS, size=2**16)
    daemon.may_end.clear()
    tasks = asyncio.all_tasks()
    async with no_file_left_open(), AsyncExitStack() as clients:
        async with served(daemon, metrics) as server:
            for sent in (
                b"",
                b"GET / HT",
                get("/metrics"),
                get("/probe?target=hang"),
                get("/-/reload", method="POST"),
                get("/-/healthy"),
            ):
                client = await clients.enter_async_context(connected(server.port, receive_buffer=4096))
                await client.send(sent)
            await until(lambda: metrics.made > 2 and daemon.reloads == 1)
            began = unqueued()
        assert unqueued() - began < SOON
        assert asyncio.all_tasks() == tasks | daemon.reloading
        daemon.may_end.set()
    await until(lambda: asyncio.all_tasks() == tasks)
    assert server.faults == []
    assert capfd.readouterr() == ("", "")


async def test_an_answer_under_way_is_finished_at_the_end() -> None:
    """Where its client takes it, and it does not take long."""
    daemon = FakeDaemon()
    daemon.may_end.clear()
    async with AsyncExitStack() as clients:
        async with served(daemon) as server:
            client = await clients.enter_async_context(connected(server.port))
            await client.send(get("/-/reload", method="POST"))
            await until(lambda: daemon.reloads == 1)
            asyncio.get_running_loop().call_later(0.05, daemon.may_end.set)
        assert (await client.rest()).endswith(b"Nothing has changed.\n")


async def test_no_files_left_for_a_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told once, and the next attempt comes."""
    monkeypatch.setattr("healthmon.web.door._PAUSE", 0.01)
    loop = asyncio.get_running_loop()
    real, failures = loop.sock_accept, [errno.EMFILE, errno.ECONNABORTED, errno.ENFILE, errno.EMFILE]

    async def accept(listener: socket.socket) -> Any:
        if failures:
            number = failures.pop(0)
            raise OSError(number, os.strerror(number))
        return await real(listener)

    monkeypatch.setattr(loop, "sock_accept", accept)
    async with served() as server:
        assert await _answered(server.port)
    assert server.faults == ["cannot take connections on the HTTP side: Too many open files"]


async def test_an_end_of_the_server_does_not_go_unseen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever nobody thought of."""

    async def accept(_: socket.socket) -> Any:
        raise ValueError("unthought of")

    monkeypatch.setattr(asyncio.get_running_loop(), "sock_accept", accept)
    async with served() as server:
        await until(lambda: bool(server.faults))
    (fault,) = server.faults
    assert fault.startswith("the HTTP side takes no more connections: ValueError: unthought of (")
