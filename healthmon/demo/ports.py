"""Takes the demo's ports, all of them or none."""

import errno
import socket
from collections.abc import Container, Mapping
from contextlib import ExitStack

from healthmon.errors import PortInUse
from healthmon.net.listeners import Listener, describe_owner, find_processes, read_listeners

_BACKLOG = 1024


def bind_all(host: str, ports: Mapping[str, int], *, closed: Container[str] = ()) -> dict[str, socket.socket]:
    """Bind one socket a service, and listen on it.

    Args:
        host: An address of this machine.
        ports: The port of each service by its id; 0 for any free one.
        closed: The services that keep their port but do not listen.

    Raises:
        PortInUse: One or more are taken. The message names all of them, who has them, and the remedy; nothing is
            left bound.
    """
    bound: dict[str, socket.socket] = {}
    taken: list[int] = []
    with ExitStack() as unbind:
        for service_id, port in ports.items():
            listener = unbind.enter_context(_socket(host))
            try:
                listener.bind((host, port))
                if service_id not in closed:
                    listener.listen(_BACKLOG)
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    raise
                taken.append(port)
            bound[service_id] = listener
        if taken:
            raise PortInUse(explain_taken(host, taken, read_listeners() or ()))
        unbind.pop_all()
    return bound


def _socket(host: str) -> socket.socket:
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    # A demo that has just ended leaves connections in TIME_WAIT; they must not keep the next one waiting.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    return listener


def explain_taken(host: str, ports: list[int], listeners: tuple[Listener, ...]) -> str:
    """Say which ports are in use, by whom as far as it can be told, and what to do."""
    # One on this very address comes last, and so before one on all addresses.
    candidates = sorted(listeners, key=lambda listener: listener.address == host)
    in_the_way = {listener.port: listener for listener in candidates if listener.takes(host)}
    found = [in_the_way[port] for port in ports if port in in_the_way]
    processes = find_processes({listener.inode for listener in found})
    lines = []
    for port in ports:
        owner = f" by {describe_owner(in_the_way[port], processes)}" if port in in_the_way else ""
        lines.append(f"Port {port} on {host} is already in use{owner}.")
    if any(listener.inode not in processes for listener in found):
        lines.append(f"To see what has it: sudo ss -ltnp 'sport = :{ports[0]}'")
    elsewhere = "" if any(listener.wildcard for listener in found) else ", or start the demo with --host 127.0.0.2"
    lines.append(f"Stop what has {'it' if len(ports) == 1 else 'them'} and try again{elsewhere}.")
    return "\n".join(lines)
