"""The keys of `expect` and `warn` as the judge takes them."""

from collections.abc import Mapping
from typing import Any

from healthmon.config.grammar import Demand
from healthmon.config.keys import BodyKeys, ExpectKeys
from healthmon.core.expectations import BodyRule, BodyTest, Expectations, Selected


def expectations(keys: Any) -> Expectations:
    """What is demanded, in the order in which it was written.

    Args:
        keys: Those keys of `ExpectKeys` that the probe knows, and a demand for each that it adds.
    """
    found = {name: getattr(keys, name) for name in keys.__struct_fields__}
    own = {name: found[name] for name in found.keys() - set(ExpectKeys.__struct_fields__) if found[name]}
    return Expectations(
        status=tuple(found.get("status") or ()),
        latency=found.get("latency"),
        certificate=found.get("certificate"),
        header=_selected(found.get("header", {})),
        body=_body_tests(found.get("body", BodyKeys())),
        json=_selected(found.get("json", {})),
        values=_selected(own),
    )


def _selected(demands: Mapping[str, Demand]) -> tuple[Selected, ...]:
    return tuple(Selected(selector, tuple(demand)) for selector, demand in demands.items())


def _body_tests(keys: BodyKeys) -> tuple[BodyTest, ...]:
    return tuple(BodyTest(rule, text) for rule in BodyRule for text in getattr(keys, rule.value) or ())
