"""Which targets a module may be asked to probe: a monitor must not be a way into the network.

Whatever is not understood for certain is not admitted: who reads a URL otherwise than the one who connects is fooled.
"""

import ipaddress
import re
from functools import lru_cache
from typing import NamedTuple

from msgspec import Struct

_EXPECTED = (
    'expected a glob of URLs such as "https://*.example.com/*", a network such as "10.0.0.0/8", or an IP address'
)
_DEFAULT_PORTS = {
    "http": 80,
    "https": 443,
    "ws": 80,
    "wss": 443,
    "tcp": None,
    "tls": 443,
    "udp": None,
    "icmp": 0,
    "dns": 53,
    "smtp": 25,
    "smtps": 465,
    "grpc": None,
    "grpcs": 443,
    "postgres": 5432,
    "postgresql": 5432,
    "redis": 6379,
    "rediss": 6379,
}

# Of RFC 3986, only what all readers of URLs agree on: no spaces, control characters and backslashes anywhere; names in
# ASCII, for there are two ways to encode others (RFC 3490, RFC 5891).
_URL = re.compile(
    r"([a-z][a-z0-9+.-]*)://(?:[^/?#\\\s\x00-\x20\x7f\[\]]*@)?(\[[0-9a-f:.]+(?:%[\w.-]+)?\]|[\w.-]+)(?::(\d{0,5}))?"
    r"(/[^?#\\\s\x00-\x20\x7f]*)?(?:\?([^#\\\s\x00-\x20\x7f]*))?(?:#[^\\\s\x00-\x20\x7f]*)?",
    re.ASCII | re.IGNORECASE,
)
_GLOB = re.compile(
    r"([a-z0-9+.*-]+)://(\[[0-9a-f:.]+\]|[\w.*-]+)(?::(\d{1,5}|\*))?"
    r"(/[^?#\\\s\x00-\x20\x7f]*)?(?:\?([^#\\\s\x00-\x20\x7f]*))?",
    re.ASCII | re.IGNORECASE,
)
_DOTS = re.compile(r"(?:/|%2f|%5c)(?:\.|%2e){1,2}(?=/|%2f|%5c|;|$)", re.IGNORECASE)
"""A part of a path that leads elsewhere, as a client or a server may read it."""

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Allow(Struct, frozen=True):
    """What is allowed. Where both kinds are listed, both must match; where nothing is listed, nothing is allowed.

    The entries are such as `check_allowed` lets pass.

    Attributes:
        urls: Globs, one of which must match the whole URL (of a target without a scheme, the URL that it becomes).
        networks: Networks, such as ``10.0.0.0/8`` or ``2001:db8::/32``, one of which must hold each resolved address.
    """

    urls: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()

    def admits_url(self, url: str) -> bool:
        """Whether a URL may be asked. Where only networks are listed, every URL may: its address decides.

        Scheme and host count in any case, a missing port is the scheme's default one, and neither the user part nor
        the fragment counts. In a glob `*` stands for any characters: in the host for those that a host has, in the
        path for those of a path, and at the end of the path for the query too.
        """
        if not self.urls:
            return bool(self.networks)
        parts = _parts(url)
        return parts is not None and any(_glob(glob).matches(parts) for glob in self.urls)

    def admits_address(self, ip: str) -> bool:
        """Whether an address may be connected to. Where only globs are listed, every address may.

        An IPv4 address that is written as an IPv6 one (RFC 4291, section 2.5.5.2) is judged as what it is.
        """
        if not self.networks:
            return bool(self.urls)
        try:
            address = ipaddress.ip_address(ip.partition("%")[0])
        except ValueError:
            return False
        address = getattr(address, "ipv4_mapped", None) or address
        return any(address in _network(network) for network in self.networks)


def allowed(entries: tuple[str, ...]) -> Allow:
    """What a list of globs, networks and addresses allows."""
    urls = tuple(entry for entry in entries if "://" in entry)
    return Allow(urls, tuple(entry for entry in entries if "://" not in entry))


def check_allowed(entry: str) -> None:
    """Check that a text is a glob of URLs, a network or an address.

    Raises:
        ValueError: It is not. The message says what to write instead, where that can be told.
    """
    if "://" in entry:
        _glob(entry)
        return
    if "%" in entry:  # A zone.
        raise ValueError(_EXPECTED)
    try:
        network = _network(entry)
    except ValueError:
        raise ValueError(_strictly(entry)) from None
    mapped = getattr(network.network_address, "ipv4_mapped", None)
    if mapped is not None and network.prefixlen >= 96:
        raise ValueError(f"write the IPv4 network itself: {mapped}/{network.prefixlen - 96}")


