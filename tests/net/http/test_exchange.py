"""One exchange: its times are the kernel's, and nothing of it stays."""

import asyncio
import io
import logging
import time

import pytest
from aiohttp import CookieJar
from yarl import URL

from healthmon.net.http.connection import Route
from healthmon.net.http.exchange import exchange
from healthmon.net.http.request import Request
from healthmon.net.network import Network
from healthmon.net.trace import Trace
from tests.net.descriptors import leaving_no_socket
from tests.probes.http_server import OK, Asked, replying, talking


async def test_a_blocked_program_does_not_make_a_server_slow(network: Network, kernel_stamps: None) -> None:
    """The loop is blocked for 100 ms while the answer lies in the socket; the kernel knows when it came."""
    answered = 0.0

    async def talk(asked: Asked, writer: asyncio.StreamWriter) -> None:
        nonlocal answered
        writer.write(OK)
        answered = time.monotonic()
        time.sleep(0.1)  # noqa: ASYNC251 - nobody can read the answer before
        await asyncio.Event().wait()  # a packet that closed the connection would have a later stamp

    trace = Trace()
    async with talking(talk) as server:
        begun = time.monotonic()
        await _once(network, Request("GET", URL(server.url())), trace)
    outcome = trace.outcome()
    assert outcome.fact("clock") == "kernel"
    assert outcome.timings.wait is not None
    assert outcome.timings.wait <= answered - begun + 0.01, "the two clocks need not go alike"


async def _once(network: Network, request: Request, trace: Trace) -> None:
    async with exchange(network, Route(), request, trace, want_body=False) as answer:
        answer.record()


async def test_the_connection_is_gone_when_the_context_is_left(network: Network) -> None:
    """Although the server has more to say."""
    async with replying(OK) as server:
        request = Request("GET", URL(server.url()))
        async with leaving_no_socket():
            await _once(network, request, Trace())


async def test_cookies_are_sent_and_kept(network: Network) -> None:
    """In the jar of the caller, who may ask again."""
    answer = b"HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nContent-Length: 0\r\n\r\n"
    async with replying(answer) as server:
        jar = CookieJar(unsafe=True)
        request = Request("GET", URL(server.url()))
        for _ in range(2):
            async with exchange(network, Route(), request, Trace(), want_body=False, cookies=jar):
                pass
        assert [asked.headers.get("cookie") for asked in server.asked] == [None, "a=1"]


async def test_a_cookie_with_an_illegal_name_is_not_quoted_on_the_terminal(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The library logs it; Python would print what nobody handles."""
    printed = io.StringIO()
    monkeypatch.setattr(logging.getLogger(), "handlers", [])  # those of pytest
    monkeypatch.setattr(logging, "lastResort", logging.StreamHandler(printed))
    async with replying(b"HTTP/1.1 200 OK\r\nSet-Cookie: a secret=1\r\nContent-Length: 0\r\n\r\n") as server:
        request = Request("GET", URL(server.url()))
        async with exchange(network, Route(), request, Trace(), want_body=False, cookies=CookieJar(unsafe=True)):
            pass
    assert printed.getvalue() == ""


async def test_headers_that_are_not_text_are_readable(network: Network) -> None:
    """Bytes that are not UTF-8 are replaced, so that every header can be printed."""
    trace = Trace()
    async with replying(b"HTTP/1.1 200 OK\r\nX: caf\xe9 \xc3\xa9\r\nContent-Length: 0\r\n\r\n") as server:
        await _once(network, Request("GET", URL(server.url())), trace)
    assert trace.headers[0] == ("X", "caf\ufffd é")
