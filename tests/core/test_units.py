"""Durations and sizes: the grammar that people write, and the form that reports show."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healthmon.core.units import (
    DURATION_PATTERN,
    SIZE_PATTERN,
    Duration,
    FilePath,
    PositiveDuration,
    Size,
    format_duration,
)

_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_BYTES = {"B": 1, "kB": 1000, "KB": 1000, "MB": 10**6, "GB": 10**9, "KiB": 1024, "MiB": 2**20, "GiB": 2**30}


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("500ms", 0.5), ("10s", 10), ("5m", 300), ("1h30m", 5400), ("14d", 1209600), ("1.5s", 1.5), ("2w", 1209600)],
)
def test_a_duration_is_read_as_seconds(text: str, seconds: float) -> None:
    assert seconds == Duration.parse(text)


@given(st.lists(st.tuples(st.integers(0, 999), st.sampled_from(sorted(_SECONDS))), min_size=1, max_size=5))
def test_parts_of_a_duration_add_up(parts: list[tuple[int, str]]) -> None:
    text = "".join(f"{number}{unit}" for number, unit in parts)

    expected = sum(number * _SECONDS[unit] for number, unit in parts)

    assert Duration.parse(text) == pytest.approx(expected)


@given(st.floats(0, 10**9) | st.integers(0, 10**9))
def test_a_number_is_a_duration_in_seconds(number: float) -> None:
    assert number == Duration.parse(number)


@given(st.text())
def test_a_text_is_a_duration_exactly_when_the_pattern_says_so(text: str) -> None:
    """The pattern is what editors check by, so the two must agree."""
    if re.fullmatch(DURATION_PATTERN, text) and not text.endswith("\n"):
        assert Duration.parse(text) >= 0
    else:
        with pytest.raises(ValueError, match="expected a duration"):
            Duration.parse(text)


@pytest.mark.parametrize(
    "value",
    ["", "10", "10 s", "10sec", "-1s", "s", "10s\n", "٣s", True, None, [], -1, float("nan"), float("inf"), 10**400,
     "9" * 400 + "s", "200000d"],
)  # fmt: skip
def test_what_is_no_duration_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match='expected a duration such as "500ms"'):
        Duration.parse(value)


def test_a_positive_duration_is_not_zero() -> None:
    assert PositiveDuration.parse("1ms") == pytest.approx(0.001)
    assert isinstance(PositiveDuration.parse("1ms"), PositiveDuration)
    with pytest.raises(ValueError, match="more than zero"):
        PositiveDuration.parse("0s")


@given(st.integers(0, 9999), st.sampled_from(sorted(_BYTES)), st.sampled_from(["", " "]))
def test_a_size_is_read_as_bytes(number: int, unit: str, space: str) -> None:
    assert number * _BYTES[unit] == Size.parse(f"{number}{space}{unit}")


@given(st.text())
def test_a_text_is_a_size_exactly_when_the_pattern_says_so(text: str) -> None:
    """The pattern is what editors check by, so the two must agree."""
    if re.fullmatch(SIZE_PATTERN, text) and not text.endswith("\n"):
        assert Size.parse(text) >= 0
    else:
        with pytest.raises(ValueError, match="expected a size"):
            Size.parse(text)


@pytest.mark.parametrize("value", ["", "10", "1 megabyte", "-1B", "1mb", True, None, -1, 1.5, "9" * 400 + "GiB"])
def test_what_is_no_size_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match='expected a size such as "64KiB"'):
        Size.parse(value)


def test_a_whole_number_is_a_size_in_bytes() -> None:
    assert Size.parse(65536) == 65536


def test_a_part_of_a_byte_is_rounded() -> None:
    assert Size.parse("1.5KiB") == 1536


@pytest.mark.parametrize("value", ["", 3, None, "a\0b"])
def test_what_is_no_path_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="expected the path of a file"):
        FilePath.parse(value)


def test_a_path_is_kept_as_it_is() -> None:
    assert FilePath.parse("certs/ca.pem") == "certs/ca.pem"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 ms"),
        (0.00002, "< 0.1 ms"),
        (0.00006, "0.1 ms"),
        (0.0003, "0.3 ms"),
        (0.041, "41 ms"),
        (0.9994, "999 ms"),
        (0.9996, "1 s"),
        (2.4, "2.4 s"),
        (10, "10 s"),
        (119, "119 s"),
        (180, "3 min"),
        (7200, "2 h"),
        (86400, "24 h"),
        (12 * 86400, "12 d"),
        (-12 * 86400, "-12 d"),
    ],
)
def test_a_duration_is_shown_with_the_digits_that_matter(seconds: float, text: str) -> None:
    assert text == format_duration(seconds)


@given(st.floats(0, 10**9))
def test_a_shown_duration_is_short_and_near(seconds: float) -> None:
    units = {"ms": 0.001, "s": 1, "min": 60, "h": 3600, "d": 86400}

    number, unit = format_duration(seconds).removeprefix("< ").split()

    assert float(number) * units[unit] == pytest.approx(seconds, rel=0.06, abs=0.0001)
