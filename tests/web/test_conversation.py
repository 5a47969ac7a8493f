"""What reaches the connection itself: faults that no part of the application has caught."""

import pytest
from aiohttp import web

from healthmon.web.server import serving
from tests.web.raw import connected, get


async def _raise(_: web.Request) -> web.StreamResponse:
    raise ValueError("nobody caught this")


async def _late(_: web.Request) -> web.StreamResponse:
    raise TimeoutError


async def _nothing(_: web.Request) -> None:
    return None


async def _spoil(_: web.Request, __: web.StreamResponse) -> None:
    raise ValueError("a header of its own")


@pytest.mark.parametrize(
    ("handler", "status", "fault"),
    [
        (_raise, b"500", "HTTP: ValueError: nobody caught this (test_conversation.py:"),
        (_late, b"504", None),
        (_nothing, b"500", "Missing return statement on request handler"),
    ],
)
async def test_a_bare_application(
    handler: object, status: bytes, fault: str | None, capfd: pytest.CaptureFixture[str]
) -> None:
    """The client has a sentence; the fault is told, and printed nowhere."""
    faults: list[str] = []
    application = web.Application()
    application.router.add_get("/", handler)  # type: ignore[arg-type]
    async with (
        serving(application, listen=("127.0.0.1", 0), tls=None, fault=faults.append) as server,
        connected(server.addresses[0][1]) as client,
    ):
        await client.send(get("/"))
        head, _ = await client.answer()
    assert head.split(b" ")[1] == status
    assert [each.partition("py:")[0] for each in faults] == ([] if fault is None else [fault.partition("py:")[0]])
    assert capfd.readouterr() == ("", "")


async def test_an_answer_that_cannot_be_begun() -> None:
    """Nothing can be said any more but to the log."""
    faults: list[str] = []
    application = web.Application()
    application.on_response_prepare.append(_spoil)
    async with (
        serving(application, listen=("127.0.0.1", 0), tls=None, fault=faults.append) as server,
        connected(server.addresses[0][1]) as client,
    ):
        await client.send(get("/"))
        assert await client.rest() == b""
    (fault,) = faults
    assert fault.startswith("HTTP: ValueError: a header of its own (")
