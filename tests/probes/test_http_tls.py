"""HTTP over TLS: facts, names, client certificates, failures, and nothing left behind."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from healthmon.core.units import FilePath
from healthmon.net.tls.settings import TlsSettings
from tests.campaign.certificates import (
    authority,
    demanding_client_certificate,
    expired,
    good,
    other_name,
    self_signed_context,
    server_context,
)
from tests.net.descriptors import leaving_no_socket
from tests.probes.http_server import (
    OK,
    Asked,
    Server,
    baffled,
    failed,
    fresh_network,
    observe,
    redirect,
    replying,
    service,
    talking,
)


@asynccontextmanager
async def secure(reply: bytes = OK, context: ssl.SSLContext | None = None) -> AsyncIterator[Server]:
    """A server that answers over TLS."""
    async with replying(reply, tls=context or server_context(good(authority()))) as server:
        yield server


async def test_facts_and_times_of_an_answer_over_tls(ca: FilePath, kernel_stamps: None) -> None:
    """What the handshake agreed on stands between what is known of the answer; the kernel timed it."""
    async with secure() as server:
        outcome = await observe(service(server.url(), tls=TlsSettings(ca=ca), need_body=True))
    assert failed(outcome) is None
    names = [fact.name for fact in outcome.facts]
    assert names[:4] == ["ip", "status", "http_version", "clock"]
    assert names[-2:] == ["content_type", "body_bytes"]
    assert outcome.fact("tls_version") == "TLSv1.3"
    assert outcome.fact("certificate_names") == "127.0.0.1, ::1, localhost"
    assert isinstance(outcome.fact("certificate_expires"), float)
    assert outcome.fact("clock") == "kernel"
    timings = outcome.timings
    assert timings.resolve is None
    assert None not in (timings.connect, timings.tls, timings.wait, timings.transfer)


async def test_the_wait_is_until_the_answer_and_not_until_a_session_ticket(ca: FilePath) -> None:
    """TLS 1.3 sends tickets at once; the answer comes later."""

    async def late(asked: Asked, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.05)
        writer.write(OK)

    async with talking(late, tls=server_context(good(authority()))) as server:
        outcome = await observe(service(server.url(), tls=TlsSettings(ca=ca)))
    assert outcome.timings.wait is not None
    assert outcome.timings.wait >= 0.045


async def test_http_1_1_is_what_is_offered(ca: FilePath) -> None:
    """A server that also speaks HTTP/2 must not choose it."""
    context = server_context(good(authority()))
    context.set_alpn_protocols(["h2", "http/1.1"])
    chosen = []

    async def talk(asked: Asked, writer: asyncio.StreamWriter) -> None:
        chosen.append(writer.get_extra_info("ssl_object").selected_alpn_protocol())
        writer.write(OK)

    async with talking(talk, tls=context) as server:
        assert failed(await observe(service(server.url(), tls=TlsSettings(ca=ca)))) is None
    assert chosen == ["http/1.1"]


async def test_the_server_name_is_asked_for_and_verified(ca: FilePath) -> None:
    """`tls.server_name` is for TLS only; the Host header keeps the URL's host."""
    context = server_context(other_name(authority()))
    asked_for = []
    context.sni_callback = lambda _, name, __: asked_for.append(name)
    async with secure(context=context) as server:
        settings = TlsSettings(ca=ca, server_name="www.example.com")
        assert failed(await observe(service(server.url(), tls=settings))) is None
        assert asked_for == ["www.example.com"]
        assert server.asked[0].headers["host"] == f"127.0.0.1:{server.port}"


async def test_a_client_certificate_is_shown(ca: FilePath) -> None:
    """To the service, and not to where it redirects."""
    own = authority().issue_cert("client").private_key_and_cert_chain_pem
    shown = []

    async def note(asked: Asked, writer: asyncio.StreamWriter) -> None:
        shown.append(bool(writer.get_extra_info("peercert")))
        writer.write(redirect(f"https://localhost:{server.port}/away") if asked.target == "/" else OK)

    context = server_context(good(authority()))
    context.verify_mode = ssl.CERT_OPTIONAL
    authority().configure_trust(context)
    with own.tempfile() as cert:
        async with talking(note, tls=context) as server:
            tls = TlsSettings(ca=ca, cert=FilePath(cert))
            outcome = await observe(service(server.url(), tls=tls, follow_redirects=True))
    assert (failed(outcome), outcome.fact("status")) == (None, 200)
    assert shown == [True, False]


