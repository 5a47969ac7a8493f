"""The network as probes use it."""

import weakref
from typing import TYPE_CHECKING

from healthmon.net.reach import ReachOptions
from healthmon.net.tls.settings import TlsSettings
from healthmon.net.trace import Trace

if TYPE_CHECKING:
    import ssl

    from healthmon.net.lookups import AddressInfo, Lookup
    from healthmon.net.stamps import StampedSocket


class Network:
    """Resolves names, opens stamped connections, keeps TLS contexts. One serves one event loop; close it at the end.

    Args:
        lookup: Looks up a name as `socket.getaddrinfo` does, which is the default. May block.
        threads: How many lookups may run at once.
    """

    def __init__(self, *, lookup: "Lookup | None" = None, threads: int = 128) -> None:
        import socket

        from healthmon.net.logs import keep_off_stderr
        from healthmon.net.lookups import LookupThreads
        from healthmon.net.stamps import LatestRead, keep_stamping
        from healthmon.net.tls.contexts import Contexts

        keep_off_stderr()
        self._latest = LatestRead()
        self._lookups = LookupThreads(lookup or socket.getaddrinfo, threads)
        self._contexts = Contexts(self._latest)
        # Closed with the network, or when nobody knows it any more.
        self._stop_stamping = weakref.finalize(self, keep_stamping())

    async def resolve(self, host: str, port: int, reach: ReachOptions, trace: Trace) -> "list[AddressInfo]":
        """Find the addresses of a host, at least one, in the order in which they are to be tried.

        Records the stage `resolve`, with no time for a host that is an address.

        Raises:
            ProbeFailed: There is none.
        """
        from healthmon.core.model import Stage
        from healthmon.net.resolve import resolve

        trace.enter(Stage.RESOLVE)
        return await resolve(host, port, reach, self._lookups, trace)

    async def connect(self, host: str, port: int, reach: ReachOptions, trace: Trace) -> "StampedSocket":
        """Resolve a host and connect to the first of its addresses that answers.

        Records the stages `resolve` (no time for a host that is an address) and `connect`, and the facts `ip`, the
        address used or tried last, and `connect_errors`, why other addresses were not used.

        Returns:
            A connected, non-blocking socket, which belongs to the caller.

        Raises:
            ProbeFailed: There is no address, or none that can be connected to.
        """
        from healthmon.core.model import Stage
        from healthmon.net.connect import connect

        addresses = await self.resolve(host, port, reach, trace)
        trace.enter(Stage.CONNECT)
        return await connect(addresses, self._latest, trace)

    def tls_context(self, settings: TlsSettings, protocols: tuple[str, ...] = ()) -> "ssl.SSLContext":
        """The TLS context for these settings, shared by all who ask for the same; made when first asked for.

        Args:
            settings: How to speak TLS.
            protocols: Application protocols to offer by ALPN, such as ``http/1.1``.

        Raises:
            ProbeFailed: A file of the settings cannot be used (`local`).
        """
        return self._contexts.get(settings, protocols)

    def close(self) -> None:
        """Let the threads go. A lookup that hangs holds nothing up."""
        self._lookups.close()
        self._stop_stamping()
