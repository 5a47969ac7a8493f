"""A conversation with a mail server (RFC 5321), in the clear and, from some point on, over TLS (RFC 3207)."""

import asyncio
import re
from typing import NamedTuple, Protocol

from healthmon.core.model import Cause, Stage
from healthmon.net.raw import as_text
from healthmon.net.stamps import StampedSocket
from healthmon.net.trace import ProbeFailed, Trace

_LONGEST = 64 * 2**10  # bytes of one reply
_LINE = re.compile(rb"([2-5][0-9]{2})(?:([ -])(.*))?", re.DOTALL)  # RFC 5321, 4.2


class Reply(NamedTuple):
    """What a server answers.

    Attributes:
        code: The three digits.
        lines: The text of each line.
    """

    code: int
    lines: tuple[str, ...]

    def __str__(self) -> str:
        """The code and the first line."""
        return f"{self.code} {self.lines[0]}".rstrip()


class Channel(Protocol):
    """What a conversation goes through."""

    async def read(self) -> bytes:
        """Some bytes; none at the end."""

    async def write(self, data: bytes) -> None:
        """Send bytes."""


class Plain:
    """A connected, non-blocking socket as a channel."""

    def __init__(self, sock: StampedSocket) -> None:
        self._sock = sock

    async def read(self) -> bytes:
        """Some bytes; none at the end."""
        return await asyncio.get_running_loop().sock_recv(self._sock, 4096)

    async def write(self, data: bytes) -> None:
        """Send bytes."""
        await asyncio.get_running_loop().sock_sendall(self._sock, data)


class Secure:
    """A TLS transport as a channel, with the reader of what comes."""

    def __init__(self, transport: asyncio.Transport, reader: asyncio.StreamReader) -> None:
        self._transport = transport
        self._reader = reader

    async def read(self) -> bytes:
        """Some bytes; none at the end."""
        return await self._reader.read(4096)

    async def write(self, data: bytes) -> None:
        """Send bytes."""
        self._transport.write(data)


class Dialogue:
    """Commands and replies, one after the other, with their times.

    Args:
        sock: The socket beneath the channel.
        channel: What it goes through.
        trace: Receives the times.
    """

    def __init__(self, sock: StampedSocket, channel: Channel, trace: Trace) -> None:
        self._sock = sock
        self._channel = channel
        self._trace = trace
        self._left = b""

    async def ask(self, command: str, *, untimed: bool = False) -> Reply:
        """Send a command and read the reply. Untimed: its time does not count.

        Raises:
            ProbeFailed: The connection ended before the reply was complete (`reset`), or it is none (`protocol`).
        """
        try:
            self._sock.note_request()
            await self._channel.write(command.encode() + b"\r\n")
        except OSError as error:
            raise _reset() from error
        return await self._reply(Trace() if untimed else self._trace)

    async def greeting(self) -> Reply:
        """Read what the server says first.

        Raises:
            ProbeFailed: As `ask`.
        """
        self._sock.note_turn()
        return await self._reply(self._trace)

    async def _reply(self, trace: Trace) -> Reply:
        trace.enter(Stage.WAIT)
        lines: list[str] = []
        size = 0
        try:
            while True:
                line = await self._line()
                size += len(line) + 2
                code, more, text = _parse(line)
                lines.append(text)
                if not more:
                    return Reply(code, tuple(lines))
                if size > _LONGEST:
                    raise ProbeFailed(Cause.PROTOCOL, f"a reply is longer than {_LONGEST // 2**10} KiB")
        finally:
            times = self._sock.exchange()
            self._sock.reset()
            if times.wait is not None:
                trace.spent(Stage.WAIT, times.wait + (times.transfer or 0.0))
                trace.fact("clock", times.clock)

    def check_nothing_left(self) -> None:
        """Check that nothing was said beyond the last reply.

        What is said in the clear must not count as said over TLS (RFC 3207, 6: whoever stands between could say it).

        Raises:
            ProbeFailed: Something was (`protocol`).
        """
        if self._left:
            raise ProbeFailed(Cause.PROTOCOL, "the server goes on in the clear after it has agreed to TLS")

    async def _line(self) -> bytes:
        while b"\n" not in self._left:
            if len(self._left) > _LONGEST or (len(self._left) > 4 and not _LINE.match(self._left)):
                break
            try:
                data = await self._channel.read()
            except OSError as error:
                raise _reset() from error
            if not data:
                if self._left:
                    break
                raise ProbeFailed(Cause.RESET, "connection closed without an answer")
            self._left += data
        line, _, self._left = self._left.partition(b"\n")
        return line.removesuffix(b"\r")


def _parse(line: bytes) -> tuple[int, bool, str]:
    """The code of a line, whether more lines follow, and the text."""
    match = _LINE.fullmatch(line)
    if match is None:
        raise ProbeFailed(Cause.PROTOCOL, f"not an SMTP reply: {as_text(line[:1024])}")
    return int(match[1]), match[2] == b"-", as_text(match[3] or b"")


def _reset() -> ProbeFailed:
    return ProbeFailed(Cause.RESET, "connection reset without an answer")
