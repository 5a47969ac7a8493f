"""What commands say, in lines that can be shown."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healthmon.core.output_lines import LONGEST, Lines


def said(*pieces: bytes, secrets: Iterable[str] = (), first: int = 100, last: int = 2) -> list[str]:
    """The lines of a command that wrote these pieces."""
    lines = Lines(frozenset(secrets), first=first, last=last)
    return [line for piece in pieces for line in lines.take(piece)] + lines.close()


@pytest.mark.parametrize(
    ("written", "lines"),
    [
        ([b"one\ntwo\n"], ["one", "two"]),
        ([b"o", b"n", b"e\ntw", b"o"], ["one", "two"]),
        ([b"10%\r20%\r\n\n  \n"], ["10%", "20%"]),
        ([b"\x1b[31mred\x1b[0m \x07bell\x00"], ["red bell"]),
        (["grün ✓\n".encode()[:3], "grün ✓\n".encode()[3:]], ["grün ✓"]),
        ([b"\xff\xfe\n"], ["��"]),
        ([b"\x1b]0;title\x07\n"], []),
        ([b"core: deployed\n"], ["core: deployed"]),
    ],
)
def test_lines(written: list[bytes], lines: list[str]) -> None:
    """Whole ones as they come, an unfinished one at the end, empty ones never."""
    assert said(*written) == lines


def test_they_come_as_soon_as_they_are_whole() -> None:
    """Nobody waits for the end of a build to see how it goes."""
    lines = Lines()
    assert (lines.take(b"one\ntw"), lines.take(b"o\n"), lines.close()) == (["one"], ["two"], [])


def test_a_line_without_end_is_cut() -> None:
    """And fills no memory."""
    lines = Lines()
    for _ in range(1000):
        assert lines.take(b"x" * 2**16) == []
    assert len(lines._begun) < 2**14
    (line,) = lines.close()
    assert (len(line), line[-1]) == (LONGEST, "…")


def test_more_lines_than_anybody_reads() -> None:
    """The first, how many are left out, and the last."""
    assert said(*(f"{number}\n".encode() for number in range(10)), first=3) == [
        *("0", "1", "2"),
        "(5 more lines, which are left out)",
        *("8", "9"),
    ]
    assert said(b"0\n1\n2\n", first=1) == ["0", "1", "2"]


def test_secrets_are_masked() -> None:
    """Also those that a cut would leave by halves."""
    assert said(b"password s3cret-word!\n", secrets=["s3cret-word"]) == ["password ***!"]
    half = b"\x1b[0m" * 2046 + b"s3cret-w"
    assert "s3c" not in "".join(said(half + b"ord\n", secrets=["s3cret-word"]))


@given(st.lists(st.binary(max_size=200)))
def test_whatever_is_written(pieces: list[bytes]) -> None:
    """Every line can be shown: it is one, and nothing in it is invisible. Pieces make no difference."""
    lines = said(*pieces, first=10**6)
    assert all(line.isprintable() and line for line in lines)
    assert lines == said(b"".join(pieces), first=10**6)
