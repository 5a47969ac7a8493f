"""Bytes as a config sends them and expects them, for protocols of which nothing else is known."""

import re
from typing import TYPE_CHECKING

from healthmon.core.model import Cause, Stage
from healthmon.net.trace import ProbeFailed, Trace

if TYPE_CHECKING:
    import socket

_UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


def to_send(text: str | None, hexadecimal: str | None) -> bytes:
    """What `send` or `send_hex` says; nothing where neither is given.

    Raises:
        ValueError: Both are given, or the latter is not hexadecimal.
    """
    if text is not None and hexadecimal is not None:
        raise ValueError("only one of `send` and `send_hex` can be sent")
    try:
        sent = bytes.fromhex(hexadecimal or "") or (text or "").encode()
    except ValueError:
        raise ValueError('`send_hex` is bytes in hexadecimal, such as "10 0c 00 04"') from None
    if not sent and (text, hexadecimal) != (None, None):
        raise ValueError("there is nothing in `send` or `send_hex`")
    return sent


def as_text(data: bytes) -> str:
    r"""Bytes as text: what is no UTF-8, and control characters but tabs and line ends, as ``\xNN``."""
    text = data.decode("utf-8", "backslashreplace")
    return _UNSEEN.sub(lambda match: f"\\x{ord(match[0]):02x}", text)


async def hear(sock: "socket.socket", trace: Trace, *, limit: int, pause: float, line: bool) -> bytes:
    """What the other side of a connected, non-blocking socket says: its first line, or all until it pauses.

    Enters the stages `wait` and `transfer`. It is cut where it is longer than the limit. The caller limits the time.

    Args:
        sock: The socket.
        trace: Told of the stages.
        limit: The most bytes to hear.
        pause: For how many seconds the other side says nothing where it has ended. One lost segment is a pause of
            0.2 s and more (RFC 6298, as Linux does it).
        line: Whether to hear the first line and no more.

    Raises:
        ProbeFailed: The connection ended before anything was said (`reset`).
        OSError: It was broken off before that.
    """
    import asyncio

    loop = asyncio.get_running_loop()
    trace.enter(Stage.WAIT)
    heard = await loop.sock_recv(sock, limit)
    if not heard:
        raise ProbeFailed(Cause.RESET, "connection closed without an answer")
    trace.enter(Stage.TRANSFER)
    while len(heard) < limit and not (line and b"\n" in heard):
        try:
            async with asyncio.timeout(pause):
                more = await loop.sock_recv(sock, limit - len(heard))
        except OSError:  # TimeoutError is one: the pause.
            break
        if not more:
            break
        heard += more
    return heard.partition(b"\n")[0] if line else heard
