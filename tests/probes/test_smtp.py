"""Mail servers: the real aiosmtpd, and some that misbehave."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult

from healthmon.config.load import parse
from healthmon.core.advice.advise import explain
from healthmon.core.model import Cause, Result, Verdict
from healthmon.engine.check import check
from healthmon.errors import ConfigError
from healthmon.net.network import Network
from healthmon.probes import PROBES
from tests.campaign.certificates import authority, expired, good, server_context, soon_expiring
from tests.campaign.places import closed_port
from tests.campaign.servers import Handler, listening, silent
from tests.net.descriptors import leaving_no_socket
from tests.web.probe.asking import LOOPBACK, serving_probe


class _Handler:
    """Remembers what it was told, and refuses EHLO by names that it does not like."""

    def __init__(self) -> None:
        self.told: list[str] = []

    async def handle_EHLO(self, server: Any, session: Any, _: Any, hostname: str, lines: list[str]) -> list[str]:  # noqa: N802
        session.host_name = hostname
        self.told.append(f"EHLO {hostname}")
        return ["550 go away"] if hostname == "stranger" else lines

    async def handle_QUIT(self, *_: Any) -> str:  # noqa: N802
        self.told.append("QUIT")
        return "221 Bye"


def _authenticate(*arguments: Any) -> AuthResult:
    data = arguments[-1]
    return AuthResult(success=(data.login, data.password) == (b"monitor", b"right-7c1"), handled=False)


@asynccontextmanager
async def serving(tls: ssl.SSLContext | None = None, **keys: Any) -> AsyncIterator[tuple[int, list[str]]]:
    """Run the server; its port, and what it was told."""
    handler, loop = _Handler(), asyncio.get_running_loop()
    made: list[SMTP] = []
    at_once = keys.pop("at_once", None)

    def make() -> SMTP:
        made.append(
            SMTP(handler, hostname="mail.example", ident="ESMTP", tls_context=tls, authenticator=_authenticate, **keys)
        )
        return made[-1]

    server = await loop.create_server(make, "127.0.0.1", 0, ssl=at_once)
    try:
        yield server.sockets[0].getsockname()[1], handler.told
    finally:
        server.close()
        for one in made:
            if one.transport is not None:
                one.transport.close()
        await server.wait_closed()
        for _ in range(5):
            await asyncio.sleep(0)


async def asked(network: Network, port: int, keys: str = "", scheme: str = "smtp") -> Result:
    """The check of a service."""
    (one,) = parse(f'[[services]]\nname = "A"\nurl = "{scheme}://127.0.0.1:{port}"\n{keys}').services
    return await check(one, probe=PROBES[scheme], network=network)


def told(result: Result) -> tuple[Cause | None, str, str | None]:
    """What is said of it."""
    return result.cause, result.message, result.symptom


@pytest.fixture
def trusting(ca: str) -> str:
    """The key with which the tests' authority is trusted."""
    return f'tls.ca = "{ca}"\n'


async def test_without_tls(network: Network) -> None:
    async with leaving_no_socket(), serving() as (port, said):
        result = await asked(network, port)
    assert (result.verdict, result.message) == (Verdict.UP, "220")
    facts = {fact.name: fact.value for fact in result.facts}
    assert facts["banner"] == "mail.example ESMTP"
    assert (facts["smtp_code"], facts["starttls"]) == (250, False)
    assert "8BITMIME" in facts["smtp_extensions"]  # type: ignore[operator]
    assert said == ["EHLO [127.0.0.1]", "QUIT"]
    assert result.timings.wait is not None
    assert result.timings.tls is None


async def test_starttls_where_it_is_offered(network: Network, trusting: str) -> None:
    async with leaving_no_socket(), serving(server_context(good(authority()))) as (port, said):
        keys = f'{trusting}hello = "monitor.example.com"\nexpect.certificate = "1h"\nexpect.starttls = true\n'
        result = await asked(network, port, keys)
    assert (result.verdict, result.message) == (Verdict.UP, "220, TLS")
    assert (result.fact("starttls"), result.fact("tls_version")) == (True, "TLSv1.3")
    assert "STARTTLS" not in result.fact("smtp_extensions")  # type: ignore[operator]
    assert said == ["EHLO monitor.example.com", "EHLO monitor.example.com", "QUIT"]
    assert result.timings.tls is not None


async def test_the_certificate_after_starttls(network: Network, trusting: str) -> None:
    """Its facts are there even if it has expired."""
    async with leaving_no_socket(), serving(server_context(expired(authority()))) as (port, _):
        result = await asked(network, port, trusting)
    assert result.cause is Cause.CERTIFICATE
    assert result.fact("certificate_expires") is not None
    async with serving(server_context(soon_expiring(authority()))) as (port, _):
        result = await asked(network, port, f'{trusting}warn.certificate = "30d"\n')
        untrusted = await asked(network, port)
    assert (result.verdict, result.cause) == (Verdict.DEGRADED, Cause.CERTIFICATE)
    assert result.message.startswith("220, TLS, certificate: ")
    assert untrusted.cause is Cause.CERTIFICATE


