"""Latencies as small columns."""

from hypothesis import given
from hypothesis import strategies as st

from healthmon.cli.terminal.canvas import Canvas
from healthmon.cli.terminal.sparkline import sparkline
from healthmon.reports.cells import shown_width
from healthmon.reports.contract import Appearance

PLAIN = Canvas(80, 24, Appearance())


def test_steady_and_not() -> None:
    """The usual is nearly half as high as the row; what is slow stands out, and what failed is a cross."""
    assert sparkline([0.01, 0.0101, 0.0099, 0.01], 6, PLAIN) == "  ▄▄▄▄"
    assert sparkline([0.01, 0.01, 0.01, 0.08, 0.01], 5, PLAIN) == "▂▂▂█▂"
    assert sparkline([0.01, None, 0.01], 3, PLAIN) == "▄×▄"
    assert sparkline([None, None], 3, PLAIN) == " ××"
    assert sparkline([0.0, 0.0], 2, PLAIN) == "▁▁"


def test_the_newest_have_room() -> None:
    """At the right."""
    assert sparkline([None, None, 0.1], 1, PLAIN) == "▄"
    assert sparkline([0.1], 0, PLAIN) == ""
    assert sparkline([], 2, PLAIN) == "  "


def test_ascii_and_colours() -> None:
    """Failures are red."""
    assert sparkline([0.01, None, 0.02], 3, Canvas(80, 24, Appearance(unicode=False))) == "-x+"
    coloured = sparkline([0.01, None, 0.01], 3, Canvas(80, 24, Appearance(colour=True)))
    assert coloured == "\x1b[32m▄\x1b[0m\x1b[31m×\x1b[0m\x1b[32m▄\x1b[0m"


@given(st.lists(st.none() | st.floats(0, 1e5), max_size=60), st.integers(0, 70), st.booleans(), st.booleans())
def test_its_width_is_exact(latencies: list[float | None], width: int, unicode: bool, colour: bool) -> None:
    """Whatever the latencies."""
    canvas = Canvas(80, 24, Appearance(unicode=unicode, colour=colour))
    assert shown_width(sparkline(latencies, width, canvas)) == width
