"""What was meant for the service goes to no other origin, wherever its answers lead."""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing

import pytest
from msgspec import Struct

from healthmon.config.load import parse
from healthmon.core.model import Cause, Result
from healthmon.engine.check import check
from healthmon.net.network import Network
from healthmon.probes import PROBES
from tests.campaign.answers import OK, with_status
from tests.campaign.servers import Handler, listening, request_of

KEYS = """
params.key = "secret-of-a-parameter"
headers.X-Api-Key = "secret-of-a-header"
headers.Cookie = "session=secret-of-a-cookie"
"""
BEARER = 'auth.bearer = "secret-of-a-bearer"'
BASIC = 'auth.basic = { username = "monitor", password = "secret-of-basic" }'
SECRETS = (
    b"secret-of",
    b"set-by-the-server",
    b"authorization",
    b"cookie",
    b"x-api-key",
    b"referer",
    base64.b64encode(b"monitor:secret-of-basic"),
)


class Heard(Struct):
    """What two servers heard: the service itself, and the one to which it redirects."""

    home: list[bytes]
    elsewhere: list[bytes]


def recording(heard: list[bytes], answer: bytes) -> Handler:
    """Note what comes, and answer."""

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await request_of(reader))
        writer.write(answer)

    return handler


@asynccontextmanager
async def redirecting_away(heard: Heard, status: bytes, host: str = "127.0.0.1") -> AsyncIterator[int]:
    """A server that leads to another one, and yields its own port. On another address the port is the same."""

    async def home(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        location = b"Location: http://%b:%d/there?from=here" % (host.encode(), other)
        answer = with_status(status, location, b"Set-Cookie: session=set-by-the-server; Path=/")
        await recording(heard.home, answer)(reader, writer)

    away = recording(heard.elsewhere, OK)
    async with listening(home) as port, listening(away, host, port=0 if host == "127.0.0.1" else port) as other:
        yield port


async def checked(text: str) -> Result:
    """Check the one service of a config."""
    (service,) = parse(text).services
    with closing(Network()) as network:
        return await check(service, probe=PROBES[service.address.scheme], network=network)


@pytest.mark.parametrize("status", [b"301 Moved Permanently", b"302 Found", b"303 See Other", b"307 x", b"308 x"])
@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2"])
@pytest.mark.parametrize(
    ("user", "keys"),
    [("", BEARER), ("", BASIC), ("monitor:secret-of-basic@", "")],
    ids=["bearer", "basic", "user part"],
)
async def test_nothing_goes_to_another_origin(status: bytes, host: str, user: str, keys: str) -> None:
    """Another port, or another address, is another origin, for cookies too."""
    heard = Heard([], [])
    async with redirecting_away(heard, status, host) as port:
        result = await checked(
            f'[[services]]\nname = "Home"\nurl = "http://{user}127.0.0.1:{port}/"\nfollow_redirects = true\n'
            f"expect.status = 200\n{KEYS}{keys}"
        )

    (home,), (elsewhere,) = heard.home, heard.elsewhere
    assert result.verdict.healthy, result.message
    assert b"secret-of-a-header" in home
    assert b"secret-of-a-cookie" in home
    assert b"secret-of-a-parameter" in home
    assert b"uthorization: " in home
    assert elsewhere.startswith(b"GET /there?from=here HTTP/1.1\r\n")
    assert [secret for secret in SECRETS if secret.lower() in elsewhere.lower()] == []


async def test_the_way_back_home_brings_nothing_either() -> None:
    """A server that is led back to by another one did not get there by its owner's choice."""
    heard = Heard([], [])

    async def home(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.home.append(await request_of(reader))
        leave = with_status(b"302 Found", b"Location: http://127.0.0.1:%d/" % other)
        writer.write(leave if len(heard.home) == 1 else OK)

    async def elsewhere(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.elsewhere.append(await request_of(reader))
        writer.write(with_status(b"302 Found", b"Location: http://127.0.0.1:%d/chosen-by-another" % port))

    async with listening(elsewhere) as other, listening(home) as port:
        result = await checked(
            f'[[services]]\nname = "Home"\nurl = "http://127.0.0.1:{port}/"\nfollow_redirects = true\n{KEYS}{BEARER}'
        )

    assert result.verdict.healthy, result.message
    assert len(heard.home) == 2
    assert b"secret-of" in heard.home[0]
    assert b"secret-of" not in heard.home[1]


async def test_credentials_in_a_location_are_not_used() -> None:
    """They are the server's idea, not the user's."""
    heard = Heard([], [])

    async def home(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.home.append(await request_of(reader))
        writer.write(with_status(b"302 Found", b"Location: http://admin:planted@127.0.0.1:%d/" % other))

    async with listening(recording(heard.elsewhere, OK)) as other, listening(home) as port:
        await checked(f'[[services]]\nname = "Home"\nurl = "http://127.0.0.1:{port}/"\nfollow_redirects = true')

    assert b"authorization" not in heard.elsewhere[0].lower()


async def test_a_body_goes_to_no_other_origin() -> None:
    """307 keeps the method and the body, which may hold a password."""
    heard = Heard([], [])
    async with redirecting_away(heard, b"307 Temporary Redirect") as port:
        result = await checked(
            f'[[services]]\nname = "Home"\nurl = "http://127.0.0.1:{port}/"\nfollow_redirects = true\n'
            'method = "POST"\nform = { password = "secret-of-a-form" }'
        )

    assert Cause.REDIRECT is result.cause
    assert heard.elsewhere == []


async def test_one_origin_keeps_what_is_its_own() -> None:
    """A redirect within the service still brings its credentials: without them it would be refused."""
    heard: list[bytes] = []

    async def home(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await request_of(reader))
        writer.write(OK if len(heard) > 1 else with_status(b"302 Found", b"Location: /health/"))

    async with listening(home) as port:
        await checked(
            f'[[services]]\nname = "Home"\nurl = "http://127.0.0.1:{port}/"\nfollow_redirects = true\n{KEYS}{BEARER}'
        )

    assert all(b"secret-of-a-bearer" in request and b"secret-of-a-header" in request for request in heard)
    assert len(heard) == 2
