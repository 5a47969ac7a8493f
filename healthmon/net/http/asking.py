"""One request of a check, with the redirects that it follows and the credentials that it is asked for."""

from collections.abc import Sequence

from aiohttp import CookieJar
from yarl import URL

from healthmon.core.expectations import StatusRange
from healthmon.net.http.connection import Route, impersonal
from healthmon.net.http.credentials import Credentials
from healthmon.net.http.exchange import Answer, exchange
from healthmon.net.http.options import HttpOptions
from healthmon.net.http.redirects import same_origin
from healthmon.net.http.request import Request
from healthmon.net.http.trail import Trail
from healthmon.net.network import Network
from healthmon.net.reach import ReachOptions
from healthmon.net.trace import ProbeFailed, Trace

_MOST_REDIRECTS = 10
_UNAUTHORIZED = 401


class Asker:
    """Makes the requests of one check.

    Args:
        options: The service's keys.
        base: The service's URL.
        network: Makes the connections, a fresh one for each request.
        trace: Receives what is seen.
    """

    def __init__(self, options: HttpOptions, base: URL, network: Network, trace: Trace) -> None:
        self._options = options
        self._base = base
        self._network = network
        self._trace = trace
        self._credentials = Credentials(options, network, trace)
        self._jars: dict[URL, CookieJar] | None = {} if options.steps else None

    async def ask(self, request: Request, *, need_body: bool, expected: Sequence[StatusRange]) -> None:
        """Send a request, and one more for each redirect that is followed and for credentials that are asked for.

        Recorded of the answer that ends this: the facts of `healthmon.net.http.exchange.Answer.record`; `redirects`
        and `url` if any were followed; `body_bytes` if the body was read. It is read if it is needed, and its beginning
        if the status is a fault that is not expected.

        Args:
            request: The request.
            need_body: Whether an expectation needs the answer's body.
            expected: The statuses that are expected; any if there are none.

        Raises:
            ProbeFailed: There was no complete answer.
        """

        def want_cause(status: int) -> bool:
            return status >= 400 and bool(expected) and not any(one.low <= status <= one.high for one in expected)

        limit = self._options.follow_redirects
        trail = Trail(request, _MOST_REDIRECTS if limit is True else int(limit), self._jars)
        try:
            while True:
                sent = await self._sent(trail.request)
                async with exchange(
                    self._network,
                    self._route(trail.request),
                    sent,
                    self._trace,
                    want_body=need_body,
                    want_cause=want_cause,
                    cookies=trail.cookies,
                ) as answer:
                    if self._may_try_again(trail.request, answer):
                        continue
                    if trail.leads_on(answer.status):
                        self._follow(trail, answer)
                        continue
                    answer.record()
                    trail.record(self._trace)
                    if need_body:
                        await answer.read(self._options.body_limit)
                    elif want_cause(answer.status):
                        await answer.read_cause()
                    return
        finally:
            trail.record(self._trace)

    async def _sent(self, request: Request) -> Request:
        return await self._credentials.added(request) if self._at_service(request) else request

    def _may_try_again(self, request: Request, answer: Answer) -> bool:
        return (
            answer.status == _UNAUTHORIZED
            and self._at_service(request)
            and self._credentials.worth_another(request, answer.header_values("WWW-Authenticate"))
        )

    def _at_service(self, request: Request) -> bool:
        """Whether a request goes to the service's own origin, and no redirect has led it there from elsewhere."""
        return request.at_home and same_origin(request.url, self._base)

    def _follow(self, trail: Trail, answer: Answer) -> None:
        try:
            trail.follow(answer.status, answer.location, self._network.check_redirect)
        except ProbeFailed:
            answer.record()
            raise

    def _route(self, request: Request) -> Route:
        """How to get to where a request goes. What is meant for the service is for its own host or origin only."""
        options = self._options
        same_host = (request.url.raw_host, request.url.port) == (self._base.raw_host, self._base.port)
        return Route(
            reach=ReachOptions(resolve=options.resolve if same_host else None, ip=options.ip),
            tls=options.tls if self._at_service(request) else impersonal(options.tls),
            proxy=URL(options.proxy) if options.proxy is not None else None,
        )
