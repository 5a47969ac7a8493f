"""WebSockets (RFC 6455): the upgrade, and the first message."""

from collections.abc import Iterator
from shlex import quote

from msgspec import field, structs

from healthmon.core.model import Service
from healthmon.core.units import Size
from healthmon.net.http.auth import Auth
from healthmon.net.http.options import HttpOptions
from healthmon.net.network import Network
from healthmon.net.reach import ReachOptions
from healthmon.net.tls.settings import TlsSettings
from healthmon.net.trace import Trace
from healthmon.probes.contract import Probe

_OF_HTTP = ("resolve", "ip", "headers", "params", "auth", "tls", "body_limit")


class WsOptions(ReachOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The keys of a WebSocket service.

    Attributes:
        headers: Headers of the request to upgrade, name to value.
        params: Query parameters, added to the URL's own.
        auth: Credentials: `basic` or `bearer`; they take the place of those in the URL.
        tls: How to speak TLS.
        subprotocol: The subprotocol to ask for.
        send: A message to send, as text; the first message that comes is the answer, and there must be one.
        body_limit: The most bytes of a message.
    """

    headers: dict[str, str] = field(default_factory=dict)
    params: dict[str, str | int | float | bool] = field(default_factory=dict)
    auth: Auth | None = None
    tls: TlsSettings = TlsSettings()
    subprotocol: str | None = None
    send: str | None = None
    body_limit: Size = Size(2**20)

    def __post_init__(self) -> None:
        from healthmon.net.http.syntax import check_method

        self.as_http()
        if self.auth is not None and self.auth.basic is None and self.auth.bearer is None:
            raise ValueError("`auth` of a WebSocket is `basic` or `bearer`")
        if any(name.lower() in ("upgrade", "connection") or "websocket" in name.lower() for name in self.headers):
            raise ValueError("`headers`: those of the upgrade cannot be set; `subprotocol` asks for a subprotocol")
        try:
            check_method(self.subprotocol or "x")
        except ValueError:
            raise ValueError('`subprotocol` is one word, such as "graphql-transport-ws"') from None

    def as_http(self) -> HttpOptions:
        """The same for a request of HTTP."""
        return HttpOptions(**{name: getattr(self, name) for name in _OF_HTTP})


def _as_http(service: Service) -> Service:
    """The service as one of HTTP: what begins as a request to ``ws://`` is one to ``http://``."""
    url = f"http{service.url.partition(':')[0][2:].lower()}:{service.url.partition(':')[2]}"
    return structs.replace(service, url=url, options=service.options.as_http())


async def _run(service: Service, network: Network, trace: Trace) -> None:
    """Upgrade; send what is to be sent; take the first message, if something is sent or expected of it; close.

    The facts are those of `healthmon.net.http.websocket`.
    """
    from healthmon.net.http.building import first_request
    from healthmon.net.http.connection import Route
    from healthmon.net.http.websocket import first_message, open_websocket

    options: WsOptions = service.options
    reach = ReachOptions(resolve=options.resolve, ip=options.ip)
    async with open_websocket(
        network,
        Route(reach=reach, tls=options.tls),
        first_request(_as_http(service)),
        trace,
        protocol=options.subprotocol,
        limit=options.body_limit,
    ) as socket:
        if options.send is not None:
            await socket.send_str(options.send)
        if options.send is not None or service.need_body:
            await first_message(socket, trace)


def _prepare() -> None:
    from healthmon.net.http.lean_import import without_system_certificates

    with without_system_certificates():
        import healthmon.net.http.websocket  # noqa: F401


def _by_hand(service: Service) -> str:
    return f"websocat -v {quote(service.shown_url)}"


def _asks(service: Service) -> Iterator[str]:
    from healthmon.net.http.building import first_request

    request = first_request(_as_http(service))
    yield f"GET {request.url.raw_path_qs} HTTP/1.1"
    for name, value in {"Upgrade": "websocket", **dict(request.headers)}.items():
        yield f"{name}: {value}"
    if service.options.send is not None:
        yield f"a message of {len(service.options.send.encode())} bytes"


_EXPECTATIONS = frozenset({"latency", "body", "json", "websocket_subprotocol"})

WS = Probe(
    name="ws",
    default_port=80,
    options=WsOptions,
    expectations=_EXPECTATIONS,
    run=_run,
    prepare=_prepare,
    by_hand=_by_hand,
    asks=_asks,
)
WSS = Probe(
    name="wss",
    default_port=443,
    tls=True,
    options=WsOptions,
    expectations=_EXPECTATIONS | {"certificate"},
    run=_run,
    prepare=_prepare,
    by_hand=_by_hand,
    asks=_asks,
)
