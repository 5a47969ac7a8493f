"""A real server with `/probe`, and what it answers."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from aiohttp import web
from msgspec import Struct
from prometheus_client.parser import text_string_to_metric_families

from healthmon.app.probing import target_checker
from healthmon.config.load import parse
from healthmon.config.schema import Module
from healthmon.net.lookups import Lookup
from healthmon.net.network import Network
from healthmon.web.probe.handler import CheckOne, ProbeHandler
from tests.campaign.places import resolving

LOOPBACK = 'allow = ["127.0.0.0/8", "::1"]\n'

Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]
"""Values by name and labels."""


def modules(text: str) -> Mapping[str, Module]:
    """The modules of a config, beside the built-in ones."""
    return parse(f'{text}\n[[services]]\nname = "None"\nurl = "tcp://127.0.0.1:1"\n').modules


class Answer(Struct, frozen=True):
    """An answer of `/probe`."""

    status: int
    text: str
    headers: Mapping[str, str]

    @property
    def samples(self) -> Samples:
        """Its samples."""
        return samples(self.text)

    def value(self, name: str, **labels: str) -> float | None:
        """The value of one sample; None if there is none."""
        return self.samples.get((name, tuple(sorted(labels.items()))))


def samples(text: str) -> Samples:
    """The samples of a page in Prometheus' text format."""
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def names(found: Samples) -> set[str]:
    """The names of the metrics."""
    return {name for name, _ in found}


Ask = Callable[..., Any]
"""Asks `/probe` with these parameters (a sequence for several of one name); `headers` are those of the request."""


@asynccontextmanager
async def serving_probe(
    config: str | list[str] = "", *, lookup: Lookup | None = None, check: CheckOne | None = None, concurrency: int = 100
) -> AsyncIterator[Ask]:
    """Serve `/probe` with the modules of this config, or of these, one a request, and a fake resolver."""
    network = Network(lookup=lookup or resolving())
    found = [modules(text) for text in ([config] if isinstance(config, str) else config)]
    handler = ProbeHandler(
        lambda: found.pop(0) if len(found) > 1 else found[0], check or target_checker(network), concurrency=concurrency
    )
    application = web.Application()
    application.add_routes([web.get("/probe", handler.answer)])
    runner = web.AppRunner(application, handler_cancellation=True, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/probe"
    async with aiohttp.ClientSession(skip_auto_headers=("Accept-Encoding",)) as session:

        async def ask(headers: Mapping[str, str] | None = None, **parameters: Any) -> Answer:
            query = [
                (name, one)
                for name, value in parameters.items()
                for one in ((value,) if isinstance(value, str) else value)
            ]
            async with session.get(url, params=query, headers=headers) as response:
                return Answer(response.status, await response.text(), response.headers)

        try:
            yield ask
        finally:
            await session.close()
            await runner.cleanup()
            network.close()
