"""The grammar of `expect` and `warn`."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from healthmon.config.convert import convert
from healthmon.config.expectations import expectations
from healthmon.config.grammar import Demand, Pattern, Patterns, Status, Texts, check_jmespath
from healthmon.config.shape import shape_of
from healthmon.core.expectations import (
    BodyRule,
    BodyTest,
    Comparison,
    Expectations,
    Operator,
    Selected,
    StatusRange,
)
from healthmon.core.model import Service
from healthmon.net.network import Network
from healthmon.net.trace import Trace
from healthmon.probes.contract import Probe
from tests.config.texts import one


def expect(text: str, url: str = "https://127.0.0.1/") -> Expectations:
    """What a service warns of: `warn` has no built-in status."""
    return one(f'[[services]]\nname = "A"\nurl = "{url}"\n' + text.replace("expect", "warn")).warn


@pytest.mark.parametrize(
    ("value", "ranges"),
    [
        (200, [(200, 200)]),
        ("200", [(200, 200)]),
        ("2xx", [(200, 299)]),
        ("5XX", [(500, 599)]),
        ("200-299", [(200, 299)]),
        ("301-301", [(301, 301)]),
        ([200, "302", "4xx"], [(200, 200), (302, 302), (400, 499)]),
        ("100-599", [(100, 599)]),
    ],
)
def test_a_status_is_a_code_a_class_a_range_or_a_list(value: object, ranges: list[tuple[int, int]]) -> None:
    assert [StatusRange(low, high) for low, high in ranges] == list(Status.parse(value))


@given(st.integers(100, 599), st.integers(100, 599))
def test_a_range_goes_upwards(low: int, high: int) -> None:
    if low <= high:
        assert Status.parse(f"{low}-{high}") == (StatusRange(low, high),)
    else:
        with pytest.raises(ValueError, match="expected a status"):
            Status.parse(f"{low}-{high}")


@given(st.text(max_size=8) | st.integers() | st.floats() | st.booleans() | st.lists(st.text(max_size=3)))
def test_whatever_is_read_as_a_status_is_one(value: object) -> None:
    try:
        ranges = Status.parse(value)
    except ValueError as error:
        assert "expected" in str(error)  # noqa: PT017 - refusing is one of two right answers
    else:
        assert ranges
        assert all(100 <= one.low <= one.high <= 599 for one in ranges)


@pytest.mark.parametrize(
    "value", [99, 600, 0, -200, 200.0, True, "0xx", "6xx", "2x", "200-", "", "٢٠٠", [], [[200]], None]
)
def test_what_is_no_status_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="expected"):
        Status.parse(value)


def test_every_kind_of_expectation() -> None:
    found = expect("""
expect.status = [200, "3xx"]
expect.latency = "2s"
expect.certificate = "14d"
expect.header = { Content-Type = { contains = "json" }, X-Version = "1" }
expect.body = { contains = "ok", matches = ["a+", "b"], not_contains = ["error"], not_matches = "c$" }
expect.json = { status = "healthy", "length(checks)" = { gt = 0, le = 9.5 } }
""")

    assert found == Expectations(
        status=(StatusRange(200, 200), StatusRange(300, 399)),
        latency=2.0,
        certificate=1209600.0,
        header=(
            Selected("Content-Type", (Comparison(Operator.CONTAINS, "json"),)),
            Selected("X-Version", (Comparison(Operator.EQ, "1"),)),
        ),
        body=(
            BodyTest(BodyRule.CONTAINS, "ok"),
            BodyTest(BodyRule.MATCHES, "a+"),
            BodyTest(BodyRule.MATCHES, "b"),
            BodyTest(BodyRule.NOT_CONTAINS, "error"),
            BodyTest(BodyRule.NOT_MATCHES, "c$"),
        ),
        json=(
            Selected("status", (Comparison(Operator.EQ, "healthy"),)),
            Selected("length(checks)", (Comparison(Operator.GT, 0), Comparison(Operator.LE, 9.5))),
        ),
    )


@pytest.mark.parametrize("value", ["text", 3, 1.5, True, False, [1, "a", {"b": 2}]])
def test_a_value_is_to_be_equal(value: object) -> None:
    assert Demand.parse(value) == (Comparison(Operator.EQ, value),)


def test_a_table_is_operators_in_their_order() -> None:
    table = {"one_of": [1, "a"], "exists": False, "eq": {"a": 1}, "ne": None, "matches": "x", "contains": [1]}

    assert list(table.items()) == [(comparison.operator, comparison.operand) for comparison in Demand.parse(table)]


def test_a_whole_number_stays_whole() -> None:
    """Types must match when a value is compared, so that an integer must not become a float."""
    (comparison,) = Demand.parse({"gt": 3})
    assert type(comparison.operand) is int


@pytest.mark.parametrize("table", [{}, {"status": "ok"}])
def test_another_table_is_refused(table: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="to compare with a table, write"):
        Demand.parse(table)


@pytest.mark.parametrize(
    "table",
    [{"gt": "3"}, {"lt": True}, {"exists": 1}, {"one_of": 3}, {"matches": "("}, {"matches": 3}, {"eq": 1, "x": 2}],
)
def test_an_operand_of_the_wrong_type_is_refused(table: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"at `\$\.|unknown field"):
        Demand.parse(table)


@pytest.mark.parametrize("value", ["", [], ["a", ""], 3, ["a", 3]])
@pytest.mark.parametrize("type_", [Texts, Patterns])
def test_texts_are_texts(type_: type[Texts], value: object) -> None:
    with pytest.raises(ValueError, match=r"expected a .*; none of them empty"):
        type_.parse(value)


@pytest.mark.parametrize("pattern", ["(", "a{2000}", r"(?=x)", r"\1"])
def test_a_pattern_is_one_that_ends_in_linear_time(pattern: str) -> None:
    """Looking ahead and back-references are no part of RE2's syntax."""
    with pytest.raises(ValueError, match="not a pattern in RE2's syntax"):
        Pattern.parse(pattern)


def test_a_probe_may_add_expectations_of_its_own() -> None:
    """A demand on a fact of the probe, by its name: `rows`, `records`, ..."""

    class Options(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        """None."""

    async def run(service: Service, network: Network, trace: Trace) -> None:
        """Do nothing."""

    shape = shape_of(Probe("sql", 5432, Options, frozenset({"latency", "rows", "columns"}), run))
    keys = convert({"name": "A", "url": "sql://db", "expect": {"rows": {"ge": 1}, "latency": 2}}, shape.keys)

    assert expectations(keys.expect) == Expectations(
        latency=2.0, values=(Selected("rows", (Comparison(Operator.GE, 1),)),)
    )


@pytest.mark.parametrize(
    "expression", ["a[0:2]", "length(a[?b=='c'].{d: e})", "sort_by(a, &b)[-1]", "{a: b, c: [d, e]}"]
)
def test_expressions_of_every_shape(expression: str) -> None:
    """Slices, filters, hashes, references: none is taken for an unknown function."""
    check_jmespath(expression)


@pytest.mark.parametrize("expression", ["lenght(a)", "a[?lenght(b) > `1`]", "{a: lenght(b)}", "sort_by(a, &lenght(b))"])
def test_an_unknown_function_is_found_wherever_it_stands(expression: str) -> None:
    """And the nearest is named."""
    with pytest.raises(ValueError, match='no function lenght; did you mean "length"'):
        check_jmespath(expression)
