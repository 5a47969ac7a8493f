"""Text in cells, measured against the terminal emulator."""

import pyte
from hypothesis import given
from hypothesis import strategies as st

from healthmon.cli.terminal.canvas import Canvas
from healthmon.core.safe_text import clean
from healthmon.reports.cells import fit, longest, shown_width, wrapped
from healthmon.reports.contract import Appearance

_LETTERS = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "Zs"], max_codepoint=0xFFFF), max_size=30)


def test_fit() -> None:
    """Filled or cut; a wide character is not cut in half."""
    assert fit("brain", 7) == "brain  "
    assert fit("brain", 5) == "brain"
    assert fit("brain", 4) == "bra…"
    assert fit("日本語", 6) == "日本語"
    assert fit("日本語", 5) == "日本…"
    assert fit("日本語", 4) == "日 …"
    assert fit("e\u0301te\u0301", 4) == "e\u0301te\u0301 "
    assert fit("brain", 0) == ""


@given(
    st.sampled_from(["日本語のサービス", "cafe\u0301 au lait", "Ünï", "plain", "한국어 서비스", "ไทย"]),
    st.integers(1, 20),
)
def test_it_takes_as_many_cells_as_on_a_terminal(text: str, width: int) -> None:
    """So that the columns behind it stand where they should."""
    screen = pyte.Screen(40, 1)
    pyte.Stream(screen).feed(fit(text, width) + "|")
    assert screen.cursor.x == width + 1


@given(_LETTERS, st.integers(0, 40))
def test_fit_is_exact(text: str, width: int) -> None:
    """Whatever the text."""
    assert shown_width(fit(clean(text), width)) == width


def test_width() -> None:
    """Colours take none."""
    assert shown_width("\x1b[32m✓\x1b[0m 日本") == 6
    assert longest(["a", "日本", "abc"], 10) == 4
    assert longest(["a", "日本", "abc"], 2) == 2
    assert longest([], 10) == 0


def test_ascii() -> None:
    """What cannot be shown takes no more room than it may."""
    canvas = Canvas(20, 5, Appearance(unicode=False))
    assert canvas.fit("日本語 …·", 8) == "??? ~.  "
    assert canvas.fit("a long name", 6) == "a lon~"
    assert canvas.cut("x" * 30) == "x" * 18 + "~"
    assert (canvas.glyph("✓", "+"), canvas.longest(["日本"], 9)) == ("+", 2)


def test_wrapped() -> None:
    """In lines that fit; what has no text has one line."""
    assert wrapped("日本語のサービス です ok", 8) == ["日本語の", "サービス", "です ok"]
    assert wrapped("brain and auth", 9) == ["brain and", "auth"]
    assert wrapped("", 8) == [""]
