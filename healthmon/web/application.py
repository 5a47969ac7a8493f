"""The daemon's HTTP side, put together: which path is answered by whom."""

import asyncio

from aiohttp import web
from aiohttp.typedefs import Handler

from healthmon.config.schema import Access
from healthmon.web.access import guarding
from healthmon.web.answers import complete_headers
from healthmon.web.bodies import bounding
from healthmon.web.contract import Daemon
from healthmon.web.faults import Fault, answering, describe
from healthmon.web.index import render_html, render_text
from healthmon.web.limits import Limits
from healthmon.web.management import Management
from healthmon.web.scrape import Metrics, scraping
from healthmon.web.services import Services

_OPEN = "/-/healthy"
"""What platforms ask, which have no credentials."""


def build(
    daemon: Daemon,
    metrics: Metrics,
    probe_handler: Handler,
    access: Access | None,
    *,
    version: str,
    config: str,
    fault: Fault,
    limits: Limits = Limits(),  # noqa: B008 - frozen
) -> web.Application:
    """Build the application that answers all requests.

    Args:
        daemon: The running daemon.
        metrics: What renders `/metrics`.
        probe_handler: What answers `/probe`.
        access: What clients must show, everywhere but at `/-/healthy`; None for nothing.
        version: healthmon's.
        config: The path of the config, for the index page.
        fault: Told of a fault in a handler, in one line that is safe to show.
        limits: What a client may cost.
    """
    management = Management(daemon, lambda where, error: fault(describe(where, error)))
    turn = asyncio.Lock()
    services = Services(daemon, write=limits.write, turn=turn)
    middlewares = [answering(fault, within=limits.write)]
    if access is not None:
        middlewares.append(guarding(access, but=_OPEN))
    middlewares.append(bounding(limits))
    application = web.Application(middlewares=middlewares, client_max_size=limits.body_size)
    application.on_response_prepare.append(_complete)
    application.add_routes(
        [
            web.get("/", _index(daemon, version, config)),
            web.get("/metrics", scraping(metrics, write=limits.write, turn=turn)),
            web.get("/probe", probe_handler),
            web.get("/api/v1/services", services.many),
            web.get("/api/v1/services/{id}", services.one),
            web.get(_OPEN, management.healthy),
            web.get("/-/ready", management.ready),
            web.post("/-/reload", management.reload),
        ]
    )
    return application


async def _complete(_: web.Request, response: web.StreamResponse) -> None:
    complete_headers(response)


def _index(daemon: Daemon, version: str, config: str) -> Handler:
    async def index(request: web.Request) -> web.Response:
        wants_html = "text/html" in request.headers.get("Accept", "")
        render, content_type = (render_html, "text/html") if wants_html else (render_text, "text/plain")
        text = render(version, config, daemon.watched()) + "\n"
        return web.Response(text=text, content_type=content_type, headers={"Vary": "Accept"})

    return index
