"""Decodes bodies piece by piece, so that a few bytes that unfold to gigabytes cost no more than the limit."""

import zlib

from healthmon.core.model import Cause
from healthmon.net.trace import ProbeFailed

_GZIP, _ZLIB, _RAW_DEFLATE = 16 + zlib.MAX_WBITS, zlib.MAX_WBITS, -zlib.MAX_WBITS
_WINDOWS = {"gzip": _GZIP, "x-gzip": _GZIP, "deflate": _ZLIB}

ACCEPTED_ENCODINGS = "gzip, deflate"


class BodyDecoder:
    """Collects the decoded bytes of one body, up to a limit.

    Attributes:
        content: What was decoded so far; never more than the limit.
    """

    def __init__(self, encoding: str, limit: int) -> None:
        """Begin a body.

        Args:
            encoding: The value of the `Content-Encoding` header, or nothing.
            limit: The most bytes to collect.
        """
        self.content = bytearray()
        self._limit = limit
        self._encoding = encoding.strip()
        self._coding = self._encoding.lower()
        window = _WINDOWS.get(self._coding)
        self._inflater = None if window is None else zlib.decompressobj(window)
        self._begun = self._ended = False

    def feed(self, data: bytes) -> None:
        """Decode the next bytes.

        Raises:
            ProbeFailed: They do not decode, or there are more than the limit allows.
        """
        if self._inflater is not None:
            try:
                self._inflate(self._inflater, data)
            except zlib.error:
                raise ProbeFailed(Cause.PROTOCOL, f"the body is not valid {self._coding}") from None
        elif self._coding in ("", "identity"):
            self._add(data)
        else:
            what = f"the body has an encoding that was not asked for: {self._encoding}"
            raise ProbeFailed(Cause.PROTOCOL, what)

    def finish(self) -> None:
        """Note that no bytes follow.

        Raises:
            ProbeFailed: The compressed data is cut off.
        """
        if self._begun and not self._ended:
            raise ProbeFailed(Cause.PROTOCOL, f"the body's {self._coding} data is cut off")

    def _inflate(self, inflater: "zlib._Decompress", data: bytes) -> None:
        if data and not self._begun:
            self._begun = True
            # "deflate" means the zlib format (RFC 9110, 8.4.1.2), but some servers send the bare stream.
            if self._coding == "deflate" and data[0] & 0x0F != 8:
                inflater = zlib.decompressobj(_RAW_DEFLATE)
        while data:
            if self._ended:
                if self._coding == "deflate" or not data.strip(b"\0"):
                    break  # padding
                inflater, self._ended = zlib.decompressobj(_GZIP), False  # a further member (RFC 1952, 2.2)
            self._add(inflater.decompress(data, self._limit - len(self.content) + 1))
            self._ended = inflater.eof
            data = inflater.unused_data if self._ended else inflater.unconsumed_tail
        self._inflater = inflater

    def _add(self, data: bytes) -> None:
        room = self._limit - len(self.content)
        self.content += data[:room]
        if len(data) > room:
            raise ProbeFailed(Cause.TOO_LARGE, f"the body is larger than {_shown(self._limit)}")


def _shown(size: int) -> str:
    for factor, unit in ((2**30, "GiB"), (2**20, "MiB"), (2**10, "KiB")):
        if size and size % factor == 0:
            return f"{size // factor} {unit}"
    return f"{size} bytes"
