"""Redirects: which are followed, what goes along, and where they end."""

from typing import Any

import pytest

from healthmon.core.model import Outcome
from healthmon.probes.http import Auth
from tests.probes.http_server import OK, Asked, Server, failed, observe, redirect, replying, service

SECRETS: dict[str, Any] = {
    "headers": {"X-Api-Key": "k", "Cookie": "c=1", "User-Agent": "own", "Host": "shop.example.com"},
    "params": {"token": "t"},
    "auth": Auth(bearer="b"),
}


def paths(server: Server) -> list[str]:
    """What the server was asked for."""
    return [f"{asked.method} {asked.target}" for asked in server.asked]


async def test_a_redirect_is_an_answer_unless_followed() -> None:
    """302 counts, as Django's do."""
    async with replying(redirect("/login")) as server:
        outcome = await observe(service(server.url("/admin")))
        assert (failed(outcome), outcome.fact("status"), outcome.fact("redirects")) == (None, 302, None)
        assert paths(server) == ["GET /admin"]


async def test_redirects_are_followed_to_the_answer() -> None:
    """The facts are those of the last answer, and tell how many redirects led there; the times add up."""

    def reply(asked: Asked) -> bytes:
        match asked.target:
            case "/":
                return redirect("a/b?x=1#part")
            case "/a/b?x=1":
                return redirect("../c", 301)
        return OK

    async with replying(reply) as server:
        outcome = await observe(service(server.url(), follow_redirects=True, need_body=True))
        assert paths(server) == ["GET /", "GET /a/b?x=1", "GET /c"]
    assert failed(outcome) is None
    facts = [(fact.name, fact.value) for fact in outcome.facts if fact.name != "clock"]
    assert facts == [
        ("ip", "127.0.0.1"),
        ("status", 200),
        ("http_version", "1.1"),
        ("content_type", "text/plain; charset=utf-8"),
        ("redirects", 2),
        ("url", server.url("/c")),
        ("body_bytes", 5),
    ]
    assert outcome.body is not None
    assert outcome.body.content == b"hello"


async def test_what_is_meant_for_the_service_goes_along_within_its_origin() -> None:
    """Headers and credentials do; the query parameters belong to the first URL."""
    async with replying(lambda asked: OK if asked.target == "/next" else redirect("/next")) as server:
        outcome = await observe(service(server.url(), follow_redirects=True, **SECRETS))
        assert paths(server) == ["GET /?token=t", "GET /next"]
        first, second = server.asked
        assert second.headers == first.headers
        assert outcome.credentials_sent


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
async def test_nothing_goes_along_to_another_origin(host: str) -> None:
    """Another name or another port is another origin; what healthmon says of itself is no secret."""
    async with replying(OK) as other:
        async with replying(redirect(other.url("/there", host=host).replace("//", "//a:b@"))) as server:
            outcome = await observe(service(server.url(), follow_redirects=True, **SECRETS))
            assert server.asked[0].headers["x-api-key"] == "k"
        assert (failed(outcome), outcome.fact("status"), outcome.fact("url")) == (
            None,
            200,
            other.url("/there", host=host),
        )
        assert not outcome.credentials_sent
        (asked,) = other.asked
        assert asked.target == "/there"
        assert asked.headers["host"] == f"{host}:{other.port}"
        assert asked.headers.keys() == {"host", "user-agent", "accept", "accept-encoding", "connection"}
        assert asked.headers["user-agent"].startswith("healthmon/")


async def test_nothing_comes_back_with_the_other_origin() -> None:
    """Who sends the check back to the service chooses the URL there: not with the service's credentials."""
    async with (
        replying(lambda asked: redirect(server.url("/deep"))) as other,
        replying(lambda asked: OK if asked.target == "/deep" else redirect(other.url())) as server,
    ):
        outcome = await observe(service(server.url(), follow_redirects=True, **SECRETS))
        assert (failed(outcome), outcome.fact("redirects"), outcome.credentials_sent) == (None, 2, False)
        assert "x-api-key" not in server.asked[1].headers


async def test_cookies_stay_with_their_origin() -> None:
    """One that a hop sets is sent to later hops of the same origin, with the user's own, and to no other."""

    def home(asked: Asked) -> bytes:
        if asked.target == "/end":
            return OK
        return redirect(other.url()) if "seen" in asked.headers["cookie"] else redirect("/", 302, "Set-Cookie: seen=1")

    async with (
        replying(lambda asked: redirect(server.url("/end"), 302, "Set-Cookie: o=1")) as other,
        replying(home) as server,
    ):
        outcome = await observe(service(server.url(), follow_redirects=True, headers={"Cookie": "mine=1"}))
        assert (failed(outcome), outcome.fact("redirects")) == (None, 3)
        cookies = [asked.headers.get("cookie") for asked in server.asked]
        assert cookies[0] == "mine=1"
        assert sorted((cookies[1] or "").split("; ")) == ["mine=1", "seen=1"]
        assert cookies[2] == "seen=1"
        assert "cookie" not in other.asked[0].headers


