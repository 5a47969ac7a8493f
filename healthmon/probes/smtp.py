"""SMTP (RFC 5321): greeting, EHLO, STARTTLS, and perhaps logging in."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from healthmon.core.model import Cause, Service
from healthmon.net.http.auth import BasicAuth
from healthmon.net.network import Network
from healthmon.net.reach import ReachOptions
from healthmon.net.tls.settings import TlsSettings
from healthmon.net.trace import ProbeFailed, Trace
from healthmon.probes.contract import Probe

if TYPE_CHECKING:
    from healthmon.net.smtp.session import Session


class SmtpAuth(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Credentials for a mail server.

    Attributes:
        basic: A user's name and password, which are sent by AUTH PLAIN (RFC 4954), and only over TLS.
    """

    basic: BasicAuth


class SmtpsOptions(ReachOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The keys of a mail server that speaks TLS from the first byte on.

    Attributes:
        hello: The name by which healthmon introduces itself; its address where there is none.
        auth: Credentials.
        tls: How to speak TLS.
    """

    hello: str | None = None
    auth: SmtpAuth | None = None
    tls: TlsSettings = TlsSettings()

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.hello is not None and not (self.hello.isascii() and self.hello.isprintable() and " " not in self.hello):
            raise ValueError('`hello` is a host\'s name, such as "monitor.example.com"')


class SmtpOptions(SmtpsOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The keys of a mail server.

    Attributes:
        starttls: Whether to go over to TLS: true, false, or where the server offers it.
    """

    starttls: bool | Literal["if offered"] = "if offered"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.auth is not None and self.starttls is False:
            raise ValueError("`auth` is sent over TLS only, which `starttls = false` forbids")


async def _run(service: Service, network: Network, trace: Trace) -> None:
    """Talk to the server as far as the keys say.

    The facts are `banner`, `smtp_code`, `smtp_extensions`, `starttls`, and those of TLS.
    """
    from healthmon.net.smtp.session import open_session

    address, options = service.address, service.options
    sock = await network.connect(address.host, address.port, options, trace)
    at_once = options.tls if address.scheme == "smtps" else None
    async with open_session(network, sock, address.host, trace, options.hello, at_once) as session:
        greeting = await session.greet()
        trace.fact("banner", greeting.lines[0])
        if _goes_over(options, session, at_once):
            await session.start_tls(options.tls)
        if options.auth is not None:
            trace.credentials_sent = True
            await session.log_in(options.auth.basic.username, options.auth.basic.password)
        trace.seen = f"{greeting.code}, TLS" if session.secure else str(greeting.code)


def _goes_over(options: SmtpsOptions, session: "Session", at_once: TlsSettings | None) -> bool:
    """Whether to go over to TLS."""
    if at_once is not None or not isinstance(options, SmtpOptions) or options.starttls is False:
        return False
    needed = options.starttls is True or options.auth is not None
    if needed and "STARTTLS" not in session.extensions:
        raise ProbeFailed(Cause.TLS, "STARTTLS is not offered", "smtp.no_starttls")
    return "STARTTLS" in session.extensions


def _by_hand(service: Service) -> str:
    address = service.address
    if address.scheme == "smtp" and service.options.starttls is False:
        return f"nc -v {address.host} {address.port}"
    how = "-starttls smtp " if address.scheme == "smtp" else ""
    name = service.options.tls.server_name or address.host
    return f"openssl s_client {how}-connect {address} -servername {name}"


def _asks(service: Service) -> Iterator[str]:
    yield f"EHLO {service.options.hello or '(its own address)'}"
    starttls = getattr(service.options, "starttls", False)
    if starttls is not False:
        yield "STARTTLS" if starttls is True else "STARTTLS if it is offered"
    if service.options.auth is not None:
        yield f"AUTH PLAIN as {service.options.auth.basic.username}"
    yield "QUIT"


_EXPECTATIONS = frozenset({"latency", "certificate", "banner", "smtp_extensions", "starttls"})

SMTP = Probe(
    name="smtp",
    default_port=25,
    options=SmtpOptions,
    expectations=_EXPECTATIONS,
    run=_run,
    path=False,
    by_hand=_by_hand,
    asks=_asks,
)
SMTPS = Probe(
    name="smtps",
    default_port=465,
    tls=True,
    options=SmtpsOptions,
    expectations=_EXPECTATIONS - {"starttls"},
    run=_run,
    path=False,
    by_hand=_by_hand,
    asks=_asks,
)
