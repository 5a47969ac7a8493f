"""Answers of one sentence, and what all answers have in common."""

from collections.abc import Mapping

import msgspec
from aiohttp import web

_HEADERS = {
    # States change with each check.
    "Cache-Control": "no-store",
    # Nothing that is answered may run, load or be framed, whatever text of a server is in it.
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}

_API = "/api/"


def say(status: int, text: str, headers: Mapping[str, str] | None = None) -> web.Response:
    """Plain text; a line break is added."""
    return web.Response(status=status, text=f"{text}\n", headers=headers)


def say_json(status: int, document: object) -> web.Response:
    """A small JSON document."""
    body = msgspec.json.encode(document) + b"\n"
    return web.Response(status=status, body=body, content_type="application/json")


def refuse(request: web.BaseRequest, status: int, sentence: str) -> web.Response:
    """Say why a request is not granted: as ``{"error": ...}`` under ``/api``, else as plain text."""
    if request.path.startswith(_API):
        return say_json(status, {"error": sentence})
    return say(status, sentence)


def complete_headers(response: web.StreamResponse) -> None:
    """Add what every answer bears, where the handler has not said otherwise."""
    response.headers["Server"] = "healthmon"
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
