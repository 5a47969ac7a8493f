"""Bodies, decoded piece by piece."""

import gzip
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healthmon.net.http.body import BodyDecoder
from healthmon.net.trace import ProbeFailed

ENCODERS: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    "identity": bytes,
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "gzip, gzip": lambda data: gzip.compress(gzip.compress(data)),
    "deflate, gzip": lambda data: gzip.compress(zlib.compress(data)),
    "identity, gzip, ": gzip.compress,
    " GZIP ": lambda data: gzip.compress(data[:3]) + gzip.compress(data[3:]) + bytes(5),
}


@given(
    encoding=st.sampled_from(list(ENCODERS)),
    data=st.binary(max_size=2000),
    size=st.integers(1, 500),
    limit=st.integers(0, 2500),
)
def test_pieces_come_to_the_whole_or_to_the_limit(encoding: str, data: bytes, size: int, limit: int) -> None:
    """However the bytes are cut, the content is the same, and never larger than the limit."""
    sent = ENCODERS[encoding](data)
    decoder = BodyDecoder(encoding, limit)
    try:
        for start in range(0, len(sent), size):
            decoder.feed(sent[start : start + size])
        decoder.finish()
    except ProbeFailed as error:
        assert error.cause == "too_large"  # noqa: PT017
        assert len(data) > limit
    else:
        assert len(data) <= limit
    assert bytes(decoder.content) == data[:limit]


@given(encoding=st.sampled_from(["gzip", "deflate"]), data=st.binary(max_size=300), sent=st.binary(max_size=300))
def test_anything_decodes_or_is_refused(encoding: str, data: bytes, sent: bytes) -> None:
    """A server may send what it likes after a good beginning, and from the start."""
    for garbage in (sent, ENCODERS[encoding](data)[:-2] + sent):
        decoder = BodyDecoder(encoding, 1000)
        try:
            decoder.feed(garbage)
            decoder.finish()
        except ProbeFailed as error:
            assert error.cause in ("protocol", "too_large")  # noqa: PT017


@pytest.mark.parametrize(
    ("limit", "shown"), [(3, "3 bytes"), (1000, "1000 bytes"), (64 * 2**10, "64 KiB"), (2**20, "1 MiB"), (0, "0 bytes")]
)
def test_what_is_too_large(limit: int, shown: str) -> None:
    """The limit is told as people write it."""
    decoder = BodyDecoder("", limit)
    with pytest.raises(ProbeFailed, match=f"the body is larger than {shown}"):
        decoder.feed(bytes(limit + 1))


@pytest.mark.parametrize(
    ("encoding", "named"),
    [
        ("br", "br"),
        ("zstd", "zstd"),
        ("gzip,BR", "gzip,BR"),
        ("compress", "compress"),
        ("gzip," * 5, "gzip,gzip,gzip,"),
    ],
)
def test_an_encoding_that_is_not_supported(encoding: str, named: str) -> None:
    """Cannot be read, unless there is nothing to read."""
    decoder = BodyDecoder(encoding, 10)
    decoder.finish()
    with pytest.raises(ProbeFailed, match=f"the body's encoding is not supported: {named}"):
        decoder.feed(b"hello")


@pytest.mark.parametrize("size", [2**16 - 1, 2**16, 2**16 + 1, 2**17, 10**6])
def test_the_pieces_in_which_it_is_decoded_lose_nothing(size: int) -> None:
    """What zlib holds back when a piece is full comes with the next, also where no further bytes arrive."""
    decoder = BodyDecoder("gzip", 2**20)
    decoder.feed(gzip.compress(bytes(size)))
    decoder.finish()
    assert len(decoder.content) == size


def test_empty_members_are_bounded() -> None:
    """They decode to nothing, so the limit would never be reached. As many as a careless server may send are good."""
    decoder = BodyDecoder("gzip", 10)
    decoder.feed(gzip.compress(b"") * 1000 + gzip.compress(b"hello"))
    decoder.finish()
    assert decoder.content == b"hello"
    with pytest.raises(ProbeFailed, match="the body's gzip data has too many empty members"):
        decoder.feed(gzip.compress(b"") * 1000)


def test_a_bomb_within_another_is_too_large() -> None:
    """Although nothing comes out of the inner one: it is a member with an endless name (RFC 1952, 2.3)."""
    inner = b"\x1f\x8b\x08\x08" + bytes(6) + b"x" * 2**20
    decoder = BodyDecoder("gzip, gzip", 1000)
    with pytest.raises(ProbeFailed, match="the body is larger than 1000 bytes"):
        decoder.feed(gzip.compress(inner))
