"""What `{host}` may stand for."""

import ipaddress
import re

_LABEL = re.compile(r"(?!-)[\w-]{1,63}(?<!-)")


def check_host(text: str) -> str:
    """Check that a text is a host's name, an IPv4 or an IPv6 address, and nothing more.

    Returns:
        The text, unchanged.

    Raises:
        ValueError: It is not. The message says what to write instead, where that can be told.
    """
    if _is_host(text):
        return text
    bare = _bare(text)
    if bare != text and _is_host(bare):
        raise ValueError(f"expected a host's name or address and nothing more; write: {bare}")
    raise ValueError("expected a host's name, an IPv4 or an IPv6 address")


def bracketed(host: str) -> str:
    """The host as it stands in a URL: an IPv6 address in brackets (RFC 3986, section 3.2.2)."""
    return f"[{host}]" if ":" in host else host


def _is_host(text: str) -> bool:
    if ":" in text or re.fullmatch(r"[0-9.]+", text):
        return _is_address(text)
    name = text.removesuffix(".")
    return len(name) <= 253 and all(_LABEL.fullmatch(label) for label in name.split("."))


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _bare(text: str) -> str:
    """What is left of a text without the scheme, user, brackets, port and path of a URL."""
    authority = re.split(r"[/?#\\]", text.strip().rpartition("://")[2])[0].rpartition("@")[2]
    if match := re.fullmatch(r"\[(.*)\](?::\d*)?", authority):
        return match[1]
    return re.sub(r":\d*$", "", authority)
