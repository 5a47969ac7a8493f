"""Keys as terminals send them."""

from hypothesis import given
from hypothesis import strategies as st

from healthmon.cli.terminal.keys import Key, read_keys


def test_letters_and_sequences() -> None:
    """Of xterm, in both modes of its arrows, and of the Linux console and rxvt; what means nothing is passed over."""
    assert read_keys(b"qsf") == ([Key.QUIT, Key.SORT, Key.FAILURES], b"")
    assert read_keys(b"\x1b[A\x1bOB\x1b[5~\x1b[6~") == ([Key.UP, Key.DOWN, Key.PAGE_UP, Key.PAGE_DOWN], b"")
    assert read_keys(b"\x1b[H\x1b[4~\x1b[7~\x1bOF") == ([Key.HOME, Key.END, Key.HOME, Key.END], b"")
    assert read_keys(b"x\x1b[15~\x1b[1;5A\xe2\x82\xac\x1bOPj") == ([Key.DOWN], b"")


def test_the_escape_key_before_a_letter() -> None:
    """Does not swallow it."""
    assert read_keys(b"\x1b") == ([], b"\x1b")
    assert read_keys(b"\x1bq") == ([Key.QUIT], b"")


@given(st.lists(st.sampled_from([b"q", b"\x1b[A", b"\x1b[6~", b"\x1bOH", b"x"])), st.data())
def test_pieces(typed: list[bytes], data: st.DataObject) -> None:
    """However the terminal's bytes are cut in pieces, the keys are the same."""
    whole = b"".join(typed)
    cut = data.draw(st.integers(0, len(whole)))
    first, rest = read_keys(whole[:cut])
    second, left = read_keys(rest + whole[cut:])
    assert ([*first, *second], left) == read_keys(whole)


@given(st.binary(max_size=200))
def test_whatever_comes(typed: bytes) -> None:
    """Little is kept of it."""
    assert len(read_keys(typed)[1]) <= 16
