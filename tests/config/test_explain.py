"""The list of all faults of a value, for types that real probes do not have yet."""

import pytest
from msgspec import Struct

from healthmon.config.explain import Finding, explain
from healthmon.config.kinds import kind_of


class Inner(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table that does not like some numbers."""

    number: int = 0
    other: int = 0

    def __post_init__(self) -> None:
        texts = {1: "`inner.number` is one", 2: "`inner.other` or `number` is two", 3: "three"}
        if self.number in texts:
            raise ValueError(texts[self.number])


class Outer(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table with a table in it."""

    inner: Inner = Inner()
    numbers: list[int] | int | None = None


@pytest.mark.parametrize(
    ("number", "finding"),
    [
        (1, Finding(("inner", "number"), "`inner.number` is one", named=False)),
        (2, Finding(("inner",), "`inner.other` or `number` is two", named=False)),
        (3, Finding(("inner",), "three", named=False)),
    ],
)
def test_what_a_type_says_is_placed_at_the_first_key_that_it_names_and_that_is_there(
    number: int, finding: Finding
) -> None:
    value = {"inner": {"number": number}}
    assert list(explain(value, value, kind_of(Outer), ())) == [finding]


def test_a_path_of_which_a_part_is_no_table_is_not_there() -> None:
    class Flat(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        """A table that names what it has not."""

        a: int = 0

        def __post_init__(self) -> None:
            raise ValueError("`a.b` is not there")

    assert list(explain({"a": 1}, {"a": 1}, kind_of(Flat), ())) == [Finding((), "`a.b` is not there", named=False)]


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ([1, "x", True], ['expected a whole number; got "x"', "expected a whole number; got true"]),
        ("x", ['expected a list, each item a whole number or a whole number; got "x"']),
        (3, []),
    ],
)
def test_a_list_or_one_of_its_items(numbers: object, expected: list[str]) -> None:
    value = {"numbers": numbers}
    assert expected == [finding.message for finding in explain(value, value, kind_of(Outer), ())]


def test_long_values_are_cut() -> None:
    value = {"numbers": "x" * 1000}
    (finding,) = explain(value, value, kind_of(Outer), ())
    assert finding.message.endswith("x" * 59 + "...")
