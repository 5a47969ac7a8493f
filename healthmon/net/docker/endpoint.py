"""Where a container engine listens, as $DOCKER_HOST says it."""

import re

from msgspec import Struct

DEFAULT = "unix:///var/run/docker.sock"
"""Where Docker's engine listens if nobody says anything else."""

_EXPECTED = 'the socket of a container engine, such as "unix:///var/run/docker.sock" or "tcp://127.0.0.1:2375"'
_PORTS = {"tcp": 2375, "http": 2375, "https": 2376}


class Endpoint(Struct, frozen=True):
    """Where a container engine listens.

    Attributes:
        base: The beginning of the URLs that are asked, without a slash at its end.
        socket: The path of its socket file; None where it is reached over the network.
    """

    base: str
    socket: str | None = None


def endpoint_of(text: str) -> Endpoint:
    """Read where an engine listens: ``unix://PATH``, ``tcp://HOST:PORT``, or with TLS ``https://HOST:PORT``.

    Raises:
        ValueError: It is something else, such as ``ssh://``.
    """
    if match := re.fullmatch(r"unix://(/[^\x00]+)", text):
        return Endpoint("http://docker", match[1])
    match = re.fullmatch(r"(tcp|http|https)://(\[[0-9A-Fa-f:.]+\]|[\w.-]+)(?::(\d{1,5}))?/?", text, re.ASCII)
    if match is None or not 0 < int(match[3] or 1) < 2**16:
        raise ValueError(f"`engine` is {_EXPECTED}")
    scheme = "https" if match[1] == "https" else "http"
    return Endpoint(f"{scheme}://{match[2]}:{match[3] or _PORTS[match[1]]}")
