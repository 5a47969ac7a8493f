"""Redirects, followed and not."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from healthmon.core.model import Cause, Verdict
from tests.campaign.answers import OK, redirecting, with_status
from tests.campaign.certificates import self_signed_context, serving_tls
from tests.campaign.places import at, closed_port
from tests.campaign.row import SILENCE, Row
from tests.campaign.servers import Handler, Place, Scene, listening, request_of, saying, serving, silent

UP, DOWN = Verdict.UP, Verdict.DOWN
FOLLOW = "follow_redirects = true\nexpect.status = 200"


def by_path(**answers: bytes) -> Handler:
    """Answer each path with its own answer; `start` is the root."""

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        path = (await request_of(reader)).split()[1].decode().strip("/")
        writer.write(answers[path or "start"])

    return handler


def leading_to(other: Scene, url: str, status: bytes = b"302 Found") -> Scene:
    """A server that redirects to another place, whose words stand in `url`."""

    @asynccontextmanager
    async def scene() -> AsyncIterator[Place]:
        async with other() as behind:
            location = url.replace("$port", behind.words["port"])
            async with listening(saying(redirecting(location.encode(), status))) as port:
                yield Place((port, *behind.ports), behind.words | {"port": str(port)}, behind.lookup)

    return scene


REDIRECT_ROWS = (
    Row(
        "302 accepted and not followed",
        serving(saying(redirecting(b"http://127.0.0.1:1/login"))),
        UP,
        None,
        "302 is an answer here, as Django gives it.",
    ),
    Row(
        "302 not accepted and not followed",
        serving(saying(redirecting(b"/login"))),
        DOWN,
        Cause.STATUS,
        "200 was expected.",
        "expect.status = 200",
    ),
    Row(
        "302 followed",
        serving(by_path(start=redirecting(b"/health/"), health=OK)),
        UP,
        None,
        "The last answer is judged.",
        FOLLOW,
    ),
    Row(
        "302 followed to a failure",
        serving(by_path(start=redirecting(b"/health/"), health=with_status(b"500 Internal Server Error"))),
        DOWN,
        Cause.STATUS,
        "The last answer is judged.",
        FOLLOW,
    ),
    Row(
        "303 after POST",
        serving(by_path(start=redirecting(b"/health/", b"303 See Other"), health=OK)),
        UP,
        None,
        "The second request is a GET (RFC 9110, 15.4.4).",
        FOLLOW + '\nmethod = "POST"\nbody = "question"',
    ),
    Row(
        "304 with redirects followed",
        serving(saying(with_status(b"304 Not Modified", b"Location: /elsewhere"))),
        DOWN,
        Cause.STATUS,
        "304 is no redirect.",
        FOLLOW,
    ),
    Row(
        "Redirect loop",
        serving(by_path(start=redirecting(b"/other"), other=redirecting(b"/"))),
        DOWN,
        Cause.REDIRECT,
        "It never leads to an answer.",
        FOLLOW,
    ),
    Row(
        "More redirects than allowed",
        serving(by_path(start=redirecting(b"/a"), a=redirecting(b"/b"), b=redirecting(b"/c"), c=OK)),
        DOWN,
        Cause.REDIRECT,
        "Two were allowed.",
        "follow_redirects = 2\nexpect.status = 200",
    ),
    Row(
        "As many redirects as allowed",
        serving(by_path(start=redirecting(b"/a"), a=redirecting(b"/b"), b=redirecting(b"/c"), c=OK)),
        UP,
        None,
        "Three were allowed.",
        "follow_redirects = 3\nexpect.status = 200",
    ),
    Row(
        "Redirect without a Location",
        serving(saying(with_status(b"302 Found"))),
        DOWN,
        Cause.REDIRECT,
        "It was to be followed and leads nowhere.",
        FOLLOW,
    ),
    *(
        Row(
            f"Redirect to {location}",
            serving(saying(redirecting(location.encode()))),
            DOWN,
            Cause.REDIRECT,
            "Only http and https are followed.",
            FOLLOW,
        )
        for location in ("ftp://127.0.0.1/", "file:///etc/passwd", "javascript:alert(1)", "http://", "http://[::1/")
    ),
    Row(
        "Redirect to another origin",
        leading_to(serving(saying(OK)), "http://127.0.0.1:$port/"),
        UP,
        None,
        "It is followed, and no configured header, cookie or credential goes there.",
        FOLLOW,
    ),
    Row(
        "Redirect of a body to another origin",
        leading_to(serving(saying(OK)), "http://127.0.0.1:$port/", b"307 Temporary Redirect"),
        DOWN,
        Cause.REDIRECT,
        "The body was meant for the service's own origin.",
        FOLLOW + '\nmethod = "POST"\nbody = "question"',
    ),
    Row(
        "Redirect to a closed port",
        leading_to(at(closed_port), "http://127.0.0.1:$port/"),
        DOWN,
        Cause.REFUSED,
        "Each hop is checked like the first.",
        FOLLOW,
    ),
    Row(
        "Redirect to silence",
        leading_to(serving(silent), "http://127.0.0.1:$port/"),
        DOWN,
        Cause.NO_RESPONSE,
        "The timeout covers all hops together.",
        FOLLOW,
        timeout=SILENCE,
    ),
    Row(
        "Redirect to a certificate that is not trusted",
        leading_to(serving_tls(saying(OK), self_signed_context), "https://127.0.0.1:$port/"),
        DOWN,
        Cause.CERTIFICATE,
        "Each hop is checked like the first.",
        FOLLOW,
    ),
)
