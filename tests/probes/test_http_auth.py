"""Credentials that take more than a header: OAuth 2.0 and Digest, against servers that check them."""

import asyncio
import hashlib
import json
import re
from base64 import b64encode
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

import pytest

from healthmon.config.load import parse
from healthmon.core.advice.advise import explain
from healthmon.core.model import Cause, Result, Service, Verdict
from healthmon.engine.check import check
from healthmon.net.http.auth import DigestAuth, OAuth2
from healthmon.net.http.digest import Challenge, answer_to, challenge_of
from healthmon.net.http.tokens import Token, Tokens
from healthmon.net.network import Network
from healthmon.net.trace import ProbeFailed
from healthmon.probes import PROBES
from tests.net.descriptors import leaving_no_socket
from tests.probes.http_server import Asked, Server, fresh_network, replying, talking
from tests.probes.test_http_steps import answering

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
UNAUTHORIZED = b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n"
CLIENT = "client_id = 'health mon', client_secret = 'top+secret'"


def read(server: Server, keys: str, *, timeout: float = 5) -> Service:
    """The service that a config describes."""
    text = f'[[services]]\nname = "A"\nurl = "{server.url()}"\nexpect.status = 200\ntimeout = {timeout}\n{keys}'
    return parse(text).services[0]


async def judged(service: Service, network: Network) -> Result:
    """Check a service once."""
    return await check(service, probe=PROBES["http"], network=network)


def oauth2(endpoint: Server, more: str = "") -> str:
    """The keys of a client."""
    return f"auth.oauth2 = {{ token_url = '{endpoint.url('/token')}', {CLIENT}{more} }}"


def bearer(asked: Asked) -> str:
    """The token of a request."""
    return asked.headers.get("authorization", "").removeprefix("Bearer ")


def granting(*tokens: str, lifetime: Any = 3600) -> Callable[[Asked], bytes]:
    """Give one token after the other."""
    left = list(tokens)
    return lambda _: answering({"access_token": left.pop(0), "token_type": "bearer", "expires_in": lifetime})


async def test_a_token_is_fetched_once_and_shared_by_services_with_equal_settings() -> None:
    async with replying(granting("token-1")) as endpoint, replying(OK) as server, replying(OK) as other:
        with fresh_network() as network:
            services = [read(server, oauth2(endpoint)), read(other, oauth2(endpoint))]
            results = await asyncio.gather(*(judged(service, network) for service in services * 2))

    assert {result.verdict for result in results} == {Verdict.UP}
    assert [bearer(asked) for asked in server.asked + other.asked] == ["token-1"] * 4
    (asked,) = endpoint.asked
    assert asked.method == "POST"
    assert parse_qs(asked.body.decode()) == {"grant_type": ["client_credentials"]}
    # Both parts are encoded as a form's fields before they become Basic credentials (RFC 6749, 2.3.1).
    assert asked.headers["authorization"] == "Basic " + b64encode(b"health+mon:top%2Bsecret").decode()


async def test_a_client_in_the_body_with_scope_and_audience() -> None:
    more = ", auth_style = 'body', scope = 'a b', audience = 'https://api.example.com'"
    async with replying(granting("token-1")) as endpoint, replying(OK) as server:
        with fresh_network() as network:
            await judged(read(server, oauth2(endpoint, more)), network)

    (asked,) = endpoint.asked
    assert "authorization" not in asked.headers
    assert parse_qs(asked.body.decode()) == {
        "grant_type": ["client_credentials"],
        "client_id": ["health mon"],
        "client_secret": ["top+secret"],
        "scope": ["a b"],
        "audience": ["https://api.example.com"],
    }


async def test_a_refused_token_is_replaced_once() -> None:
    def reply(asked: Asked) -> bytes:
        return OK if bearer(asked) == "token-2" else UNAUTHORIZED

    async with replying(granting("token-1", "token-2")) as endpoint, replying(reply) as server:
        with fresh_network() as network:
            result = await judged(read(server, oauth2(endpoint)), network)

    assert result.verdict is Verdict.UP
    assert [bearer(asked) for asked in server.asked] == ["token-1", "token-2"]


async def test_a_token_that_is_refused_again_is_the_clients_fault() -> None:
    async with replying(granting("token-1", "token-2")) as endpoint, replying(UNAUTHORIZED) as server:
        with fresh_network() as network:
            result = await judged(read(server, oauth2(endpoint)), network)

    assert (result.verdict, result.cause, result.message) == (Verdict.DOWN, Cause.AUTH, "HTTP 401, expected 200")
    assert len(server.asked) == 2


