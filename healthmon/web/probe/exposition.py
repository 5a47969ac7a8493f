"""Metrics as text: written by hand, because a registry for each probe costs more than the probe's own arithmetic."""

import gzip
from collections.abc import Iterable
from functools import lru_cache

from healthmon.metrics.fragments import escape
from healthmon.metrics.negotiation import allows_gzip, choose_format
from healthmon.web.probe.contract import Gauge, Measured

chosen_format = lru_cache(maxsize=32)(choose_format)
"""As `choose_format`; a scraper asks for the same each time."""

ONE_PACKET = 1400
"""So many bytes travel at once whether they are compressed or not."""

wants_gzip = lru_cache(maxsize=32)(allows_gzip)
"""As `allows_gzip`; a scraper asks for the same each time."""


def render(measured: Iterable[Measured], *, openmetrics: bool) -> str:
    """The metrics in Prometheus' text format, or in OpenMetrics."""
    pieces = []
    for gauge, samples in measured:
        pieces.append(gauge.header)
        for values, value in samples:
            pieces.append(f"{gauge.name}{_labels(gauge, values) if values else ''} {value!r}\n")
    if openmetrics:
        pieces.append("# EOF\n")
    return "".join(pieces)


def compress(page: bytes) -> bytes:
    """The page for gzip; the fastest level, for no level makes much of so little."""
    return gzip.compress(page, 1, mtime=0)


def _labels(gauge: Gauge, values: tuple[str, ...]) -> str:
    pairs = (f'{name}="{escape(value)}"' for name, value in zip(gauge.labels, values, strict=True))
    return f"{{{','.join(pairs)}}}"
