"""What listens on a port of this machine, and whether the connection can reach it. Pure."""

from collections.abc import Iterable, Sequence

from msgspec import Struct

from healthmon.engine.diagnosis.evidence import Attempt, Local, Place
from healthmon.net.listeners import Listener, describe_owner

_MOST_OTHERS = 3


class Told(Struct, frozen=True):
    """What can be said.

    Attributes:
        passed: Whether something listens where the connection goes; None if nothing does and yet it was accepted.
        detail: Who listens where.
    """

    passed: bool | None
    detail: str


def listening(local: Local, place: Place, attempts: Sequence[Attempt]) -> Told:
    """Say who listens on the port, or who listens elsewhere when nobody does."""
    on_port = [listener for listener in local.listeners if listener.port == place.port]
    taking = [listener for listener in on_port if any(listener.takes(attempt.ip) for attempt in attempts)]
    if taking:
        alone = ", and nowhere else: other machines cannot reach it" if _loopback_only(on_port) else ""
        return Told(passed=True, detail=_sentence(taking, local) + alone)
    if any(attempt.connected for attempt in attempts):
        text = f"no process here has port {place.port}: the kernel passes it on, as for a container"
        return Told(passed=None, detail=text)
    if on_port:
        ips = " or ".join(attempt.ip for attempt in attempts)
        reason = ", so other machines cannot reach it" if _loopback_only(on_port) else ""
        remedy = f"let it listen on {_wildcard(attempts)} or on {ips}"
        return Told(passed=False, detail=f"{_sentence(on_port, local)}, not on {ips}{reason}; {remedy}")
    return Told(passed=False, detail=f"nothing listens on port {place.port} here{_elsewhere(local, place.port)}")


def _sentence(listeners: Iterable[Listener], local: Local) -> str:
    places: dict[str, list[str]] = {}
    for listener in listeners:
        places.setdefault(describe_owner(listener, local.processes), []).append(str(listener))
    return "; ".join(f"{owner} listens on {' and '.join(where)}" for owner, where in places.items())


def _loopback_only(listeners: Iterable[Listener]) -> bool:
    return all(listener.loopback for listener in listeners)


def _wildcard(attempts: Sequence[Attempt]) -> str:
    return "::" if all(":" in attempt.ip for attempt in attempts) else "0.0.0.0"  # noqa: S104 - advice, not a socket


def _elsewhere(local: Local, port: int) -> str:
    """Who listens on ports that no other service of the config has: one of them may be the one that is missed."""
    free = [listener for listener in local.listeners if listener.port not in local.others]
    nearest = sorted(free, key=lambda listener: abs(listener.port - port))
    owners: dict[str, set[int]] = {}
    for listener in nearest:
        owner = describe_owner(listener, local.processes)
        if len(owners) < _MOST_OTHERS or owner in owners:
            owners.setdefault(owner, set()).add(listener.port)
    texts = [f"{owner} listens on {', '.join(map(str, sorted(ports)))}" for owner, ports in owners.items()]
    return "".join(f"; {text}" for text in texts)
