"""The log as engines send it."""

import struct

from hypothesis import given
from hypothesis import strategies as st

from healthmon.net.docker.log import lines_of


def frame(stream: int, data: bytes) -> bytes:
    """A piece of one of the outputs."""
    return struct.pack(">BxxxI", stream, len(data)) + data


def test_both_outputs_are_one_log() -> None:
    """In the order in which they came."""
    content = frame(1, b"hello\n") + frame(2, b"err") + frame(2, b"or\n") + frame(1, b"")
    assert lines_of(content, tty=False) == b"hello\nerror\n"


def test_a_terminal_has_no_frames() -> None:
    """And ends lines in its own way."""
    assert lines_of(b"hello\r\nworld\r\n", tty=True) == b"hello\nworld\n"


def test_what_is_cut_off_is_read_as_far_as_it_goes() -> None:
    """In the middle of a frame, or of its header."""
    assert lines_of(frame(1, b"hello\n") + frame(1, b"world\n")[:10], tty=False) == b"hello\nwo"
    assert lines_of(frame(1, b"hello\n") + frame(1, b"world\n")[:5], tty=False) == b"hello\n"


@given(st.binary(max_size=200), st.booleans())
def test_whatever_is_sent_is_read(content: bytes, tty: bool) -> None:
    """Without an error."""
    assert len(lines_of(content, tty=tty)) <= len(content)