@pytest.mark.parametrize(
    ("answer", "cause", "symptom", "message"),
    [
        (
            answering({"error": "invalid_client"}, "401 Unauthorized"),
            Cause.AUTH, "oauth2.rejected", "rejects the client: invalid_client (HTTP 401)",
        ),
        (
            answering({"error": "x top+secret y"}, "400 Bad Request"),
            Cause.AUTH, "oauth2.rejected", "rejects the client: x *** y (HTTP 400)",
        ),
        (
            b"HTTP/1.1 503 Away\r\nContent-Length: 0\r\n\r\n",
            Cause.STATUS, "oauth2.unreachable", "gives no token: HTTP 503",
        ),
        (
            answering({}), Cause.PROTOCOL, "oauth2.unreachable", "answers without an access token",
        ),
        (
            answering({"access_token": "a b"}), Cause.PROTOCOL, "oauth2.unreachable", "answers without an access token",
        ),
        (
            answering({"access_token": "abc", "token_type": "mac"}),
            Cause.PROTOCOL, "oauth2.unreachable", "gives a token that is no bearer token",
        ),
        (
            answering({"access_token": "+" * 513}),
            Cause.TOO_LARGE, "oauth2.unreachable", "gives a token that is too long",
        ),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n[1, 2]",
            Cause.RESET, "oauth2.unreachable", "connection closed after 6 of 9 bytes",
        ),
    ],
)  # fmt: skip
async def test_a_token_endpoint_that_gives_none(answer: bytes, cause: Cause, symptom: str, message: str) -> None:
    async with replying(answer) as endpoint, replying(OK) as server:
        with fresh_network() as network:
            result = await judged(read(server, oauth2(endpoint)), network)

    assert (result.verdict, result.cause, result.symptom) == (Verdict.DOWN, cause, symptom)
    assert re.fullmatch(rf"the token endpoint 127\.0\.0\.1:{endpoint.port}:? {re.escape(message)}", result.message)
    assert server.asked == []
    assert "auth.oauth2" in str(explain(result))


async def test_a_token_endpoint_that_is_not_there() -> None:
    gone = Server("http", 1)
    async with replying(OK) as server:
        with fresh_network() as network:
            result = await judged(read(server, oauth2(gone)), network)

    assert (result.cause, result.symptom) == (Cause.REFUSED, "oauth2.unreachable")
    assert result.message == "the token endpoint 127.0.0.1:1: connection refused"


