"""A whole diagnosis over real sockets."""

import asyncio
import os
import socket
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import trustme
from msgspec import structs

from healthmon.core.model import Cause, Service, Verdict
from healthmon.demo import running
from healthmon.engine.check import check
from healthmon.engine.diagnosis import Diagnosis, Layer, diagnose
from healthmon.net.network import Network
from healthmon.probes import PROBES
from tests.engine.diagnosis.make import service


def lookup(host: str, port: int, *_: int) -> list[Any]:
    """A resolver that knows one name with two addresses."""
    if host != "two.example.com":
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in ("127.0.0.2", "127.0.0.1")]


@pytest.fixture
def network() -> Iterator[Network]:
    """A network with that resolver."""
    made = Network(lookup=lookup)
    yield made
    made.close()


async def look(checked: Service, network: Network) -> Diagnosis:
    """Diagnose a service."""
    return await diagnose(checked, probe=PROBES[checked.address.scheme], network=network)


def marks(diagnosis: Diagnosis) -> list[tuple[str, bool | None]]:
    """The layers' names, and whether each is as it should be."""
    return [(layer.name, layer.passed) for layer in diagnosis.layers]


def details(diagnosis: Diagnosis, name: str) -> list[str]:
    """What is told of a layer."""
    return [layer.detail for layer in diagnosis.layers if layer.name == name]


@asynccontextmanager
async def tls_server(leaf: trustme.LeafCert) -> AsyncIterator[int]:
    """A server that answers HTTP over TLS."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            await writer.drain()
            await reader.read()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    leaf.configure_cert(context)
    async with await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context) as server:
        yield server.sockets[0].getsockname()[1]


async def test_a_healthy_service_passes_every_layer(network: Network) -> None:
    async with running(ports="free") as ports:
        checked = service(f"http://127.0.0.1:{ports['brain']}/health", 'expect.json = { status = "healthy" }')
        diagnosis = await look(checked, network)
    assert diagnosis.result.verdict is Verdict.UP
    names = ["name", "route", "port", "listener", "request", "answer", "expect", "expect"]
    assert [(name, True) for name in names] == marks(diagnosis)
    assert details(diagnosis, "name") == ["127.0.0.1 is an address"]
    assert details(diagnosis, "route") == ["stays on this machine"]
    listener = f"(pid {os.getpid()}) listens on 127.0.0.1:{ports['brain']}, and nowhere else"
    assert listener in details(diagnosis, "listener")[0]
    answer = details(diagnosis, "answer")[0]
    assert answer.startswith("HTTP/1.1 200 OK, Server: uvicorn, Content-Type: application/json, ")
    assert answer.endswith(" bytes of body")
    assert details(diagnosis, "expect") == ["status: 200, 302; met 200", 'json status: "healthy"; met "healthy"']
    waited = next(layer.seconds for layer in diagnosis.layers if layer.name == "answer")
    assert waited is not None
    assert waited >= 0.024


OPEN = [("name", True), ("route", True), ("port", True), ("listener", True)]
CLOSED = [("name", True), ("route", True), ("port", False), ("listener", False)]
NO_ANSWER = [("request", True), ("answer", False), ("expect", None)]


@pytest.mark.parametrize(
    ("fault", "cause", "expected"),
    [
        ("503", Cause.STATUS, [*OPEN, ("request", True), ("answer", True), ("expect", False)]),
        ("reset", Cause.RESET, [*OPEN, *NO_ANSWER]),
        ("garbage", Cause.PROTOCOL, [*OPEN, *NO_ANSWER]),
        ("closed", Cause.REFUSED, [*CLOSED, ("request", None), ("answer", None), ("expect", None)]),
    ],
)
async def test_a_fault_shows_in_its_layer(
    fault: str, cause: Cause, expected: list[tuple[str, bool | None]], network: Network
) -> None:
    async with running(ports="free", faults={"brain": fault}) as ports:
        diagnosis = await look(service(f"http://127.0.0.1:{ports['brain']}/health"), network)
    assert cause is diagnosis.result.cause
    assert expected == marks(diagnosis)


async def test_silence_shows_in_the_answer_and_ends_with_the_timeout(network: Network) -> None:
    async with running(ports="free", faults={"brain": "hang"}) as ports:
        checked = structs.replace(service(f"http://127.0.0.1:{ports['brain']}/health"), timeout=0.3)
        async with asyncio.timeout(5):
            diagnosis = await look(checked, network)
    assert Cause.NO_RESPONSE is diagnosis.result.cause
    assert details(diagnosis, "answer") == ["connected, but no answer within 0.3 s (stopped in the stage wait)"]


async def test_nothing_is_sent_twice(network: Network) -> None:
    """The diagnosis is told by the one check; a second connection is made only where there are more addresses."""
    connections = 0

    async def count(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(count, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        await look(service(f"http://127.0.0.1:{port}/"), network)
    assert connections == 1


async def test_each_address_of_a_name_is_told(network: Network) -> None:
    """One is dead, the other answers: the service is up, and the diagnosis tells that half of it is not."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        diagnosis = await look(service(f"tcp://two.example.com:{port}"), network)
    assert diagnosis.result.verdict is Verdict.UP
    assert details(diagnosis, "name") == ["two.example.com is 127.0.0.2, 127.0.0.1"]
    assert details(diagnosis, "route") == ["127.0.0.2 stays on this machine", "127.0.0.1 stays on this machine"]
    assert [layer for layer in marks(diagnosis) if layer[0] == "port"] == [("port", False), ("port", True)]
    assert details(diagnosis, "port") == [
        f"127.0.0.2:{port}: connection refused",
        f"127.0.0.1:{port} accepts connections",
    ]


