"""gRPC's health protocol, asked of the real gRPC server, and of servers that speak something else."""

import asyncio
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import StreamEnded

from healthmon.config.load import parse
from healthmon.core.advice.advise import explain
from healthmon.core.model import Cause, Result, Service, Verdict
from healthmon.core.units import FilePath
from healthmon.engine.check import check
from healthmon.errors import ConfigError
from healthmon.net.network import Network
from healthmon.probes.grpc import GRPC, GRPCS, service_name
from tests.campaign.certificates import authority, expired, good, other_name, server_context
from tests.campaign.servers import Handler, listening, silent
from tests.net.descriptors import leaving_no_socket
from tests.programs.grpc import Server, grpc_server


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with the health service, without TLS."""
    with grpc_server(tmp_path_factory.mktemp("plain")) as server:
        yield server


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The same over TLS."""
    with grpc_server(tmp_path_factory.mktemp("secure"), leaf=good(authority())) as server:
        yield server


def service(url: str, keys: str = "") -> Service:
    """A service, as the config makes it."""
    (one,) = parse(f'[[services]]\nname = "Temporal"\nurl = "{url}"\n{keys}').services
    return one


async def checked(tested: Service, network: Network) -> Result:
    """The service's check, which leaves nothing open."""
    probe = GRPCS if tested.address.scheme == "grpcs" else GRPC
    async with leaving_no_socket():
        tasks = _tasks()
        result = await check(tested, probe=probe, network=network)
        assert _tasks() == tasks
    return result


def _tasks() -> set[object]:
    """The tasks under way, but for those of the test's own servers."""
    ours = ("listening", "_accept_connection")
    return {task for task in asyncio.all_tasks() if not any(name in repr(task.get_coro()) for name in ours)}


def told(result: Result) -> tuple[Cause | None, str, str | None]:
    """What is said of it."""
    return result.cause, result.message, result.symptom


@pytest.mark.parametrize("path", ["", "/", "/a.Serving"])
async def test_it_is_up(path: str, plain: Server, network: Network) -> None:
    result = await checked(service(f"grpc://127.0.0.1:{plain.port}{path}"), network)
    assert (result.verdict, result.message) == (Verdict.UP, "SERVING")
    facts = {fact.name: fact.value for fact in result.facts}
    assert facts.pop("clock") in ("kernel", "user")
    assert facts == {"ip": "127.0.0.1", "grpc_status": 0, "grpc_health_status": "SERVING"}
    assert result.timings.connect is not None
    assert result.timings.wait is not None
    assert result.timings.tls is None


async def test_the_keys_name_comes_before_the_urls(plain: Server, network: Network) -> None:
    tested = service(f"grpc://127.0.0.1:{plain.port}/a.NotServing", 'grpc_service = "a.Serving"')
    assert (await checked(tested, network)).verdict is Verdict.UP


@pytest.mark.parametrize(
    ("name", "cause", "message", "symptom", "status", "health"),
    [
        ("a.NotServing", Cause.UNHEALTHY, "NOT_SERVING", "grpc.not_serving", 0, "NOT_SERVING"),
        ("a.Unknown", Cause.UNHEALTHY, "UNKNOWN", "grpc.not_serving", 0, "UNKNOWN"),
        ("a.Strange", Cause.UNHEALTHY, "7", "grpc.not_serving", 0, "7"),
        (
            "a.Other",
            Cause.UNHEALTHY,
            "SERVICE_UNKNOWN: no service a.Other",
            "grpc.unknown_service",
            5,
            "SERVICE_UNKNOWN",
        ),
        ("a.Unavailable", Cause.STATUS, "gRPC UNAVAILABLE: 100 % so", "grpc.unavailable", 14, None),
        ("a.Late", Cause.NO_RESPONSE, "gRPC DEADLINE_EXCEEDED: 100 % so", "grpc.deadline", 4, None),
        ("a.Broken", Cause.STATUS, "gRPC INTERNAL: 100 % so", "grpc.status", 13, None),
        ("a.Private", Cause.STATUS, "gRPC UNAUTHENTICATED: no such token", "grpc.no_credentials", 16, None),
        ("a.Denied", Cause.STATUS, "gRPC PERMISSION_DENIED: 100 % so", "grpc.no_credentials", 7, None),
    ],
)
async def test_what_the_server_says(
    name: str,
    cause: Cause,
    message: str,
    symptom: str,
    status: int,
    health: str | None,
    plain: Server,
    network: Network,
) -> None:
    result = await checked(service(f"grpc://127.0.0.1:{plain.port}/{name}"), network)
    assert told(result) == (cause, message, symptom)
    assert (result.fact("grpc_status"), result.fact("grpc_health_status")) == (status, health)
    assert explain(result) is not None


