"""WebSockets, of a real server (aiohttp's) and of some that misbehave."""

import asyncio
import base64
import contextlib
import hashlib
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from healthmon.config.load import parse
from healthmon.core.model import Cause, Result, Verdict
from healthmon.engine.check import check
from healthmon.errors import ConfigError
from healthmon.net.network import Network
from healthmon.probes import PROBES
from tests.campaign.certificates import authority, expired, good, server_context, soon_expiring
from tests.campaign.places import closed_port
from tests.campaign.servers import Handler, listening, request_of, silent
from tests.net.descriptors import leaving_no_socket
from tests.web.probe.asking import LOOPBACK, serving_probe

Codes = asyncio.Queue[int | None]
CODES: web.AppKey[Codes] = web.AppKey("codes", asyncio.Queue)


async def _answer(request: web.Request) -> web.StreamResponse:
    """What the server does is what the path says."""
    match request.path:
        case "/login" if request.headers.get("Authorization") != "Bearer right":
            return web.Response(status=401)
        case "/plain":
            return web.Response(text="hello")
    socket = web.WebSocketResponse(protocols=("chat",), autoping=True)
    await socket.prepare(request)
    match request.path:
        case "/greeting":
            await socket.ping()
            await socket.send_json({"state": "ok", "origin": request.headers.get("Origin")})
        case "/bytes":
            await socket.send_bytes(b"\xff\x00ok")
        case "/refuse":
            await socket.close(code=1008, message=b"not you")
        case "/large":
            await socket.send_str("x" * 2000)
    async for message in socket:
        if request.path == "/echo":
            await socket.send_str(f"heard {message.data}")
    request.app[CODES].put_nowait(socket.close_code)
    return socket


@asynccontextmanager
async def serving(tls: ssl.SSLContext | None = None) -> AsyncIterator[tuple[str, Codes]]:
    """Run the server; its URL, and with which codes its WebSockets were closed."""
    application = web.Application()
    codes: Codes = asyncio.Queue()
    application[CODES] = codes
    application.router.add_route("GET", "/{path:.*}", _answer)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls)
    await site.start()
    try:
        yield f"{'wss' if tls else 'ws'}://127.0.0.1:{runner.addresses[0][1]}", codes
    finally:
        await runner.cleanup()


async def asked(network: Network, url: str, keys: str = "") -> Result:
    """The check of a service."""
    (one,) = parse(f'[[services]]\nname = "A"\nurl = "{url}"\n{keys}').services
    return await check(one, probe=PROBES[one.address.scheme], network=network)


async def checked(network: Network, path: str, keys: str = "") -> Result:
    """The check of a path of the server, which leaves nothing open."""
    async with leaving_no_socket(), serving() as (url, _):
        return await asked(network, f"{url}{path}", keys)


def told(result: Result) -> tuple[Cause | None, str, str | None]:
    """What is said of it."""
    return result.cause, result.message, result.symptom


async def test_an_upgrade_is_enough(network: Network) -> None:
    """And healthmon says goodbye."""
    async with leaving_no_socket(), serving() as (url, codes):
        result = await asked(network, f"{url}/quiet?a=1")
        assert (result.verdict, result.message) == (Verdict.UP, "upgraded")
        assert await codes.get() == 1000
    facts = {fact.name: fact.value for fact in result.facts}
    assert facts.pop("clock") in ("kernel", "user")
    assert facts == {"ip": "127.0.0.1", "status": 101, "websocket_subprotocol": None}
    assert result.timings.wait is not None


async def test_the_first_message_is_the_answer(network: Network) -> None:
    keys = 'headers.Origin = "https://shop.example.com"\n'
    keys += 'expect.json = { state = "ok", origin = "https://shop.example.com" }\n'
    result = await checked(network, "/greeting", keys)
    assert told(result) == (None, "upgraded", None)
    assert result.fact("body_bytes") == 53


async def test_what_is_sent_is_answered(network: Network) -> None:
    assert (await checked(network, "/echo", 'send = "ping"\nexpect.body.contains = "heard ping"\n')).cause is None
    result = await checked(network, "/echo", 'send = "ping"\nexpect.body.contains = "pong"\n')
    assert told(result)[:2] == (Cause.BODY, 'upgraded, body: "heard ping", expected to contain "pong"')


async def test_a_message_may_be_bytes(network: Network) -> None:
    assert (await checked(network, "/bytes", 'expect.body.contains = "ok"\n')).verdict is Verdict.UP


