"""HTTP and HTTPS: one request, or one for each redirect followed."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from healthmon.core.model import Cause, Service
from healthmon.core.units import Size
from healthmon.net.http.syntax import check_header, check_method, check_proxy, check_value
from healthmon.net.network import Network
from healthmon.net.reach import ReachOptions
from healthmon.net.tls.settings import TlsSettings
from healthmon.net.trace import ProbeFailed, Trace
from healthmon.probes.contract import Probe

if TYPE_CHECKING:
    from healthmon.net.http.connection import Route
    from healthmon.net.http.exchange import Answer
    from healthmon.net.http.request import Request
    from healthmon.net.http.trail import Trail

_MOST_REDIRECTS = 10


class BasicAuth(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Credentials by the Basic scheme (RFC 7617).

    Attributes:
        username: The user's name.
        password: The password.
    """

    username: str
    password: str

    def __post_init__(self) -> None:
        if ":" in self.username:
            raise ValueError("`auth.basic.username` cannot hold a colon")
        check_value("`auth.basic.username`", self.username)
        check_value("`auth.basic.password`", self.password)


class Auth(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Credentials for a request; one scheme of these.

    Attributes:
        basic: A user's name and password.
        bearer: A token (RFC 6750).
    """

    basic: BasicAuth | None = None
    bearer: str | None = None

    def __post_init__(self) -> None:
        if (self.basic is None) == (self.bearer is None):
            raise ValueError("`auth` needs one of `basic` and `bearer`, and only one")
        check_value("`auth.bearer`", self.bearer or "")


class HttpOptions(ReachOptions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The keys of an HTTP service.

    Attributes:
        method: The request's method.
        headers: Request headers, name to value. `Host` chooses a virtual host.
        params: Query parameters, added to the URL's own.
        body: The request's body, as text.
        json: The request's body, as a value to be sent as JSON.
        form: The request's body, as form fields.
        auth: Credentials; they take the place of those in the URL.
        follow_redirects: Whether to follow redirects (ten at most), or how many at most.
        proxy: An HTTP proxy's URL.
        tls: How to speak TLS.
        body_limit: The most bytes of the answer's body to read, counted after decompression.
    """

    method: str = "GET"
    headers: dict[str, str] = field(default_factory=dict)
    params: dict[str, str | int | float | bool] = field(default_factory=dict)
    body: str | None = None
    json: Any = None
    form: dict[str, str] | None = None
    auth: Auth | None = None
    follow_redirects: bool | int = False
    proxy: str | None = None
    tls: TlsSettings = TlsSettings()
    body_limit: Size = Size(2**20)

    def __post_init__(self) -> None:
        faults = list(self._faults())
        if faults:
            raise ValueError("\n".join(faults))

    def _faults(self) -> Iterator[str]:
        """All that is wrong with keys that are sound one by one, a line each."""
        rules: list[Callable[[], None]] = [
            partial(ReachOptions.__post_init__, self),
            partial(check_method, self.method),
            *(partial(check_header, name, value) for name, value in self.headers.items()),
            partial(check_proxy, self.proxy),
        ]
        for rule in rules:
            try:
                rule()
            except ValueError as error:
                yield str(error)
        names = {name.lower() for name in self.headers}
        if len(names) < len(self.headers):
            yield "`headers` names a header twice"
        if sum(body is not None for body in (self.body, self.json, self.form)) > 1:
            yield "only one of `body`, `json` and `form` can be sent"
        if self.auth is not None and "authorization" in names:
            yield "`auth` and the header Authorization cannot both be sent"
        if self.follow_redirects < 0:
            yield "`follow_redirects` is true, false, or how many to follow at most"
        if self.proxy is not None and self.resolve is not None:
            yield "`resolve` has no effect with `proxy`: the proxy looks up the name"


async def _run(service: Service, network: Network, trace: Trace) -> None:
    """Send the request, and one more for each redirect that is followed.

    Recorded of the answer that is not followed: the facts of `healthmon.net.http.exchange.Answer.record`; `redirects`
    and `url` if any were followed; `body_bytes` if the body was read. It is read if an expectation needs it.
    """
    from healthmon.net.http.exchange import exchange
    from healthmon.net.http.trail import Trail

    options = service.options
    first = first_request(service)
    trail = Trail(first, _MOST_REDIRECTS if options.follow_redirects is True else int(options.follow_redirects))
    want_body = service.need_body
    try:
        while True:
            route = _route(options, first, trail.request)
            async with exchange(
                network, route, trail.request, trace, want_body=want_body, cookies=trail.cookies
            ) as answer:
                if trail.leads_on(answer.status):
                    _follow(trail, answer, network)
                    continue
                answer.record()
                trail.record(trace)
                if want_body:
                    await answer.read(options.body_limit)
                return
    finally:
        trail.record(trace)


def _prepare() -> None:
    from healthmon.net.http.lean_import import without_system_certificates

    with without_system_certificates():
        import healthmon.net.http.exchange  # noqa: F401


def _follow(trail: "Trail", answer: "Answer", network: Network) -> None:
    try:
        trail.follow(answer.status, answer.location, network.check_redirect)
    except ProbeFailed:
        answer.record()
        raise


def first_request(service: Service) -> "Request":
    """The request that a check begins with. It may hold secrets.

    Raises:
        ProbeFailed: The URL cannot be asked.
    """
    from yarl import URL

    from healthmon.net.http.request import Request, basic_credentials

    options = service.options
    try:
        url = URL(service.url)
    except ValueError as error:
        raise ProbeFailed(Cause.DNS, f"not a valid name: {service.address.host}") from error
    headers = dict(options.headers)
    wanted = {name.lower() for name in headers}
    body, content_type = _body(options)
    if body is not None and "content-type" not in wanted:
        headers["Content-Type"] = content_type
    if options.auth is not None and options.auth.basic is not None:
        basic = options.auth.basic
        headers["Authorization"] = basic_credentials(basic.username, basic.password)
    elif options.auth is not None:
        headers["Authorization"] = f"Bearer {options.auth.bearer}"
    elif "authorization" not in wanted and (url.user is not None or url.password is not None):
        headers["Authorization"] = basic_credentials(url.user or "", url.password or "")
    params = [(name, _text(value)) for name, value in options.params.items()]
    target = url.with_user(None).with_fragment(None).extend_query(params)
    return Request(options.method.upper(), target, tuple(headers.items()), body)


def _body(options: HttpOptions) -> tuple[bytes | None, str]:
    """The body and its media type."""
    from urllib.parse import urlencode

    import msgspec

    if options.json is not None:
        return msgspec.json.encode(options.json), "application/json"
    if options.form is not None:
        return urlencode(options.form).encode(), "application/x-www-form-urlencoded"
    if options.body is not None:
        return options.body.encode(), "text/plain; charset=utf-8"
    return None, ""


def _text(value: object) -> str:
    """A parameter as text; what is true is "true" in URLs too."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _route(options: HttpOptions, first: "Request", request: "Request") -> "Route":
    """How to get to where a request goes. What is meant for the service is for its own host or origin only."""
    from yarl import URL

    from healthmon.net.http.connection import Route, impersonal

    same_host = (request.url.raw_host, request.url.port) == (first.url.raw_host, first.url.port)
    return Route(
        reach=ReachOptions(resolve=options.resolve if same_host else None, ip=options.ip),
        tls=options.tls if request.at_home else impersonal(options.tls),
        proxy=URL(options.proxy) if options.proxy is not None else None,
    )


def _by_hand(service: Service) -> str:
    from shlex import quote

    return f"curl -v -m {service.timeout:g} {quote(service.shown_url)}"


_COMMON = frozenset({"status", "latency", "header", "body", "json"})

HTTP = Probe(
    name="http",
    default_port=80,
    options=HttpOptions,
    expectations=_COMMON,
    run=_run,
    expect={"status": [200, 302]},
    prepare=_prepare,
    by_hand=_by_hand,
)
HTTPS = Probe(
    name="https",
    default_port=443,
    tls=True,
    options=HttpOptions,
    expectations=_COMMON | {"certificate"},
    run=_run,
    expect={"status": [200, 302]},
    prepare=_prepare,
    by_hand=_by_hand,
)
