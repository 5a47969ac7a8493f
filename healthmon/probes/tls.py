"""TLS: whether a handshake succeeds, and how long the certificate is still valid."""

from healthmon.core.model import Service
from healthmon.net.network import Network
from healthmon.net.reach import ReachOptions
from healthmon.net.tls.settings import TlsSettings
from healthmon.net.trace import Trace
from healthmon.probes.contract import Probe


class TlsOptions(ReachOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The keys of a TLS service.

    Attributes:
        tls: How to speak TLS.
    """

    tls: TlsSettings = TlsSettings()


async def _run(service: Service, network: Network, trace: Trace) -> None:
    """Connect, shake hands, and leave. The facts are those of `Network.connect` and of `handshake`."""
    from healthmon.net.tls.handshake import handshake

    address = service.address
    sock = await network.connect(address.host, address.port, service.options, trace)
    transport = await handshake(network, sock, address.host, service.options.tls, trace)
    transport.abort()


def _by_hand(service: Service) -> str:
    name = service.options.tls.server_name or service.address.host
    return f"openssl s_client -connect {service.address} -servername {name} </dev/null"


TLS = Probe(
    name="tls",
    default_port=443,
    tls=True,
    options=TlsOptions,
    expectations=frozenset({"latency", "certificate"}),
    run=_run,
    path=False,
    by_hand=_by_hand,
)