async def test_a_client_certificate_that_is_missing_is_a_fault_of_tls(ca: FilePath) -> None:
    """With TLS 1.3 the handshake is over for the client when the server says so."""
    async with secure(context=demanding_client_certificate()) as server:
        outcome = await observe(service(server.url(), tls=TlsSettings(ca=ca)))
    assert outcome.failure is not None
    assert (outcome.failure.cause, outcome.failure.message) in (
        ("tls", "the server wants a client certificate"),
        ("reset", "connection closed without an answer"),  # asyncio's server may close before it says why
    )


async def test_a_certificate_that_does_not_verify_is_read_all_the_same(ca: FilePath) -> None:
    """Its facts explain the failure; `verify = false` passes it."""
    async with secure(context=server_context(expired(authority()))) as server:
        outcome = await observe(service(server.url(), tls=TlsSettings(ca=ca)))
        assert outcome.failure is not None
        assert (outcome.failure.cause, outcome.failure.stage) == ("certificate", "tls")
        assert outcome.failure.message.startswith("certificate expired on ")
        assert isinstance(outcome.fact("certificate_expires"), float)
        assert server.asked == [], "nothing is sent to a server that cannot be trusted"
        outcome = await observe(service(server.url(), tls=TlsSettings(verify=False)))
        assert (failed(outcome), outcome.fact("status")) == (None, 200)
    async with secure(context=self_signed_context()) as server:
        outcome = await observe(service(server.url(), tls=TlsSettings(ca=ca)))
        assert failed(outcome) == ("certificate", "certificate is self-signed", "tls")


async def test_tls_to_a_plain_port() -> None:
    """The server answers with HTTP."""
    async with baffled() as server:
        outcome = await observe(service(server.url().replace("http:", "https:")))
        assert failed(outcome) == ("tls", "the server does not speak TLS on this port", "tls")


async def test_plain_http_to_a_tls_port() -> None:
    """A TLS server cannot make sense of it: it answers with an alert, or closes."""
    async with secure() as server:
        outcome = await observe(service(server.url().replace("https:", "http:")))
        assert outcome.failure is not None
        assert outcome.failure.cause in ("protocol", "reset")


async def test_a_stalled_handshake_ends_with_the_check_and_leaves_no_socket() -> None:
    """The server accepts and says nothing."""

    async def stall(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await over.wait()
        writer.transport.abort()

    over = asyncio.Event()
    async with await asyncio.start_server(stall, "127.0.0.1", 0) as listening:
        url = f"https://127.0.0.1:{listening.sockets[0].getsockname()[1]}/"
        with fresh_network() as network:
            async with leaving_no_socket():
                outcome = await observe(service(url, timeout=0.2), network)
                over.set()
                await asyncio.sleep(0.01)
    assert failed(outcome) == ("tls", "the TLS handshake did not end within 0.2 s", "tls")


async def test_cancelled_at_any_moment_a_probe_leaves_no_socket(ca: FilePath) -> None:
    """However far it came: connecting, shaking hands, sending, reading."""
    async with secure() as server:
        tested = service(server.url(), tls=TlsSettings(ca=ca), need_body=True)
        with fresh_network() as network:
            await observe(tested, network)
            async with leaving_no_socket():
                for turns in range(40):
                    task = asyncio.ensure_future(observe(tested, network))
                    for _ in range(turns):
                        await asyncio.sleep(0)
                    task.cancel()
                    await asyncio.wait([task])
                await asyncio.sleep(0.05)  # the server's own ends


async def test_a_redirect_from_http_to_https(ca: FilePath) -> None:
    """Another scheme is another origin; the answer's facts are those of the secure one."""
    async with secure() as safe, replying(lambda asked: redirect(safe.url("/s"))) as server:
        settings = TlsSettings(ca=ca, server_name="www.example.com")
        outcome = await observe(service(server.url(), tls=settings, follow_redirects=True, headers={"X-Api-Key": "k"}))
        assert (failed(outcome), outcome.fact("status"), outcome.fact("tls_version")) == (None, 200, "TLSv1.3")
        assert "x-api-key" not in safe.asked[0].headers