async def test_a_token_endpoint_that_hangs_ends_the_check_by_its_timeout_and_leaves_no_socket() -> None:
    async def silent(asked: Asked, writer: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    async with leaving_no_socket(), talking(silent) as endpoint, replying(OK) as server:
        with fresh_network() as network:
            service = read(server, oauth2(endpoint), timeout=0.3)
            results = await asyncio.gather(judged(service, network), judged(service, network))

    for result in results:
        assert (result.cause, result.symptom) == (Cause.NO_RESPONSE, "oauth2.unreachable")
        assert result.message == f"the token endpoint 127.0.0.1:{endpoint.port} gave no token in time"


async def test_a_token_and_the_clients_secret_are_shown_nowhere() -> None:
    def reply(asked: Asked) -> bytes:
        return answering({"echo": asked.headers["authorization"]})

    async with replying(granting("tok-en+42")) as endpoint, replying(reply) as server:
        keys = oauth2(endpoint) + "\nexpect.json = { echo = 'nothing' }"
        with fresh_network() as network:
            result = await judged(read(server, keys), network)

    assert result.message == 'HTTP 200, json echo: "Bearer ***", expected "nothing"'


async def test_no_token_goes_to_another_origin() -> None:
    async with replying(granting("token-1")) as endpoint, replying(OK) as other:
        leading = f"HTTP/1.1 302 Found\r\nLocation: {other.url()}\r\nContent-Length: 0\r\n\r\n".encode()
        async with replying(leading) as server:
            with fresh_network() as network:
                result = await judged(read(server, oauth2(endpoint) + "\nfollow_redirects = true"), network)

    assert result.verdict is Verdict.UP
    assert "authorization" not in other.asked[0].headers


class Fetching:
    """Gives tokens with numbers, and counts."""

    def __init__(self, lifetime: float = 100.0) -> None:
        self.times = 0
        self.lifetime = lifetime

    async def __call__(self) -> Token:
        """Give the next one."""
        self.times += 1
        await asyncio.sleep(0)
        return Token(f"token-{self.times}", self.lifetime)


async def test_a_token_is_used_until_shortly_before_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr("healthmon.net.http.tokens._now", lambda: now)
    tokens, fetch = Tokens(), Fetching()

    async def get(at: float) -> str:
        nonlocal now
        now = at
        return await tokens.get("a", fetch, not_this=None)

    got = [await get(at) for at in (1000.0, 1089.0, 1091.0)]

    assert got == ["token-1", "token-1", "token-2"]


async def test_one_fetches_while_the_others_wait_and_fails_for_all() -> None:
    tokens, begun = Tokens(), 0

    async def fail() -> Token:
        nonlocal begun
        begun += 1
        await asyncio.sleep(0)
        raise ProbeFailed(Cause.REFUSED, "refused", "oauth2.unreachable")

    ended = await asyncio.gather(*(tokens.get("a", fail, not_this=None) for _ in range(3)), return_exceptions=True)

    assert [str(error) for error in ended] == ["refused"] * 3
    assert begun == 1
    assert await tokens.get("a", Fetching(), not_this=None) == "token-1"


async def test_who_gives_up_fetching_lets_the_next_one_fetch() -> None:
    tokens, fetch = Tokens(), Fetching()
    hanging = asyncio.Event()

    async def hang() -> Token:
        hanging.set()
        await asyncio.Event().wait()
        raise AssertionError

    first = asyncio.create_task(tokens.get("a", hang, not_this=None))
    await hanging.wait()
    second = asyncio.create_task(tokens.get("a", fetch, not_this=None))
    first.cancel()

    assert await second == "token-1"


async def test_what_has_expired_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr("healthmon.net.http.tokens._now", lambda: now)
    tokens = Tokens()
    for settings in range(50):
        now = settings * 1000.0
        await tokens.get(settings, Fetching(), not_this=None)

    assert len(tokens._places) == 1


@pytest.mark.parametrize(
    ("given", "lifetime"),
    [(60, 60.0), ("60", 60.0), (None, 300.0), (True, 300.0), ("soon", 300.0), (-5, 0.0), (10**400, 1e9), (1.5, 1.5)],
)
async def test_how_long_a_token_is_good(given: Any, lifetime: float) -> None:
    from healthmon.net.http.oauth2 import _lifetime

    assert _lifetime(json.loads(json.dumps(given))) == lifetime


DIGEST = 'auth.digest = { username = "Mufasa", password = "Circle of Life" }'


class Guarding:
    """Checks proofs as RFC 7616 wants it, worked out from the request anew.

    Args:
        hashed: The hash function.
        name: What the challenge calls it; nothing for a server of RFC 2069.
    """

    def __init__(self, hashed: Callable[[bytes], Any], name: str, *, nonces: int = 10**6) -> None:
        self._hash = hashed
        self._name = name
        self._nonces = nonces
        self.counts: list[str] = []

    def __call__(self, asked: Asked) -> bytes:
        """Let the request in, or say what it needs."""
        given = dict(re.findall(r'(\w+)="?([^",]*)"?', asked.headers.get("authorization", "")))
        nonce = f"nonce-{len(self.counts) // self._nonces}"
        if given.get("nonce") == nonce and self._right(given, asked):
            self.counts.append(given.get("nc", ""))
            return OK
        stale = ", stale=true" if given else ""
        named = f', qop="auth,auth-int", algorithm={self._name}' if self._name else ""
        challenge = f'Digest realm="http-auth@example.org", nonce="{nonce}", opaque="op"{named}{stale}'
        return f"HTTP/1.1 401 No\r\nWWW-Authenticate: {challenge}\r\nContent-Length: 0\r\n\r\n".encode()

    def _hashed(self, *parts: str) -> str:
        return str(self._hash(":".join(parts).encode()).hexdigest())

    def _right(self, given: dict[str, str], asked: Asked) -> bool:
        secret = self._hashed("Mufasa", "http-auth@example.org", "Circle of Life")
        if self._name.endswith("-sess"):
            secret = self._hashed(secret, given["nonce"], given["cnonce"])
        between = (given["nonce"], given["nc"], given["cnonce"], "auth") if self._name else (given["nonce"],)
        return given["response"] == self._hashed(secret, *between, self._hashed(asked.method, asked.target))


@pytest.mark.parametrize(
    ("hashed", "name"),
    [
        (hashlib.md5, "MD5"), (hashlib.sha256, "SHA-256"), (hashlib.md5, "MD5-sess"), (hashlib.sha256, "SHA-256-sess"),
        (hashlib.md5, ""),
    ],
)  # fmt: skip
async def test_a_proof_is_accepted(hashed: Callable[[bytes], Any], name: str) -> None:
    async with replying(Guarding(hashed, name)) as server:
        with fresh_network() as network:
            result = await judged(read(server, DIGEST + "\nparams = { q = 'a b' }"), network)

    assert (result.verdict, result.message) == (Verdict.UP, "HTTP 200")
    assert len(server.asked) == 2


async def test_a_wrong_password_is_rejected() -> None:
    async with replying(Guarding(hashlib.md5, "MD5")) as server:
        with fresh_network() as network:
            result = await judged(read(server, DIGEST.replace("Life", "Death")), network)

    assert (result.cause, result.message) == (Cause.AUTH, "HTTP 401, expected 200")
    assert len(server.asked) == 2


async def test_the_requests_of_one_check_count_on_and_take_a_new_nonce_when_told() -> None:
    guard = Guarding(hashlib.sha256, "SHA-256", nonces=2)
    async with replying(guard) as server:
        with fresh_network() as network:
            keys = DIGEST + "\nsteps = [{ path = 'a' }, { path = 'b' }, { path = 'c' }]"
            result = await judged(read(server, keys), network)

    assert result.verdict is Verdict.UP
    assert guard.counts == ["00000001", "00000002", "00000001"]
    assert len(server.asked) == 5


async def test_a_server_that_wants_something_else_gets_no_proof() -> None:
    wanting = b"HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm=x\r\nContent-Length: 0\r\n\r\n"
    async with replying(wanting) as server:
        with fresh_network() as network:
            result = await judged(read(server, DIGEST), network)

    assert (result.cause, len(server.asked)) == (Cause.STATUS, 1)


def test_the_example_of_the_rfc() -> None:
    """RFC 7616, 3.9.1."""
    challenge = Challenge(
        realm="http-auth@example.org",
        nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
        opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS",
        algorithm="SHA-256",
        named=True,
    )
    proof = answer_to(
        challenge,
        DigestAuth(username="Mufasa", password="Circle of Life"),
        method="GET",
        uri="/dir/index.html",
        count=1,
        cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
    )
    assert 'response="753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"' in proof


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        ([], None),
        (["Basic realm=x"], None),
        (["Digest realm=x"], None),
        (['Digest realm="x", nonce="n", algorithm=SHA-512-256'], None),
        (['Digest realm="x", nonce="n", qop="auth-int"'], None),
        (['Digest realm="a\\"b, Digest c", nonce=n'], Challenge('a"b, Digest c', "n", quality=False)),
        (['Basic realm="x", Digest realm="y", nonce="n", qop=auth'], Challenge("y", "n")),
        (
            ['Digest realm="x", nonce="n", qop=auth-int', 'digest REALM="y",nonce="n",qop="auth", userhash=true'],
            Challenge("y", "n", userhash=True),
        ),
    ],
)
def test_challenges(headers: list[str], found: Challenge | None) -> None:
    assert challenge_of(headers) == found


