"""What can be a host: a name, an IPv4 or an IPv6 address."""

import ipaddress
import re

_LABEL = re.compile(r"(?!-)[\w-]{1,63}(?<!-)")


def is_host(text: str) -> bool:
    """Whether a text is a host's name or address, and nothing more."""
    if ":" in text or re.fullmatch(r"[0-9.]+", text):
        return _is_address(text)
    try:
        # As the resolver gets it: a letter may take several characters there (RFC 3490).
        name = text if text.isascii() else text.encode("idna").decode("ascii")
    except UnicodeError:
        return False
    name = name.removesuffix(".")
    return len(name) <= 253 and all(_LABEL.fullmatch(label) for label in name.split("."))


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
