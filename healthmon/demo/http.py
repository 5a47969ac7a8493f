"""As much of an HTTP/1.1 server (RFC 9112) as the demo needs: one request a connection, one answer."""

import asyncio
from contextlib import suppress
from email.utils import formatdate
from http import HTTPStatus

from msgspec import Struct

from healthmon.demo.answers import HTML, Answer, redirect
from healthmon.demo.services import DemoService

_MAX_HEAD = 2**16
_LINGER = 2.0


class Request(Struct, frozen=True):
    """What a client asks for.

    Attributes:
        method: The method.
        path: The path, without the query.
    """

    method: str
    path: str


class BadRequest(Exception):
    """Raised when what a client sent is no request that can be answered."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


async def read_request(reader: asyncio.StreamReader) -> Request | None:
    """Read a request's head; None if the client went away before its end.

    Raises:
        BadRequest: It is not HTTP, or too long.
    """
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    except asyncio.LimitOverrunError:
        raise BadRequest(431) from None
    return parse_head(head)


def parse_head(head: bytes) -> Request:
    """Read the head of a request, up to and including its empty line.

    Raises:
        BadRequest: It is not HTTP/1.0 or 1.1, or it lacks the `Host` that HTTP/1.1 demands (RFC 9112, section 3.2).
    """
    lines = head.decode("latin-1").split("\r\n")
    words = lines[0].split(" ")
    if len(words) != 3 or not words[2].startswith("HTTP/"):
        raise BadRequest(400)
    method, target, version = words
    if version not in ("HTTP/1.0", "HTTP/1.1"):
        raise BadRequest(505)
    if version == "HTTP/1.1" and not any(line.lower().startswith("host:") for line in lines[1:]):
        raise BadRequest(400)
    return Request(method, _path(target))


def _path(target: str) -> str:
    # A proxy's client sends the whole URL (RFC 9112, section 3.2.2).
    if target.startswith("http://"):
        target = "/" + target.removeprefix("http://").partition("/")[2]
    return target.partition("?")[0]


def choose_answer(service: DemoService, request: Request) -> Answer:
    """What a service answers when all is well."""
    pages = {**service.pages, service.path: service.answer}
    answer = pages.get(request.path)
    slashed = request.path + "/"
    if answer is None and service.framework.append_slash and slashed in pages:
        return redirect(slashed, status=301)
    if answer is None:
        return service.framework.not_found
    return answer if request.method in ("GET", "HEAD") else service.framework.not_allowed


def render(service: DemoService, answer: Answer, *, body: bool = True) -> bytes:
    """An answer as it goes over the wire; without its body for HEAD."""
    headers = [
        ("Date", formatdate(usegmt=True)),
        ("Server", service.framework.server),
        ("Connection", "close"),
        ("Content-Type", answer.content_type),
        ("Content-Length", str(len(answer.body))),
        *answer.headers,
        *service.framework.headers,
    ]
    lines = [
        f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}",
        *(f"{name}: {text}" for name, text in headers),
    ]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + (answer.body if body else b"")


def render_bad_request(service: DemoService, status: int) -> bytes:
    """The answer to what is no request."""
    return render(service, Answer(status, HTTPStatus(status).phrase.encode(), HTML))


async def finish(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """End the answer, and read what the client still sends until it closes.

    Closing while bytes are unread would reset the connection, and the client could lose the answer (RFC 9112,
    section 9.6).
    """
    with suppress(OSError, TimeoutError):
        await writer.drain()
        writer.write_eof()
        async with asyncio.timeout(_LINGER):
            await read_to_end(reader)


async def read_to_end(reader: asyncio.StreamReader) -> None:
    """Read and forget, until the client closes."""
    while await reader.read(_MAX_HEAD):
        pass
