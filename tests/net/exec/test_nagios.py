"""What plugins say."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healthmon.net.exec.nagios import MOST, Perf, facts, read


def test_a_line_of_words_and_data() -> None:
    """As check_load says it."""
    said = read("LOAD OK - total load average: 0.5, 0.4, 0.3|load1=0.500;5.000;10.000;0; load5=0.4;4;9;0;\n")
    assert said.text == "LOAD OK - total load average: 0.5, 0.4, 0.3"
    assert said.perf == (
        Perf("load1", 0.5, "", "5.000", "10.000", 0),
        Perf("load5", 0.4, "", "4", "9", 0),
    )


def test_data_stands_on_later_lines_too() -> None:
    """After the long text."""
    said = read("DISK OK | /=2643MB;5948;5958;0;5968\nlong text\nof two lines | /boot=68MB;88;93;0;98\n/home=1B\n")
    assert said.text == "DISK OK"
    assert [(one.label, one.value, one.unit, one.high) for one in said.perf] == [
        ("/", 2643, "MB", 5968),
        ("/boot", 68, "MB", 98),
        ("/home", 1, "B", None),
    ]


@pytest.mark.parametrize(
    ("data", "perf"),
    [
        ("'a b'=1", Perf("a b", 1)),
        ("'it''s'=1", Perf("it's", 1)),
        ("'x=y'=1", Perf("x=y", 1)),
        ("a=-1.5e3ms", Perf("a", -1500.0, "ms")),
        ("a=.5%", Perf("a", 0.5, "%")),
        ("a=+5", Perf("a", 5)),
        ("a=1;@10:20;~:5;;", Perf("a", 1, "", "@10:20", "~:5")),
        ("a=1;10:;nonsense;x;y", Perf("a", 1, "", "10:")),
        ("a=1;2;3;4;5;6", Perf("a", 1, "", "2", "3", 4, 5)),
    ],
)
def test_values_and_thresholds(data: str, perf: Perf) -> None:
    """Quotes, units, ranges."""
    assert read(f"OK|{data}").perf == (perf,)


@pytest.mark.parametrize("data", ["a=U", "a=", "=1", "a", "a=1,5", "a=nan", "a=1e999", "'a=1", "a =1", "a=0x10"])
def test_what_is_no_value_is_passed_over(data: str) -> None:
    """With all that follows unharmed."""
    assert [one.label for one in read(f"OK| {data} b=2").perf if one.label == "b"] == ["b"]
    assert all(one.label == "b" for one in read(f"OK| {data} b=2").perf)


def test_so_many_values_are_kept() -> None:
    """Each is a fact, and a time series."""
    assert len(read("OK|" + " ".join(f"a{number}=1" for number in range(MOST + 1))).perf) == MOST


def test_data_become_facts() -> None:
    """With names that are fit for it."""
    perf = read("OK|'/'=1MB;2;@3:4;0;5 'C:\\ %'=2 a.b=3 A-B=4 é=5 ö=6 x=1;1 x_warn=7").perf
    assert dict(facts(perf)) == {
        "perf_root": 1,
        "perf_root_unit": "MB",
        "perf_root_warn": 2,
        "perf_root_crit": "@3:4",
        "perf_root_min": 0,
        "perf_root_max": 5,
        "perf_c": 2,
        "perf_a_b": 3,
        "perf_a_b__2": 4,
        "perf_value": 5,
        "perf_value__2": 6,
        "perf_x": 1,
        "perf_x_warn": 7,
    }


@given(st.text(alphabet="a'= ;|\n0123.,-+eE%@:~é", max_size=300))
def test_whatever_is_said_is_read(output: str) -> None:
    """And each fact has a name of its own."""
    found = list(facts(read(output).perf))
    assert len({name for name, _ in found}) == len(found)


@pytest.mark.parametrize("piece", ["'' ", "'", "= ", "''", "a", "a="])
def test_reading_takes_no_longer_the_longer_it_is(piece: str) -> None:
    """Less than a second for what would take minutes if it were read again and again."""
    began = time.thread_time()
    read("|" + piece * 60_000)
    assert time.thread_time() - began < 1