async def test_an_unknown_name_ends_at_the_first_layer(network: Network) -> None:
    diagnosis = await look(service("tcp://none.example.com:8001"), network)
    assert Cause.DNS is diagnosis.result.cause
    assert diagnosis.layers == (
        Layer("name", passed=False, seconds=diagnosis.layers[0].seconds, detail="name not found: none.example.com"),
        Layer("route", passed=None, seconds=None, detail="not reached"),
        Layer("port", passed=None, seconds=None, detail="not reached"),
    )


async def test_an_address_given_in_the_config_is_said_to_be_so(network: Network) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        diagnosis = await look(service(f"tcp://www.example.com:{port}", 'resolve = "127.0.0.1"'), network)
    assert diagnosis.result.verdict is Verdict.UP
    expected = "127.0.0.1, because the config says so (resolve) instead of looking up www.example.com"
    assert details(diagnosis, "name") == [expected]


async def test_listening_on_another_loopback_address_is_told(network: Network) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        diagnosis = await look(service(f"tcp://127.0.0.2:{port}"), network)
    assert ("listener", False) in marks(diagnosis)
    assert (
        f"listens on 127.0.0.1:{port}, not on 127.0.0.2, so other machines cannot"
        in (details(diagnosis, "listener")[0])
    )


async def test_tls_tells_version_names_expiry_and_trust(network: Network) -> None:
    ca = trustme.CA()
    async with tls_server(ca.issue_cert("127.0.0.1")) as port:
        with ca.cert_pem.tempfile() as trusted:
            diagnosis = await look(service(f"https://127.0.0.1:{port}/", f'tls.ca = "{trusted}"'), network)
    assert diagnosis.result.verdict is Verdict.UP
    assert ("tls", True) in marks(diagnosis)
    text = details(diagnosis, "tls")[0]
    assert text.startswith("TLSv1.3 TLS_")
    assert "certificate for 127.0.0.1" in text
    assert " left)" in text
    assert text.endswith("trusted")


async def test_an_expired_certificate_is_told_by_its_layer(network: Network) -> None:
    ca = trustme.CA()
    now = datetime.now(UTC)
    leaf = ca.issue_cert("127.0.0.1", not_before=now - timedelta(days=30), not_after=now - timedelta(days=1))
    async with tls_server(leaf) as port:
        with ca.cert_pem.tempfile() as trusted:
            diagnosis = await look(service(f"https://127.0.0.1:{port}/", f'tls.ca = "{trusted}"'), network)
    assert Cause.CERTIFICATE is diagnosis.result.cause
    assert marks(diagnosis)[4:] == [("tls", False), ("request", None), ("answer", None), ("expect", None)]
    day = (now - timedelta(days=1)).strftime("%Y-%m-%d")
    assert f"certificate for 127.0.0.1, expired {day}" in details(diagnosis, "tls")[0]


async def test_a_certificate_that_is_not_verified_is_said_to_be_so(network: Network) -> None:
    async with tls_server(trustme.CA().issue_cert("127.0.0.1")) as port:
        diagnosis = await look(service(f"tls://127.0.0.1:{port}", "tls.verify = false"), network)
    assert diagnosis.result.verdict is Verdict.UP
    assert details(diagnosis, "tls")[0].endswith("not verified (tls.verify is false)")


async def test_a_redirect_that_leads_astray_is_not_blamed_on_the_first_connection(network: Network) -> None:
    async def lead_astray(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 302 Found\r\nLocation: http://none.example.com/\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(lead_astray, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        diagnosis = await look(service(f"http://127.0.0.1:{port}/", "follow_redirects = true"), network)
    assert Cause.DNS is diagnosis.result.cause
    assert [*OPEN, *NO_ANSWER] == marks(diagnosis)
    expected = "after 1 redirect to http://none.example.com/, name not found: none.example.com"
    assert details(diagnosis, "answer")[0].startswith(expected)


async def test_the_way_to_a_proxy_is_what_is_told_of_a_service_behind_one(network: Network) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        keys = f'proxy = "http://127.0.0.1:{port}"'
        diagnosis = await look(service("http://www.example.com/", keys), network)
    assert Cause.REFUSED is diagnosis.result.cause
    assert details(diagnosis, "name") == ["127.0.0.1 is an address (the proxy)"]
    assert ("port", False) in marks(diagnosis)


async def test_secrets_and_escape_sequences_are_told_by_no_layer(network: Network) -> None:
    """The server sends back what it got, and more."""

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nServer: \x1b[31mtok-123456\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(echo, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        keys = 'headers = { X-Api-Key = "${KEY}" }\nparams = { key = "${KEY}" }'
        diagnosis = await look(service(f"http://127.0.0.1:{port}/", keys, KEY="tok-123456"), network)
    told = " ".join(layer.detail for layer in diagnosis.layers)
    assert "X-Api-Key: ***" in told
    assert "/?key=***" in told
    assert "tok-123456" not in told
    assert "\x1b" not in told


@pytest.mark.parametrize("fault", ["503", "404", "reset", "garbage", "wrong-json", "closed"])
async def test_the_verdict_is_that_of_the_check(fault: str, network: Network) -> None:
    async with running(ports="free", faults={"brain": fault}) as ports:
        checked = service(f"http://127.0.0.1:{ports['brain']}/health", 'expect.json = { status = "healthy" }')
        diagnosis = await look(checked, network)
        result = await check(checked, probe=PROBES["http"], network=network)
    told = diagnosis.result
    assert (result.verdict, result.cause, result.message) == (told.verdict, told.cause, told.message)