@pytest.mark.parametrize(
    ("status", "method", "expected", "body"),
    [
        (301, "POST", "GET", b""),
        (302, "POST", "GET", b""),
        (303, "POST", "GET", b""),
        (303, "PUT", "GET", b""),
        (303, "HEAD", "HEAD", b""),
        (302, "PUT", "PUT", b"{}"),
        (307, "POST", "POST", b"{}"),
        (308, "POST", "POST", b"{}"),
    ],
)
async def test_methods_change_as_clients_agree(status: int, method: str, expected: str, body: bytes) -> None:
    """RFC 9110, 15.4; a GET that comes of a POST has no body and no headers of one."""
    async with replying(lambda asked: OK if asked.target == "/next" else redirect("/next", status)) as server:
        options: dict[str, Any] = {} if method == "HEAD" else {"json": {}}
        outcome = await observe(service(server.url(), method=method, follow_redirects=True, **options))
        assert failed(outcome) is None
        asked = server.asked[1]
        assert (asked.method, asked.body, "content-type" in asked.headers) == (expected, body, bool(body))


async def test_a_body_goes_to_no_other_origin() -> None:
    """307 asks to send it there, so the redirect cannot be followed."""
    async with replying(OK) as other, replying(redirect(other.url("/x"), 307)) as server:
        outcome = await observe(service(server.url(), method="POST", form={"a": "b"}, follow_redirects=True))
        message = f"HTTP 307 would give the body to another origin: {other.url('/x')}"
        assert (failed(outcome), other.asked) == (("redirect", message, "transfer"), [])


@pytest.mark.parametrize(
    ("location", "message"),
    [
        ("", "HTTP 302 without a Location"),
        ("ftp://example.com/x", "HTTP 302 leads to what is not an HTTP URL: ftp://example.com/x"),
        ("javascript:alert(1)", "HTTP 302 leads to what is not an HTTP URL: javascript:alert(1)"),
        ("http://", "HTTP 302 leads to what is not an HTTP URL: http://"),
        ("http://[::1/", "HTTP 302 leads to what is not an HTTP URL: http://[::1/"),
        ("http://127.0.0.1:99999/", "HTTP 302 leads to what is not an HTTP URL: http://127.0.0.1:99999/"),
    ],
)
async def test_a_redirect_that_leads_nowhere(location: str, message: str) -> None:
    """The status that misleads is a fact."""
    async with replying(redirect(location)) as server:
        outcome = await observe(service(server.url(), follow_redirects=True))
    assert (failed(outcome), outcome.fact("status")) == (("redirect", message, "transfer"), 302)


async def test_a_loop_is_found() -> None:
    """At the second visit, not at the limit. A query, where secrets may stand, is not shown."""
    async with replying(lambda asked: redirect("/b?s=1" if asked.target == "/a" else "/a")) as server:
        outcome = await observe(service(server.url("/a"), follow_redirects=True))
        assert failed(outcome) == ("redirect", f"redirects in a loop: {server.url('/a')}", "transfer")
        assert paths(server) == ["GET /a", "GET /b?s=1"]


@pytest.mark.parametrize(("follow", "limit"), [(True, 10), (2, 2)])
async def test_there_is_a_limit(follow: bool | int, limit: int) -> None:
    """Ten, or what the user says."""
    async with replying(lambda asked: redirect(asked.target + "x")) as server:
        outcome = await observe(service(server.url(), follow_redirects=follow))
        assert failed(outcome) == ("redirect", f"more than {limit} redirects", "transfer")
        assert (len(server.asked), outcome.fact("redirects")) == (limit + 1, limit)


async def test_a_later_hop_that_fails_has_no_status() -> None:
    """The status of an earlier answer is not that of the service."""
    async with replying(OK) as gone:
        pass
    async with replying(redirect(gone.url("/gone"))) as server:
        outcome: Outcome = await observe(service(server.url(), follow_redirects=True))
    assert outcome.failure is not None
    assert (outcome.failure.cause, outcome.fact("status"), outcome.fact("url")) == (
        "refused",
        None,
        gone.url("/gone"),
    )


async def test_resolve_is_for_the_services_own_host_and_port() -> None:
    """Another port of it is asked for by name."""
    async with replying(OK) as other, replying(lambda asked: _elsewhere(asked, other)) as server:
        url = server.url(host="shop.example.com")
        outcome = await observe(service(url, resolve="127.0.0.1", follow_redirects=True))
        assert paths(server) == ["GET /", "GET /again"]
        assert paths(other) == ["GET /"]
    assert failed(outcome) is None


def _elsewhere(asked: Asked, other: Server) -> bytes:
    return redirect(other.url(host="localhost")) if asked.target == "/again" else redirect("/again")
