"""The loop in which the tests run: it counts what is waited for, not what the machine takes."""

import asyncio
import selectors
import socket
import time

import pytest

from tests.unhurried import UnhurriedLoop, unqueued


async def test_the_tests_run_in_it() -> None:
    """Each of them."""
    assert isinstance(asyncio.get_running_loop(), UnhurriedLoop)


async def test_an_answer_in_time_is_in_time_however_long_the_program_stands_still() -> None:
    """Before it is asked for, and before it is given."""
    loop, (asking, answering) = asyncio.get_running_loop(), socket.socketpair()
    with asking, answering:
        asking.setblocking(False)
        answering.setblocking(False)
        async with asyncio.timeout(0.1):
            for _ in range(3):
                loop.call_soon(time.sleep, 0.15)
                await loop.sock_sendall(asking, b"?")
                assert await loop.sock_recv(answering, 1) == b"?"


async def test_nor_while_it_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """What has come by then has come in time."""
    loop, (asking, answering) = asyncio.get_running_loop(), socket.socketpair()
    select = selectors.DefaultSelector.select

    def late(self: selectors.DefaultSelector, timeout: float | None = None) -> object:
        time.sleep(0.15)
        return select(self, timeout)

    with asking, answering:
        asking.setblocking(False)
        async with asyncio.timeout(0.1):
            receiving = asyncio.ensure_future(loop.sock_recv(asking, 1))
            await asyncio.sleep(0)
            answering.send(b"!")
            with monkeypatch.context() as patch:
                patch.setattr(selectors.DefaultSelector, "select", late)
                assert await receiving == b"!"


async def test_who_waits_for_nothing_waits_no_less() -> None:
    """And it ends, too, where the loop has always something to do."""
    begun = time.monotonic()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await asyncio.Event().wait()
    assert time.monotonic() - begun >= 0.1
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(_busy(), 0.1)


async def test_a_loop_that_is_blocked_is_seen_by_who_measures_the_time() -> None:
    """The loop itself does not see it."""
    loop = asyncio.get_running_loop()
    begun, before = unqueued(), loop.time()
    time.sleep(0.15)  # noqa: ASYNC251 - it blocks
    assert loop.time() < before + 0.15
    assert unqueued() > begun + 0.1


async def test_time_that_stands_still_goes_on_where_it_stopped() -> None:
    """However long it did."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, UnhurriedLoop)
    loop.stop_time()
    begun, before = time.monotonic(), loop.time()
    waiting = asyncio.ensure_future(asyncio.sleep(0.05))
    await asyncio.to_thread(time.sleep, 0.15)
    assert not waiting.done()
    assert loop.time() == before
    loop.go_on()
    await waiting
    assert loop.time() >= before + 0.05
    assert time.monotonic() - begun >= 0.2


async def _busy() -> None:
    while True:  # noqa: ASYNC110 - it waits for nothing
        await asyncio.sleep(0)
