"""Blocking lookups in threads of our own."""

import asyncio
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest

from healthmon.net.lookups import Lookup, LookupThreads
from tests.unhurried import unqueued

Make = Callable[[Lookup, int], LookupThreads]


@pytest.fixture
def threads() -> Iterator[Make]:
    """Makes lookup threads that are let go after the test."""
    made: list[LookupThreads] = []

    def make(lookup: Lookup, limit: int) -> LookupThreads:
        made.append(LookupThreads(lookup, limit))
        return made[-1]

    yield make
    for each in made:
        each.close()


class Hanging:
    """A lookup that answers when it is released."""

    def __init__(self) -> None:
        self.released = threading.Event()
        self.began = threading.Event()
        self.asked: list[str] = []

    def __call__(self, host: str, port: int, family: int, type_: int) -> list[Any]:
        """Look up."""
        self.asked.append(host)
        self.began.set()
        if host.startswith("slow"):
            self.released.wait()
        return [(family, type_, 6, "", (host, port))]


@contextmanager
def hanging() -> Iterator[Hanging]:
    lookup = Hanging()
    try:
        yield lookup
    finally:
        lookup.released.set()


async def test_an_answer_has_addresses_and_the_time_that_the_lookup_took(threads: Make) -> None:
    def lookup(host: str, port: int, family: int, type_: int) -> list[Any]:
        time.sleep(0.01)  # what the lookup takes
        return [(family, type_, 6, "", (host, port))]

    answer = await threads(lookup, 1).run("a.example", 80, 2, 1)
    assert answer.addresses == [(2, 1, 6, "", ("a.example", 80))]
    assert answer.error is None
    assert answer.seconds >= 0.01


async def test_what_a_lookup_raises_is_its_answer(threads: Make) -> None:
    def lookup(host: str, port: int, family: int, type_: int) -> list[Any]:
        raise UnicodeError(host)

    answer = await threads(lookup, 1).run("a.example", 80, 2, 1)
    assert isinstance(answer.error, UnicodeError)
    assert answer.addresses == []


async def test_hanging_lookups_do_not_delay_others_within_the_limit(threads: Make) -> None:
    with hanging() as lookup:
        pool = threads(lookup, 5)
        slow = [asyncio.create_task(pool.run(f"slow{n}", 80, 2, 1)) for n in range(4)]
        answer = await pool.run("fast", 80, 2, 1)
        assert answer.addresses[0][4] == ("fast", 80)
        lookup.released.set()
        assert [each.error for each in await asyncio.gather(*slow)] == [None] * 4


async def test_forty_hanging_lookups_are_all_abandoned_in_time(threads: Make) -> None:
    with hanging() as lookup:
        pool = threads(lookup, 8)

        async def one(number: int) -> None:
            async with asyncio.timeout(0.2):
                await pool.run(f"slow{number}", 80, 2, 1)

        began = unqueued()
        ends = await asyncio.gather(*(one(number) for number in range(40)), return_exceptions=True)
        assert {type(end) for end in ends} == {TimeoutError}
        assert unqueued() - began < 5
        assert (await pool.run("fast", 80, 2, 1)).addresses, "they hold up nobody"


async def test_beyond_the_limit_a_lookup_waits_its_turn(threads: Make) -> None:
    with hanging() as lookup:
        pool = threads(lookup, 1)
        slow = asyncio.create_task(pool.run("slow", 80, 2, 1))
        waiting = asyncio.create_task(pool.run("waiting", 80, 2, 1))
        await asyncio.to_thread(lookup.began.wait, 10)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        slow.cancel()
        with pytest.raises(asyncio.CancelledError):
            await slow
        lookup.released.set()
        await pool.run("next", 80, 2, 1)
        assert lookup.asked == ["slow", "next"]


async def test_threads_that_hang_are_bounded() -> None:
    """Beyond the bound a lookup fails at once, and says why; when one of them returns, there is room again."""
    with hanging() as lookup, closing(LookupThreads(lookup, 1, most=3)) as pool:
        for number in range(3):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.01):
                    await pool.run(f"slow{number}", 80, 2, 1)
        with pytest.raises(RuntimeError, match="too many lookups hang on this machine"):
            await pool.run("fast", 80, 2, 1)
        lookup.released.set()
        async with asyncio.timeout(10):
            while len(_workers()) > 1:  # noqa: ASYNC110 - threads end without an event
                await asyncio.sleep(0)
            assert (await pool.run("fast", 80, 2, 1)).error is None
            assert len(_workers()) == 1, "as many as may run at once stay"


def _workers() -> list[threading.Thread]:
    return [each for each in threading.enumerate() if each.name == "healthmon-lookup"]


async def test_it_is_known_whether_a_lookup_has_to_wait(threads: Make) -> None:
    with hanging() as lookup:
        pool = threads(lookup, 1)
        busy = [pool.busy]
        slow = asyncio.create_task(pool.run("slow", 80, 2, 1))
        await asyncio.to_thread(lookup.began.wait, 10)
        busy.append(pool.busy)
        lookup.released.set()
        await slow
        assert [*busy, pool.busy] == [False, True, False]


async def test_a_thread_serves_one_lookup_after_the_other(threads: Make) -> None:
    seen = set()

    def lookup(host: str, port: int, family: int, type_: int) -> list[Any]:
        seen.add(threading.current_thread())
        return []

    pool = threads(lookup, 8)
    for _ in range(5):
        await pool.run("a.example", 80, 2, 1)
    assert len(seen) == 1


async def test_closing_ends_the_threads(threads: Make) -> None:
    seen = []

    def lookup(host: str, port: int, family: int, type_: int) -> list[Any]:
        seen.append(threading.current_thread())
        return []

    pool = threads(lookup, 8)
    await pool.run("a.example", 80, 2, 1)
    pool.close()
    seen[0].join(10)
    assert not seen[0].is_alive()


async def test_a_machine_without_threads_left_says_so_and_loses_no_turn(
    threads: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    pool = threads(lambda *question: [], 1)
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        with pytest.raises(RuntimeError):
            await pool.run("a.example", 80, 2, 1)
    assert (await pool.run("a.example", 80, 2, 1)).error is None


def test_a_lookup_that_outlives_its_loop_harms_nobody(threads: Make) -> None:
    with hanging() as lookup:
        pool = threads(lookup, 1)

        async def abandon() -> None:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.05):
                    await pool.run("slow", 80, 2, 1)

        asyncio.run(abandon())
        (thread,) = _workers()
    pool.close()
    thread.join(10)
    assert not thread.is_alive()


def test_a_hanging_lookup_does_not_hold_up_the_end_of_the_program() -> None:
    program = """
import asyncio, threading
from healthmon.net.lookups import LookupThreads

async def main():
    pool = LookupThreads(lambda *question: threading.Event().wait(), 4)
    try:
        async with asyncio.timeout(0.1):
            await pool.run("a.example", 80, 2, 1)
    except TimeoutError:
        print("abandoned")

asyncio.run(main())
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=True)
    assert (ended.stdout, ended.stderr) == ("abandoned\n", "")