async def test_a_server_without_the_health_service(tmp_path: Path, network: Network) -> None:
    with grpc_server(tmp_path, "bare") as server:
        result = await checked(service(f"grpc://127.0.0.1:{server.port}"), network)
    assert (result.cause, result.symptom) == (Cause.PROTOCOL, "grpc.no_health_service")
    assert result.message.startswith("gRPC UNIMPLEMENTED")


async def test_a_token_is_sent_and_can_be_wrong(plain: Server, network: Network) -> None:
    """And is shown nowhere."""
    url = f"grpc://127.0.0.1:{plain.port}/a.Private"
    right = service(url, 'metadata = { authorization = "Bearer right" }')
    wrong = service(url, 'metadata = { authorization = "Bearer wrong-token" }')
    assert (await checked(right, network)).verdict is Verdict.UP
    assert told(await checked(wrong, network)) == (
        Cause.AUTH,
        "gRPC UNAUTHENTICATED: no such token",
        "grpc.rejected",
    )
    assert "wrong-token" in wrong.secrets
    assert wrong.by_hand is not None
    assert "wrong-token" not in wrong.by_hand


@pytest.mark.parametrize("name", ["a.Slow", "a.Serving"])
async def test_a_server_that_does_not_answer(name: str, plain: Server, network: Network) -> None:
    """It is slow, or stopped, so that only the kernel connects."""
    tested = service(f"grpc://127.0.0.1:{plain.port}/{name}", 'timeout = "300ms"')
    if name == "a.Serving":
        os.kill(plain.pid, signal.SIGSTOP)
    try:
        result = await checked(tested, network)
    finally:
        os.kill(plain.pid, signal.SIGCONT)
    assert result.cause is Cause.NO_RESPONSE


async def test_many_checks_leave_nothing(plain: Server, network: Network) -> None:
    """No thread either."""
    tested = service(f"grpc://127.0.0.1:{plain.port}/a.Serving")
    await checked(tested, network)
    threads = threading.active_count()
    async with leaving_no_socket():
        results = [await asyncio.gather(*(check(tested, probe=GRPC, network=network) for _ in range(20)))] * 5
    assert {result.verdict for batch in results for result in batch} == {Verdict.UP}
    assert threading.active_count() == threads


# TLS


async def test_over_tls(secure: Server, ca: FilePath, network: Network) -> None:
    keys = f'tls.ca = "{ca}"\nexpect.certificate = "1h"'
    result = await checked(service(f"grpcs://127.0.0.1:{secure.port}/a.Serving", keys), network)
    assert (result.verdict, result.message) == (Verdict.UP, "SERVING")
    assert result.timings.tls is not None
    assert result.timings.wait is not None
    assert isinstance(result.fact("certificate_expires"), float)
    assert result.fact("tls_version") == "TLSv1.3"


async def test_an_authority_that_is_not_trusted(secure: Server, network: Network) -> None:
    result = await checked(service(f"grpcs://127.0.0.1:{secure.port}"), network)
    assert result.cause is Cause.CERTIFICATE
    assert isinstance(result.fact("certificate_expires"), float)


@pytest.mark.parametrize("leaf", [expired, other_name])
async def test_certificates_that_are_not_right(leaf: object, tmp_path: Path, ca: FilePath, network: Network) -> None:
    assert callable(leaf)
    with grpc_server(tmp_path, leaf=leaf(authority())) as server:
        result = await checked(service(f"grpcs://127.0.0.1:{server.port}", f'tls.ca = "{ca}"'), network)
    assert result.cause is Cause.CERTIFICATE


async def test_tls_where_there_is_none(plain: Server, network: Network) -> None:
    result = await checked(service(f"grpcs://127.0.0.1:{plain.port}", 'timeout = "2s"'), network)
    assert result.cause is Cause.TLS


