"""Text of a server may say anything; what is shown of it is one line of visible characters."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healthmon.core.masking import MASK
from healthmon.core.safe_text import LIMIT, clean, concealed, escaped, excerpt


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07shown", "shown"),
        ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1b]52;c;cm0gLXJm\x07shown", "shown"),
        ("\x1b]never ended", ""),
        ("\x1bP1;2|data\x1b\\shown", "shown"),
        ("\x9b31mred", "red"),
        ("\x9d0;title\x9cshown", "shown"),
        ("\x1b(Bshown", "shown"),
        ("\x1bcshown", "shown"),
        ("\x1b", ""),
        ("a\r\n\tb\x0b\x0cc", "a b c"),
        ("a\u2028b\u2029c", "a b c"),
        ("nul\x00\x07\x08", "nul"),
        ("\u202eevil\u2066\u200b", "evil"),
        ("grün ✓ 漢字", "grün ✓ 漢字"),
        ("  ends  ", "ends"),
        ("said ##[error]forged, ###[add-mask]a", "said ## [error]forged, ### [add-mask]a"),
        ("##vso[task.complete] ##teamcity[buildStop]", "## vso[task.complete] ## teamcity[buildStop]"),
        ("## and # [and] ##and", "## and # [and] ##and"),
    ],
)
def test_clean(text: str, expected: str) -> None:
    """Sequences and what is invisible go, white space becomes one space, commands to a CI system are broken."""
    assert expected == clean(text)


def test_long_text_is_cut() -> None:
    """With a mark that says so."""
    assert clean("x" * LIMIT) == "x" * LIMIT
    assert clean("x" * (LIMIT + 1)) == "x" * (LIMIT - 1) + "…"


def test_secrets_are_masked_longest_first() -> None:
    """One secret may be a part of another."""
    assert clean("token=abcdef, abc", {"abc", "abcdef"}) == f"token={MASK}, {MASK}"


@pytest.mark.parametrize("text", ["hunt\x00er2", "hunt\x1b[0mer2", "hunt\u200ber2"])
def test_a_secret_broken_up_is_masked(text: str) -> None:
    """Invisible characters do not carry it through."""
    assert clean(text, {"hunter2"}) == MASK


def test_a_secret_is_masked_before_the_cut() -> None:
    """Else its beginning would be shown."""
    assert "hunt" not in clean("x" * (LIMIT - 5) + "hunter2", {"hunter2"})


def test_an_excerpt_keeps_what_cannot_be_seen() -> None:
    """It is quoted, and "up" is neither "up" with a line end nor "up" with a NUL."""
    text = " up\r\n\t\x1b[31mred\x00\ufeff"
    assert excerpt(text, {"hunter2"}) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("1.4.2\x00", r"1.4.2\u0000"),
        ("\ufeff1.4.2\u200b", r"\ufeff1.4.2\u200b"),
        ("a\u202eb\u2066", r"a\u202eb\u2066"),
        ("a\xa0b\u3000", r"a\u00a0b\u3000"),
        ("\x1b[31mred", r"\u001b[31mred"),
        ("\x7f\x9b", r"\u007f\u009b"),
        ("\udce9", r"\udce9"),
        ("\U000e0001", r"\udb40\udc01"),
        ("\u2800\u3164\ufe0f", r"\u2800\u3164\ufe0f"),
        ("grün ✓ 漢字", "grün ✓ 漢字"),
    ],
)
def test_what_cannot_be_seen_is_escaped(text: str, shown: str) -> None:
    """As JSON writes it."""
    assert escaped(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "hunt\x1b[0mer2",
        "hunt\x00er2",
        "hu\u200bnter2",
        "hunt\ufe0fer2",
        r"hunt\u0000er2",
        r"hunt\u001b[0mer2",
        r"hunt\ber2",
    ],
)
def test_a_secret_broken_up_is_found_in_an_excerpt(text: str) -> None:
    """Though what cannot be seen stays in the others."""
    assert excerpt(text, {"hunter2"}) == MASK
    assert concealed(f'{{"a":"{text}"}}', {"hunter2"}) == f'{{"a":"{MASK}"}}'


def test_a_secret_is_masked_before_an_excerpt_is_cut() -> None:
    """Else its beginning would be shown."""
    assert excerpt("..hunter2..", {"hunter2"}, 5) == f"..{MASK}"


def test_of_a_very_long_text_the_beginning_is_looked_at() -> None:
    """A check must not hold up the others because a server sends megabytes."""
    assert excerpt("\x00" * 10**6 + "late", limit=80) == "\x00" * 13


@given(st.text(), st.integers(1, 50))
def test_any_text_becomes_one_visible_line(text: str, limit: int) -> None:
    """Whatever the text."""
    shown = clean(text, limit=limit)
    assert len(shown) <= limit
    assert all(unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Zl", "Zp") for char in shown)
    assert clean(shown, limit=limit) == shown


@given(st.text(), st.text(min_size=3).filter(lambda secret: secret not in MASK), st.text())
def test_no_secret_remains(before: str, secret: str, after: str) -> None:
    """Wherever it stands."""
    assert secret not in clean(before + secret + after, {secret}).replace(MASK, "\x00")