def _strictly(entry: str) -> str:
    try:
        return f"the address has bits beyond the network's; write {ipaddress.ip_network(entry, strict=False)}"
    except ValueError:
        return _EXPECTED


@lru_cache(maxsize=1024)
def _network(text: str) -> Network:
    return ipaddress.ip_network(text)


class _Parts(NamedTuple):
    """A URL as far as it matters, in one of the ways in which it can be written."""

    scheme: str
    host: str
    port: int | None
    path: str
    query: str


def _parts(url: str) -> _Parts | None:
    """The parts of a URL; None where it cannot be told for certain what will be asked."""
    match = _URL.fullmatch(url)
    if not match or _DOTS.search(match[4] or ""):
        return None
    try:
        host = _host(match[2])
    except ValueError:
        return None
    scheme = match[1].lower()
    port = int(match[3]) if match[3] else _DEFAULT_PORTS.get(scheme)
    return _Parts(scheme, host, port, match[4] or "/", match[5] or "")


def _host(text: str) -> str:
    """The host in lower case, an IPv6 address in its shortest form (RFC 5952)."""
    return f"[{ipaddress.IPv6Address(text[1:-1])}]".lower() if text.startswith("[") else text.lower()


class _Glob(NamedTuple):
    """A glob of URLs.

    Attributes:
        scheme: The pattern of the scheme.
        host: The pattern of the host.
        port: The port; None for the scheme's default one, -1 for any.
        path: The pattern of the path.
        query: The pattern of the query.
    """

    scheme: re.Pattern[str]
    host: re.Pattern[str]
    port: int | None
    path: re.Pattern[str]
    query: re.Pattern[str]

    def matches(self, url: _Parts) -> bool:
        """Whether the whole URL matches."""
        port = _DEFAULT_PORTS.get(url.scheme) if self.port is None else self.port
        return (
            (port == -1 or (port is not None and port == url.port))
            and bool(self.scheme.fullmatch(url.scheme))
            and bool(self.host.fullmatch(url.host))
            and bool(self.path.fullmatch(url.path))
            and bool(self.query.fullmatch(url.query))
        )


@lru_cache(maxsize=1024)
def _glob(text: str) -> _Glob:
    """Read a glob.

    Raises:
        ValueError: It is none.
    """
    match = _GLOB.fullmatch(text)
    if not match:
        raise ValueError(_not_a_glob(text))
    scheme, port = match[1].lower(), -1 if match[3] == "*" else int(match[3]) if match[3] else None
    if port is not None and (port == 0 or port > 65535):
        raise ValueError("a port is a number from 1 to 65535, or * for any")
    if port is None and _DEFAULT_PORTS.get(scheme, 0) is None:
        raise ValueError(f"{scheme}:// has no port of its own; write one, or :* for any")
    try:
        host = _host(match[2])
    except ValueError:
        raise ValueError(_EXPECTED) from None
    path = match[4] or "/"
    query = match[5] or ("*" if path.endswith("*") and match[5] is None else "")
    return _Glob(_pattern(scheme), _pattern(host), port, _pattern(path), _pattern(query))


def _not_a_glob(text: str) -> str:
    authority = re.split(r"[/?#]", text.partition("://")[2], maxsplit=1)[0]
    if "@" in authority:
        return "a glob of URLs has no user part: the user's name and password do not count"
    if "#" in text:
        return 'a glob of URLs has no "#": what follows it is not sent'
    if not authority.isascii():
        return "write the name of the host in ASCII, as xn--..."
    return _EXPECTED


def _pattern(glob: str) -> re.Pattern[str]:
    """A part of a glob as a pattern. Only `*` has a meaning.

    What stands between two of them is looked for once, at the first place where it is (the atomic groups): nothing is
    gained by another, and a URL made for it would take very long to be refused.
    """
    first, *others = map(re.escape, glob.split("*"))
    if not others:
        return re.compile(first)
    between = "".join(f"(?>.*?{text})" for text in others[:-1])
    return re.compile(f"{first}{between}.*{others[-1]}", re.DOTALL)
