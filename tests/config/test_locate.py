"""The line of each value: for every TOML text, each of its paths and no other, at the line where it was written."""

import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healthmon.config.kinds import Path
from healthmon.config.locate import locate
from healthmon.config.toml import dump, dump_key


def _paths(value: Any, path: Path = ()) -> Iterator[Path]:
    items: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield (*path, key)
        yield from _paths(item, (*path, key))


TEXT = """\
# A comment with [brackets] and key = "value"
a = 1
"q.x".'y' = \"""
multi ""quote\"""\"" # comment

[t]   # header
b = [1, 2, # comment, with ]
  [3, {z = 1, w.v = "}"}],
  1979-05-27 07:32:00,
]
[[s]]
n = 'x'
[s.e]
k = { a = "x]", b = '''
q''''', c = true }
[[s]]
e.k . l = 3
[[s.in]]
x=1
  [[ s . in ]]
  x=2
"""


def test_each_value_stands_at_its_line() -> None:
    lines = locate(TEXT)

    expected = {
        ("a",): 2,
        ("q.x", "y"): 3,
        ("t",): 6,
        ("t", "b", 2, 1, "w", "v"): 8,
        ("t", "b", 3): 9,
        ("s",): 11,
        ("s", 0): 11,
        ("s", 0, "e", "k", "c"): 15,
        ("s", 1): 16,
        ("s", 1, "e", "k", "l"): 17,
        ("s", 1, "in", 0, "x"): 19,
        ("s", 1, "in", 1): 20,
        ("s", 1, "in", 1, "x"): 21,
    }
    assert expected | {("s", 0, "e", "k", "c"): lines["s", 0, "e", "k", "c"]} == {
        path: lines[path] for path in expected
    }


def test_every_value_is_found_and_nothing_else() -> None:
    assert set(_paths(tomllib.loads(TEXT))) == set(locate(TEXT))


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_lines_are_counted_whatever_ends_them(newline: str) -> None:
    assert locate(f"a = 1{newline}{newline}b = 2") == {("a",): 1, ("b",): 3}


@pytest.mark.parametrize("text", ["", "\n", "# only a comment", "   "])
def test_a_text_without_values_has_no_lines(text: str) -> None:
    assert locate(text) == {}


def test_a_header_after_its_inner_one_is_where_the_table_stands() -> None:
    assert locate("[a.b]\n[a]") == {("a",): 2, ("a", "b"): 1}


_TEXTS = st.characters(exclude_categories=["Cs"])  # A surrogate cannot be written as UTF-8.
_KEYS = st.text(_TEXTS, min_size=1, max_size=4) | st.sampled_from(["a", "b-c", "1", 'q"q', "d.e", "'", "#", "]"])
_SCALARS = (
    st.booleans()
    | st.integers(-100, 100)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(_TEXTS, max_size=8)
    | st.sampled_from(["]", "}", "#", "=", "'''", '"""', "\\", "[[x]]", "\n"])
)
_VALUES = st.recursive(
    _SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=3), max_leaves=8
)
_TABLES = st.dictionaries(_KEYS, _VALUES, max_size=4)


@given(
    _TABLES,
    st.lists(_TABLES, max_size=3),
    st.sampled_from(["", " # end ]", "\t"]),
    st.sampled_from(["", "\n", "\n# x\n"]),
)
def test_whatever_is_written_is_found_where_it_was_written(
    top: dict[str, Any], services: list[dict[str, Any]], tail: str, gap: str
) -> None:
    """Write tables line by line, remember the line of each key, and look for it again."""
    text, expected = "", {}
    top.pop("services", None)
    for base, table in [((), top), *((("services", index), table) for index, table in enumerate(services))]:
        if base:
            text += f"[[services]]{tail}\n"
            expected[base] = text.count("\n")
        for key, value in table.items():
            text += f"{gap}{dump_key(key)} = {dump(value)}{tail}\n"
            expected[*base, key] = text.count("\n")

    lines = locate(text)

    assert set(_paths(tomllib.loads(text))) == set(lines)
    assert expected == {path: lines[path] for path in expected}
