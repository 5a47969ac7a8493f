"""The two messages of ``grpc.health.v1.Health/Check``, which are too small to need a library.

See grpc/health/v1/health.proto of the gRPC project, Protocol Buffers' wire format, and "gRPC over HTTP2" for the
five bytes before each message.
"""

import struct
from collections.abc import Iterator

METHOD = "/grpc.health.v1.Health/Check"
"""The path of the call."""

SERVING = "SERVING"
"""The one status that is healthy."""

_STATUSES = {0: "UNKNOWN", 1: SERVING, 2: "NOT_SERVING", 3: "SERVICE_UNKNOWN"}

_PREFIX = struct.Struct(">?I")  # whether it is compressed, and its length
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_FIXED_SIZES = {_FIXED64: 8, _FIXED32: 4}


def check_request(service: str) -> bytes:
    """The body that asks for the health of a service, with its prefix; of the server where the name is empty."""
    name = service.encode()
    message = b"" if not name else b"\x0a" + _varint(len(name)) + name
    return _PREFIX.pack(False, len(message)) + message


def serving_status(body: bytes) -> str:
    """The status that an answer holds: ``SERVING``, ``NOT_SERVING``, ..., or its number where that has no name.

    Raises:
        ValueError: It is not one whole message of this kind.
    """
    if len(body) < _PREFIX.size:
        raise ValueError("no message")
    compressed, length = _PREFIX.unpack_from(body)
    message = body[_PREFIX.size :]
    if compressed:
        raise ValueError("a compressed message, which was not asked for")
    if len(message) != length:
        raise ValueError(f"{len(message)} bytes of a message of {length}")
    number = 0  # A field with its default is not sent.
    for field, value in _fields(message):
        if field == 1:
            number = value
    return _STATUSES.get(number, str(number))


def _fields(message: bytes) -> Iterator[tuple[int, int]]:
    """The number and the value of each field that is a varint; others are left out."""
    at = 0
    while at < len(message):
        key, at = _read_varint(message, at)
        kind = key & 7
        if kind == _VARINT:
            value, at = _read_varint(message, at)
            yield key >> 3, value
        elif kind == _BYTES:
            length, at = _read_varint(message, at)
            at += length
        elif kind in _FIXED_SIZES:
            at += _FIXED_SIZES[kind]
        else:
            raise ValueError("not a message of Protocol Buffers")
    if at != len(message):
        raise ValueError("a message that is cut off")


def _varint(number: int) -> bytes:
    digits = bytearray()
    while number > 0x7F:
        digits.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*digits, number])


def _read_varint(message: bytes, at: int) -> tuple[int, int]:
    """The number that begins at a place, and where the next thing begins."""
    number = 0
    for index, digit in enumerate(message[at : at + 10]):
        number |= (digit & 0x7F) << 7 * index
        if digit < 0x80:
            return number, at + index + 1
    raise ValueError("a number that does not end")
