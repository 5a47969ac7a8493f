"""The URL of a service: which probe it chooses, and where it points."""

import re
from collections.abc import Mapping
from urllib.parse import SplitResult, urlsplit

from healthmon.config.hosts import bracketed, check_host
from healthmon.config.nearest import did_you_mean
from healthmon.core.model import Address
from healthmon.probes.contract import Probe

_BRACKETS = "an IPv6 address in a URL stands in brackets, such as http://[::1]:8000/"

HOST = "{host}"
"""The placeholder that a URL holds for the host."""


def stand_in(url: str) -> str:
    """The URL with something in the place of the placeholders that have no value, so that the rest can be read."""
    return re.sub(r"\$\{[^}]*\}", "unset", url)


def with_host(url: str, host: str | None) -> str:
    """Put the host in the place of `{host}`.

    Raises:
        ValueError: The URL holds `{host}` and there is none, or it holds another placeholder.
    """
    if host is not None:
        url = url.replace(HOST, bracketed(host))
    for placeholder in re.findall(r"\{[^{}]*\}", url):
        if placeholder == HOST:
            raise ValueError('there is no host for {host}; write host = "..." at the top of the file')
        raise ValueError(f"unknown placeholder {placeholder}; write {HOST}")
    return url


def scheme_of(url: str, probes: Mapping[str, Probe]) -> str:
    """The scheme of a URL, in lower case.

    Raises:
        ValueError: There is none, or no probe speaks it.
    """
    match = re.match(r"([A-Za-z][A-Za-z0-9+.-]*):(//)?", url)
    if match and not match[2] and not _without_slashes(match[1], probes):
        match = None
    if not match:
        example = re.sub(r"^([A-Za-z]+:)?/+", "", url) or "{host}:8000/health"
        raise ValueError(f'expected a URL with a scheme; write "http://{example}"')
    scheme = match[1].lower()
    if scheme not in probes:
        schemes = ", ".join(f"{known}://" for known in probes)
        raise ValueError(f"no probe for {scheme}://{did_you_mean(scheme, probes)} (there are {schemes})")
    return scheme


def _without_slashes(scheme: str, probes: Mapping[str, Probe]) -> bool:
    return scheme.lower() in probes and probes[scheme.lower()].locate is not None


def address_of(url: str, probes: Mapping[str, Probe]) -> Address:
    """Where a URL points.

    Raises:
        ValueError: It is not a URL that one of the probes can use.
    """
    scheme = scheme_of(url, probes)
    if match := re.search(r"[\x00-\x20\x7f]", url):
        raise ValueError(f"a URL holds no spaces or control characters; write %{ord(match[0]):02X}")
    locate = probes[scheme].locate
    if locate is not None:
        return locate(url.partition(":")[2])
    try:
        parts = urlsplit(url)
    except ValueError:
        raise ValueError(_BRACKETS) from None
    if not probes[scheme].path and (parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc):
        what = "a host" if probes[scheme].default_port == 0 else "a host and a port"
        raise ValueError(f"{scheme}:// takes {what} and nothing else")
    if parts.netloc.rpartition("@")[2].count(":") > 1 and "[" not in parts.netloc:
        raise ValueError(_BRACKETS)
    if not parts.hostname:
        raise ValueError(f"there is no host after {scheme}://")
    check_host(parts.hostname)
    port = _port(parts)
    default = probes[scheme].default_port
    if port is None and default is None:
        raise ValueError(f"{scheme}:// needs a port, such as {scheme}://{bracketed(parts.hostname)}:5432")
    probes[scheme].check_url(parts)
    return Address(scheme, parts.hostname, port or default or 0, explicit=port is not None)


def _port(parts: SplitResult) -> int | None:
    try:
        port = parts.port
    except ValueError:
        port = 0
    if port == 0:
        raise ValueError("a port is a number from 1 to 65535")
    return port