def test_a_users_name_may_be_hashed() -> None:
    """RFC 7616, 3.4.4."""
    auth = DigestAuth(username="Jäsøn", password="p")
    proof = answer_to(Challenge("r", "n", userhash=True), auth, method="GET", uri="/", count=1)
    hashed = hashlib.md5("Jäsøn:r".encode()).hexdigest()
    assert f'username="{hashed}"' in proof
    assert proof.endswith("userhash=true")


@pytest.mark.parametrize(
    ("keys", "words"),
    [(DIGEST, "--digest -u 'Mufasa:***'"), (f"auth.oauth2 = {{ token_url = 'http://a/', {CLIENT} }}", "Bearer ***")],
)
def test_by_hand(keys: str, words: str) -> None:
    """Without the password."""
    (service,) = parse(f'[[services]]\nname = "A"\nurl = "http://127.0.0.1/"\n{keys}').services
    assert service.by_hand is not None
    assert words in service.by_hand
    assert "Life" not in service.by_hand


@pytest.mark.parametrize(
    ("auth", "message"),
    [
        (lambda: DigestAuth(username="a:b", password="c"), "`auth.digest.username` cannot hold a colon"),
        (
            lambda: OAuth2(token_url="http://[", client_id="a", client_secret="b"),
            '`auth.oauth2.token_url` is a URL such as "https://login.example.com/oauth2/token"',
        ),
    ],
)
def test_credentials_that_cannot_be(auth: Callable[[], Any], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        auth()


async def test_a_challenge_that_is_stale_for_ever_is_not_asked_for_ever() -> None:
    stale = 'Digest realm="r", nonce="same", qop="auth", stale=true'
    refusing = f"HTTP/1.1 401 No\r\nWWW-Authenticate: {stale}\r\nContent-Length: 0\r\n\r\n".encode()
    async with replying(refusing) as server:
        with fresh_network() as network:
            result = await judged(read(server, DIGEST), network)

    assert (result.cause, len(server.asked)) == (Cause.AUTH, 2)


def test_a_token_is_not_in_its_own_words() -> None:
    assert repr(Token("se-cret", 60.0)) == "<Token for 60 s>"
