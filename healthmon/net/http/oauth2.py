"""The token endpoint of OAuth 2.0: client credentials (RFC 6749, 4.4)."""

from typing import Any
from urllib.parse import quote_plus, urlencode

import msgspec
from yarl import URL

from healthmon.core.masking import findable
from healthmon.core.model import Cause
from healthmon.net.http.auth import OAuth2
from healthmon.net.http.connection import Route
from healthmon.net.http.exchange import exchange
from healthmon.net.http.request import Request, basic_credentials
from healthmon.net.http.tokens import Token
from healthmon.net.network import Network
from healthmon.net.trace import ProbeFailed, Trace

REJECTED = "oauth2.rejected"
UNREACHABLE = "oauth2.unreachable"

_LONGEST = 64 * 2**10
_LONGEST_LIFETIME = 10**9
_USUAL_LIFETIME = 300.0
"""Seconds for which a token is used of which the endpoint does not say when it expires."""


def endpoint(settings: OAuth2) -> str:
    """What messages call the token endpoint."""
    url = URL(settings.token_url)
    return f"the token endpoint {url.host_subcomponent}:{url.port}"


async def fetch_token(settings: OAuth2, network: Network, route: Route) -> Token:
    """Ask the token endpoint for a token, over a fresh connection.

    Raises:
        ProbeFailed: It cannot be reached, does not answer as it should (`oauth2.unreachable`), or does not give this
            client a token (`oauth2.rejected`).
    """
    trace = Trace()
    try:
        async with exchange(network, route, _request(settings), trace, want_body=True) as answer:
            status = answer.status
            await answer.read(_LONGEST)
    except ProbeFailed as failure:
        raise ProbeFailed(failure.cause, f"{endpoint(settings)}: {failure.message}", UNREACHABLE) from failure
    said = _document(b"" if trace.body is None else trace.body.content)
    if 200 <= status < 300:
        return _token(settings, said)
    error = said.get("error")
    why = f"{error} (HTTP {status})" if isinstance(error, str) and error else f"HTTP {status}"
    if 400 <= status < 500 and status not in (404, 405, 408, 429):
        raise ProbeFailed(Cause.AUTH, f"{endpoint(settings)} rejects the client: {why}", REJECTED)
    raise ProbeFailed(Cause.STATUS, f"{endpoint(settings)} gives no token: {why}", UNREACHABLE)


def _request(settings: OAuth2) -> Request:
    fields = {"grant_type": "client_credentials"}
    headers = [("Content-Type", "application/x-www-form-urlencoded"), ("Accept", "application/json")]
    if settings.scope is not None:
        fields["scope"] = settings.scope
    if settings.audience is not None:
        fields["audience"] = settings.audience
    if settings.auth_style == "body":
        fields |= {"client_id": settings.client_id, "client_secret": settings.client_secret}
    else:
        # Both are encoded as a form's fields are, before they become Basic credentials (RFC 6749, 2.3.1).
        credentials = basic_credentials(quote_plus(settings.client_id), quote_plus(settings.client_secret))
        headers.append(("Authorization", credentials))
    return Request("POST", URL(settings.token_url), tuple(headers), urlencode(fields).encode())


def _document(content: bytes) -> dict[str, Any]:
    try:
        said = msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _token(settings: OAuth2, said: dict[str, Any]) -> Token:
    text, kind = said.get("access_token"), said.get("token_type", "Bearer")
    if not isinstance(text, str) or not text or not (text.isascii() and text.isprintable() and " " not in text):
        raise ProbeFailed(Cause.PROTOCOL, f"{endpoint(settings)} answers without an access token", UNREACHABLE)
    if not findable(text):
        raise ProbeFailed(Cause.TOO_LARGE, f"{endpoint(settings)} gives a token that is too long", UNREACHABLE)
    if not isinstance(kind, str) or kind.lower() != "bearer":
        raise ProbeFailed(Cause.PROTOCOL, f"{endpoint(settings)} gives a token that is no bearer token", UNREACHABLE)
    return Token(text, _lifetime(said.get("expires_in")))


def _lifetime(given: Any) -> float:
    """Seconds; some endpoints write them as text."""
    if isinstance(given, str) and given.isdecimal() and len(given) < 12:
        given = int(given)
    if isinstance(given, bool) or not isinstance(given, int | float):
        return _USUAL_LIFETIME
    return float(min(max(given, 0), _LONGEST_LIFETIME))
