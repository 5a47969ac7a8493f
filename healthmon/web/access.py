"""Who may ask: credentials (RFC 7617, RFC 6750), and no web page of another site."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from healthmon.config.schema import Access
from healthmon.web.answers import refuse


def guarding(access: Access, *, but: str) -> Middleware:
    """What lets nobody through without the right credentials, but to one route, by its path."""

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        resource = request.match_info.route.resource
        free = resource is not None and resource.canonical == but
        if free or permits(access, request.headers.getall("Authorization", ())):
            return await handler(request)
        return _ask_for_credentials(request, access)

    return guard


def permits(access: Access, authorization: Sequence[str]) -> bool:
    """Whether these `Authorization` headers, of which there must be one, grant access.

    Takes as long for a wrong secret as for the right one, whatever its length.
    """
    if len(authorization) != 1:
        return False
    scheme, _, credentials = authorization[0].strip().partition(" ")
    match scheme.lower():
        case "basic" if access.username is not None:
            return _same(_decoded(credentials.strip()), f"{access.username}:{access.password}".encode())
        case "bearer" if access.bearer is not None:
            return _same(credentials.strip().encode("utf-8", "surrogateescape"), access.bearer.encode())
        case _:
            return False


def _decoded(credentials: str) -> bytes:
    try:
        return base64.b64decode(credentials.encode("utf-8", "surrogateescape"), validate=True)
    except binascii.Error:
        return b""  # The right ones have a colon at least.


def _same(shown: bytes, wanted: bytes) -> bool:
    return hmac.compare_digest(hashlib.sha256(shown).digest(), hashlib.sha256(wanted).digest())


def _ask_for_credentials(request: web.Request, access: Access) -> web.Response:
    ways, challenges = [], []
    if access.username is not None:
        ways.append("a name and a password (Basic)")
        challenges.append('Basic realm="healthmon", charset="UTF-8"')
    if access.bearer is not None:
        ways.append("a token (Bearer)")
        challenges.append('Bearer realm="healthmon"')
    wrong = "Authorization" in request.headers
    sentence = f"{'These credentials are not the right ones' if wrong else 'Credentials are needed'}: send "
    response = refuse(request, 401, f"{sentence}{' or '.join(ways)}.")
    for challenge in challenges:
        response.headers.add("WWW-Authenticate", challenge)
    return response


def sent_by_a_page(request: web.Request) -> bool:
    """Whether a web page had its browser send this.

    A browser names the page's origin with every POST that a page makes (Fetch, section 3.2), and newer ones where the
    page stands. No page here makes any, so the origin need not be compared: with a name that is bound to this
    machine's address (DNS rebinding), another site's origin would look like ours.
    """
    return "Origin" in request.headers or request.headers.get("Sec-Fetch-Site", "none") != "none"
