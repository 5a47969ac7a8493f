"""One service: from its table to the frozen type."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote_plus

from healthmon.config import secrets
from healthmon.config.expectations import expectations
from healthmon.config.shared import Shared
from healthmon.core.expectations import Expectations
from healthmon.core.masking import mask
from healthmon.core.model import Address, Service


def identifier(name: str) -> str:
    """The id that is made from a name: its words in lower case, joined by "-"."""
    return "-".join(re.findall(r"[^\W_]+", name.lower()))


def options_of(keys: Any, type_: type[Any]) -> Any:
    """The probe's own keys of a service.

    Raises:
        ValueError: They do not go together.
    """
    return type_(**{name: _plain(getattr(keys, name)) for name in type_.__struct_fields__})


def _plain(value: Any) -> Any:
    """A value as the probe takes it: what is expected of a step, as the judge takes it."""
    if isinstance(value, list):
        return [_plain(item) for item in value]
    made = getattr(type(value), "written_for", None)
    if made is None:
        return value
    if made is Expectations:
        return expectations(value)
    return made(**{name: _plain(getattr(value, name)) for name in value.__struct_fields__})


def credentials(table: Mapping[str, Any], url: str) -> frozenset[str]:
    """The secrets that a sound table holds in its URLs and as a user's name and password, in all their forms."""
    auth = table.get("auth", {})
    basic, client = auth.get("basic"), auth.get("oauth2")
    found = secrets.url_forms(url) | secrets.url_forms(table.get("proxy", ""))
    if basic:
        found |= secrets.basic_forms(basic["username"], basic["password"])
    if client:
        found |= secrets.basic_forms(quote_plus(client["client_id"]), quote_plus(client["client_secret"]))
    return found


def build(
    keys: Any,
    options: Any,
    *,
    url: str,
    shown_url: str,
    address: Address,
    enabled: bool,
    uses_host: bool,
    hidden: frozenset[str],
    shared: Shared,
    typed: dict[str, str],
) -> Service:
    """Make a service of its converted keys. Plain numbers and texts take the place of the config's own types."""
    hidden = shared.plain(hidden)
    name = mask(str(keys.name), hidden)
    return Service(
        id=str(keys.id or identifier(name)),
        name=name,
        url=url,
        shown_url=url if shown_url == url else shown_url,
        address=shared.plain(address),
        options=shared.frozen(options),
        uses_host=uses_host,
        secrets=hidden,
        enabled=enabled,
        group=keys.group and shared.plain(str(keys.group)),
        phase=keys.phase,
        tags=shared.plain(tuple(map(str, keys.tags))),
        labels=shared.frozen({name: str(text) for name, text in keys.labels.items()}),
        depends_on=shared.plain(tuple(map(str, keys.depends_on))),
        interval=shared.plain(float(keys.interval)),
        timeout=shared.plain(float(keys.timeout)),
        retries=keys.retries,
        failure_threshold=keys.failure_threshold,
        success_threshold=keys.success_threshold,
        start_period=shared.plain(float(keys.start_period)),
        expect=shared.frozen(expectations(keys.expect)),
        warn=shared.frozen(expectations(keys.warn)),
        typed=shared.frozen(typed),
        hint=keys.hint and shared.plain(str(keys.hint)),
        runbook=keys.runbook and shared.plain(str(keys.runbook)),
    )
