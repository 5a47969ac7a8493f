"""In which format, and whether compressed, a client wants the metrics."""

import re

from msgspec import Struct
from prometheus_client.exposition import choose_encoder

OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"
TEXT = "text/plain; version=1.0.0; charset=utf-8"
OLD_TEXT = "text/plain; version=0.0.4; charset=utf-8"


class Format(Struct, frozen=True):
    """The format of an answer.

    Attributes:
        content_type: What the answer's header says.
        openmetrics: Whether it is OpenMetrics; else it is Prometheus' own text.
    """

    content_type: str
    openmetrics: bool


def choose_format(accept: str) -> Format:
    """The format for an ``Accept`` header: the one that prometheus-client chooses.

    The answer names the version that is spoken here, whatever later one was asked for, and the escaping `underscores`
    where a client asked for one that would change names without need: no name here has anything to escape.
    """
    try:
        _, chosen = choose_encoder(accept)
    except TypeError:
        # A version that is no number.
        return Format(OLD_TEXT, openmetrics=False)
    if chosen == OLD_TEXT:
        return Format(OLD_TEXT, openmetrics=False)
    openmetrics = chosen.startswith("application/openmetrics-text")
    escaping = re.search(r"; escaping=([\w-]+)$", chosen)
    name = "" if not escaping else "allow-utf-8" if escaping[1] == "allow-utf-8" else "underscores"
    base = OPENMETRICS if openmetrics else TEXT
    return Format(f"{base}; escaping={name}" if name else base, openmetrics=openmetrics)


def allows_gzip(accept_encoding: str) -> bool:
    """Whether an ``Accept-Encoding`` header (RFC 9110, 12.5.3) allows gzip."""
    weights: dict[str, float] = {}
    for part in accept_encoding.split(","):
        coding, *parameters = (piece.strip().lower() for piece in part.split(";"))
        weights[coding] = min((_weight(parameter) for parameter in parameters), default=1.0)
    return weights.get("gzip", weights.get("x-gzip", weights.get("*", 0.0))) > 0


def _weight(parameter: str) -> float:
    match = re.fullmatch(r"q\s*=\s*([01](?:\.[0-9]{0,3})?)", parameter)
    return float(match[1]) if match else 1.0
