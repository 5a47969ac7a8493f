"""Serves the daemon's HTTP side."""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from healthmon.config.schema import ServerTls
from healthmon.web.conversation import Conversation
from healthmon.web.door import Door
from healthmon.web.faults import Fault
from healthmon.web.limits import Limits
from healthmon.web.listening import bind
from healthmon.web.tls import server_context


class Serving:
    """A server at work.

    Attributes:
        addresses: Where it listens, as (address, port); the real port where 0 was asked for.
    """

    def __init__(self, addresses: tuple[tuple[str, int], ...], door: Door, tls: ServerTls | None) -> None:
        self.addresses = addresses
        self._door = door
        self._tls = tls

    def renew(self) -> None:
        """Read the certificate files again, for connections to come. What cannot be used changes nothing.

        Raises:
            ConfigError: A file cannot be used.
        """
        self._door.context = _context(self._tls)


@asynccontextmanager
async def serving(
    application: web.Application,
    *,
    listen: tuple[str, int],
    tls: ServerTls | None,
    fault: Fault,
    limits: Limits = Limits(),  # noqa: B008 - frozen
) -> AsyncIterator[Serving]:
    """Serve an application until the block ends; then all connections are closed, within a second.

    Args:
        application: What answers.
        listen: The address and the port; 0 for any free one.
        tls: How to speak TLS; None for plain HTTP.
        fault: Told of faults of the server itself, each in one line that is safe to show.
        limits: What clients may cost.

    Raises:
        PortInUse: The address or the port cannot be had.
        ConfigError: A file of `tls` cannot be used.
    """
    context = _context(tls)
    # A handler whose client has gone is cancelled: nobody wants its probe any more.
    runner = web.AppRunner(application, handler_cancellation=True, shutdown_timeout=limits.farewell)
    await runner.setup()
    server = runner.server
    assert server is not None  # noqa: S101 - set up above
    listeners = await bind(*listen)
    door = Door(
        listeners,
        lambda: Conversation(server, limits, fault),
        limits=limits,
        context=context,
        fault=fault,
    )
    addresses = tuple((str(name[0]), int(name[1])) for name in (each.getsockname() for each in listeners))
    door.open()
    try:
        yield Serving(addresses, door, tls)
    finally:
        await door.close()
        await runner.cleanup()
        door.cut()


def _context(tls: ServerTls | None) -> ssl.SSLContext | None:
    return None if tls is None else server_context(tls)
