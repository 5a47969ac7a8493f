"""Expectations and signals in words."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healthmon.core.expectations import BodyRule, BodyTest, Comparison, Operator
from healthmon.core.safe_text import clean
from healthmon.core.wording import body_test_text, comparisons_text, listed, named, signal_name, value_text


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


@given(st.text(st.characters(), max_size=20) | st.lists(st.text(max_size=10), max_size=3))
def test_what_differs_does_not_read_the_same(value: str | list[str]) -> None:
    """All of a value can be read back from its words, which stay as they are when they are made safe."""
    words = value_text(value)
    assert json.loads(words) == (value if isinstance(value, list) else _paired(value))
    assert words.isprintable()
    assert clean(words, limit=1000).replace("## ", "##") == words.replace("## ", "##")


def _paired(text: str) -> str:
    """Two lone surrogates that stand together are one character."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")


def test_what_cannot_be_seen_is_shown() -> None:
    """In a value, within a list of them, and in what was demanded."""
    assert value_text("1.4.2\x00") == r'"1.4.2\u0000"'
    assert value_text(["\u200b", "a\tb"]) == r'["\u200b","a\tb"]'
    assert value_text("text/html;   charset") == r'"text/html; \u0020\u0020charset"'
    assert comparisons_text((Comparison(Operator.EQ, "1.4.2\ufeff"),)) == r'"1.4.2\ufeff"'
    assert body_test_text(BodyTest(BodyRule.CONTAINS, "a\u200bb")) == r'to contain "a\u200bb"'


@pytest.mark.parametrize(("number", "name"), [(9, "SIGKILL"), (40, None), (127, None), (0, None), (-3, None)])
def test_signals(number: int, name: str | None) -> None:
    """Most real-time signals have no name, and not every number is one."""
    assert signal_name(number) == name


@pytest.mark.parametrize(("texts", "text"), [("", ""), ("a", "a"), ("ab", "a or b"), ("abc", "a, b or c")])
def test_alternatives(texts: str, text: str) -> None:
    """As a sentence lists them."""
    assert listed(texts, "or") == text


def test_some_are_named() -> None:
    """And the others counted."""
    assert [named("abc", most) for most in (1, 2, 3, 4)] == ["a and 2 more", "a, b and 1 more", "a, b, c", "a, b, c"]
    assert named([], 3) == ""