async def test_a_subprotocol_is_asked_for(network: Network) -> None:
    right = await checked(network, "/", 'subprotocol = "chat"\nexpect.websocket_subprotocol = "chat"\n')
    assert right.verdict is Verdict.UP
    wrong = await checked(network, "/", 'subprotocol = "mqtt"\nexpect.websocket_subprotocol = "mqtt"\n')
    assert wrong.cause is Cause.VALUE


async def test_no_message_comes(network: Network) -> None:
    result = await checked(network, "/quiet", 'timeout = "100ms"\nexpect.body.contains = "a"\n')
    assert told(result)[:2] == (Cause.NO_RESPONSE, "connected, but no answer within 0.1 s")
    assert result.fact("status") == 101


async def test_the_server_closes_before_there_is_a_message(network: Network) -> None:
    result = await checked(network, "/refuse", 'send = "hello"\n')
    assert told(result) == (Cause.RESET, "closed with code 1008: not you before a message", "ws.closed")


async def test_a_message_that_is_too_large(network: Network) -> None:
    result = await checked(network, "/large", 'body_limit = 1000\nexpect.body.contains = "x"\n')
    assert told(result)[:2] == (Cause.TOO_LARGE, "the message is larger than `body_limit`")


async def test_a_server_that_does_not_upgrade(network: Network) -> None:
    result = await checked(network, "/plain")
    assert told(result)[:2] == (Cause.STATUS, "HTTP 200, expected an upgrade (101)")
    assert result.fact("status") == 200


async def test_credentials_can_be_wrong_or_missing(network: Network) -> None:
    assert (await checked(network, "/login", 'auth.bearer = "right"\n')).verdict is Verdict.UP
    assert (await checked(network, "/login", 'auth.bearer = "wrong"\n')).cause is Cause.AUTH
    assert (await checked(network, "/login")).cause is Cause.STATUS


async def test_tls_and_its_certificate(network: Network, ca: str) -> None:
    async with leaving_no_socket(), serving(server_context(good(authority()))) as (url, _):
        trusted = f'tls.ca = "{ca}"\n'
        result = await asked(
            network, f"{url}/greeting", f'{trusted}expect.json.state = "ok"\nexpect.certificate = "1h"\n'
        )
        assert result.verdict is Verdict.UP
        assert result.fact("tls_version") == "TLSv1.3"
        assert result.timings.tls is not None
        assert (await asked(network, url)).cause is Cause.CERTIFICATE
    async with serving(server_context(soon_expiring(authority()))) as (url, _):
        result = await asked(network, url, f'{trusted}expect.certificate = "60d"\n')
        assert result.cause is Cause.CERTIFICATE
    async with serving(server_context(expired(authority()))) as (url, _):
        assert (await asked(network, url, f'tls.ca = "{ca}"\n')).cause is Cause.CERTIFICATE


async def test_tls_to_a_plain_port(network: Network) -> None:
    async with serving() as (url, _):
        assert (await asked(network, f"wss{url[2:]}")).cause in (Cause.TLS, Cause.RESET)


async def test_nothing_listens(network: Network) -> None:
    with closed_port() as port:
        assert (await asked(network, f"ws://127.0.0.1:{port}")).cause is Cause.REFUSED


async def test_silence_ends_with_the_timeout(network: Network) -> None:
    async with leaving_no_socket(), listening(silent) as port:
        result = await asked(network, f"ws://127.0.0.1:{port}", 'timeout = "100ms"\n')
    assert told(result)[:2] == (Cause.NO_RESPONSE, "connected, but no answer within 0.1 s")


def saying(head: str, *frames: bytes, sign: bool = True) -> Handler:
    """A server that answers any request with this, rightly signed, and then with these bytes."""

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = (await request_of(reader)).decode()
        key = next(line[19:] for line in request.split("\r\n") if line.lower().startswith("sec-websocket-key: "))
        signature = base64.b64encode(hashlib.sha1(f"{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11".encode()).digest())
        accept = signature.decode() if sign else "nonsense"
        writer.write(f"{head}Sec-WebSocket-Accept: {accept}\r\n\r\n".encode() + b"".join(frames))
        await writer.drain()
        await reader.read()

    return handler


