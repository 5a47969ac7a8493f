"""Watches an HTTP answer arrive, between the connection and aiohttp's parser."""

import asyncio
from collections.abc import Callable
from typing import Any

from aiohttp import StreamReader
from aiohttp.client_proto import ResponseHandler
from aiohttp.http_exceptions import HttpProcessingError

from healthmon.core.model import Cause
from healthmon.net.trace import ProbeFailed

MAX_LINE = 64 * 2**10
"""The longest header that is read, in bytes."""

MAX_HEADERS = 256
"""The most headers of one answer that are read."""

_MAX_HEAD = 256 * 2**10  # bytes before the body, informational answers (1xx) included
_SHOWN = 2**10  # bytes; more than are shown, for secrets are masked before the rest is cut


def never(status: int) -> bool:
    """Say that no body is wanted for its status."""
    del status
    return False


class AnswerHandler(ResponseHandler):
    """Feeds the parser line by line until the headers are complete, and the body only if it is wanted.

    aiohttp's parser forgets the headers it has read when a body that came in the same packet is broken: without this,
    the boundaries of packets would decide whether a service is up. And it leaves the reader of a body waiting when
    the rest of it is not valid.

    Attributes:
        began: The first bytes of the answer; empty while there are none.
        broken: What is not valid in the answer, or kept the request from being sent.
        lost: The error that ended the connection, if one did.
    """

    def __init__(
        self, on_begin: Callable[[], None], *, want_body: bool, want_cause: Callable[[int], bool] = never
    ) -> None:
        """Prepare.

        Args:
            on_begin: Called when the first bytes arrive.
            want_body: Whether the body will be read.
            want_cause: Whether the body of an answer with a status will be read although it is not wanted otherwise.
        """
        super().__init__(asyncio.get_running_loop())
        self.began = b""
        self.broken: BaseException | None = None
        self.lost: BaseException | None = None
        self._on_begin = on_begin
        self._want_body = want_body
        self._want_cause = want_cause
        self._head_size = 0
        self._content: StreamReader | None = None

    def data_received(self, data: bytes) -> None:
        """Take what arrived."""
        if data and not self.began:
            self.began = data[:_SHOWN]
            self._on_begin()
        start = 0
        while self._content is None and self.broken is None and start < len(data):
            end = data.find(b"\n", start) + 1 or len(data)
            self._feed_head(data[start:end])
            start = end
        if self._content is not None and self._want_body:
            self._feed_body(self._content, data[start:])

    def feed_data(self, data: Any, size: int = 0) -> None:
        """Take a parsed answer. After one with a status of 1xx, but for 101, another follows (RFC 9110, 15.2)."""
        message, content = data
        if message.code >= 200 or message.code == 101:
            self._content = content
            self._want_body = self._want_body or self._want_cause(message.code)
        super().feed_data(data, size)

    def set_exception(self, exc: BaseException, exc_cause: BaseException | None = None) -> None:
        """Take what went wrong, in aiohttp's words and in the parser's own."""
        if self.broken is None:
            self.broken = exc_cause if isinstance(exc_cause, HttpProcessingError) else exc
        super().set_exception(exc, exc if exc_cause is None else exc_cause)

    def connection_lost(self, exc: BaseException | None) -> None:
        """Take note of the end."""
        self.lost = exc
        super().connection_lost(exc)

    def _feed_head(self, line: bytes) -> None:
        self._head_size += len(line)
        if self._head_size > _MAX_HEAD:
            self.set_exception(ProbeFailed(Cause.PROTOCOL, f"the headers are longer than {_MAX_HEAD // 2**10} KiB"))
        else:
            super().data_received(line)

    def _feed_body(self, content: StreamReader, data: bytes) -> None:
        super().data_received(data)
        if self.broken is not None and content.exception() is None and not content.is_eof():
            content.set_exception(self.broken)
