"""HTTP over a socket file (unix(7)): one request."""

from collections.abc import Iterator
from shlex import quote
from typing import Any
from urllib.parse import unquote

from msgspec import Struct, field, structs

from healthmon.core.model import Address, Service
from healthmon.core.units import Size
from healthmon.net.http.auth import Auth
from healthmon.net.http.options import HttpOptions
from healthmon.net.network import Network
from healthmon.net.trace import Trace
from healthmon.probes.contract import Probe
from healthmon.probes.http import HTTP, first_request

_LONGEST = 107  # bytes (unix(7))


class UnixOptions(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The keys of an HTTP service on a socket file.

    Attributes:
        path: The path, and perhaps the query, to ask for.
        method: The request's method.
        headers: Request headers, name to value. `Host` is `localhost` where none is given.
        params: Query parameters, added to those of `path`.
        body: The request's body, as text.
        json: The request's body, as a value to be sent as JSON.
        form: The request's body, as form fields.
        auth: Credentials: `basic` or `bearer`.
        body_limit: The most bytes of the answer's body to read, counted after decompression.
    """

    path: str = "/"
    method: str = "GET"
    headers: dict[str, str] = field(default_factory=dict)
    params: dict[str, str | int | float | bool] = field(default_factory=dict)
    body: str | None = None
    json: Any = None
    form: dict[str, str] | None = None
    auth: Auth | None = None
    body_limit: Size = Size(2**20)

    def __post_init__(self) -> None:
        self.as_http()
        if not (self.path.startswith("/") and self.path.isprintable() and not set(self.path) & set(' #\\"<>')):
            raise ValueError('`path` is the path of a URL, such as "/health"')
        if self.auth is not None and self.auth.basic is None and self.auth.bearer is None:
            raise ValueError("`auth` of a socket file is `basic` or `bearer`")

    def as_http(self) -> HttpOptions:
        """The same request to a host."""
        return HttpOptions(**{name: getattr(self, name) for name in self.__struct_fields__ if name != "path"})


def _as_http(service: Service) -> Service:
    """The same service on a host."""
    options: UnixOptions = service.options
    return structs.replace(service, url=f"http://localhost{options.path}", options=options.as_http())


async def _run(service: Service, network: Network, trace: Trace) -> None:
    """Send the request. The facts are those of HTTP, but for `ip`: there is none."""
    from healthmon.net.http.connection import Route
    from healthmon.net.http.exchange import exchange

    route = Route(socket=service.address.host)
    want_body = service.need_body
    async with exchange(network, route, first_request(_as_http(service)), trace, want_body=want_body) as answer:
        answer.record()
        if want_body:
            await answer.read(service.options.body_limit)


def _locate(text: str) -> Address:
    """What stands after ``unix:``: two slashes, and the file's absolute path, percent-encoded where it must be."""
    path = unquote(text.removeprefix("//"))
    if not text.startswith("///") or path.endswith("/") or "?" in text or "#" in text or "\0" in path:
        raise ValueError('expected the path of a socket file, such as "unix:///run/app.sock"; `path` says what to ask')
    if len(path.encode()) > _LONGEST:
        raise ValueError(f"the path of a socket file has {_LONGEST} bytes at most")
    return Address("unix", path, 0, explicit=False)


def _by_hand(service: Service) -> str:
    socket, url = quote(service.address.host), quote(f"http://localhost{service.options.path}")
    return f"curl -v -m {service.timeout:g} --unix-socket {socket} {url}"


def _asks(service: Service) -> Iterator[str]:
    request = first_request(_as_http(service))
    yield f"{request.method} {request.url.raw_path_qs} HTTP/1.1"
    for name, value in {"Host": "localhost", **dict(request.headers)}.items():
        yield f"{name}: {value}"
    if request.body is not None:
        yield f"a body of {len(request.body)} bytes"


UNIX = Probe(
    name="unix",
    default_port=None,
    options=UnixOptions,
    expectations=HTTP.expectations,
    run=_run,
    expect=HTTP.expect,
    prepare=HTTP.prepare,
    locate=_locate,
    transport=None,
    by_hand=_by_hand,
    asks=_asks,
)
