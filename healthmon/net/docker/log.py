"""The log of a container, as its engine sends it.

Source: Docker Engine API, ``ContainerAttach``, "Stream format".
"""

import struct

_HEADER = struct.Struct(">BxxxI")
_STREAMS = frozenset({0, 1, 2})  # stdin, stdout, stderr


def lines_of(content: bytes, *, tty: bool) -> bytes:
    """The lines of a log.

    Args:
        content: What the engine sent. The last of its frames may be cut off.
        tty: Whether the container has a terminal: then there are no frames, and lines end as on a terminal.
    """
    if tty:
        return content.replace(b"\r\n", b"\n")
    found, start = bytearray(), 0
    while start + _HEADER.size <= len(content):
        stream, size = _HEADER.unpack_from(content, start)
        if stream not in _STREAMS:
            break
        start += _HEADER.size
        found += content[start : start + size]
        start += size
    return bytes(found)
