"""Compares values that were met with values that were expected. What cannot be compared fails."""

import operator
from collections.abc import Callable, Mapping
from typing import Any

from healthmon.core.expectations import Comparison, Operator
from healthmon.core.model import FactValue


def holds(comparison: Comparison, value: Any) -> bool:
    """Whether a JSON value meets a comparison.

    None, which stands for what is not there, meets nothing but ``exists = false``.
    """
    if value is None:
        return comparison.operator is Operator.EXISTS and not comparison.operand
    return _HOLDS[comparison.operator](value, comparison.operand)


def fact_holds(comparison: Comparison, fact: FactValue) -> bool:
    """Whether a fact meets a comparison.

    Several texts are a set: their order does not count, a text alone is compared as a set of one, and a pattern is
    matched by any of them. A list that one value is to be equal to holds the values that it may have.
    """
    if isinstance(fact, tuple):
        return _texts_hold(comparison, fact)
    if comparison.operator is Operator.EQ and isinstance(comparison.operand, list):
        return holds(Comparison(Operator.ONE_OF, comparison.operand), fact)
    return holds(comparison, fact)


def _texts_hold(comparison: Comparison, texts: tuple[str, ...]) -> bool:
    operand = comparison.operand
    match comparison.operator:
        case Operator.MATCHES:
            return any(matches(text, operand) for text in texts)
        case Operator.EQ:
            return _same_set(texts, operand)
        case Operator.NE:
            return not _same_set(texts, operand)
        case Operator.ONE_OF:
            return any(_same_set(texts, choice) for choice in operand)
    return holds(comparison, list(texts))


def _same_set(texts: tuple[str, ...], operand: Any) -> bool:
    expected = operand if isinstance(operand, list) else [operand]
    return all(isinstance(text, str) for text in expected) and set(texts) == set(expected)


def same(value: Any, operand: Any) -> bool:
    """Equality of JSON values: types must match, so that true is not 1 and "3" is not 3; 3 is 3.0."""
    if not _comparable(value, operand):
        return False
    if isinstance(value, list):
        return len(value) == len(operand) and all(map(same, value, operand))
    if isinstance(value, dict):
        return value.keys() == operand.keys() and all(same(value[key], operand[key]) for key in value)
    return bool(value == operand)


def matches(text: str, pattern: str) -> bool:
    """Whether a pattern is found anywhere in a text, in time linear in the text's length (RE2)."""
    import re2

    return re2.search(pattern, text) is not None


def is_number(value: Any) -> bool:
    """Whether a JSON value is a number; Python counts true and false among them."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def _comparable(value: Any, operand: Any) -> bool:
    return type(value) is type(operand) or (is_number(value) and is_number(operand))


def _contains(value: Any, operand: Any) -> bool:
    if isinstance(value, str):
        return isinstance(operand, str) and operand in value
    return isinstance(value, list) and any(same(item, operand) for item in value)


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    return lambda value, operand: is_number(value) and compare(value, operand)


_HOLDS: Mapping[Operator, Callable[[Any, Any], bool]] = {
    Operator.EQ: same,
    Operator.NE: lambda value, operand: _comparable(value, operand) and not same(value, operand),
    Operator.GT: _ordered(operator.gt),
    Operator.GE: _ordered(operator.ge),
    Operator.LT: _ordered(operator.lt),
    Operator.LE: _ordered(operator.le),
    Operator.CONTAINS: _contains,
    Operator.MATCHES: lambda value, operand: isinstance(value, str) and matches(value, operand),
    Operator.EXISTS: lambda _, operand: bool(operand),
    Operator.ONE_OF: lambda value, operand: any(same(value, choice) for choice in operand),
}
