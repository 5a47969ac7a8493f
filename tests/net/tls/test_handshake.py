"""TLS handshakes with real servers, good and bad."""

import asyncio
import contextlib
import re
import ssl
from collections.abc import Callable, Iterator

import pytest

from healthmon.core.model import Cause, Stage
from healthmon.core.units import FilePath
from healthmon.net.network import Network
from healthmon.net.reach import ReachOptions
from healthmon.net.stamps import Peer
from healthmon.net.tls import handshake as module
from healthmon.net.tls.handshake import handshake, read_certificate, tls_name
from healthmon.net.tls.settings import TlsSettings
from healthmon.net.trace import ProbeFailed, Trace
from tests.campaign.certificates import (
    authority,
    demanding_client_certificate,
    expired,
    good,
    not_yet_valid,
    other_name,
    self_signed_context,
    server_context,
)
from tests.campaign.servers import Handler, closed, listening, reset, silent, unasked
from tests.net.authorities import chain
from tests.net.descriptors import leaving_no_socket

HOST = "127.0.0.1"
FACTS = (
    "certificate_subject",
    "certificate_issuer",
    "certificate_names",
    "certificate_expires",
    "certificate_sha256",
)


@pytest.fixture
def trusting() -> Iterator[TlsSettings]:
    """Settings that trust the authority of the tests."""
    with authority().cert_pem.tempfile() as ca:
        yield TlsSettings(ca=FilePath(ca))


async def shake(network: Network, port: int, settings: TlsSettings, trace: Trace, host: str = HOST) -> ssl.SSLObject:
    """Connect and shake hands, and leave."""
    sock = await network.connect(HOST, port, ReachOptions(), trace)
    transport = await handshake(network, sock, host, settings, trace)
    tls: ssl.SSLObject = transport.get_extra_info("ssl_object")
    transport.abort()
    return tls


async def failing(network: Network, port: int, settings: TlsSettings, trace: Trace) -> ProbeFailed:
    """The failure that the handshake must end in."""
    with pytest.raises(ProbeFailed) as raised:
        await shake(network, port, settings, trace)
    assert trace.stage is Stage.TLS
    return raised.value


def without_intermediate() -> ssl.SSLContext:
    """A server whose certificate's issuer is neither trusted nor sent along."""
    with chain(complete=False) as (context, _):
        return context


async def test_a_good_handshake_records_what_was_agreed_on(network: Network, trusting: TlsSettings) -> None:
    trace = Trace()
    async with leaving_no_socket(), listening(silent, tls=server_context(good(authority()))) as port:
        await shake(network, port, trusting, trace)
    outcome = trace.outcome()
    assert [fact.name for fact in outcome.facts] == ["ip", "clock", *FACTS, "tls_version", "tls_cipher"]
    assert outcome.fact("tls_version") == "TLSv1.3"
    assert outcome.fact("certificate_names") == "127.0.0.1, ::1, localhost"
    assert outcome.timings.tls is not None
    assert 0 < outcome.timings.tls < 10


