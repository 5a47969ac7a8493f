"""HTTP and HTTPS: one request and one for each redirect followed, or several such in steps."""

from typing import TYPE_CHECKING

from healthmon.core.model import Service
from healthmon.net.http.auth import Auth, BasicAuth
from healthmon.net.http.by_hand import by_hand
from healthmon.net.http.options import HttpOptions
from healthmon.net.network import Network
from healthmon.net.trace import Trace
from healthmon.probes.contract import Probe

if TYPE_CHECKING:
    from healthmon.net.http.request import Request

__all__ = ["HTTP", "HTTPS", "Auth", "BasicAuth", "HttpOptions", "first_request"]


def first_request(service: Service) -> "Request":
    """The request that a check begins with. It may hold secrets.

    Raises:
        ProbeFailed: The URL cannot be asked.
    """
    from healthmon.net.http.building import first_request

    return first_request(service)


async def _run(service: Service, network: Network, trace: Trace) -> None:
    """Make the request, or those of the steps.

    The facts are those of `healthmon.net.http.asking.Asker.ask`, and of `healthmon.net.http.steps.ask_steps`.
    """
    from healthmon.net.http.asking import Asker
    from healthmon.net.http.building import base_of
    from healthmon.net.http.steps import ask_steps

    if service.options.steps:
        await ask_steps(service, network, trace)
        return
    asker = Asker(service.options, base_of(service), network, trace)
    await asker.ask(first_request(service), need_body=service.need_body, expected=service.expect.status)


def _prepare() -> None:
    from healthmon.net.http.lean_import import without_system_certificates

    with without_system_certificates():
        import healthmon.net.http.steps  # noqa: F401


_COMMON = frozenset({"status", "latency", "header", "body", "json"})

HTTP = Probe(
    name="http",
    default_port=80,
    options=HttpOptions,
    expectations=_COMMON,
    run=_run,
    expect={"status": [200, 302]},
    prepare=_prepare,
    by_hand=by_hand,
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
    by_hand=by_hand,
)
