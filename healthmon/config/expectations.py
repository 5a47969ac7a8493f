"""The keys of `expect` and `warn` as the judge takes them."""

from collections.abc import Mapping
from typing import Any

from healthmon.config.grammar import Demand
from healthmon.config.keys import BodyKeys, ExpectKeys, LogKeys
from healthmon.core.expectations import BodyRule, BodyTest, Expectations, Selected
from healthmon.core.units import Duration


def expectations(keys: Any) -> Expectations:
    """What is demanded, in the order in which it was written.

    Args:
        keys: Those keys of `ExpectKeys` that the probe knows, and a demand for each that it adds.
    """
    found = {name: getattr(keys, name) for name in keys.__struct_fields__}
    added = {name: demand for name, demand in found.items() if name not in ExpectKeys.__struct_fields__ and demand}
    return Expectations(
        status=tuple(found.get("status") or ()),
        latency=_seconds(found.get("latency")),
        certificate=_seconds(found.get("certificate")),
        header=_selected(found.get("header", {})),
        body=_body_tests(found.get("body", BodyKeys())),
        json=_selected(found.get("json", {})),
        log=_body_tests(found.get("log", LogKeys())),
        values=_selected(added),
    )


def _seconds(duration: Duration | None) -> float | None:
    return None if duration is None else float(duration)


def _selected(demands: Mapping[str, Demand]) -> tuple[Selected, ...]:
    return tuple(Selected(selector, tuple(demand)) for selector, demand in demands.items())


def _body_tests(keys: BodyKeys | LogKeys) -> tuple[BodyTest, ...]:
    return tuple(BodyTest(rule, text) for rule in BodyRule for text in getattr(keys, rule.value) or ())