UPGRADE = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
CASES: list[tuple[Handler, tuple[Cause | None, str]]] = [
    (saying(UPGRADE, b"\x81\x05hello"), (None, "upgraded")),
    (saying(UPGRADE, b"\x01\x03hel\x80\x02lo"), (None, "upgraded")),
    (saying(UPGRADE, sign=False), (Cause.PROTOCOL, "not a valid upgrade: invalid challenge response")),
    (saying(UPGRADE.replace("websocket", "h2c")), (Cause.PROTOCOL, "not a valid upgrade: invalid upgrade header")),
    (saying(UPGRADE, b"\xf1\x05hello"), (Cause.PROTOCOL, "not a valid message: ")),
    (saying(UPGRADE, b"\x81\x02\xff\xff"), (Cause.PROTOCOL, "not a valid message: ")),
    (saying(UPGRADE, b"\x88\x00"), (Cause.RESET, "closed before a message")),
    (saying("220 mail ESMTP\r\n"), (Cause.PROTOCOL, "not an HTTP answer: 220 mail ESMTP")),
]


@pytest.mark.parametrize(("handler", "expected"), CASES)
async def test_what_comes_back_byte_by_byte(
    network: Network, handler: Handler, expected: tuple[Cause | None, str]
) -> None:
    """Frames that come with the upgrade, in fragments, and invalid ones."""
    async with leaving_no_socket(), listening(handler) as port:
        result = await asked(network, f"ws://127.0.0.1:{port}", 'timeout = "5s"\nexpect.body.contains = "hello"\n')
    assert result.cause is expected[0]
    assert result.message.startswith(expected[1])


async def test_a_connection_that_ends_before_a_message(network: Network) -> None:
    async def cut(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.05):
                await saying(UPGRADE)(reader, writer)

    async with leaving_no_socket(), listening(cut) as port:
        result = await asked(network, f"ws://127.0.0.1:{port}", 'expect.body.contains = "hello"\n')
    assert result.cause is Cause.RESET


async def test_by_probe() -> None:
    """With the names of blackbox_exporter."""
    config = f'[modules.ws]\nprobe = "ws"\nexpect.json.state = "bad"\n{LOOPBACK}'
    async with serving() as (url, _), serving_probe(config) as ask:
        answer = await ask(target=f"{url}/greeting", module="ws")
        refused = await ask(target=f"{url}/plain", module="ws")
    assert answer.value("probe_success") == 0
    assert answer.value("probe_websocket_connection_upgraded") == 1
    assert answer.value("probe_websocket_status_code") == 101
    assert answer.value("probe_websocket_failed_due_to_regex") == 1
    assert refused.value("probe_websocket_connection_upgraded") == 0
    assert refused.value("probe_websocket_status_code") == 200
    assert refused.value("probe_websocket_failed_due_to_regex") == 0


@pytest.mark.parametrize(
    ("keys", "fault"),
    [
        ('headers.Upgrade = "x"', "those of the upgrade cannot be set"),
        ('headers.Sec-WebSocket-Key = "x"', "those of the upgrade cannot be set"),
        ('subprotocol = "a b"', "`subprotocol` is one word"),
        ('auth.digest = { username = "a", password = "b" }', "`auth` of a WebSocket"),
        ('headers.A = "a\\nb"', "control character"),
        ("expect.status = 101", "status"),
        ('expect.certificate = "1d"', "certificate"),
    ],
)
def test_keys_that_cannot_be(keys: str, fault: str) -> None:
    with pytest.raises(ConfigError) as raised:
        parse(f'[[services]]\nname = "A"\nurl = "ws://127.0.0.1/"\n{keys}\n')
    assert fault in str(raised.value)


def test_words_for_people() -> None:
    text = '[[services]]\nname = "A"\nurl = "WSS://127.0.0.1/x"\nsend = "hi"\nheaders.A = "b"\n'
    (one,) = parse(text).services
    asks: Any = PROBES["wss"].asks
    assert list(asks(one)) == ["GET /x HTTP/1.1", "Upgrade: websocket", "A: b", "a message of 2 bytes"]
    assert one.by_hand == "websocat -v WSS://127.0.0.1/x"
    assert (one.address.scheme, one.address.port) == ("wss", 443)


async def test_a_connection_that_is_reset_before_a_message(network: Network) -> None:
    async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.05):
                await saying(UPGRADE)(reader, writer)
        writer.transport.abort()

    async with leaving_no_socket(), listening(reset) as port:
        result = await asked(network, f"ws://127.0.0.1:{port}", 'expect.body.contains = "hello"\n')
    assert result.cause is Cause.RESET
