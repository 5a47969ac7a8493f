"""From a host to its addresses."""

import ipaddress
import socket

from healthmon.core.model import Cause, Stage
from healthmon.net.lookups import AddressInfo, Answer, LookupThreads
from healthmon.net.reach import ReachOptions
from healthmon.net.trace import ProbeFailed, Trace

_FAMILIES = {"any": socket.AF_UNSPEC, "4": socket.AF_INET, "6": socket.AF_INET6}
_NO_NAME = frozenset({socket.EAI_NONAME, socket.EAI_NODATA, socket.EAI_ADDRFAMILY})


async def resolve(host: str, port: int, reach: ReachOptions, threads: LookupThreads, trace: Trace) -> list[AddressInfo]:
    """The addresses of a host, at least one, in the order in which they are to be tried.

    A host that is an address itself is not looked up, and takes no time.

    Raises:
        ProbeFailed: The name is not valid, does not exist, or has no address of the wanted family (`dns`), or this
            machine cannot look it up (`local`).
    """
    target = reach.resolve or host
    literal = _literal(target, port)
    if literal is None:
        answer = await _look_up(target, port, _FAMILIES[reach.ip], threads, trace)
        trace.spent(Stage.RESOLVE, answer.seconds)
        if answer.error is not None:
            raise _failure(target, reach, answer.error) from answer.error
        found = answer.addresses
    else:
        found = [literal]
    wanted = [address for address in found if reach.ip == "any" or address[0] == _FAMILIES[reach.ip]]
    if not wanted:
        raise ProbeFailed(Cause.DNS, f"{target} has no {_kind(reach)}address", None if literal else "name.no_address")
    return wanted


async def _look_up(host: str, port: int, family: int, threads: LookupThreads, trace: Trace) -> Answer:
    if threads.busy:  # The time that it waits for its turn is not the name's fault.
        trace.failure = ProbeFailed(Cause.LOCAL, "the name waited too long for its turn to be looked up")
    try:
        answer = await threads.run(host, port, family, socket.SOCK_STREAM)
    except RuntimeError as error:
        raise ProbeFailed(Cause.LOCAL, str(error)) from error
    trace.failure = None
    return answer


def _literal(host: str, port: int) -> AddressInfo | None:
    """The address that a host is when it is one, an IPv6 zone (RFC 4007) included."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv4Address):
        return socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (host, port)
    bare, _, zone = host.partition("%")
    return socket.AF_INET6, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (bare, port, 0, _zone(zone))


def _zone(zone: str) -> int:
    if not zone or zone.isdecimal():
        return int(zone or 0)
    try:
        return socket.if_nametoindex(zone)
    except OSError as error:
        raise ProbeFailed(Cause.LOCAL, f"this machine has no network interface {zone}") from error


def _failure(host: str, reach: ReachOptions, error: Exception) -> ProbeFailed:
    if isinstance(error, socket.gaierror):
        if error.errno in _NO_NAME:
            what = "name not found" if reach.ip == "any" else f"no {_kind(reach)}address found"
            symptom = "name.not_found" if error.errno == socket.EAI_NONAME else "name.no_address"
            return ProbeFailed(Cause.DNS, f"{what}: {host}", symptom)
        if error.errno == socket.EAI_AGAIN:
            return ProbeFailed(Cause.DNS, f"the resolver did not answer: {host}", "name.no_answer")
        if error.errno == socket.EAI_MEMORY:
            return ProbeFailed(Cause.LOCAL, "out of memory while looking up the name")
        return ProbeFailed(Cause.DNS, f"the resolver failed: {host} ({error.strerror})", "name.no_answer")
    if isinstance(error, ValueError):  # UnicodeError is one: an empty label, or one longer than 63 characters
        return ProbeFailed(Cause.DNS, f"not a valid name: {host}")
    if isinstance(error, OSError):
        return ProbeFailed(Cause.LOCAL, f"the name cannot be looked up: {error.strerror or error}")
    raise error


def _kind(reach: ReachOptions) -> str:
    return "" if reach.ip == "any" else f"IPv{reach.ip} "
