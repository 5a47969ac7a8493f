"""Answers `/probe`."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager

from aiohttp import web

from healthmon.config.schema import Module
from healthmon.core.model import Outcome, Result, Service
from healthmon.net.guard import Guard
from healthmon.web.answers import refuse
from healthmon.web.probe.asked import read
from healthmon.web.probe.common import measure_all
from healthmon.web.probe.contract import Refused, Seen
from healthmon.web.probe.debug import describe
from healthmon.web.probe.exposition import ONE_PACKET, chosen_format, compress, render, wants_gzip
from healthmon.web.probe.kinds import KINDS
from healthmon.web.probe.targets import Targets

CheckOne = Callable[[Service, Guard, Callable[[Outcome], None]], Awaitable[Result]]
"""Checks a service over a network that obeys a guard; tells an observer the outcome of each attempt, one at least."""


class ProbeHandler:
    """Checks what a request names and answers with metrics. Nothing that was seen is kept from one request to the next.

    A probe ends with its request: the server has to cancel the handler when the scraper goes away.

    Args:
        modules: The modules by name, as they are now.
        check: Checks one service.
        concurrency: The most probes under way at a time; further requests are refused, for a scraper that waits for
            its turn would take the wait for the target's.
    """

    def __init__(
        self,
        modules: Callable[[], Mapping[str, Module]],
        check: CheckOne,
        *,
        concurrency: int = 100,
    ) -> None:
        self._modules = modules
        self._check = check
        self._concurrency = concurrency
        self._under_way = 0
        self._targets = Targets()

    async def answer(self, request: web.Request) -> web.Response:
        """Answer a request: 200 whatever becomes of the target, 400, 403 or 503 where none was probed."""
        try:
            asked = read(request.query, request.headers)
            target = self._targets.find(self._modules(), asked)
            with self._place():
                outcomes: list[Outcome] = []
                result = await self._check(target.service, target.guard, outcomes.append)
        except Refused as refused:
            return refuse(request, refused.status, refused.sentence)
        seen = Seen(outcomes[-1], result)
        if asked.debug:
            return web.Response(text=describe(asked.module, result, outcomes, _metrics(seen, openmetrics=False)))
        return _answer(request, seen)

    @contextmanager
    def _place(self) -> Iterator[None]:
        if self._under_way >= self._concurrency:
            raise Refused(503, f"{self._concurrency} probes are under way, and no more may be: ask again later.")
        self._under_way += 1
        try:
            yield
        finally:
            self._under_way -= 1


def _metrics(seen: Seen, *, openmetrics: bool) -> str:
    kind = KINDS[seen.result.service.address.scheme]
    return render([*measure_all(seen), *kind.measure(seen)], openmetrics=openmetrics)


def _answer(request: web.Request, seen: Seen) -> web.Response:
    chosen = chosen_format(", ".join(request.headers.getall("Accept", ())))
    page = _metrics(seen, openmetrics=chosen.openmetrics).encode()
    headers = {"Content-Type": chosen.content_type, "Vary": "Accept, Accept-Encoding"}
    if len(page) > ONE_PACKET and wants_gzip(", ".join(request.headers.getall("Accept-Encoding", ()))):
        page = compress(page)
        headers["Content-Encoding"] = "gzip"
    return web.Response(body=page, headers=headers)
