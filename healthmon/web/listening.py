"""Takes the address and the port to listen on."""

import asyncio
import errno
import socket
from contextlib import ExitStack

from healthmon.errors import PortInUse
from healthmon.net.listeners import describe_owner, find_processes, read_listeners

_BACKLOG = 128
_SEND_BUFFER = 2**18
"""Bytes that the kernel may keep for a client that does not read; by itself it would keep megabytes."""
_REMEDY = "or set another `listen` in [daemon]"


async def bind(host: str, port: int) -> list[socket.socket]:
    """Listen on every address of a host, all with the same port.

    Args:
        host: An address of this machine, or a name of it; empty for all addresses.
        port: The port; 0 for any free one.

    Raises:
        PortInUse: The port or the address cannot be had. The message says why, and what to do.
    """
    bound: list[socket.socket] = []
    refused: PortInUse | None = None
    with ExitStack() as unbind:
        for family, address in await _addresses(host, port):
            chosen = bound[0].getsockname()[1] if bound else port
            try:
                listener = _listen(family, address, chosen)
            except OSError as error:
                refused = PortInUse(_explain(address, chosen, error))
                if error.errno != errno.EADDRNOTAVAIL:
                    raise refused from error
                continue  # Many machines call ::1 localhost and have no IPv6.
            bound.append(unbind.enter_context(listener))
        if refused is not None and not bound:
            raise refused
        unbind.pop_all()
    return bound


def _listen(family: int, address: str, port: int) -> socket.socket:
    listener = socket.create_server(
        (address, port), family=family, backlog=_BACKLOG, dualstack_ipv6=family == socket.AF_INET6 and address == "::"
    )
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)
    listener.setblocking(False)
    return listener


async def _addresses(host: str, port: int) -> list[tuple[int, str]]:
    if not host:
        everywhere = (socket.AF_INET6, "::") if socket.has_dualstack_ipv6() else (socket.AF_INET, "0.0.0.0")  # noqa: S104 - asked for
        return [everywhere]
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as error:
        raise PortInUse(
            f"Cannot listen on {host}: it is no address, and no name that has one. Set another `listen` in [daemon]."
        ) from error
    return list(dict.fromkeys((family, str(address[0])) for family, _, _, _, address in found))


def _explain(address: str, port: int, error: OSError) -> str:
    place = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
    match error.errno:
        case errno.EADDRINUSE:
            return f"Port {port} on {address} is already in use{_owner(address, port)}. Stop what has it, {_REMEDY}."
        case errno.EADDRNOTAVAIL:
            return (
                f"Cannot listen on {place}: this machine does not have the address; see `ip addr`. Add it, {_REMEDY}."
            )
        case errno.EACCES:
            return (
                f"Cannot listen on {place}: ports below 1024 need a privilege. Give the daemon CAP_NET_BIND_SERVICE "
                f"(docs/systemd.md shows how), {_REMEDY}."
            )
        case _:
            return f"Cannot listen on {place}: {error.strerror}. Mend that, {_REMEDY}."


def _owner(address: str, port: int) -> str:
    listeners = [each for each in read_listeners() or () if each.port == port and each.takes(address)]
    if not listeners:
        return ""
    return f" by {describe_owner(listeners[0], find_processes({listeners[0].inode}))}"