async def test_starttls_is_not_offered(network: Network) -> None:
    async with leaving_no_socket(), serving() as (port, _):
        result = await asked(network, port, "starttls = true\n")
        assert told(result) == (Cause.TLS, "STARTTLS is not offered", "smtp.no_starttls")
        secret = await asked(network, port, 'auth.basic = { username = "monitor", password = "right-7c1" }\n')
        assert told(secret) == (Cause.TLS, "STARTTLS is not offered", "smtp.no_starttls")


async def test_starttls_can_be_left(network: Network) -> None:
    async with serving(server_context(good(authority()))) as (port, said):
        assert (await asked(network, port, "starttls = false\n")).message == "220"
    assert said == ["EHLO [127.0.0.1]", "QUIT"]


async def test_tls_from_the_first_byte_on(network: Network, trusting: str) -> None:
    async with leaving_no_socket(), serving(at_once=server_context(good(authority()))) as (port, _):
        result = await asked(network, port, f'{trusting}expect.certificate = "1h"\n', "smtps")
    assert (result.verdict, result.message) == (Verdict.UP, "220, TLS")
    assert result.timings.wait is not None


async def test_logging_in(network: Network, trusting: str) -> None:
    async with leaving_no_socket(), serving(server_context(good(authority()))) as (port, _):
        keys = trusting + 'auth.basic = {{ username = "monitor", password = "{}" }}\n'
        right = await asked(network, port, keys.format("right-7c1"))
        wrong = await asked(network, port, keys.format("wrong-9d2"))
    assert (right.verdict, right.message) == (Verdict.UP, "220, TLS")
    assert wrong.cause is Cause.AUTH
    assert wrong.message.startswith("credentials rejected: 535 ")
    assert "wrong-9d2" not in repr(wrong)


async def test_a_server_without_auth_plain(network: Network, trusting: str) -> None:
    async with serving(server_context(good(authority())), auth_exclude_mechanism=["PLAIN"]) as (port, _):
        keys = f'{trusting}auth.basic = {{ username = "monitor", password = "right-7c1" }}\n'
        result = await asked(network, port, keys)
    assert told(result) == (Cause.PROTOCOL, "AUTH PLAIN is not offered, but LOGIN", "smtp.no_auth")


async def test_ehlo_is_refused(network: Network) -> None:
    async with leaving_no_socket(), serving() as (port, _):
        result = await asked(network, port, 'hello = "stranger"\n')
    assert result.cause in (Cause.UNHEALTHY, Cause.PROTOCOL)


async def test_what_is_demanded_of_the_banner(network: Network) -> None:
    async with serving() as (port, _):
        result = await asked(network, port, 'expect.banner.contains = "Postfix"\n')
        offered = await asked(network, port, 'expect.smtp_extensions.contains = "8BITMIME"\n')
    assert result.cause is Cause.VALUE
    assert result.message.startswith('220, banner: "mail.example ESMTP", expected')
    assert offered.verdict is Verdict.UP


def saying(*replies: bytes) -> Handler:
    """A server that says the first, and each further one for a line that it hears."""

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for number, reply in enumerate(replies):
            if number:
                await reader.readuntil(b"\n")
            writer.write(reply)
            await writer.drain()
        if replies:
            await reader.read()

    return handler


HELLO, STARTTLS = b"220 mail ESMTP\r\n", b"250-mail\r\n250 STARTTLS\r\n"
CASES: list[tuple[Handler, Cause, str, str | None]] = [
    (saying(b"554 5.7.1 no service for you\r\n"), Cause.UNHEALTHY, "554 5.7.1 no service for you", "smtp.refused"),
    (saying(b"421 too many connections\r\n"), Cause.UNHEALTHY, "421 too many connections", "smtp.not_now"),
    (saying(b"450-later\r\n450 try again\r\n"), Cause.UNHEALTHY, "450 later", "smtp.not_now"),
    (saying(b"SSH-2.0-OpenSSH\r\n"), Cause.PROTOCOL, "not an SMTP reply: SSH-2.0-OpenSSH", None),
    (saying(b"HTTP/1.1 400 Bad Request"), Cause.PROTOCOL, "not an SMTP reply: HTTP/1.1 400 Bad Request", None),
    (saying(b"x" * 200_000), Cause.PROTOCOL, "not an SMTP reply: xxx", None),
    (saying(b"220-x\r\n" * 70_000), Cause.PROTOCOL, "a reply is longer than 64 KiB", None),
    (saying(b"354 go ahead\r\n"), Cause.PROTOCOL, "unexpected reply: 354 go ahead", None),
    (saying(), Cause.RESET, "connection closed without an answer", None),
    (saying(HELLO, b"502 what?\r\n"), Cause.UNHEALTHY, "502 what?", "smtp.refused"),
    (
        saying(HELLO, STARTTLS, b"454 TLS not available\r\n"),
        Cause.TLS,
        "STARTTLS is refused: 454 TLS not",
        "smtp.no_starttls",
    ),
    (saying(HELLO, STARTTLS, b"220 go\r\n250 injected\r\n"), Cause.PROTOCOL, "the server goes on in the clear", None),
    (saying(HELLO, STARTTLS, b"220 go\r\n", b"no TLS"), Cause.TLS, "", "tls.plain"),
]


