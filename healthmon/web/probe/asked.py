"""What a request to `/probe` asks for."""

import re
from collections.abc import Sequence
from typing import Protocol

from msgspec import Struct

from healthmon.core.model import Service
from healthmon.web.probe.contract import Refused
from healthmon.web.probe.hostname import check_hostname

SCRAPE_TIMEOUT = "X-Prometheus-Scrape-Timeout-Seconds"
"""The header by which Prometheus says how long it will wait."""

_OFFSET = 0.5
"""Seconds of that time that are left for the answer's own way."""

_SECONDS = re.compile(r"[0-9]{1,9}(?:\.[0-9]{0,9})?", re.ASCII)


class Values(Protocol):
    """Names with values, of which there may be several: a query, or headers."""

    def getall(self, key: str, default: Sequence[str], /) -> Sequence[str]:
        """All values of a name."""


class Asked(Struct, frozen=True, kw_only=True):
    """The parameters of a request.

    Attributes:
        target: What to probe: a URL, or what the module makes one of.
        module: The name of the module.
        hostname: The name to ask for; None for the target's own.
        debug: Whether to tell the steps instead of the metrics alone.
        within: Seconds in which the answer is wanted; None if nothing was said.
    """

    target: str
    module: str = "http_2xx"
    hostname: str | None = None
    debug: bool = False
    within: float | None = None


def read(query: Values, headers: Values) -> Asked:
    """Read a request. Parameters that are not known are left alone, as scrapers expect.

    Raises:
        Refused: There is no target, or something is not what it should be (400).
    """
    target = _only(query, "target")
    if not target:
        raise Refused(400, "The parameter `target` is missing: /probe?target=URL&module=NAME.")
    hostname = _only(query, "hostname")
    if hostname:
        check_hostname(hostname)
    return Asked(
        target=target,
        module=_only(query, "module") or "http_2xx",
        hostname=hostname or None,
        debug=_only(query, "debug") == "true",
        within=_within(headers.getall(SCRAPE_TIMEOUT, ())),
    )


def attempt_timeout(service: Service, within: float | None) -> float:
    """The seconds that each attempt may take, so that all of them end before a scraper stops waiting.

    They are the service's own timeout, or, if that is less, a share of what the scraper grants, less 0.5 s (of a
    scraper in a great hurry, half of it).
    """
    if within is None:
        return service.timeout
    return min(service.timeout, (within - min(_OFFSET, within / 2)) / (1 + service.retries))


def _only(query: Values, name: str) -> str | None:
    values = query.getall(name, ())
    if len(values) > 1:
        raise Refused(400, f"The parameter `{name}` is given {len(values)} times: give it once.")
    return values[0] if values else None


def _within(values: Sequence[str]) -> float | None:
    if not values:
        return None
    if len(values) > 1 or not _SECONDS.fullmatch(values[0]) or not float(values[0]):
        raise Refused(400, f"The header {SCRAPE_TIMEOUT} is a number of seconds, such as 10.")
    return float(values[0])
