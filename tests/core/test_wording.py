"""Expectations in words."""

import pytest

from healthmon.core.expectations import BodyRule, BodyTest, Comparison, Operator
from healthmon.core.wording import body_test_text, comparisons_text, value_text


@pytest.mark.parametrize(
    ("operator", "operand", "text"),
    [
        ("eq", "ok", '"ok"'),
        ("ne", 3, "not 3"),
        ("gt", 1, "more than 1"),
        ("ge", 1, "at least 1"),
        ("lt", 1, "less than 1"),
        ("le", 1.5, "at most 1.5"),
        ("contains", "a", 'something that contains "a"'),
        ("matches", "^a", 'something that matches "^a"'),
        ("one_of", [1, "a"], 'one of [1,"a"]'),
        ("exists", True, "anything"),
        ("exists", False, "nothing"),
    ],
)
def test_comparison(operator: str, operand: object, text: str) -> None:
    """Each operator."""
    assert text == comparisons_text((Comparison(Operator(operator), operand),))


def test_several_comparisons() -> None:
    """All apply."""
    both = (Comparison(Operator.GE, 1), Comparison(Operator.LT, 10))
    assert comparisons_text(both) == "at least 1 and less than 10"


@pytest.mark.parametrize("rule", list(BodyRule))
def test_body(rule: BodyRule) -> None:
    """The demand reads as the key that made it."""
    expected = {"contains": "to contain", "matches": "to match"}[rule.value.removeprefix("not_")]
    negation = "not " if rule.value.startswith("not_") else ""
    assert body_test_text(BodyTest(rule, "a")) == f'{negation}{expected} "a"'


def test_value() -> None:
    """JSON, and a word for what is not there."""
    assert value_text([object]) == "[\"<class 'object'>\"]"
    assert [value_text(None), value_text({"a": [True]})] == ["nothing", '{"a":[true]}']
