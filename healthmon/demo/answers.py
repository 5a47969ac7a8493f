"""What a demo service answers, and how its framework frames it."""

from typing import Any

import msgspec
from msgspec import Struct

HTML = "text/html; charset=utf-8"


class Answer(Struct, frozen=True):
    """One HTTP answer.

    Attributes:
        status: The status code.
        body: The body.
        content_type: The body's media type.
        headers: Further headers, as (name, value).
    """

    status: int
    body: bytes
    content_type: str
    headers: tuple[tuple[str, str], ...] = ()


class Framework(Struct, frozen=True):
    """How a web framework answers when no route of the application does.

    Attributes:
        server: The value of its ``Server`` header.
        headers: What it adds to every answer.
        not_found: Its answer to an unknown path.
        not_allowed: Its answer to another method than GET and HEAD.
        server_error: Its answer when the application raised an exception.
        append_slash: Whether it redirects to the path with a slash at its end where only that is known.
    """

    server: str
    headers: tuple[tuple[str, str], ...]
    not_found: Answer
    not_allowed: Answer
    server_error: Answer
    append_slash: bool


def json_answer(document: Any, status: int = 200, headers: tuple[tuple[str, str], ...] = ()) -> Answer:
    """An answer in JSON."""
    return Answer(status, msgspec.json.encode(document), "application/json", headers)


def page(title: str, text: str, status: int = 200) -> Answer:
    """An answer that is a small page for people."""
    document = (
        f'<!doctype html>\n<html lang="en">\n<head><title>{title}</title></head>\n'
        f"<body><h1>{title}</h1><p>{text}</p></body>\n</html>\n"
    )
    return Answer(status, document.encode(), HTML)


def redirect(location: str, status: int = 302) -> Answer:
    """A redirect without a body, as Django sends it."""
    return Answer(status, b"", HTML, (("Location", location),))


_ALLOW = (("Allow", "GET, HEAD"),)

DJANGO = Framework(
    server="gunicorn",
    headers=(
        ("X-Frame-Options", "DENY"),
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "same-origin"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
    ),
    not_found=page("Not Found", "The requested resource was not found on this server.", status=404),
    not_allowed=Answer(405, b"", HTML, _ALLOW),
    server_error=page("Server Error (500)", "", status=500),
    append_slash=True,
)

FASTAPI = Framework(
    server="uvicorn",
    headers=(),
    not_found=json_answer({"detail": "Not Found"}, status=404),
    not_allowed=json_answer({"detail": "Method Not Allowed"}, status=405, headers=_ALLOW),
    server_error=Answer(500, b"Internal Server Error", "text/plain; charset=utf-8"),
    append_slash=False,
)
