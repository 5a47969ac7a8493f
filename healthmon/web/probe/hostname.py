"""The parameter `hostname`: the name of a virtual host, as the header Host has it."""

import re
from urllib.parse import urlsplit

from healthmon.core.hosts import is_host
from healthmon.core.model import Service
from healthmon.web.probe.contract import Refused

_HOSTNAME = re.compile(r"(\[[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*\]|[^:\[\]]+)(?::[0-9]{1,5})?", re.ASCII)


def check_hostname(text: str) -> None:
    """Raise `Refused` unless a text is a host's name or address, with or without a port."""
    match = _HOSTNAME.fullmatch(text)
    if match is None or not (match[1].isascii() and is_host(match[1].strip("[]"))):
        raise Refused(400, "`hostname` is a host's name or address, such as `hostname=www.example.com`.")


def without_port(hostname: str) -> str:
    """The name that TLS asks for."""
    match = _HOSTNAME.fullmatch(hostname)
    return match[1].strip("[]") if match else hostname


def url_by_name(service: Service, hostname: str) -> str:
    """What a server that is asked by this name takes the URL for: it may be another of its virtual hosts."""
    web = service.address.scheme in ("http", "https")
    named = hostname if web else f"{hostname}:{service.address.port}"
    return urlsplit(service.url)._replace(netloc=named).geturl()