async def test_plain_where_there_is_tls(secure: Server, network: Network) -> None:
    result = await checked(service(f"grpc://127.0.0.1:{secure.port}", 'timeout = "2s"'), network)
    assert told(result) == (Cause.RESET, "connection closed without an answer", "grpc.closed")


async def test_plain_where_openssl_listens(network: Network) -> None:
    async with listening(silent, tls=server_context(good(authority()))) as port:
        result = await checked(service(f"grpc://127.0.0.1:{port}"), network)
    assert told(result) == (Cause.RESET, "connection closed without an answer", "grpc.closed")


async def test_tls_without_http2(ca: FilePath, network: Network) -> None:
    async with listening(silent, tls=server_context(good(authority()))) as port:
        result = await checked(service(f"grpcs://127.0.0.1:{port}", f'tls.ca = "{ca}"'), network)
    assert told(result) == (Cause.PROTOCOL, "the server does not offer HTTP/2 over TLS", "grpc.no_alpn")


async def test_a_handshake_that_does_not_end(network: Network) -> None:
    async with listening(silent) as port:
        result = await checked(service(f"grpcs://127.0.0.1:{port}", 'timeout = "100ms"'), network)
    assert result.cause is Cause.TLS


# What is not gRPC


def saying(data: bytes) -> Handler:
    """A server that says this, whatever it hears."""

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(2**16)
        writer.write(data)
        await writer.drain()
        writer.write_eof()
        await reader.read()

    return handler


@pytest.mark.parametrize(
    ("data", "cause", "message", "symptom"),
    [
        (
            b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n",
            Cause.PROTOCOL,
            "answered with HTTP/1, not HTTP/2: HTTP/1.1 400 Bad Request",
            "grpc.other_protocol",
        ),
        (b"\x15\x03\x03\x00\x02\x02\x46", Cause.PROTOCOL, "answered with TLS to plain gRPC", "grpc.wants_tls"),
        (b"SSH-2.0-OpenSSH\r\n", Cause.PROTOCOL, "not an HTTP/2 answer: SSH-2.0-OpenSSH", "grpc.other_protocol"),
        (b"OK", Cause.PROTOCOL, "not an HTTP/2 answer: OK", "grpc.other_protocol"),
        (b"", Cause.RESET, "connection closed without an answer", "grpc.closed"),
    ],
)
async def test_other_protocols(data: bytes, cause: Cause, message: str, symptom: str, network: Network) -> None:
    async with listening(saying(data)) as port:
        result = await checked(service(f"grpc://127.0.0.1:{port}"), network)
    assert told(result) == (cause, message, symptom)


async def test_no_part_of_a_secret_in_a_foreign_answer(network: Network) -> None:
    """Wherever in the line it stands."""
    secret = "swordfish-0123456789"
    for size in [*range(36, 66), *range(120, 202)]:
        async with listening(saying(b"SSH-" + b"x" * size + secret.encode() + b"\r\n")) as port:
            tested = service(f"grpc://127.0.0.1:{port}", f'metadata.authorization = "Bearer {secret}"')
            result = await checked(tested, network)
        assert result.symptom == "grpc.other_protocol"
        assert not [secret[at : at + 6] for at in range(15) if secret[at : at + 6] in result.message], size


async def test_a_silent_server(network: Network) -> None:
    async with listening(silent) as port:
        result = await checked(service(f"grpc://127.0.0.1:{port}", 'timeout = "100ms"'), network)
    assert result.cause is Cause.NO_RESPONSE


async def test_a_port_on_which_nobody_listens(network: Network) -> None:
    async with listening(silent) as port:
        pass
    result = await checked(service(f"grpc://127.0.0.1:{port}"), network)
    assert told(result)[:2] == (Cause.REFUSED, "connection refused")


