"""Scrapes and reads metrics, as tests need it."""

import zlib
from collections.abc import Iterable

from prometheus_client import Metric
from prometheus_client.openmetrics.parser import text_string_to_metric_families as read_openmetrics
from prometheus_client.parser import text_string_to_metric_families as read_text

from healthmon.core.model import Service
from healthmon.core.state import State, Watched
from healthmon.metrics.metrics import Metrics

OPENMETRICS = "application/openmetrics-text; version=1.0.0"

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


def metrics(*services: Service) -> Metrics:
    """Metrics of services of which nothing is known yet."""
    made = Metrics(version="0.1.0", python="3.11.2")
    made.watching(new(*services))
    return made


def new(*services: Service) -> list[Watched]:
    """Services of which nothing is known yet."""
    return [Watched(service=service, state=State(), result=None) for service in services]


async def scrape(metrics: Metrics, *, accept: str = "", accept_encoding: str = "") -> str:
    """The whole document."""
    rendered = await metrics.render(accept=accept, accept_encoding=accept_encoding)
    document = b"".join([chunk async for chunk in rendered.chunks])
    return (zlib.decompress(document, 31) if rendered.content_encoding == "gzip" else document).decode()


def read(document: str, *, openmetrics: bool = False) -> list[Metric]:
    """The families of a document by prometheus-client's own parsers, in order."""
    parse = read_openmetrics if openmetrics else read_text
    return list(parse(document))


def samples(families: Iterable[Metric]) -> Samples:
    """All samples of healthmon's own families, by name and labels."""
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in families
        for sample in family.samples
        if family.name.startswith("healthmon_")
    }


async def values(metrics: Metrics, name: str, **labels: str) -> dict[str, float]:
    """The values of one name, by the labels that are not asked for, as `label=value` joined by spaces."""
    return {
        " ".join(f"{label}={value}" for label, value in sorted(found - frozenset(labels.items()))): value
        for (sample, found), value in samples(read(await scrape(metrics))).items()
        if sample == name and frozenset(labels.items()) <= found
    }
