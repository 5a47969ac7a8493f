"""Socket files: what answers on them, and why nothing does."""

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from healthmon.core.allow import Allow
from healthmon.core.model import Cause, Stage
from healthmon.net.guard import Guard
from healthmon.net.network import Network
from healthmon.net.trace import ProbeFailed, Trace
from healthmon.net.unix import connect_unix
from tests.net.descriptors import leaving_no_socket


@asynccontextmanager
async def full(path: Path) -> AsyncIterator[socket.socket]:
    """A server whose queue has no room: the kernel takes one connection more than it is told to."""
    with contextlib.ExitStack() as sockets:
        listener = sockets.enter_context(socket.socket(socket.AF_UNIX))
        listener.bind(str(path))
        listener.listen(0)
        with contextlib.suppress(BlockingIOError):
            while True:
                waiting = sockets.enter_context(socket.socket(socket.AF_UNIX))
                waiting.setblocking(False)
                waiting.connect(str(path))
        yield listener


async def test_a_server_is_reached(network: Network, tmp_path: Path) -> None:
    """And the time is noted."""
    trace = Trace()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "s"))
        listener.listen()
        async with leaving_no_socket():
            made = await network.connect_unix(str(tmp_path / "s"), trace)
            assert not made.getblocking()
            assert made.peer == (str(tmp_path / "s"), 0)
            made.close()
    connect = trace.outcome().timings.connect
    assert connect is not None
    assert 0 < connect < 1


async def test_no_file_is_a_refusal(tmp_path: Path) -> None:
    """As is a port on which nothing listens. A folder that is not there is the same."""
    for path in (tmp_path / "none", tmp_path / "none/s"):
        async with leaving_no_socket():
            with pytest.raises(ProbeFailed) as raised:
                await connect_unix(str(path), Trace())
        assert (raised.value.cause, raised.value.symptom) == (Cause.REFUSED, "unix.no_file")
        assert raised.value.message == f"there is no socket {path}"


async def test_a_file_that_is_left_over_refuses(tmp_path: Path) -> None:
    """Its server has gone."""
    path = str(tmp_path / "s")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
    with pytest.raises(ProbeFailed) as raised:
        await connect_unix(path, Trace())
    assert (raised.value.cause, raised.value.symptom) == (Cause.REFUSED, "unix.refused")
    assert raised.value.message == f"connection refused: nothing listens on {path}"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
async def test_a_file_of_somebody_else_tells_nothing(tmp_path: Path) -> None:
    """What this program may not use may well be healthy."""
    path = tmp_path / "s"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        path.chmod(0o600)
        os.seteuid(65534)
        try:
            with pytest.raises(ProbeFailed) as raised:
                await connect_unix(str(path), Trace())
        finally:
            os.seteuid(0)
    assert (raised.value.cause, raised.value.symptom) == (Cause.LOCAL, "unix.permission")


async def test_a_path_that_is_too_long_is_this_machines_fault(tmp_path: Path) -> None:
    """The kernel takes 107 bytes (unix(7))."""
    with pytest.raises(ProbeFailed) as raised:
        await connect_unix(str(tmp_path / ("x" * 108)), Trace())
    assert raised.value.cause is Cause.LOCAL
    assert "too long" in raised.value.message


async def test_a_loop_of_links_is_this_machines_fault(tmp_path: Path) -> None:
    """In the system's own words."""
    path = tmp_path / "s"
    path.symlink_to(path)
    with pytest.raises(ProbeFailed) as raised:
        await connect_unix(str(path), Trace())
    assert raised.value.cause is Cause.LOCAL
    assert raised.value.message.endswith("too many levels of symbolic links")


async def test_a_full_queue_is_waited_for(tmp_path: Path) -> None:
    """Until there is room."""
    async with full(tmp_path / "s") as listener:
        connecting = asyncio.create_task(connect_unix(str(tmp_path / "s"), Trace()))
        await asyncio.sleep(0)
        assert not connecting.done()
        with contextlib.closing(listener.accept()[0]):
            (await connecting).close()


async def test_a_full_queue_is_no_connection(tmp_path: Path) -> None:
    """For whoever has waited long enough."""
    trace = Trace()
    async with full(tmp_path / "s"), leaving_no_socket():
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await connect_unix(str(tmp_path / "s"), trace)
    assert trace.stage is Stage.CONNECT


async def test_where_networks_are_listed_a_file_is_in_none_of_them(network: Network, tmp_path: Path) -> None:
    """Although something listens on it."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "s"))
        listener.listen()
        guarded = network.guarded(Guard(Allow(networks=("127.0.0.0/8",))))
        with pytest.raises(ProbeFailed) as raised:
            await guarded.connect_unix(str(tmp_path / "s"), Trace())
        assert raised.value.cause is Cause.LOCAL
        assert "allow list" in raised.value.message
        only_urls = network.guarded(Guard(Allow(urls=("docker://*:*",))))
        (await only_urls.connect_unix(str(tmp_path / "s"), Trace())).close()
