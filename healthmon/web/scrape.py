"""`/metrics`: sends the rendered metrics to a scraper."""

import asyncio
from collections.abc import AsyncIterator
from typing import Protocol

from aiohttp import web
from aiohttp.typedefs import Handler

from healthmon.web.delivery import stream


class Page(Protocol):
    """Rendered metrics."""

    @property
    def content_type(self) -> str:
        """The whole `Content-Type`."""

    @property
    def content_encoding(self) -> str | None:
        """How the chunks are compressed, or None."""

    @property
    def chunks(self) -> AsyncIterator[bytes]:
        """The page, made as it is sent."""


class Metrics(Protocol):
    """What renders `/metrics`."""

    async def render(self, *, accept: str, accept_encoding: str) -> Page:
        """The page for a scraper with these headers; each is empty where it sent none."""


def scraping(metrics: Metrics, *, write: float, turn: asyncio.Lock) -> Handler:
    """The handler.

    Args:
        metrics: What renders the page.
        write: Seconds that a page may take to be sent.
        turn: Held while a part of a page is made.
    """

    async def answer(request: web.Request) -> web.StreamResponse:
        page = await metrics.render(
            accept=", ".join(request.headers.getall("Accept", ())),
            accept_encoding=", ".join(request.headers.getall("Accept-Encoding", ())),
        )
        headers = {"Content-Type": page.content_type, "Vary": "Accept, Accept-Encoding"}
        if page.content_encoding is not None:
            headers["Content-Encoding"] = page.content_encoding
        response = web.StreamResponse(headers=headers)
        await stream(request, response, page.chunks, within=write, turn=turn)
        return response

    return answer
