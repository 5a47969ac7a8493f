"""Decodes bodies piece by piece, so that a few bytes that unfold to gigabytes cost no more than the limit."""

import zlib
from collections.abc import Iterator

from healthmon.core.model import Cause
from healthmon.net.trace import ProbeFailed

_GZIP, _ZLIB, _RAW_DEFLATE = 16 + zlib.MAX_WBITS, zlib.MAX_WBITS, -zlib.MAX_WBITS
_WINDOWS = {"gzip": _GZIP, "x-gzip": _GZIP, "deflate": _ZLIB}
_MOST_CODINGS = 4
_MOST_EMPTY_MEMBERS = 1000
_SLICE = 4 * 2**10  # bytes given to zlib at once: it copies all that it leaves, after each member again
_PIECE = 64 * 2**10  # bytes taken from zlib at once

ACCEPTED_ENCODINGS = "gzip, deflate"


class BodyDecoder:
    """Collects the decoded bytes of one body, up to a limit.

    Attributes:
        content: What was decoded so far; never more than the limit.
    """

    def __init__(self, encoding: str, limit: int) -> None:
        """Begin a body.

        Args:
            encoding: The codings in the order in which they were applied (RFC 9110, 8.4), or nothing.
            limit: The most bytes to collect.
        """
        self.content = bytearray()
        self._limit = limit
        self._encoding = encoding.strip()
        listed = [coding.strip().lower() for coding in encoding.split(",")]
        codings = [coding for coding in listed if coding not in ("", "identity")]
        self._supported = len(codings) <= _MOST_CODINGS and _WINDOWS.keys() >= set(codings)
        self._layers = [_Inflater(coding) for coding in reversed(codings)] if self._supported else []

    def feed(self, data: bytes) -> None:
        """Decode the next bytes.

        Raises:
            ProbeFailed: They do not decode, or there are more than the limit allows.
        """
        if not self._supported:
            # In the server's own words, where secrets can still be found and masked.
            raise ProbeFailed(Cause.PROTOCOL, f"the body's encoding is not supported: {self._encoding}")
        self._decode(data, 0)

    def finish(self) -> None:
        """Note that no bytes follow.

        Raises:
            ProbeFailed: The compressed data is cut off.
        """
        for layer in self._layers:
            layer.finish()

    def _decode(self, data: bytes, depth: int) -> None:
        if depth == len(self._layers):
            self._add(data)
            return
        if depth and self._layers[depth - 1].made > 2 * self._limit + _PIECE:
            raise self._too_large()  # No more than this is needed to carry as much as the limit.
        for piece in self._layers[depth].inflate(data):
            self._decode(piece, depth + 1)

    def _add(self, data: bytes) -> None:
        room = self._limit - len(self.content)
        self.content += data[:room]
        if len(data) > room:
            raise self._too_large()

    def _too_large(self) -> ProbeFailed:
        return ProbeFailed(Cause.TOO_LARGE, f"the body is larger than {_shown(self._limit)}")


class _Inflater:
    """Undoes one coding.

    Attributes:
        made: How many bytes came out.
    """

    def __init__(self, coding: str) -> None:
        self.made = 0
        self._coding = coding
        self._zlib = zlib.decompressobj(_WINDOWS[coding])
        self._begun = self._ended = False
        self._member_began = 0  # at this many bytes made
        self._empty_members = 0

    def inflate(self, data: bytes) -> Iterator[bytes]:
        """What the next bytes come to, in pieces of bounded size."""
        for start in range(0, len(data), _SLICE):
            yield from self._inflate(data[start : start + _SLICE])

    def finish(self) -> None:
        """Note that no bytes follow."""
        if self._begun and not self._ended:
            raise ProbeFailed(Cause.PROTOCOL, f"the body's {self._coding} data is cut off")

    def _inflate(self, data: bytes) -> Iterator[bytes]:
        if not self._begun:
            self._begun = True
            # "deflate" means the zlib format (RFC 9110, 8.4.1.2), but some servers send the bare stream.
            if self._coding == "deflate" and data[0] & 0x0F != 8:
                self._zlib = zlib.decompressobj(_RAW_DEFLATE)
        more = True
        while data or more:
            if self._ended:
                if self._coding == "deflate" or not data.strip(b"\0"):
                    break  # padding
                self._begin_member()
            piece = self._decompress(data)
            yield piece
            more = len(piece) == _PIECE and not self._ended  # zlib may hold back what had no room
            data = self._zlib.unused_data if self._ended else self._zlib.unconsumed_tail

    def _begin_member(self) -> None:
        """A gzip stream may have several members (RFC 1952, 2.2)."""
        self._empty_members += self._member_began == self.made
        if self._empty_members > _MOST_EMPTY_MEMBERS:
            raise ProbeFailed(Cause.PROTOCOL, "the body's gzip data has too many empty members")
        self._zlib, self._ended, self._member_began = zlib.decompressobj(_GZIP), False, self.made

    def _decompress(self, data: bytes) -> bytes:
        try:
            piece = self._zlib.decompress(data, _PIECE)
        except zlib.error:
            raise ProbeFailed(Cause.PROTOCOL, f"the body is not valid {self._coding}") from None
        self._ended = self._zlib.eof
        self.made += len(piece)
        return piece


def _shown(size: int) -> str:
    for factor, unit in ((2**30, "GiB"), (2**20, "MiB"), (2**10, "KiB")):
        if size and size % factor == 0:
            return f"{size // factor} {unit}"
    return f"{size} bytes"
