"""One service: from its table to the frozen type."""

import re
from typing import Any

from healthmon.config.expectations import expectations
from healthmon.config.secrets import MASK
from healthmon.config.urls import HOST
from healthmon.core.model import Address, Service
from healthmon.probes.contract import Probe


def identifier(name: str) -> str:
    """The id that is made from a name: its words in lower case, joined by "-"."""
    return "-".join(re.findall(r"[^\W_]+", name.lower()))


def masked(url: str) -> str:
    """The URL with its password masked."""
    return re.sub(r"^([^/?#]*?://[^/?#]*?:)[^/?#]*@", rf"\1{MASK}@", url)


def build(
    keys: Any, probe: Probe, *, url: str, shown_url: str, address: Address, enabled: bool, secrets: frozenset[str]
) -> Service:
    """Make a service of its converted keys.

    Raises:
        ValueError: The probe's options do not go together.
    """
    options = probe.options(**{name: getattr(keys, name) for name in probe.options.__struct_fields__})
    return Service(
        id=keys.id or identifier(keys.name),
        name=keys.name,
        url=url,
        shown_url=masked(shown_url),
        address=address,
        options=options,
        uses_host=HOST in keys.url,
        secrets=secrets,
        enabled=enabled,
        group=keys.group,
        phase=keys.phase,
        tags=tuple(keys.tags),
        labels=keys.labels,
        depends_on=tuple(keys.depends_on),
        interval=keys.interval,
        timeout=keys.timeout,
        retries=keys.retries,
        failure_threshold=keys.failure_threshold,
        success_threshold=keys.success_threshold,
        start_period=keys.start_period,
        expect=expectations(keys.expect),
        warn=expectations(keys.warn),
        hint=keys.hint,
        runbook=keys.runbook,
    )