@pytest.mark.parametrize(("handler", "cause", "message", "symptom"), CASES)
async def test_what_goes_wrong(
    network: Network, handler: Handler, cause: Cause, message: str, symptom: str | None
) -> None:
    async with leaving_no_socket(), listening(handler) as port:
        result = await asked(network, port, 'timeout = "5s"\n')
    assert (result.cause, result.symptom) == (cause, symptom)
    assert result.message.startswith(message)
    advice = explain(result)
    assert advice is not None
    assert "{" not in advice.next_step


@pytest.mark.parametrize(
    "handler", [silent, saying(HELLO), saying(HELLO, STARTTLS, b"220 go\r\n")], ids=["greeting", "EHLO", "TLS"]
)
async def test_silence_ends_with_the_timeout(network: Network, handler: Handler) -> None:
    async with leaving_no_socket(), listening(handler) as port:
        result = await asked(network, port, 'timeout = "150ms"\n')
    assert result.cause in (Cause.NO_RESPONSE, Cause.TLS)
    assert result.message.endswith("within 0.15 s")


async def test_nothing_listens(network: Network) -> None:
    with closed_port() as port:
        assert (await asked(network, port)).cause is Cause.REFUSED


async def test_by_probe(ca: str) -> None:
    config = f'[modules.mail]\nprobe = "smtp"\ntls.ca = "{ca}"\n{LOOPBACK}'
    async with serving(server_context(good(authority()))) as (port, _), serving_probe(config) as ask:
        answer = await ask(target=f"127.0.0.1:{port}", module="mail")
    assert (answer.value("probe_success"), answer.value("probe_failed_due_to_regex")) == (1, 0)
    assert answer.value("probe_ssl_earliest_cert_expiry") is not None


@pytest.mark.parametrize(
    ("url", "keys", "fault"),
    [
        ("smtp://a", 'hello = "a b"', "`hello` is a host's name"),
        ("smtp://a", 'starttls = false\nauth.basic = { username = "a", password = "b" }', "sent over TLS only"),
        ("smtp://a", 'auth.bearer = "a"', "bearer"),
        ("smtp://a", 'starttls = "maybe"', "starttls"),
        ("smtps://a", "starttls = true", "starttls"),
        ("smtp://a/b", "", "takes a host and a port"),
    ],
)
def test_what_cannot_be(url: str, keys: str, fault: str) -> None:
    with pytest.raises(ConfigError) as raised:
        parse(f'[[services]]\nname = "A"\nurl = "{url}"\n{keys}\n')
    assert fault in str(raised.value)


def test_words_for_people() -> None:
    text = '[[services]]\nname = "A"\nurl = "smtp://127.0.0.1"\n'
    (usual,) = parse(text).services
    (plain,) = parse(f"{text}starttls = false\n").services
    (client,) = parse(f'{text}starttls = true\nauth.basic = {{ username = "a", password = "b" }}\n').services
    (secure,) = parse('[[services]]\nname = "A"\nurl = "smtps://127.0.0.1"\nhello = "me"\n').services
    asks: Any = PROBES["smtp"].asks
    assert (usual.address.port, secure.address.port) == (25, 465)
    assert list(asks(usual)) == ["EHLO (its own address)", "STARTTLS if it is offered", "QUIT"]
    assert list(asks(plain)) == ["EHLO (its own address)", "QUIT"]
    assert list(asks(client)) == ["EHLO (its own address)", "STARTTLS", "AUTH PLAIN as a", "QUIT"]
    assert list(asks(secure)) == ["EHLO me", "QUIT"]
    assert usual.by_hand == "openssl s_client -starttls smtp -connect 127.0.0.1:25 -servername 127.0.0.1"
    assert plain.by_hand == "nc -v 127.0.0.1 25"
    assert secure.by_hand == "openssl s_client -connect 127.0.0.1:465 -servername 127.0.0.1"
