"""Errors of aiohttp as causes and words, where a real server cannot be made to cause them at will."""

import ssl

import aiohttp

from healthmon.core.model import Cause
from healthmon.net.http.answer import AnswerHandler
from healthmon.net.http.failures import http_failure
from healthmon.net.trace import ProbeFailed


def handler(began: bytes = b"") -> AnswerHandler:
    """A handler that has seen the beginning of an answer."""
    made = AnswerHandler(lambda: None, want_body=False)
    made.began = began
    return made


async def test_what_went_wrong_first_is_the_failure() -> None:
    """The connection was lost in the turn of the loop in which the headers became too long."""
    seen = handler(b"HTTP/1.1 200 OK")
    first = ProbeFailed(Cause.PROTOCOL, "the headers are longer than 256 KiB")
    seen.set_exception(first)
    seen.connection_lost(None)
    assert http_failure(aiohttp.ServerDisconnectedError(), seen) is first


async def test_an_alert_after_the_handshake_is_a_fault_of_tls() -> None:
    """With TLS 1.3 a server says so late that it wants a client certificate."""
    seen = handler()
    alert = ssl.SSLError(1, "alert")
    alert.reason = "TLSV13_ALERT_CERTIFICATE_REQUIRED"
    seen.connection_lost(alert)
    failure = http_failure(aiohttp.ClientOSError(1, "alert"), seen)
    assert (failure.cause, failure.message) == (Cause.TLS, "the server wants a client certificate")


async def test_tls_that_just_ends_is_a_closed_connection() -> None:
    """Without a word of goodbye."""
    seen = handler()
    seen.connection_lost(ssl.SSLEOFError(8, "EOF"))
    failure = http_failure(aiohttp.ClientOSError(8, "EOF"), seen)
    assert (failure.cause, failure.message) == (Cause.RESET, "connection reset without an answer")


async def test_an_error_without_words_is_still_named() -> None:
    """A parser's error may have none."""
    seen = handler(b"HTTP/1.1 200 OK")
    seen.set_exception(aiohttp.http_exceptions.BadHttpMessage(""))
    failure = http_failure(aiohttp.ClientPayloadError(), seen)
    assert (failure.cause, failure.message) == (Cause.PROTOCOL, "not a valid answer: it cannot be parsed")
