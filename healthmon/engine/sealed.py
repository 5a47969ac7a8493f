"""Lines of JSON that begin with the CRC-32 of the rest, so that none is taken which was not written."""

from zlib import crc32

import msgspec
from msgspec import Struct

_ENCODER = msgspec.json.Encoder()
_SEAL = b'{"crc":"%08x",'
_START = len(_SEAL % 0)
_BEGINS = _SEAL.partition(b"%")[0]


def sealed(value: Struct) -> bytes:
    """The line that holds a value, with its line feed."""
    rest = _ENCODER.encode(value)[1:]
    return _SEAL % crc32(rest) + rest + b"\n"


def could_begin(piece: bytes) -> bool:
    """Whether a sealed line could begin with these bytes: what was torn off ends anywhere."""
    return _BEGINS.startswith(piece[: len(_BEGINS)])


def opened(line: bytes) -> bytes:
    """The JSON of a line, which is without its line feed.

    Raises:
        ValueError: It is not what was written.
    """
    rest = line[_START:]
    if line[:_START] != _SEAL % crc32(rest):
        raise ValueError("damaged")
    return b"{" + rest
