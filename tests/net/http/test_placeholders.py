"""Placeholders of steps: by exact name, and nothing else in braces."""

import json
from urllib.parse import quote, unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healthmon.net.http.placeholders import fill, fill_all, literally, names

TEXT = st.text(st.sampled_from("{}ab_1 $\"'\\\n") | st.characters(exclude_categories=["Cs"]), max_size=30)


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("{a}", "1"),
        ("x{a}{b}y", "x12y"),
        ("{{a}}", "{a}"),
        ("{{{a}}}", "{{a}}"),
        ("{ a }", "{ a }"),
        ('{"a": {"b": "{a}"}}', '{"a": {"b": "1"}}'),
        ("{0} {} {a.b} {a!r} {a:>9}", "{0} {} {a.b} {a!r} {a:>9}"),
        ("%(a)s $a ${a", "%(a)s $a ${a"),
    ],
)
def test_what_is_replaced(text: str, filled: str) -> None:
    assert fill(text, {"a": "1", "b": "2"}) == filled


def test_a_value_is_not_filled_again() -> None:
    assert fill("{a}{b}", {"a": "{b}", "b": "{a}"}) == "{b}{a}"


@given(TEXT)
def test_what_is_written_literally_stands_for_itself(text: str) -> None:
    assert fill(literally(text), {}) == text
    assert list(names(literally(text))) == []


@given(TEXT)
def test_a_value_in_a_url_stays_whole(value: str) -> None:
    filled = fill("/a/{v}/b?c={v}#d", {"v": value}, lambda text: quote(text, safe=""))
    path, _, query = filled.partition("?")
    assert unquote(path.split("/")[2]) == value
    assert unquote(query.removeprefix("c=").removesuffix("#d")) == value


@given(TEXT)
def test_a_value_in_json_stays_a_value(value: str) -> None:
    document = fill_all({"{v}": ["{v}", 1, None, {"x": "a{v}"}]}, {"v": value})
    assert json.loads(json.dumps(document)) == {"{v}": [value, 1, None, {"x": f"a{value}"}]}
