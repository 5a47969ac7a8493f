"""What servers answer: an application's own answers, and those of the proxies in front of it."""

import asyncio
import json
import socket
import struct
from collections.abc import Mapping
from typing import Any

from tests.probes.http_server import Asked, Talk

Routes = Mapping[str, Talk]
"""What is answered to a method and a path; `*` stands for all others."""


def raw(status: str, body: str, content_type: str, *headers: str) -> Talk:
    """An answer of these parts."""
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {content_type}", f"Content-Length: {len(body.encode())}", *headers]
    content = "\r\n".join([*lines, "Connection: close", "", body]).encode()

    async def talk(asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(content if asked.method != "HEAD" else content.removesuffix(body.encode()))
        await writer.drain()

    return talk


def says(document: Any, status: str = "200 OK", *headers: str) -> Talk:
    """An answer in JSON."""
    return raw(status, json.dumps(document), "application/json", *headers)


def page(status: str, *, server: str, body: str | None = None) -> Talk:
    """The page of a web server or a proxy."""
    body = body or (
        f"<html>\r\n<head><title>{status}</title></head>\r\n<body>\r\n<center><h1>{status}</h1></center>\r\n"
        f"<hr><center>{server}</center>\r\n</body>\r\n</html>\r\n"
    )
    return raw(status, body, "text/html", f"Server: {server}")


def refusing(routes: Routes, *, header: str, value: str, refusal: Talk) -> Routes:
    """Routes that are only for requests with a header."""

    def guarded(talk: Talk) -> Talk:
        async def either(asked: Asked, writer: asyncio.StreamWriter) -> None:
            await (talk if asked.headers.get(header.lower()) == value else refusal)(asked, writer)

        return either

    return {route: guarded(talk) for route, talk in routes.items()}


def routed(routes: Routes) -> Talk:
    """Each request to its route."""

    async def talk(asked: Asked, writer: asyncio.StreamWriter) -> None:
        path = asked.target.partition("?")[0]
        chosen = routes.get(f"{asked.method} {path}") or routes.get("*") or NOT_FOUND
        await chosen(asked, writer)

    return talk


def late(talk: Talk, seconds: float) -> Talk:
    """The same answer, later."""

    async def later(asked: Asked, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(seconds)
        await talk(asked, writer)

    return later


async def crash(asked: Asked, writer: asyncio.StreamWriter) -> None:
    """A worker that dies over a request: the kernel resets its connections."""
    del asked
    sock = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def hang(asked: Asked, writer: asyncio.StreamWriter) -> None:
    """A worker that never answers."""
    del asked, writer
    await asyncio.Event().wait()


NOT_FOUND = says({"detail": "Not Found"}, "404 Not Found", "Server: uvicorn")