class Http2:
    """The server's side of one HTTP/2 connection, up to the end of the request."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.http = H2Connection(H2Configuration(client_side=False))
        self.writer = writer
        self._reader = reader

    async def request(self) -> None:
        """Read the request."""
        self.http.initiate_connection()
        self.flush()
        while True:
            events = self.http.receive_data(await self._reader.read(2**16))
            self.flush()
            if any(isinstance(event, StreamEnded) for event in events):
                return

    async def rest(self) -> None:
        """Wait until the client leaves."""
        while await self._reader.read(2**16):
            pass

    def flush(self) -> None:
        """Send what is to be sent."""
        self.writer.write(self.http.data_to_send())


GRPC_HEADERS = [(":status", "200"), ("content-type", "application/grpc")]


def speaking(answer: object) -> Handler:
    """A server that speaks HTTP/2 and answers as it likes."""

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = Http2(reader, writer)
        await peer.request()
        assert callable(answer)
        answer(peer)
        peer.flush()
        await peer.rest()

    return handler


def answer_with(
    headers: list[tuple[str, str]], body: bytes = b"", trailers: list[tuple[str, str]] | None = None
) -> object:
    """An answer of these parts."""

    def answer(peer: Http2) -> None:
        peer.http.send_headers(1, headers, end_stream=not body and trailers is None)
        if body:
            peer.http.send_data(1, body, end_stream=trailers is None)
        if trailers is not None:
            peer.http.send_headers(1, trailers, end_stream=True)

    return answer


def go_away(peer: Http2) -> None:
    peer.http.close_connection()


def reset(peer: Http2) -> None:
    peer.http.reset_stream(1, error_code=11)


def leave(peer: Http2) -> None:
    peer.http.send_headers(1, GRPC_HEADERS)
    peer.flush()
    peer.writer.write_eof()


def unanswered(peer: Http2) -> None:
    peer.writer.write_eof()


def invalid(peer: Http2) -> None:
    peer.writer.write(b"\x00\x00\x00\x01\x05\x00\x00\x00\x09")  # headers of a stream that nobody opened


OK = [("grpc-status", "0")]


@pytest.mark.parametrize(
    ("answer", "cause", "message", "symptom"),
    [
        (answer_with(GRPC_HEADERS, b"\0\0\0\0\x02\x08\x01", OK), None, "SERVING", None),
        (
            answer_with([(":status", "502"), ("content-type", "text/html")], b"<html>"),
            Cause.STATUS,
            "HTTP 502 in place of a gRPC answer",
            "grpc.http_status",
        ),
        (
            answer_with([(":status", "200"), ("content-type", "text/html")], b"<html>"),
            Cause.PROTOCOL,
            "not a gRPC answer: text/html",
            "grpc.not_grpc",
        ),
        (answer_with([(":status", "200")]), Cause.PROTOCOL, "not a gRPC answer: no content type", "grpc.not_grpc"),
        (answer_with(GRPC_HEADERS, b"x"), Cause.PROTOCOL, "an answer without a gRPC status", None),
        (
            answer_with(GRPC_HEADERS, b"\0\0\0\0\x02", OK),
            Cause.PROTOCOL,
            "not an answer of the health protocol: 0 bytes of a message of 2",
            None,
        ),
        (answer_with([*GRPC_HEADERS, ("grpc-status", "99")]), Cause.STATUS, "gRPC 99", "grpc.status"),
        (go_away, Cause.RESET, "the server ended the connection (NO_ERROR)", "grpc.goaway"),
        (reset, Cause.RESET, "the server reset the call (ENHANCE_YOUR_CALM)", "grpc.reset"),
        (leave, Cause.RESET, "connection closed in the middle of the answer", None),
        (unanswered, Cause.RESET, "connection closed without an answer", None),
        (invalid, Cause.PROTOCOL, None, None),
    ],
)
async def test_answers_over_http2(
    answer: object, cause: Cause | None, message: str | None, symptom: str | None, network: Network
) -> None:
    async with listening(speaking(answer)) as port:
        result = await checked(service(f"grpc://127.0.0.1:{port}/a.B"), network)
    assert (result.cause, result.symptom) == (cause, symptom)
    if message is None:
        assert result.message.startswith("not valid HTTP/2: ")
    else:
        assert result.message == message


async def test_an_answer_that_begins_and_does_not_end(network: Network) -> None:
    async with listening(speaking(lambda peer: peer.http.send_headers(1, GRPC_HEADERS))) as port:
        result = await checked(service(f"grpc://127.0.0.1:{port}", 'timeout = "200ms"'), network)
    assert result.cause is Cause.TIMEOUT


async def test_an_answer_without_end(network: Network) -> None:
    """Ends at 64 KiB."""

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = Http2(reader, writer)
        await peer.request()
        peer.http.send_headers(1, GRPC_HEADERS)
        while peer.http.local_flow_control_window(1) >= 1000:
            peer.http.send_data(1, b"x" * 1000)
        peer.flush()
        while data := await reader.read(2**16):
            peer.http.receive_data(data)
            while peer.http.local_flow_control_window(1) >= 1000:
                peer.http.send_data(1, b"x" * 1000)
            peer.flush()

    async with listening(handler) as port:
        result = await checked(service(f"grpc://127.0.0.1:{port}"), network)
    assert (result.cause, result.message) == (Cause.TOO_LARGE, "an answer of more than 64 KiB")


async def test_a_server_that_asks_without_end_and_takes_no_reply(network: Network) -> None:
    """Its pings must not take this program's time and memory."""

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = Http2(reader, writer)
        await peer.request()
        while True:
            writer.write(b"\x00\x00\x08\x06\x00\x00\x00\x00\x00pingpong" * 4000)
            await writer.drain()

    async with listening(handler) as port:
        result = await checked(service(f"grpc://127.0.0.1:{port}"), network)
    assert (result.cause, result.message) == (Cause.TOO_LARGE, "an answer of more than 64 KiB")


