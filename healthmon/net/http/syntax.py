"""What may stand in an HTTP request. Each function raises `ValueError` with words for the user, without the value."""

import re
from urllib.parse import urlsplit

from healthmon.core.hosts import is_host

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, 5.6.2
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")  # RFC 9110, 5.5: what no field value may hold
_FRAMING = frozenset({"content-length", "transfer-encoding"})


def check_method(method: str) -> None:
    """A method is a token; `CONNECT` is for proxies."""
    if not _TOKEN.fullmatch(method):
        raise ValueError('`method` is a word such as "GET" or "POST"')
    if method.upper() == "CONNECT":
        raise ValueError('`method` cannot be "CONNECT"; write `proxy = "http://..."` to go through a proxy')


def check_header(name: str, value: str) -> None:
    """A name is a token, a value holds no line breaks, and the length of the body is for the sender to tell."""
    if not _TOKEN.fullmatch(name):
        raise ValueError(f"`headers`: {name!r} is not the name of a header")
    if name.lower() in _FRAMING:
        raise ValueError(f"`headers`: {name} follows from the body and cannot be set")
    check_value(f"`headers`: the value of {name}", value)


def check_value(what: str, value: str) -> None:
    """A value that becomes part of a header holds no control characters."""
    if match := _CONTROL.search(value):
        raise ValueError(f"{what} holds a control character ({match[0]!r})")


def check_proxy(proxy: str | None) -> None:
    """A proxy's URL has a scheme, a host, and perhaps credentials and a port, but nothing after."""
    if proxy is None:
        return
    example = '`proxy` is a URL such as "http://proxy.example.com:3128"'
    try:
        parts = urlsplit(proxy)
        port = parts.port
    except ValueError:
        raise ValueError(example) from None
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        raise ValueError(example)
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise ValueError(f"{example}, without a path")
    if not (proxy.isprintable() and is_host(parts.hostname)):
        raise ValueError("`proxy`: its host is no name and no address")
