"""Metrics as text: written by hand, because a registry for each probe costs more than the probe's own arithmetic."""

import gzip
from collections.abc import Iterable
from functools import lru_cache

from healthmon.web.metrics.families import Family
from healthmon.web.metrics.fragments import escape
from healthmon.web.metrics.negotiation import allows_gzip, choose_format
from healthmon.web.probe.contract import Measured

chosen_format = lru_cache(maxsize=32)(choose_format)
"""As `choose_format`; a scraper asks for the same each time."""

wants_gzip = lru_cache(maxsize=32)(allows_gzip)
"""As `allows_gzip`; a scraper asks for the same each time."""


def render(measured: Iterable[Measured], *, openmetrics: bool) -> str:
    """The metrics in Prometheus' text format, or in OpenMetrics."""
    pieces = []
    for family, samples in measured:
        pieces.append(_header(family, openmetrics))
        pieces += [f"{family.name}{_labels(family, values)} {value!r}\n" for values, value in samples]
    if openmetrics:
        pieces.append("# EOF\n")
    return "".join(pieces)


def compress(text: str) -> bytes:
    """The text for gzip; the fastest level, for no level makes much of so little."""
    return gzip.compress(text.encode(), 1, mtime=0)


@lru_cache(maxsize=256)
def _header(family: Family, openmetrics: bool) -> str:  # noqa: FBT001 - a key of the cache
    return family.header(openmetrics=openmetrics).decode()


def _labels(family: Family, values: tuple[str, ...]) -> str:
    if not values:
        return ""
    pairs = (f'{name}="{escape(value)}"' for name, value in zip(family.labels, values, strict=True))
    return f"{{{','.join(pairs)}}}"
