"""What an HTTP probe sends, option by option."""

import asyncio
from base64 import b64encode
from typing import Any

import pytest
from msgspec.structs import replace

from healthmon import __version__
from healthmon.core.model import Address
from healthmon.probes.http import Auth, BasicAuth
from tests.probes.http_server import OK, Asked, failed, observe, replying, service


async def asked(path: str = "/", **options: Any) -> Asked:
    """What a server is asked by a service with these options."""
    async with replying(OK) as server:
        outcome = await observe(service(server.url(path), **options))
        assert outcome.failure is None
        assert len(server.asked) == 1
        return server.asked[0]


async def test_a_plain_service_is_asked_plainly() -> None:
    """Nothing but what every request of healthmon bears; the connection is for one request."""
    request = await asked("/health?full=1#part")
    assert (request.method, request.target, request.body) == ("GET", "/health?full=1", b"")
    host = request.headers.pop("host")
    assert host.startswith("127.0.0.1:")
    expected = {
        "user-agent": f"healthmon/{__version__}",
        "accept": "*/*",
        "accept-encoding": "gzip, deflate",
        "connection": "close",
    }
    assert expected == request.headers


async def test_the_users_headers_take_the_place_of_ours_in_any_case() -> None:
    """A header is never sent twice with different values."""
    headers = {"user-agent": "probe", "ACCEPT": "application/json", "X-Api-Key": "k", "Host": "shop.example.com"}
    request = await asked(headers=headers)
    assert request.headers["user-agent"] == "probe"
    assert request.headers["accept"] == "application/json"
    assert request.headers["x-api-key"] == "k"
    assert request.headers["host"] == "shop.example.com"


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "DELETE", "PURGE", "post"])
async def test_the_method_is_the_users(method: str) -> None:
    """Any token is a method; methods are written in capitals."""
    request = await asked(method=method)
    assert method.upper() == request.method
    assert "content-type" not in request.headers


async def test_params_join_the_urls_own_query() -> None:
    """Values of TOML's types become text; true is "true"."""
    request = await asked("/?a=1", params={"b": "x y&z", "deep": True, "n": 3, "f": 0.5})
    assert request.target == "/?a=1&b=x+y%26z&deep=true&n=3&f=0.5"


async def test_braces_in_a_body_stand() -> None:
    """No formatter touches a body."""
    request = await asked(method="POST", body='{"host": "{host}"}')
    assert request.body == b'{"host": "{host}"}'
    assert request.headers["content-type"] == "text/plain; charset=utf-8"
    assert request.headers["content-length"] == "18"


async def test_json_and_form_say_what_they_are() -> None:
    """A body of a kind names its kind, unless the user names another."""
    request = await asked(method="POST", json={"question": "Was für?", "n": [1, None]})
    assert '{"question":"Was für?","n":[1,null]}'.encode() == request.body
    assert request.headers["content-type"] == "application/json"
    request = await asked(method="POST", form={"user": "a b", "ü": "&"})
    assert request.body == b"user=a+b&%C3%BC=%26"
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"
    request = await asked(method="PUT", json={}, headers={"content-type": "application/ld+json"})
    assert request.headers["content-type"] == "application/ld+json"


def basic(text: str) -> str:
    """The header's value for these credentials."""
    return "Basic " + b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    ("user", "options", "expected"),
    [
        ("", {"auth": ("basic", "me", "pä:ss")}, basic("me:pä:ss")),
        ("", {"auth": ("bearer", "t0ken")}, "Bearer t0ken"),
        ("me:p%40ss@", {}, basic("me:p@ss")),
        ("me@", {}, basic("me:")),
        ("me:p%40ss@", {"auth": ("bearer", "t0ken")}, "Bearer t0ken"),
        ("me:p%40ss@", {"headers": {"authorization": "Own x"}}, "Own x"),
    ],
)
async def test_credentials_are_sent_once(user: str, options: dict[str, Any], expected: str) -> None:
    """From `auth`, from the header, or from the URL's user part, in this order; never left in the Host header."""
    match options.pop("auth", None):
        case ("basic", name, password):
            options["auth"] = Auth(basic=BasicAuth(username=name, password=password))
        case ("bearer", token):
            options["auth"] = Auth(bearer=token)
    async with replying(OK) as server:
        url = server.url().replace("http://", f"http://{user}")
        outcome = await observe(service(url, **options))
        assert expected == server.asked[0].headers["authorization"]
        assert "@" not in server.asked[0].headers["host"]
        assert outcome.credentials_sent


async def test_no_credentials_are_none() -> None:
    """An API key in a header of the user's own is not called credentials: nobody says what rejects it."""
    async with replying(OK) as server:
        outcome = await observe(service(server.url(), headers={"X-Api-Key": "k"}))
        assert not outcome.credentials_sent


async def test_resolve_takes_the_place_of_dns_and_leaves_the_name() -> None:
    """The server is asked under the URL's name."""
    async with replying(OK) as server:
        outcome = await observe(service(server.url(host="shop.example.com"), resolve="127.0.0.1"))
        assert f"shop.example.com:{server.port}" == server.asked[0].headers["host"]
        assert outcome.fact("ip") == "127.0.0.1"


async def test_names_beyond_ascii_are_asked_for_in_punycode() -> None:
    """IDNA is for the wire, and for the resolver."""
    async with replying(OK) as server:
        await observe(service(server.url(host="bücher.example.com"), resolve="127.0.0.1"))
        assert f"xn--bcher-kva.example.com:{server.port}" == server.asked[0].headers["host"]


async def test_an_ipv6_address_is_bracketed() -> None:
    """In the URL and in the Host header."""
    async with replying(OK, host="::1") as server:
        outcome = await observe(service(server.url(host="[::1]")))
        assert f"[::1]:{server.port}" == server.asked[0].headers["host"]
        assert outcome.fact("ip") == "::1"


async def test_a_long_body_is_sent_whole() -> None:
    """Longer than any buffer between."""
    body = "x" * 3_000_000
    assert body.encode() == (await asked(method="POST", body=body)).body


async def test_a_name_that_cannot_be_one_is_a_fault_of_the_name() -> None:
    """No URL slips through as an internal fault."""
    wrong = replace(
        service("http://127.0.0.1/"), url="http://a..b\u2100/", address=Address("http", "a..b", 80, explicit=False)
    )
    outcome = await observe(wrong)
    assert outcome.failure is not None
    assert outcome.failure.cause == "dns"


async def test_the_time_that_a_server_takes_to_read_a_large_body_counts() -> None:
    """It is slow, although its answer comes at once after the last byte."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.2)  # it does something else
        await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(20_000_000)
        writer.write(OK)
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0, limit=2**16) as listening:
        port = listening.sockets[0].getsockname()[1]
        outcome = await observe(service(f"http://127.0.0.1:{port}/", method="POST", body="x" * 20_000_000))
    assert failed(outcome) is None
    assert outcome.timings.total >= 0.2
