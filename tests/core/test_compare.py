"""The comparisons: types must match, and what is absent meets nothing."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healthmon.core.compare import fact_holds, holds, same
from healthmon.core.expectations import Comparison, Operator

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)
present = values.filter(lambda value: value is not None)
numbers = st.integers() | st.floats(allow_nan=False, allow_infinity=False)


@pytest.mark.parametrize(
    ("operator", "operand", "value", "expected"),
    [
        ("eq", "healthy", "healthy", True),
        ("eq", "healthy", "Healthy", False),
        ("eq", 3, 3.0, True),
        ("eq", 3, "3", False),
        ("eq", 1, True, False),
        ("eq", True, 1, False),
        ("eq", False, False, True),
        ("eq", [1, "a"], [1.0, "a"], True),
        ("eq", [1], [True], False),
        ("eq", [1], [1, 2], False),
        ("eq", {"a": 1}, {"a": 1}, True),
        ("eq", {"a": 1}, {"a": True}, False),
        ("eq", {"a": 1}, {"b": 1}, False),
        ("ne", "error", "ok", True),
        ("ne", "error", "error", False),
        ("ne", "error", 5, False),
        ("gt", 3, 4, True),
        ("gt", 3, 3, False),
        ("ge", 3, 3, True),
        ("ge", 3, 2.9, False),
        ("lt", 3, 2, True),
        ("lt", 3, 3, False),
        ("le", 3, 3, True),
        ("le", 3, 4, False),
        ("gt", 3, "4", False),
        ("lt", 3, True, False),
        ("contains", "lock", "database is locked", True),
        ("contains", "Lock", "database is locked", False),
        ("contains", 1, "1", False),
        ("contains", 1, [3, 1], True),
        ("contains", 1, [True], False),
        ("contains", "a", {"a": 1}, False),
        ("matches", "^v[0-9]+$", "v12", True),
        ("matches", "[0-9]", "v12", True),
        ("matches", "^[0-9]", "v12", False),
        ("matches", "1", 1, False),
        ("exists", True, 0, True),
        ("exists", True, False, True),
        ("exists", False, 0, False),
        ("one_of", ["a", 1], 1, True),
        ("one_of", ["a", 1], True, False),
        ("one_of", [], "a", False),
    ],
)
def test_operator(operator: str, operand: Any, value: Any, expected: bool) -> None:
    """Each operator, where it holds and where it does not."""
    assert expected == holds(Comparison(Operator(operator), operand), value)


@given(st.sampled_from(Operator), present)
def test_nothing_holds_for_what_is_absent(operator: Operator, operand: Any) -> None:
    """Absence meets nothing but `exists = false`."""
    expected = operator is Operator.EXISTS and not operand
    assert expected == holds(Comparison(operator, operand), None)


@given(present)
def test_a_value_is_the_same_as_its_copy(value: Any) -> None:
    """Equality holds through JSON and back."""
    assert same(value, json.loads(json.dumps(value)))
    assert holds(Comparison(Operator.ONE_OF, [None, value]), value)
    assert not holds(Comparison(Operator.NE, value), value)


@given(values, values)
def test_equality_is_symmetric(left: Any, right: Any) -> None:
    """Neither side is special."""
    assert same(left, right) == same(right, left)


@given(numbers, numbers)
def test_the_orders_agree(value: float, operand: float) -> None:
    """Exactly one of less, equal and greater holds."""
    held = [holds(Comparison(operator, operand), value) for operator in (Operator.LT, Operator.EQ, Operator.GT)]
    assert held.count(True) == 1
    assert holds(Comparison(Operator.LE, operand), value) == (held[0] or held[1])
    assert holds(Comparison(Operator.GE, operand), value) == (held[1] or held[2])


@given(st.text(), present.filter(lambda value: not isinstance(value, str)))
def test_an_order_needs_numbers(text: str, value: Any) -> None:
    """A text is neither more nor less than a number, and what is no number is not ordered."""
    for operator in (Operator.GT, Operator.GE, Operator.LT, Operator.LE):
        assert not holds(Comparison(operator, 0), text)
        if isinstance(value, bool | list | dict):
            assert not holds(Comparison(operator, 0), value)


@pytest.mark.parametrize(
    ("operator", "operand", "fact", "expected"),
    [
        ("eq", ["b", "a"], ("a", "b"), True),
        ("eq", ["a"], ("a", "b"), False),
        ("eq", "a", ("a",), True),
        ("eq", ["a", 1], ("a",), False),
        ("ne", ["b", "a"], ("a", "b"), False),
        ("ne", ["c"], ("a", "b"), True),
        ("one_of", ["c", ["b", "a"]], ("a", "b"), True),
        ("one_of", ["a", "b"], ("a", "b"), False),
        ("matches", "^v=spf1 ", ("other", "v=spf1 -all"), True),
        ("matches", "^v=spf2 ", ("other", "v=spf1 -all"), False),
        ("contains", "b", ("a", "b"), True),
        ("exists", True, ("a",), True),
        ("eq", ["NOERROR", "NXDOMAIN"], "NXDOMAIN", True),
        ("eq", ["NOERROR", "NXDOMAIN"], "REFUSED", False),
        ("eq", [1, 2], True, False),
        ("eq", [1, 2], None, False),
        ("eq", "NOERROR", "NOERROR", True),
        ("exists", False, None, True),
    ],
)
def test_a_fact_meets_a_comparison(operator: str, operand: Any, fact: Any, expected: bool) -> None:
    """Texts are a set; a list that one value is to be equal to holds the choices."""
    assert fact_holds(Comparison(Operator(operator), operand), fact) is expected
