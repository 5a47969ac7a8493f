"""Faults of checks that take several requests, and of what lets them in."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from healthmon.core.model import Cause, Verdict
from tests.campaign.answers import OK, STATUS, announcing, redirecting, with_body, with_status
from tests.campaign.places import at, closed_port
from tests.campaign.row import SILENCE, Row
from tests.campaign.rows_redirect import by_path
from tests.campaign.servers import Handler, Place, Scene, listening, request_of, reset, saying, serving, silent

UP, DOWN = Verdict.UP, Verdict.DOWN
GRANTED = with_body(b'{"access_token": "t-o-k-e-n"}', b"Content-Type: application/json")
STEPS = """
[[services.steps]]
name = "login"
path = "login"
expect.status = 200
save = { token = "access_token" }
[[services.steps]]
name = "call"
path = "call"
headers = { Authorization = "Bearer {token}" }
"""
CLIENT = "auth.oauth2 = { token_url = 'http://127.0.0.1:$endpoint/', client_id = 'a', client_secret = 'se-cret' }"


def after_login(then: Handler) -> Handler:
    """Let in, then do something else."""

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if b" /login " in await request_of(reader):
            writer.write(GRANTED)
        else:
            await then(reader, writer)

    return handler


async def broken_off(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Say half of an answer."""
    del reader
    writer.write(announcing(b"100"))


def endpoint(there: Scene, service: bytes = OK) -> Scene:
    """A service, and a token endpoint elsewhere."""

    @asynccontextmanager
    async def both() -> AsyncIterator[Place]:
        async with there() as tokens, listening(saying(service)) as port:
            words = {"port": str(port), "endpoint": tokens.words["port"]}
            yield Place((port, *tokens.ports), words)

    return both


STEPS_ROWS = (
    Row("Good steps", serving(by_path(login=GRANTED, call=OK)), UP, None, "Each was answered as it demands.", STEPS),
    Row(
        "First step refused",
        serving(by_path(login=with_status(b"401 Unauthorized"), call=OK)),
        DOWN,
        Cause.STATUS,
        "The first step that fails ends the check.",
        STEPS,
    ),
    Row(
        "Second step refused",
        serving(by_path(login=GRANTED, call=with_status(b"403 Forbidden"))),
        DOWN,
        Cause.STATUS,
        "The token was given, and does not help.",
        STEPS,
    ),
    Row(
        "Second step rejects the token",
        serving(by_path(login=GRANTED, call=with_status(b"401 Unauthorized"))),
        DOWN,
        Cause.AUTH,
        "Credentials were sent.",
        STEPS,
    ),
    Row(
        "Nothing to save",
        serving(by_path(login=with_body(b"{}"), call=OK)),
        DOWN,
        Cause.JSON,
        "What a later step needs is demanded of the answer.",
        STEPS,
    ),
    Row(
        "Login page in place of JSON",
        serving(by_path(login=with_body(b"<html>", b"Content-Type: text/html"), call=OK)),
        DOWN,
        Cause.JSON,
        "HTML is no JSON.",
        STEPS,
    ),
    Row(
        "What was saved breaks a header",
        serving(by_path(login=with_body(b'{"access_token": "a\\r\\nX: b"}'), call=OK)),
        DOWN,
        Cause.PROTOCOL,
        "Nothing that a server says can add a header.",
        STEPS,
    ),
    Row(
        "Second step silent",
        serving(after_login(silent)),
        DOWN,
        Cause.NO_RESPONSE,
        "All steps together have the one timeout.",
        STEPS,
        timeout=SILENCE,
    ),
    Row(
        "Second step reset", serving(after_login(reset)), DOWN, Cause.RESET, "The connection of that step broke.", STEPS
    ),
    Row(
        "Second step broken off, body not expected",
        serving(after_login(broken_off)),
        UP,
        None,
        "Nobody asked for the body: the headers decide.",
        STEPS,
    ),
    Row(
        "Second step leads elsewhere",
        serving(by_path(login=GRANTED, call=redirecting(b"ftp://127.0.0.1/"))),
        DOWN,
        Cause.REDIRECT,
        "A redirect to what is not HTTP is followed by nobody.",
        "follow_redirects = true" + STEPS,
    ),
    Row(
        "Second step at a closed port",
        serving(by_path(login=GRANTED)),
        DOWN,
        Cause.REFUSED,
        "Each step has a connection of its own.",
        STEPS.replace('path = "call"', 'url = "http://127.0.0.1:1/"'),
    ),
    Row("Good token", endpoint(serving(saying(GRANTED))), UP, None, "The token was fetched and sent.", CLIENT),
    Row(
        "Token rejected twice",
        endpoint(serving(saying(GRANTED)), with_status(b"401 Unauthorized")),
        DOWN,
        Cause.AUTH,
        "Another token was fetched and rejected too.",
        CLIENT,
    ),
    Row(
        "Client rejected",
        endpoint(serving(saying(with_status(b"401 Unauthorized")))),
        DOWN,
        Cause.AUTH,
        "The token endpoint does not take the client's secret.",
        CLIENT,
    ),
    Row(
        "Token endpoint refused",
        endpoint(at(closed_port)),
        DOWN,
        Cause.REFUSED,
        "Nothing listens where the tokens are.",
        CLIENT,
    ),
    Row(
        "Token endpoint silent",
        endpoint(serving(silent)),
        DOWN,
        Cause.NO_RESPONSE,
        "Fetching the token counts within the timeout.",
        CLIENT,
        timeout=SILENCE,
    ),
    Row(
        "Token endpoint in trouble",
        endpoint(serving(saying(with_status(b"503 Service Unavailable")))),
        DOWN,
        Cause.STATUS,
        "It is the endpoint's status, not the service's.",
        CLIENT,
    ),
    Row(
        "Token endpoint without a token",
        endpoint(serving(saying(with_body(b"{}")))),
        DOWN,
        Cause.PROTOCOL,
        "The answer holds no access token.",
        CLIENT,
    ),
    Row(
        "Why of a bad status never ends",
        serving(saying(STATUS.replace(b"200 OK", b"500 No") + b"Content-Length: 9\r\n\r\nno", then=silent)),
        DOWN,
        Cause.STATUS,
        "The body is read for the cause only, for a second at most.",
    ),
)
