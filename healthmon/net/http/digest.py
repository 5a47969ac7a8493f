"""The Digest scheme (RFC 7616): a password that proves itself without being sent.

aiohttp's own middleware for it would send the second request over the connection of the first, and each exchange of a
check has a fresh one.
"""

import hashlib
import re
import secrets
from collections.abc import Callable, Iterable, Mapping

from msgspec import Struct

from healthmon.net.http.auth import DigestAuth

_HASHES: Mapping[str, Callable[[bytes], str]] = {
    "MD5": lambda data: hashlib.md5(data, usedforsecurity=False).hexdigest(),
    "SHA-256": lambda data: hashlib.sha256(data).hexdigest(),
}
_PARAMETER = re.compile(r'[ \t,]*([!#$%&\'*+.^_`|~0-9A-Za-z-]+)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*))')
_SCHEME = re.compile(r"(?:^|,)[ \t]*Digest[ \t]+", re.IGNORECASE)
_LONGEST = 8 * 2**10


class Challenge(Struct, frozen=True):
    """What a server wants to have proved.

    Attributes:
        realm: Which users it means.
        nonce: What must go into the proof.
        opaque: What is given back as it is.
        algorithm: ``MD5`` or ``SHA-256``, perhaps with ``-sess``.
        named: Whether the server named the algorithm, so that the answer does too.
        quality: Whether it takes ``qop=auth``; else it is a server of RFC 2069.
        userhash: Whether the user's name is to be hashed.
        stale: Whether only the nonce of the proof before was too old.
    """

    realm: str
    nonce: str
    opaque: str | None = None
    algorithm: str = "MD5"
    named: bool = False
    quality: bool = True
    userhash: bool = False
    stale: bool = False


def challenge_of(headers: Iterable[str]) -> Challenge | None:
    """The first Digest challenge that can be met, of an answer's `WWW-Authenticate` headers; None without one."""
    for header in headers:
        text = header[:_LONGEST]
        starts = [match.end() for match in _SCHEME.finditer(text)]
        for start in starts:
            found = _challenge(_parameters(text, start))
            if found is not None:
                return found
    return None


def _parameters(text: str, start: int) -> dict[str, str]:
    """The parameters of one challenge: up to what is none, such as the name of the next scheme."""
    found: dict[str, str] = {}
    while match := _PARAMETER.match(text, start):
        value = re.sub(r"\\(.)", r"\1", match[2]) if match[2] is not None else match[3]
        found.setdefault(match[1].lower(), value)
        start = match.end()
    return found


def _challenge(given: Mapping[str, str]) -> Challenge | None:
    algorithm = given.get("algorithm", "MD5")
    known = {f"{name}{suffix}".upper(): f"{name}{suffix}" for name in _HASHES for suffix in ("", "-sess")}
    qualities = [quality.strip().lower() for quality in given.get("qop", "").split(",") if quality.strip()]
    if "nonce" not in given or "realm" not in given or algorithm.upper() not in known:
        return None
    if qualities and "auth" not in qualities:
        return None
    return Challenge(
        realm=given["realm"],
        nonce=given["nonce"],
        opaque=given.get("opaque"),
        algorithm=known[algorithm.upper()],
        named="algorithm" in given,
        quality=bool(qualities),
        userhash=given.get("userhash", "").lower() == "true",
        stale=given.get("stale", "").lower() == "true",
    )


def answer_to(
    challenge: Challenge,
    auth: DigestAuth,
    *,
    method: str,
    uri: str,
    count: int,
    cnonce: str | None = None,
) -> str:
    """The value of the `Authorization` header that proves the password (RFC 7616, 3.4).

    Args:
        challenge: What the server wants.
        auth: The name and the password.
        method: The request's method.
        uri: The request's target, as it stands in the request line.
        count: How many requests bear this nonce, with this one.
        cnonce: What this side adds to the proof; a random text by default.
    """
    digest = _HASHES[challenge.algorithm.removesuffix("-sess")]
    cnonce = cnonce or secrets.token_hex(16)
    number = f"{count:08x}"
    secret = _hashed(digest, auth.username, challenge.realm, auth.password)
    if challenge.algorithm.endswith("-sess"):
        secret = _hashed(digest, secret, challenge.nonce, cnonce)
    between = (challenge.nonce, number, cnonce, "auth") if challenge.quality else (challenge.nonce,)
    response = _hashed(digest, secret, *between, _hashed(digest, method, uri))
    username = _hashed(digest, auth.username, challenge.realm) if challenge.userhash else auth.username
    parts = [f"{name}={_quoted(value)}" for name, value in _texts(challenge, username, uri, response)]
    if challenge.named:
        parts.append(f"algorithm={challenge.algorithm}")
    if challenge.quality:
        parts += ["qop=auth", f"nc={number}", f"cnonce={_quoted(cnonce)}"]
    if challenge.userhash:
        parts.append("userhash=true")
    return "Digest " + ", ".join(parts)


def _texts(challenge: Challenge, username: str, uri: str, response: str) -> Iterable[tuple[str, str]]:
    yield "username", username
    yield "realm", challenge.realm
    yield "nonce", challenge.nonce
    yield "uri", uri
    yield "response", response
    if challenge.opaque is not None:
        yield "opaque", challenge.opaque


def _hashed(digest: Callable[[bytes], str], *parts: str) -> str:
    return digest(":".join(parts).encode())


def _quoted(text: str) -> str:
    escaped = re.sub(r'(["\\])', r"\\\1", text)
    return f'"{escaped}"'
