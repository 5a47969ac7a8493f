"""The way of one check through redirects: what comes next, which cookies it bears, and when it is enough."""

from collections.abc import Callable

from aiohttp import CookieJar
from yarl import URL

from healthmon.core.model import Cause
from healthmon.net.http.redirects import is_redirect, redirected, shown
from healthmon.net.http.request import Request
from healthmon.net.trace import ProbeFailed, Trace


class Trail:
    """The requests of one check.

    Attributes:
        request: The next request, or the one under way.
        hops: How many redirects were followed.
    """

    def __init__(self, request: Request, limit: int, jars: dict[URL, CookieJar] | None = None) -> None:
        """Begin.

        Args:
            request: The first request.
            limit: How many redirects may be followed; none at all makes a redirect an answer as good as any.
            jars: The cookies of requests before, by origin; None where there were none and no other follows.
        """
        self.request = request
        self.hops = 0
        self._limit = limit
        self._keeps_cookies = limit > 0 or jars is not None
        self._jars = {} if jars is None else jars
        self._seen = {self._situation()}

    @property
    def cookies(self) -> CookieJar | None:
        """The cookies of the next request's origin, for each has its own; None if no second request can bear any."""
        if not self._keeps_cookies:
            return None
        return self._jars.setdefault(self.request.url.origin(), CookieJar(unsafe=True))

    def leads_on(self, status: int) -> bool:
        """Whether an answer with this status is to be followed."""
        return self._limit > 0 and is_redirect(status)

    def follow(self, status: int, location: str | None, check: Callable[[str], None]) -> None:
        """Go where a redirect leads.

        Args:
            status: The redirect's status.
            location: Its `Location`.
            check: Raises `ProbeFailed` if a URL may not be followed.

        Raises:
            ProbeFailed: It leads nowhere, in a loop, too far, or to where it may not (`redirect`).
        """
        request = redirected(self.request, status, location)
        if self.hops == self._limit:
            raise ProbeFailed(Cause.REDIRECT, f"more than {self._limit} redirects")
        check(str(request.url))
        self.request = request
        self.hops += 1
        situation = self._situation()
        if situation in self._seen:
            raise ProbeFailed(Cause.REDIRECT, f"redirects in a loop: {shown(request.url)}")
        self._seen.add(situation)

    def record(self, trace: Trace) -> None:
        """Record how many redirects were followed and where they led, if there were any."""
        if self.hops:
            trace.fact("redirects", self.hops)
            trace.fact("url", shown(self.request.url))

    def _situation(self) -> tuple[str, str, str]:
        """What a server can tell requests of this check apart by: one that sets a cookie may send back to itself."""
        cookies = self.cookies
        sent = "" if cookies is None else cookies.filter_cookies(self.request.url).output()
        return self.request.method, str(self.request.url), sent
