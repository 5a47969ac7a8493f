"""UDP by `/probe`."""

from collections.abc import Iterator

from healthmon.web.probe.common import measure_regex
from healthmon.web.probe.contract import Kind, Measured, Seen


def _measure(seen: Seen) -> Iterator[Measured]:
    yield measure_regex(seen)


UDP = Kind(_measure)
"""What blackbox_exporter has no prober for."""
