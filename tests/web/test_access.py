"""Who may ask: the headers alone, and over a real socket."""

import asyncio
import base64
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import aiohttp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from healthmon.config.schema import Access
from healthmon.web.access import permits
from tests.web.fake import FakeDaemon, Served, served, watched
from tests.web.raw import connected, get

BOTH = Access(username="prom", password="s3:crét", bearer="t0ken")


def basic(text: str, charset: str = "utf-8") -> str:
    return "Basic " + base64.b64encode(text.encode(charset)).decode()


RIGHT = [basic("prom:s3:crét"), "Bearer t0ken", "bearer   t0ken ", basic("prom:s3:crét").replace("Basic", "bAsIc")]
WRONG = [
    "",
    "Basic",
    "Bearer",
    "Basic ====",
    "Basic é",
    "Bearer \udcff",
    "Basic \udcff",
    "Digest t0ken",
    "t0ken",
    basic("prom"),
    basic("prom:"),
    basic("prom:s3:cré"),
    basic("prom:s3:crét", "latin-1"),
    basic("Prom:s3:crét"),
    "Bearer t0ken2",
    "Bearer T0KEN",
]


@pytest.mark.parametrize("header", RIGHT)
def test_the_right_credentials(header: str) -> None:
    """The scheme's name in any case (RFC 9110, section 11.1)."""
    assert permits(BOTH, [header])


@pytest.mark.parametrize("header", WRONG)
def test_wrong_credentials(header: str) -> None:
    """Whatever is wrong with them."""
    assert not permits(BOTH, [header])


def test_there_is_one_header() -> None:
    """Of two, nobody knows which one counts."""
    assert not permits(BOTH, [])
    assert not permits(BOTH, ["Bearer t0ken", "Bearer t0ken"])


def test_only_what_is_configured_is_accepted() -> None:
    """An empty password is one, a missing token is none."""
    assert permits(Access(username="prom"), [basic("prom:")])
    assert not permits(Access(username="prom"), ["Bearer "])
    assert not permits(Access(username="prom"), ["Bearer None"])
    assert not permits(Access(bearer="t"), [basic("None:")])


@given(st.text() | st.text().map(lambda text: f"Basic {text}") | st.text().map(lambda text: f"Bearer {text}"))
def test_no_other_header_is_right(header: str) -> None:
    """Nor does any break it."""
    assert not permits(
        Access(username="prom", password="s3cret-of-some-length", bearer="t0ken-of-some-length"), [header]
    )


@pytest.mark.parametrize("path", ["/", "/metrics", "/probe", "/api/v1/services", "/-/ready", "/nothing", "/-/healthy/"])
async def test_all_but_one_route_need_credentials(path: str) -> None:
    """What does not exist, too, so that nobody learns what does."""
    async with served(access=BOTH) as server, aiohttp.ClientSession() as session:
        async with session.get(server.url + path) as answer:
            text = await answer.text()
            assert answer.status == 401
            assert answer.headers.getall("WWW-Authenticate") == [
                'Basic realm="healthmon", charset="UTF-8"',
                'Bearer realm="healthmon"',
            ]
            assert "Credentials are needed: send a name and a password (Basic) or a token (Bearer)." in text
        async with session.get(server.url + path, headers={"Authorization": "Bearer wrong"}) as answer:
            assert "These credentials are not the right ones: send " in await answer.text()
        async with session.get(server.url + path, headers={"Authorization": "Bearer t0ken"}) as answer:
            assert answer.status in (200, 404)


async def test_a_reload_needs_credentials() -> None:
    """It changes something."""
    daemon = FakeDaemon()
    async with (
        served(daemon, access=Access(bearer="t0ken")) as server,
        aiohttp.ClientSession() as session,
        session.post(server.url + "/-/reload") as answer,
    ):
        assert answer.status == 401
        assert answer.headers.getall("WWW-Authenticate") == ['Bearer realm="healthmon"']
    assert daemon.reloads == 0


async def test_platforms_ask_without_credentials() -> None:
    """Whether it is alive is no secret."""
    async with served(access=BOTH) as server, connected(server.port) as client:
        await client.send(get("/-/healthy") + get("/-/healthy", method="POST") + get("/%2d/healthy"))
        met = [(await client.answer())[0].split(b" ")[1] for _ in range(3)]
    assert met == [b"200", b"401", b"200"]


@contextmanager
def at_work() -> Iterator[Served]:
    """A server in a thread of its own, for tests that try many things on one."""
    loop = asyncio.new_event_loop()
    started: list[Served] = []
    ready, stop = threading.Event(), asyncio.Event()

    async def serve() -> None:
        try:
            async with served(FakeDaemon([watched("brain")]), access=Access(username="prom", bearer="t0ken")) as server:
                started.append(server)
                ready.set()
                await stop.wait()
        finally:
            ready.set()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    ready.wait()
    try:
        yield started[0]
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()


@pytest.fixture(scope="module")
def server() -> Iterator[Served]:
    with at_work() as served_:
        yield served_


VISIBLE = st.binary(min_size=1, max_size=60).map(lambda data: bytes(byte for byte in data if byte not in b"\r\n \0"))
TARGETS = (
    VISIBLE
    | VISIBLE.map(lambda data: b"/api/v1/services/" + data)
    | VISIBLE.map(lambda data: b"/api/v1/services?" + data)
)


@settings(deadline=None, max_examples=200)
@given(
    target=TARGETS,
    authorization=VISIBLE | st.just(b"Bearer t0ken"),
    method=st.sampled_from([b"GET", b"HEAD", b"POST", b"OPTIONS"]),
)
def test_nothing_that_a_client_sends_is_a_fault(
    server: Served, target: bytes, authorization: bytes, method: bytes
) -> None:
    """Every target and credential has an answer, and none is ours to blame."""
    if target.startswith(b"/probe") or not target:
        return
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        lines = [
            method + b" " + target + b" HTTP/1.1",
            b"Host: h",
            b"Authorization: " + authorization,
            b"Connection: close",
        ]
        connection.sendall(b"\r\n".join([*lines, b"", b""]))
        head = connection.makefile("rb").readline()
    assert head.startswith((b"HTTP/1.1 ", b"HTTP/1.0 "))
    assert int(head.split(b" ")[1]) in (200, 400, 401, 404, 405)
    assert server.faults == []
