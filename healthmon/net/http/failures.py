"""Why an HTTP exchange failed: from the errors of aiohttp to causes and words."""

import re
import ssl

from aiohttp.http_exceptions import BadStatusLine, HttpProcessingError, LineTooLong, TransferEncodingError

from healthmon.core.model import Cause
from healthmon.net.http.answer import MAX_LINE, AnswerHandler
from healthmon.net.tls.failures import tls_failure
from healthmon.net.trace import ProbeFailed

_HTTP = b"HTTP/"
_TLS_RECORDS = (b"\x15\x03", b"\x16\x03")  # an alert or a handshake, of any version (RFC 8446, 5.1)
_RECEIVED = re.compile(r"received (\d+) of (\d+) bytes")


def http_failure(error: BaseException, handler: AnswerHandler) -> ProbeFailed:
    """What an error of aiohttp means for a check.

    Args:
        error: What was raised.
        handler: Has seen what came of the answer.
    """
    broken = handler.broken if isinstance(handler.broken, ProbeFailed | HttpProcessingError) else error
    if isinstance(broken, ProbeFailed):
        return broken
    if handler.began and not _HTTP.startswith(handler.began[:5]) and not handler.began.startswith(_HTTP):
        tls = handler.began.startswith(_TLS_RECORDS)
        return ProbeFailed(Cause.PROTOCOL, _foreign(handler.began), "http.speaks_tls" if tls else None)
    origin = _origin(broken)
    if isinstance(origin, HttpProcessingError):
        return _invalid(origin, handler.began)
    if isinstance(handler.lost, ssl.SSLError) and not isinstance(handler.lost, ssl.SSLEOFError):
        return tls_failure(handler.lost, "")
    how = "closed" if handler.lost is None else "reset"
    when = "in the middle of the answer" if handler.began else "without an answer"
    return ProbeFailed(Cause.RESET, f"connection {how} {when}")


def _origin(error: BaseException) -> BaseException:
    while error.__cause__ is not None:
        error = error.__cause__
    return error


def _foreign(began: bytes) -> str:
    if began.startswith(_TLS_RECORDS):
        return "answered with TLS to plain HTTP"
    return f"not an HTTP answer: {_first_line(began)}"


def _invalid(error: HttpProcessingError, began: bytes) -> ProbeFailed:
    text = error.message.strip()
    if received := _RECEIVED.search(text):
        return ProbeFailed(Cause.RESET, f"connection closed after {received[1]} of {received[2]} bytes")
    if isinstance(error, TransferEncodingError):
        return ProbeFailed(Cause.RESET, "connection closed in the middle of the body")
    if isinstance(error, BadStatusLine):
        return ProbeFailed(Cause.PROTOCOL, f"not a valid status line: {_first_line(began)}")
    if isinstance(error, LineTooLong):
        return ProbeFailed(Cause.PROTOCOL, f"a header is longer than {MAX_LINE // 2**10} KiB")
    what = text.partition("\n")[0].removesuffix(":") or "it cannot be parsed"
    return ProbeFailed(Cause.PROTOCOL, f"not a valid answer: {what}")


def _first_line(began: bytes) -> str:
    return began.partition(b"\n")[0].decode("utf-8", "backslashreplace").strip()
