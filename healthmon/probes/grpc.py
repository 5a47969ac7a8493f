"""gRPC: what a server says of its health, or of one of its services, by ``grpc.health.v1``."""

import re
from collections.abc import Iterator
from urllib.parse import SplitResult, unquote, urlsplit

from msgspec import field

from healthmon.core.model import Service
from healthmon.net.network import Network
from healthmon.net.reach import ReachOptions
from healthmon.net.tls.settings import TlsSettings
from healthmon.net.trace import Trace
from healthmon.probes.contract import Gauge, Probe

_KEY = re.compile(r"[0-9a-z_.-]+")  # "gRPC over HTTP2": a key of custom metadata
_RESERVED = re.compile(r"grpc-.*|te|content-type|user-agent|host|connection|transfer-encoding|upgrade|keep-alive")
_VALUE = re.compile(r"[\x20-\x7e]*")


class GrpcOptions(ReachOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The keys of a gRPC service.

    Attributes:
        grpc_service: The name of the service whose health is asked for, instead of the URL's path; empty for the
            server as a whole.
        metadata: What is sent along with the call.
        authority: What the server is called in the call, instead of the URL's host and port.
        tls: How to speak TLS.
    """

    grpc_service: str | None = None
    metadata: dict[str, str] = field(default_factory=dict)
    authority: str | None = None
    tls: TlsSettings = TlsSettings()

    def __post_init__(self) -> None:
        faults = list(_faults(self.metadata))
        try:
            super().__post_init__()
        except ValueError as error:
            faults.append(str(error))
        if self.authority is not None and not re.fullmatch(r"[^\s/@\x00-\x20\x7f-\uffff]+", self.authority):
            faults.append("`authority` is a host's name or address, with or without a port")
        if faults:
            raise ValueError("\n".join(faults))


def _faults(metadata: dict[str, str]) -> Iterator[str]:
    for key, value in metadata.items():
        if not _KEY.fullmatch(key):
            yield f"`metadata`: {key!r} is not a key of gRPC: lower-case letters, digits, '-', '_' and '.'"
        elif _RESERVED.fullmatch(key):
            yield f"`metadata`: {key} is for the protocol itself and cannot be set"
        if not _VALUE.fullmatch(value):
            yield f"`metadata`: the value of {key} holds a character that is not visible ASCII"


def _check_url(parts: SplitResult) -> None:
    if parts.query or parts.fragment or "@" in parts.netloc:
        raise ValueError(f"{parts.scheme}:// takes a host, a port, and the name of a service as its path")


def service_name(service: Service) -> str:
    """The name of the service whose health is asked for; empty for the server as a whole."""
    name: str | None = service.options.grpc_service
    return unquote(urlsplit(service.url).path.removeprefix("/")) if name is None else name


async def _run(service: Service, network: Network, trace: Trace) -> None:
    """Ask once. The facts are those of `Network.connect`, of `handshake`, and of `check_health`."""
    from healthmon.net.grpc.health import check_health

    options, address = service.options, service.address
    trace.credentials_sent = bool(options.metadata)
    sock = await network.connect(address.host, address.port, options, trace)
    await check_health(
        network,
        sock,
        trace,
        host=address.host,
        authority=options.authority or str(address),
        tls=options.tls if address.scheme == "grpcs" else None,
        service=service_name(service),
        metadata=list(options.metadata.items()),
        timeout=service.timeout,
    )


def _prepare() -> None:
    import healthmon.net.grpc.health  # noqa: F401


def _by_hand(service: Service) -> str:
    import json
    from shlex import quote

    options, address = service.options, service.address
    name = service_name(service)
    words = ["grpcurl", "-max-time", f"{service.timeout:g}"]
    if address.scheme == "grpc":
        words.append("-plaintext")
    elif not options.tls.verify:
        words.append("-insecure")
    elif options.tls.ca is not None:
        words += ["-cacert", str(options.tls.ca)]
    words += [word for key in options.metadata for word in ("-H", f"{key}: ...")]
    if name:
        words += ["-d", json.dumps({"service": name})]
    return " ".join(map(quote, [*words, str(address), "grpc.health.v1.Health/Check"]))


def _asks(service: Service) -> Iterator[str]:
    name = service_name(service)
    yield f"grpc.health.v1.Health/Check of {name or 'the server as a whole'}"
    yield from (f"{key}: ***" for key in service.options.metadata)


_GAUGES = {"grpc_status": Gauge("grpc_status_code", "The status code of the last gRPC call.")}
_COMMON = frozenset({"latency"})

GRPC = Probe(
    name="grpc",
    default_port=None,
    options=GrpcOptions,
    expectations=_COMMON,
    run=_run,
    prepare=_prepare,
    check_url=_check_url,
    extra="grpc",
    libraries={"h2": "h2"},
    by_hand=_by_hand,
    asks=_asks,
    gauges=_GAUGES,
)
GRPCS = Probe(
    name="grpcs",
    default_port=443,
    options=GrpcOptions,
    expectations=_COMMON | {"certificate"},
    run=_run,
    prepare=_prepare,
    check_url=_check_url,
    tls=True,
    extra="grpc",
    libraries={"h2": "h2"},
    by_hand=_by_hand,
    asks=_asks,
    gauges=_GAUGES,
)
