"""A session with a mail server: greeting, EHLO, STARTTLS, logging in."""

import asyncio
import contextlib
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from healthmon.core.model import Cause
from healthmon.net.network import Network
from healthmon.net.smtp.dialogue import Dialogue, Plain, Reply, Secure
from healthmon.net.stamps import StampedSocket
from healthmon.net.tls.handshake import handshake
from healthmon.net.tls.settings import TlsSettings
from healthmon.net.trace import ProbeFailed, Trace

_GOODBYE = 0.1  # seconds that the server has to answer QUIT


class Session:
    """What is said to a server. Make one by `open_session`.

    Attributes:
        extensions: The keywords of what the server offers (RFC 5321, 4.1.1.1), as it said last.
        secure: Whether it goes over TLS.
    """

    def __init__(self, network: Network, sock: StampedSocket, host: str, trace: Trace, hello: str | None) -> None:
        self.extensions: tuple[str, ...] = ()
        self.secure = False
        self._offers: tuple[str, ...] = ()
        self._network = network
        self._sock = sock
        self._host = host
        self._trace = trace
        self._hello = hello or _literal(sock)
        self._dialogue = Dialogue(sock, Plain(sock), trace)
        self._transport: asyncio.Transport | None = None

    async def greet(self) -> Reply:
        """Hear the greeting and say EHLO. Records what is offered.

        Raises:
            ProbeFailed: The server does not want to serve (`unhealthy`), or there is no valid answer.
        """
        greeting = _good(self._noted(await self._dialogue.greeting()))
        await self._introduce()
        return greeting

    async def start_tls(self, settings: TlsSettings, *, at_once: bool = False) -> None:
        """Go over to TLS, and introduce oneself again (RFC 3207, 4.2); at once: connections begin with it.

        Raises:
            ProbeFailed: The server refuses (`tls`), or as `handshake`.
        """
        if not at_once:
            reply = self._noted(await self._dialogue.ask("STARTTLS"))
            if reply.code != 220:
                raise ProbeFailed(Cause.TLS, f"STARTTLS is refused: {reply}", "smtp.no_starttls")
            self._dialogue.check_nothing_left()
        reader = asyncio.StreamReader()
        receiver = asyncio.StreamReaderProtocol(reader)
        self._transport = await handshake(
            self._network,
            self._sock,
            self._host,
            settings,
            self._trace,
            receiver=receiver,
            upgrade=None if at_once else self._upgrade,
        )
        receiver.connection_made(self._transport)
        self._dialogue = Dialogue(self._sock, Secure(self._transport, reader), self._trace)
        self.secure = True
        if not at_once:
            await self._introduce()

    async def log_in(self, username: str, password: str) -> None:
        """Log in by AUTH PLAIN (RFC 4616).

        Raises:
            ProbeFailed: The server rejects the credentials (`auth`), or knows no such way (`protocol`).
        """
        ways = next((offer.upper().split()[1:] for offer in self._offers if offer.upper().startswith("AUTH ")), [])
        if "PLAIN" not in ways:
            known = f", but {', '.join(ways)}" if ways else ""
            raise ProbeFailed(Cause.PROTOCOL, f"AUTH PLAIN is not offered{known}", "smtp.no_auth")
        token = b64encode(f"\0{username}\0{password}".encode()).decode()
        self._trace.secrets.add(token)
        reply = self._noted(await self._dialogue.ask(f"AUTH PLAIN {token}"))
        if reply.code in (530, 534, 535, 538):
            raise ProbeFailed(Cause.AUTH, f"credentials rejected: {reply}")
        _good(reply)

    async def say_goodbye(self) -> None:
        """Say QUIT, as a client should, and wait no longer for an answer than politeness demands."""
        with contextlib.suppress(ProbeFailed, TimeoutError):
            async with asyncio.timeout(_GOODBYE):
                await self._dialogue.ask("QUIT", untimed=True)

    def cut(self) -> None:
        """Cut the connection."""
        if self._transport is not None:
            self._transport.abort()
        self._sock.close()

    async def _introduce(self) -> None:
        reply = _good(self._noted(await self._dialogue.ask(f"EHLO {self._hello}")))
        self._offers = reply.lines[1:]
        self.extensions = tuple(offer.split()[0].upper() for offer in self._offers if offer.strip())
        if not self.secure:
            self._trace.fact("starttls", "STARTTLS" in self.extensions)
        self._trace.fact("smtp_extensions", self.extensions)

    def _noted(self, reply: Reply) -> Reply:
        self._trace.fact("smtp_code", reply.code)
        return reply

    async def _upgrade(self, sock: StampedSocket) -> None:
        """Have TLS begin on another connection."""
        dialogue = Dialogue(sock, Plain(sock), Trace())
        try:
            await dialogue.greeting()
            await dialogue.ask(f"EHLO {self._hello}")
            agreed = (await dialogue.ask("STARTTLS")).code == 220
        except ProbeFailed as failure:
            raise OSError(failure.message) from failure
        if not agreed:
            raise OSError("STARTTLS is refused")


@asynccontextmanager
async def open_session(
    network: Network, sock: StampedSocket, host: str, trace: Trace, hello: str | None, at_once: TlsSettings | None
) -> AsyncIterator[Session]:
    """A session on a connected socket, which it takes over. The connection is cut when the context is left.

    Args:
        network: Has the TLS context.
        sock: The socket.
        host: The host of the service.
        trace: Receives times and facts.
        hello: The name to introduce oneself by; None for the address.
        at_once: How to speak TLS from the first byte on; None to begin in the clear.

    Raises:
        ProbeFailed: As `Session.start_tls`.
    """
    session = Session(network, sock, host, trace, hello)
    try:
        if at_once is not None:
            await session.start_tls(at_once, at_once=True)
        yield session
        await session.say_goodbye()
    finally:
        session.cut()


def _good(reply: Reply) -> Reply:
    """The reply, if it says that all is well.

    Raises:
        ProbeFailed: The server cannot or will not serve, for now (4yz) or at all (5yz).
    """
    if reply.code >= 500:
        raise ProbeFailed(Cause.UNHEALTHY, str(reply), "smtp.refused")
    if reply.code >= 400:
        raise ProbeFailed(Cause.UNHEALTHY, str(reply), "smtp.not_now")
    if reply.code >= 300:
        raise ProbeFailed(Cause.PROTOCOL, f"unexpected reply: {reply}")
    return reply


def _literal(sock: StampedSocket) -> str:
    """This side's address, as one introduces oneself without a name (RFC 5321, 4.1.3)."""
    ip = sock.getsockname()[0].partition("%")[0]
    return f"[IPv6:{ip}]" if ":" in ip else f"[{ip}]"
