"""Answers `/probe`."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager

from aiohttp import web
from msgspec import structs

from healthmon.config.module import service_for
from healthmon.config.schema import Module
from healthmon.core.model import Outcome, Result, Service
from healthmon.core.safe_text import clean
from healthmon.net.guard import Guard
from healthmon.web.answers import refuse
from healthmon.web.probe.asked import Asked, attempt_timeout, read
from healthmon.web.probe.common import measure_all
from healthmon.web.probe.contract import Refused, Seen
from healthmon.web.probe.debug import describe
from healthmon.web.probe.exposition import chosen_format, compress, render, wants_gzip
from healthmon.web.probe.hostname import url_by_name
from healthmon.web.probe.kinds import KINDS

CheckOne = Callable[[Service, Guard, Callable[[Outcome], None]], Awaitable[Result]]
"""Checks a service over a network that obeys a guard; tells an observer the outcome of each attempt, one at least."""


class ProbeHandler:
    """Checks what a request names and answers with metrics. Nothing is kept from one request to the next.

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

    async def answer(self, request: web.Request) -> web.Response:
        """Answer a request: 200 whatever becomes of the target, 400, 403 or 503 where none was probed."""
        try:
            asked = read(request.query, request.headers)
            module = _find(self._modules(), asked.module)
            service = _service(module, asked)
            with self._place():
                outcomes: list[Outcome] = []
                result = await self._check(service, Guard(module.allow), outcomes.append)
        except Refused as refused:
            return refuse(request, refused.status, refused.sentence)
        seen = Seen(outcomes[-1], result)
        if asked.debug:
            return web.Response(text=describe(module.name, result, outcomes, _metrics(seen, openmetrics=False)))
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


def _find(modules: Mapping[str, Module], name: str) -> Module:
    if name not in modules:
        known = ", ".join(modules) or "none"
        raise Refused(400, f'There is no module "{clean(name)}"; there are: {known}.')
    return modules[name]


def _service(module: Module, asked: Asked) -> Service:
    """What is really checked. Raises `Refused` for what cannot be, or may not be."""
    try:
        service = service_for(module, asked.target)
    except ValueError as error:
        sentence = clean(str(error), module.template.secrets, limit=500)
        raise Refused(
            400, f"The target cannot be probed by the module {module.name}: {sentence.rstrip('.')}."
        ) from None
    urls = [service.url] if asked.hostname is None else [service.url, url_by_name(service, asked.hostname)]
    if not all(map(module.allow.admits_url, urls)):
        nothing = not (module.allow.urls or module.allow.networks)
        why = "allows nothing" if nothing else "does not allow this target"
        raise Refused(403, f"The module {module.name} {why}: see `allow` in [modules.{module.name}] of the config.")
    adapted = KINDS[service.address.scheme].adapt(service, asked.hostname)
    return structs.replace(adapted, timeout=attempt_timeout(service, asked.within))


def _metrics(seen: Seen, *, openmetrics: bool) -> str:
    kind = KINDS[seen.result.service.address.scheme]
    return render([*measure_all(seen), *kind.measure(seen)], openmetrics=openmetrics)


def _answer(request: web.Request, seen: Seen) -> web.Response:
    chosen = chosen_format(", ".join(request.headers.getall("Accept", ())))
    text = _metrics(seen, openmetrics=chosen.openmetrics)
    headers = {"Content-Type": chosen.content_type, "Vary": "Accept, Accept-Encoding"}
    if not wants_gzip(", ".join(request.headers.getall("Accept-Encoding", ()))):
        return web.Response(body=text.encode(), headers=headers)
    return web.Response(body=compress(text), headers={**headers, "Content-Encoding": "gzip"})
