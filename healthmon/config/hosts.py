"""What `{host}` may stand for."""

import re

from healthmon.core.hosts import is_host


def check_host(text: str) -> str:
    """Check that a text is a host's name, an IPv4 or an IPv6 address, and nothing more.

    Returns:
        The text, unchanged.

    Raises:
        ValueError: It is not. The message says what to write instead, where that can be told.
    """
    if is_host(text):
        return text
    bare = _bare(text)
    if bare != text and is_host(bare):
        port = re.search(r":\d+$", _authority(text))
        why = "; ports stand in the URLs" if port else ""
        raise ValueError(f"expected a host's name or address and nothing more{why}; write: {bare}")
    raise ValueError("expected a host's name, an IPv4 or an IPv6 address")


def bracketed(host: str) -> str:
    """The host as it stands in a URL: an IPv6 address in brackets (RFC 3986, section 3.2.2)."""
    return f"[{host}]" if ":" in host else host


def _bare(text: str) -> str:
    """What is left of a text without the scheme, user, brackets, port and path of a URL."""
    authority = _authority(text)
    if match := re.fullmatch(r"\[(.*)\](?::\d*)?", authority):
        return match[1]
    return re.sub(r":\d*$", "", authority)


def _authority(text: str) -> str:
    """The host and the port of what may be a URL."""
    return re.split(r"[/?#\\]", text.strip().rpartition("://")[2])[0].rpartition("@")[2]
