"""What may appear in no output."""

import base64
import json
import re
from urllib.parse import quote, quote_plus, unquote

from healthmon.config.kinds import Path

MASK = "***"

_TELLING = 3
"""A shorter secret is in every text: masking it would leave nothing to read, and tell what it is."""

_USER_PART = re.compile(r"([^/?#:@]*://)?([^/?#:@]*):([^/?#]*)@")
_PATH_SAFE = "!$&'()*,;=:@"
_QUERY_SAFE = "!$'()*,/:?@"

_CREDENTIAL_HEADERS = frozenset({"authorization", "proxy-authorization", "cookie"})


def from_environment(path: Path) -> bool:
    """Whether what a variable gives to the value at this path is secret, a URL's user part aside."""
    return path[0] in {"auth", "headers", "params", "body", "json", "form"}


def literal(path: Path) -> bool:
    """Whether what stands at this path is secret even when it is written in the file."""
    if path[0] == "auth":
        return path[-1] != "username"
    return path[0] == "headers" and len(path) == 2 and str(path[1]).lower() in _CREDENTIAL_HEADERS


def forms(secret: str) -> frozenset[str]:
    """A secret and the forms in which a server may echo it: in a URL, in a form, as JSON text, in a page."""
    from html import escape  # Few configs have secrets, and this one brings every named character of HTML.

    # Different programs leave different characters of a URL as they are: these are RFC 3986's, for a path and a query.
    in_urls = {quote(secret, safe=safe) for safe in ("", "/", _PATH_SAFE, f"{_PATH_SAFE}/", _QUERY_SAFE)}
    in_forms = {quote_plus(secret), quote_plus(secret, safe=_QUERY_SAFE)}
    in_json = {json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}
    texts = {secret, *secret.splitlines(), *in_urls, *in_forms, *in_json, escape(secret)}
    return frozenset(text for text in texts if len(text) >= _TELLING)


def header_forms(value: str) -> frozenset[str]:
    """A header's secret value: as a whole, and the part after the name of its scheme."""
    return forms(value) | forms(value.partition(" ")[2])


def basic_forms(username: str, password: str) -> frozenset[str]:
    """The forms of a password, and of what the Basic scheme makes of it (RFC 7617)."""
    token = base64.b64encode(f"{username}:{password}".encode()).decode()
    return forms(password) | forms(token)


def url_forms(url: str) -> frozenset[str]:
    """The forms of the password in a URL's user part, and of what the Basic scheme makes of it."""
    match = _USER_PART.match(url)
    if not match or not match[3]:
        return frozenset()
    return basic_forms(unquote(match[2]), unquote(match[3])) | forms(match[3])


def without_password(url: str) -> str:
    """The URL with its password masked."""
    match = _USER_PART.match(url)
    return f"{url[: match.start(3)]}{MASK}{url[match.end(3) :]}" if match and match[3] else url
