"""HTTP and HTTPS: one request, or one for each redirect followed."""

from typing import Any

from msgspec import Struct

from healthmon.core.model import Service
from healthmon.core.units import Size
from healthmon.net.network import Network
from healthmon.net.reach import ReachOptions
from healthmon.net.tls import TlsSettings
from healthmon.net.trace import Trace
from healthmon.probes.contract import Probe


class BasicAuth(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Credentials by the Basic scheme (RFC 7617).

    Attributes:
        username: The user's name.
        password: The password.
    """

    username: str
    password: str


class Auth(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Credentials for a request; one scheme of these.

    Attributes:
        basic: A user's name and password.
        bearer: A token (RFC 6750).
    """

    basic: BasicAuth | None = None
    bearer: str | None = None


class HttpOptions(ReachOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The keys of an HTTP service.

    Attributes:
        method: The request's method.
        headers: Request headers, name to value.
        params: Query parameters, added to the URL's own.
        body: The request's body, as text.
        json: The request's body, as a value to be sent as JSON.
        form: The request's body, as form fields.
        auth: Credentials.
        follow_redirects: Whether to follow redirects (ten at most), or how many at most.
        proxy: An HTTP proxy's URL.
        tls: How to speak TLS.
        body_limit: The most bytes of the answer's body to read, counted after decompression.
    """

    method: str = "GET"
    headers: dict[str, str] = {}
    params: dict[str, str | int | float | bool] = {}
    body: str | None = None
    json: Any = None
    form: dict[str, str] | None = None
    auth: Auth | None = None
    follow_redirects: bool | int = False
    proxy: str | None = None
    tls: TlsSettings = TlsSettings()
    body_limit: Size = Size(2**20)


async def _run(service: Service, network: Network, trace: Trace) -> None:
    raise RuntimeError


_COMMON = frozenset({"status", "latency", "header", "body", "json"})

HTTP = Probe(
    name="http", default_port=80, options=HttpOptions, expectations=_COMMON, run=_run, expect={"status": [200, 302]}
)
HTTPS = Probe(
    name="https",
    default_port=443,
    options=HttpOptions,
    expectations=_COMMON | {"certificate"},
    run=_run,
    expect={"status": [200, 302]},
)