async def test_a_fault_while_the_facts_are_read_leaves_no_socket(
    network: Network, trusting: TlsSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(tls: ssl.SSLObject, trace: Trace) -> None:
        raise LookupError

    monkeypatch.setattr(module, "record_tls", fail)
    async with leaving_no_socket(), listening(silent, tls=server_context(good(authority()))) as port:
        with pytest.raises(LookupError):
            await shake(network, port, trusting, Trace())


async def test_the_kernel_times_a_handshake(network: Network, trusting: TlsSettings, kernel_stamps: None) -> None:
    trace = Trace()
    async with leaving_no_socket(), listening(silent, tls=server_context(good(authority()))) as port:
        await shake(network, port, trusting, trace)
    assert trace.outcome().fact("clock") == "kernel"


async def test_an_older_version_of_tls_is_good_too(network: Network, trusting: TlsSettings) -> None:
    context = server_context(good(authority()))
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    trace = Trace()
    async with leaving_no_socket(), listening(silent, tls=context) as port:
        await shake(network, port, trusting, trace)
    assert trace.outcome().fact("tls_version") == "TLSv1.2"
    assert trace.outcome().timings.tls is not None


async def test_an_address_is_verified_as_such_and_asked_for_without_a_name(
    network: Network, trusting: TlsSettings
) -> None:
    asked: list[str | None] = []
    context = server_context(good(authority()))
    context.sni_callback = lambda tls, name, context: asked.append(name)
    async with leaving_no_socket(), listening(silent, tls=context) as port:
        await shake(network, port, trusting, Trace())
        await shake(network, port, trusting, Trace(), host="localhost")
    assert asked == [None, "localhost"]


async def test_a_client_certificate_is_shown(network: Network, trusting: TlsSettings) -> None:
    context = demanding_client_certificate()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with authority().issue_cert("client").private_key_and_cert_chain_pem.tempfile() as own:
        async with leaving_no_socket(), listening(silent, tls=context) as port:
            await shake(network, port, TlsSettings(ca=trusting.ca, cert=FilePath(own)), Trace())


async def test_a_client_certificate_that_is_wanted_and_missing(network: Network, trusting: TlsSettings) -> None:
    context = demanding_client_certificate()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    async with leaving_no_socket(), listening(silent, tls=context) as port:
        failure = await failing(network, port, trusting, Trace())
    assert failure.cause is Cause.TLS


@pytest.mark.parametrize(
    ("context", "message"),
    [
        (lambda: server_context(expired(authority())), r"certificate expired on \d{4}-\d\d-\d\d \d\d:\d\d UTC"),
        (lambda: server_context(not_yet_valid(authority())), r"certificate is not valid before \d{4}-.* UTC"),
        (
            lambda: server_context(other_name(authority())),
            "certificate is not for 127.0.0.1, only for .*",
        ),
        (without_intermediate, "certificate's issuer is unknown, or .*: CN=Intermediate, O=Example"),
        (self_signed_context, "certificate is (self-signed|signed by an authority that is not trusted).*"),
    ],
)
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_a_certificate_that_does_not_verify_is_read_all_the_same(
    context: Callable[[], ssl.SSLContext],
    message: str,
    version: ssl.TLSVersion,
    network: Network,
    trusting: TlsSettings,
) -> None:
    trace, server = Trace(), context()
    server.maximum_version = version
    async with leaving_no_socket(), listening(silent, tls=server) as port:
        failure = await failing(network, port, trusting, trace)
    assert failure.cause is Cause.CERTIFICATE
    assert re.fullmatch(message, failure.message)
    assert [fact.name for fact in trace.outcome(failure).facts] == ["ip", *FACTS]
    assert trace.outcome().timings.tls is not None


async def test_a_certificate_that_nobody_verifies_has_its_facts(network: Network) -> None:
    trace = Trace()
    async with leaving_no_socket(), listening(silent, tls=self_signed_context()) as port:
        await shake(network, port, TlsSettings(verify=False), trace)
    assert trace.outcome().fact("certificate_expires") is not None


async def test_a_name_of_our_choice_is_asked_for_and_verified(network: Network, trusting: TlsSettings) -> None:
    settings = TlsSettings(ca=trusting.ca, server_name="www.example.com")
    async with leaving_no_socket(), listening(silent, tls=server_context(other_name(authority()))) as port:
        tls = await shake(network, port, settings, Trace())
    assert tls.server_hostname == "www.example.com"


@pytest.mark.parametrize(
    ("handler", "message"),
    [
        (unasked(b"HTTP/1.1 400 Bad Request\r\n\r\n"), "the server does not speak TLS on this port"),
        (unasked(b"SSH-2.0-OpenSSH_9.2p1\r\n"), "the server does not speak TLS on this port"),
        (unasked(bytes.fromhex("15 0303 0002 02 28")), "the server refused the handshake.*"),
        (unasked(bytes.fromhex("15 0303 0002 02 46")), "the server speaks no TLS version that is still safe"),
        (closed, "connection closed during the TLS handshake"),
        (reset, "connection closed during the TLS handshake"),
    ],
)
async def test_a_server_that_does_not_shake_hands(
    handler: Handler, message: str, network: Network, trusting: TlsSettings
) -> None:
    async with leaving_no_socket(), listening(handler) as port:
        failure = await failing(network, port, trusting, Trace())
    assert failure.cause is Cause.TLS
    assert re.fullmatch(message, failure.message)


@pytest.mark.parametrize("name", ["a" * 64 + ".example", ".example"])
async def test_a_name_that_cannot_be_asked_for(name: str, network: Network) -> None:
    async with leaving_no_socket(), listening(silent) as port:
        with pytest.raises(ProbeFailed) as raised:
            await shake(network, port, TlsSettings(verify=False), Trace(), name)
    assert (raised.value.cause, raised.value.message) == (Cause.TLS, f"not a name that TLS can ask for: {name}")


async def test_a_file_that_cannot_be_read_is_a_local_fault(network: Network) -> None:
    async with leaving_no_socket(), listening(silent) as port:
        failure = await failing(network, port, TlsSettings(ca=FilePath("/nonexistent/ca.pem")), Trace())
    assert failure.cause is Cause.LOCAL


async def test_a_stalled_handshake_is_cancelled_and_leaves_no_socket(network: Network) -> None:
    trace = Trace()
    async with leaving_no_socket(), listening(silent) as port:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await shake(network, port, TlsSettings(verify=False), trace)
    failure = trace.timed_out(0.1).failure
    assert failure is not None
    assert (failure.cause, failure.stage) == (Cause.TLS, Stage.TLS)


async def test_a_handshake_cancelled_at_any_moment_leaves_no_socket(network: Network, trusting: TlsSettings) -> None:
    async with leaving_no_socket(), listening(silent, tls=server_context(expired(authority()))) as port:
        for turns in range(40):
            task = asyncio.create_task(shake(network, port, trusting, Trace()))
            for _ in range(turns):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.wait([task])
            assert task.cancelled() or isinstance(task.exception(), ProbeFailed)


def first_then(first: Handler, then: Handler) -> Handler:
    """A server that does something else from the second connection on."""
    handlers = iter([first])

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await next(handlers, then)(reader, writer)

    return handler


def relaying(port: int) -> Handler:
    """A server that passes everything on to another."""

    async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            writer.write(data)

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        from_server, to_server = await asyncio.open_connection(HOST, port)
        try:
            await asyncio.wait(
                [asyncio.create_task(copy(reader, to_server)), asyncio.create_task(copy(from_server, writer))],
                return_when=asyncio.FIRST_COMPLETED,
            )
        finally:
            to_server.transport.abort()

    return handler


async def test_where_the_second_look_fails_the_first_failure_stands(network: Network, trusting: TlsSettings) -> None:
    trace = Trace()
    async with (
        leaving_no_socket(),
        listening(silent, tls=server_context(expired(authority()))) as behind,
        listening(first_then(relaying(behind), closed)) as port,
    ):
        with pytest.raises(ProbeFailed) as raised:
            await shake(network, port, trusting, trace)
    assert (raised.value.cause, raised.value.message) == (Cause.CERTIFICATE, "a certificate of the chain has expired")
    assert trace.outcome().fact("certificate_expires") is None


async def test_where_the_second_look_is_cut_short_the_first_failure_stands(
    network: Network, trusting: TlsSettings
) -> None:
    trace = Trace()
    async with (
        leaving_no_socket(),
        listening(silent, tls=server_context(expired(authority()))) as behind,
        listening(first_then(relaying(behind), silent)) as port,
    ):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await shake(network, port, trusting, trace)
    failure = trace.timed_out(0.5).failure
    assert failure is not None
    assert failure.cause is Cause.CERTIFICATE


async def test_the_second_look_is_short(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_SECOND_LOOK", 0.05)
    async with leaving_no_socket(), listening(silent) as port:
        async with asyncio.timeout(10):
            assert await read_certificate(network, Peer(HOST, port), "localhost") is None


async def test_the_second_look_sends_no_data_and_no_client_certificate(network: Network) -> None:
    seen: list[object] = []
    ended = asyncio.Event()

    async def note(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(writer.get_extra_info("peercert"))
        received = b""
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(100):
                received += data
        seen.append(received)
        ended.set()

    context = demanding_client_certificate()
    context.verify_mode = ssl.CERT_OPTIONAL
    async with leaving_no_socket(), listening(note, tls=context) as port:
        assert await read_certificate(network, Peer(HOST, port), "localhost") is not None
        await ended.wait()
    assert seen == [None, b""]


@pytest.mark.parametrize(
    ("host", "settings", "name"),
    [
        ("a.example", TlsSettings(), "a.example"),
        ("a.example.", TlsSettings(), "a.example"),
        ("fe80::1%eth0", TlsSettings(), "fe80::1"),
        ("a.example", TlsSettings(server_name="b.example"), "b.example"),
    ],
)
def test_the_name_that_is_asked_for(host: str, settings: TlsSettings, name: str) -> None:
    assert tls_name(settings, host) == name
