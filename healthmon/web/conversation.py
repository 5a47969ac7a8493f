"""One connection of a client, as aiohttp serves it, within our bounds and in our words."""

import asyncio
import logging
from typing import Any

from aiohttp import web
from aiohttp.http_exceptions import LineTooLong

from healthmon.core.safe_text import clean
from healthmon.web.answers import complete_headers, say
from healthmon.web.faults import Fault, describe
from healthmon.web.limits import Limits

_LONGEST_LINE = 8190
_MOST_HEADERS = 64
_LEFT_BODY = 1.0
"""Seconds for which a body is still read after its request was refused; closing at once could lose the answer."""


class Conversation(web.RequestHandler):
    """What aiohttp calls a request handler: it reads requests off a connection and writes the answers.

    Args:
        server: Keeps the connections.
        limits: Their bounds.
        fault: Told of faults that no handler caught.
    """

    __slots__ = ("_fault",)

    def __init__(self, server: web.Server, limits: Limits, fault: Fault) -> None:
        # Nothing is logged here: what clients do wrong is theirs, what healthmon does wrong goes to `fault`.
        quiet = logging.Logger(__name__, logging.CRITICAL + 1)  # noqa: LOG001 - out of reach of any set-up of logging
        super().__init__(
            server,
            loop=asyncio.get_running_loop(),
            keepalive_timeout=limits.idle,
            lingering_time=_LEFT_BODY,
            max_line_size=_LONGEST_LINE,
            max_field_size=_LONGEST_LINE,
            max_headers=_MOST_HEADERS,
            auto_decompress=False,
            logger=quiet,
            access_log=quiet,
        )
        self._fault = fault

    def idle(self) -> float | None:
        """Seconds since it began to wait for a request's head; None while a request is under way, or its answer."""
        waiter, transport = self._waiter, self.transport
        if waiter is None or waiter.done() or not isinstance(transport, asyncio.Transport):
            return None
        if transport.is_closing() or transport.get_write_buffer_size():
            return None
        # aiohttp sets this moment when the connection is made, and after each answer.
        return self._loop.time() - (self._next_keepalive_close_time - self._keepalive_timeout)

    @property
    def silent(self) -> bool:
        """Whether no request has come yet."""
        return not self._request_count

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """The answer to what is no request, in one sentence. The connection ends with it."""
        if request.writer.output_size > 0:
            raise ConnectionError("an answer was begun and cannot be ended")
        if isinstance(exc, LineTooLong):
            response = say(431, f"The request has a line of more than {_LONGEST_LINE} bytes.")
        elif status < 500:
            response = say(status, f"This is no HTTP request that can be read: {_first_line(message)}.")
        else:
            if exc is not None and not isinstance(exc, ConnectionError):
                self._fault(describe("HTTP", exc))
            response = say(status, "This is a fault in healthmon itself; its log says more.")
        complete_headers(response)
        response.force_close()
        return response

    def log_exception(self, *args: Any, **kw: Any) -> None:
        """Tell of what was caught at the very end."""
        error = kw.get("exc_info")
        self._fault(describe("HTTP", error) if isinstance(error, BaseException) else clean(str(args[0])))


def _first_line(message: str | None) -> str:
    return clean((message or "").strip().partition("\n")[0], limit=100).rstrip(".:") or "it is malformed"
