"""The network as probes use it."""

import copy
import weakref
from typing import TYPE_CHECKING

from healthmon.net.reach import ReachOptions
from healthmon.net.tls.settings import TlsSettings
from healthmon.net.trace import Trace

if TYPE_CHECKING:
    import ssl

    from healthmon.net.guard import Guard
    from healthmon.net.lookups import AddressInfo, Lookup
    from healthmon.net.stamps import StampedSocket


class Network:
    """Resolves names, opens stamped connections, keeps TLS contexts. One serves one event loop; close it at the end.

    Attributes:
        tokens: The access tokens that checks have got, kept for the next ones.

    Args:
        lookup: Looks up a name as `socket.getaddrinfo` does, which is the default. May block.
        threads: How many lookups may run at once.
    """

    def __init__(self, *, lookup: "Lookup | None" = None, threads: int = 128) -> None:
        import socket

        from healthmon.net.http.tokens import Tokens
        from healthmon.net.logs import keep_off_stderr
        from healthmon.net.lookups import LookupThreads
        from healthmon.net.stamps import LatestRead, keep_stamping
        from healthmon.net.tls.contexts import Contexts

        keep_off_stderr()
        self._latest = LatestRead()
        self._lookups = LookupThreads(lookup or socket.getaddrinfo, threads)
        self._contexts = Contexts(self._latest)
        self._guard: Guard | None = None
        self.tokens = Tokens()
        # Closed with the network, or when nobody knows it any more.
        self._stop_stamping = weakref.finalize(self, keep_stamping())

    def guarded(self, guard: "Guard") -> "Network":
        """This network as far as a guard lets one in: with the same threads and contexts, and closed with it."""
        view = copy.copy(self)
        view._guard = guard  # noqa: SLF001 - its own
        return view

    def unguarded(self) -> "Network":
        """This network without a guard, for places that who wrote the config has chosen."""
        view = copy.copy(self)
        view._guard = None  # noqa: SLF001 - its own
        return view

    def check_redirect(self, url: str) -> None:
        """Raise `ProbeFailed` (`redirect`) if there is a guard that does not admit the URL a redirect leads to."""
        if self._guard is not None:
            self._guard.check_redirect(url)

    async def resolve(self, host: str, port: int, reach: ReachOptions, trace: Trace) -> "list[AddressInfo]":
        """Find the addresses of a host, at least one, in the order in which they are to be tried.

        Records the stage `resolve`, with no time for a host that is an address.

        Raises:
            ProbeFailed: There is none, or none that the guard admits.
        """
        from healthmon.core.model import Stage
        from healthmon.net.resolve import resolve

        trace.enter(Stage.RESOLVE)
        found = await resolve(host, port, reach, self._lookups, trace)
        return found if self._guard is None else self._guard.admitted(found)

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

    async def connect_unix(self, path: str, trace: Trace) -> "StampedSocket":
        """Connect to a socket file. Records the stage `connect`.

        Returns:
            A connected, non-blocking socket, which belongs to the caller.

        Raises:
            ProbeFailed: Nothing listens there (`refused`), or this machine or a guard does not let it in (`local`).
        """
        from healthmon.net.unix import connect_unix

        if self._guard is not None:
            self._guard.check_without_address(path)
        return await connect_unix(path, trace)

    def check_behind_proxy(self, host: str) -> None:
        """Raise `ProbeFailed` (`local`) if there is a guard that does not let a proxy connect to a host."""
        if self._guard is not None:
            self._guard.check_behind_proxy(host)

    async def connect_to_proxy(self, host: str, port: int, reach: ReachOptions, trace: Trace) -> "StampedSocket":
        """Connect as `connect` does. A guard is not asked: the proxy is the choice of who wrote the config."""
        return await self.unguarded().connect(host, port, reach, trace)

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