async def test_the_answer_begins_with_its_headers(network: Network) -> None:
    """Not with the server's settings, which come at once."""

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = Http2(reader, writer)
        await peer.request()
        await asyncio.sleep(0.1)
        peer.http.send_headers(1, [*GRPC_HEADERS, ("grpc-status", "5")], end_stream=True)
        peer.flush()

    async with listening(handler) as port:
        result = await checked(service(f"grpc://127.0.0.1:{port}"), network)
    assert result.timings.wait is not None
    assert result.timings.wait >= 0.09


# The config


@pytest.mark.parametrize(
    ("url", "keys", "fault"),
    [
        ("grpc://127.0.0.1", "", "needs a port"),
        ("grpc://127.0.0.1:1/a?b=c", "", "the name of a service as its path"),
        ("grpc://me:secret@127.0.0.1:1", "", "the name of a service as its path"),
        ("grpc://127.0.0.1:1", 'metadata = { "Upper" = "a" }', "is not a key of gRPC"),
        ("grpc://127.0.0.1:1", 'metadata = { "grpc-timeout" = "a" }', "is for the protocol itself"),
        ("grpc://127.0.0.1:1", 'metadata = { "a" = "ä" }', "not visible ASCII"),
        ("grpc://127.0.0.1:1", 'authority = "a b"', "`authority` is a host's name"),
        ("grpc://127.0.0.1:1", 'resolve = "a"', "`resolve` is an IP address"),
        ("grpc://127.0.0.1:1", 'expect.certificate = "1d"', "certificate"),
        ("grpc://127.0.0.1:1", 'headers = { a = "b" }', "headers"),
    ],
)
def test_faults_of_the_config(url: str, keys: str, fault: str) -> None:
    with pytest.raises(ConfigError, match=fault):
        service(url, keys)


def test_the_name_is_that_of_the_url() -> None:
    assert service_name(service("grpcs://127.0.0.1/a.B%20C")) == "a.B C"
    assert service_name(service("grpcs://127.0.0.1/a.B", 'grpc_service = ""')) == ""
    assert service("grpcs://127.0.0.1").address.port == 443


def test_by_hand(ca: FilePath) -> None:
    plain = service("grpc://127.0.0.1:7233/a.B", 'metadata = { authorization = "Bearer token" }')
    assert plain.by_hand == (
        "grpcurl -max-time 10 -plaintext -H 'authorization: ...' -d '{\"service\": \"a.B\"}' 127.0.0.1:7233 "
        "grpc.health.v1.Health/Check"
    )
    assert GRPC.asks is not None
    assert list(GRPC.asks(plain)) == ["grpc.health.v1.Health/Check of a.B", "authorization: ***"]
    trusting = service("grpcs://127.0.0.1", f'tls.ca = "{ca}"')
    assert trusting.by_hand == (f"grpcurl -max-time 10 -cacert {ca} 127.0.0.1:443 grpc.health.v1.Health/Check")
    careless = service("grpcs://127.0.0.1", "tls.verify = false")
    assert careless.by_hand == "grpcurl -max-time 10 -insecure 127.0.0.1:443 grpc.health.v1.Health/Check"
