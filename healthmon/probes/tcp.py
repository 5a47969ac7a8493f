"""TCP: whether a port accepts connections."""

from healthmon.core.model import Service
from healthmon.net.network import Network
from healthmon.net.reach import ReachOptions
from healthmon.net.trace import Trace
from healthmon.probes.contract import Probe


class TcpOptions(ReachOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The keys of a TCP service."""


async def _run(service: Service, network: Network, trace: Trace) -> None:
    """Connect, and close: nothing is sent. The facts are those of `Network.connect`."""
    address = service.address
    sock = await network.connect(address.host, address.port, service.options, trace)
    sock.close()


def _by_hand(service: Service) -> str:
    return f"nc -vz -w {max(1, round(service.timeout))} {service.address.host} {service.address.port}"


TCP = Probe(
    name="tcp",
    default_port=None,
    options=TcpOptions,
    expectations=frozenset({"latency"}),
    run=_run,
    path=False,
    by_hand=_by_hand,
)
