"""From a host to its addresses."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from healthmon.core.model import Cause, Stage
from healthmon.net.lookups import LookupThreads
from healthmon.net.reach import ReachOptions
from healthmon.net.resolve import resolve
from healthmon.net.trace import ProbeFailed, Trace

ANY = ReachOptions()
KNOWN = {"both.example": ("2001:db8::1", "203.0.113.1"), "four.example": ("203.0.113.1",), "none.example": ()}


class Names:
    """A resolver of a few names, which remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, int]] = []
        self.error: Exception | None = None

    def __call__(self, host: str, port: int, family: int, type_: int) -> list[Any]:
        """Look up."""
        self.asked.append((host, family))
        if self.error is not None:
            raise self.error
        return [
            (socket.AF_INET6, type_, 6, "", (ip, port, 0, 0))
            if ":" in ip
            else (socket.AF_INET, type_, 6, "", (ip, port))
            for ip in KNOWN[host]
        ]


@pytest.fixture
def names() -> Names:
    return Names()


@pytest.fixture
def threads(names: Names) -> Iterator[LookupThreads]:
    made = LookupThreads(names, 2)
    yield made
    made.close()


async def test_all_addresses_of_a_name_are_kept_in_order(threads: LookupThreads) -> None:
    trace = Trace()
    found = await resolve("both.example", 80, ANY, threads, trace)
    assert [address[4][0] for address in found] == ["2001:db8::1", "203.0.113.1"]
    assert trace.outcome().timings.resolve is not None


@pytest.mark.parametrize(
    ("host", "where"),
    [
        ("203.0.113.9", ("203.0.113.9", 80)),
        ("2001:db8::9", ("2001:db8::9", 80, 0, 0)),
        ("fe80::1%7", ("fe80::1", 80, 0, 7)),
        ("fe80::1%lo", ("fe80::1", 80, 0, socket.if_nametoindex("lo"))),
    ],
)
async def test_an_address_is_not_looked_up(
    host: str, where: tuple[Any, ...], threads: LookupThreads, names: Names
) -> None:
    trace = Trace()
    ((*_, found),) = await resolve(host, 80, ANY, threads, trace)
    assert found == where
    assert names.asked == []
    assert trace.outcome().timings.resolve is None


async def test_an_address_of_an_interface_that_is_not_there_is_a_local_fault(threads: LookupThreads) -> None:
    failure = await failing("fe80::1%nosuch0", ANY, threads)
    assert (failure.cause, failure.message) == (Cause.LOCAL, "this machine has no network interface nosuch0")


async def test_a_given_address_replaces_the_name(threads: LookupThreads, names: Names) -> None:
    ((*_, where),) = await resolve("both.example", 80, ReachOptions(resolve="127.0.0.1"), threads, Trace())
    assert where == ("127.0.0.1", 80)
    assert names.asked == []


async def test_only_addresses_of_the_wanted_family_are_used(threads: LookupThreads, names: Names) -> None:
    found = await resolve("both.example", 80, ReachOptions(ip="4"), threads, Trace())
    assert [address[4][0] for address in found] == ["203.0.113.1"]
    assert names.asked == [("both.example", socket.AF_INET)]


@pytest.mark.parametrize(
    ("host", "reach", "symptom", "message"),
    [
        ("none.example", ANY, "name.no_address", "none.example has no address"),
        ("four.example", ReachOptions(ip="6"), "name.no_address", "four.example has no IPv6 address"),
        ("127.0.0.1", ReachOptions(ip="6"), None, "127.0.0.1 has no IPv6 address"),
        ("::1", ReachOptions(ip="4"), None, "::1 has no IPv4 address"),
    ],
)
async def test_a_host_without_a_usable_address_is_a_fault_of_the_name(
    host: str, reach: ReachOptions, symptom: str | None, message: str, threads: LookupThreads
) -> None:
    failure = await failing(host, reach, threads)
    assert (failure.cause, failure.symptom, failure.message) == (Cause.DNS, symptom, message)


NOT_FOUND, NO_ADDRESS, NO_ANSWER = "name.not_found", "name.no_address", "name.no_answer"


@pytest.mark.parametrize(
    ("error", "reach", "cause", "symptom", "message"),
    [
        (socket.gaierror(socket.EAI_NONAME, ""), ANY, Cause.DNS, NOT_FOUND, "name not found: a.example"),
        (socket.gaierror(socket.EAI_NODATA, ""), ANY, Cause.DNS, NO_ADDRESS, "name not found: a.example"),
        (
            socket.gaierror(socket.EAI_NODATA, ""),
            ReachOptions(ip="6"),
            Cause.DNS,
            NO_ADDRESS,
            "no IPv6 address found: a.example",
        ),
        (
            socket.gaierror(socket.EAI_NONAME, ""),
            ReachOptions(ip="6"),
            Cause.DNS,
            NOT_FOUND,
            "no IPv6 address found: a.example",
        ),
        (socket.gaierror(socket.EAI_AGAIN, ""), ANY, Cause.DNS, NO_ANSWER, "the resolver did not answer: a.example"),
        (
            socket.gaierror(socket.EAI_FAIL, "no way"),
            ANY,
            Cause.DNS,
            NO_ANSWER,
            "the resolver failed: a.example (no way)",
        ),
        (socket.gaierror(socket.EAI_MEMORY, ""), ANY, Cause.LOCAL, None, "out of memory while looking up the name"),
        (UnicodeError("label too long"), ANY, Cause.DNS, None, "not a valid name: a.example"),
        (ValueError("embedded null character"), ANY, Cause.DNS, None, "not a valid name: a.example"),
        (
            OSError(24, "Too many open files"),
            ANY,
            Cause.LOCAL,
            None,
            "the name cannot be looked up: Too many open files",
        ),
    ],
)
async def test_errors_of_the_resolver_have_their_causes(
    error: Exception, reach: ReachOptions, cause: Cause, symptom: str | None, message: str
) -> None:
    names = Names()
    names.error = error
    threads = LookupThreads(names, 1)
    failure = await failing("a.example", reach, threads)
    threads.close()
    assert (failure.cause, failure.symptom, failure.message) == (cause, symptom, message)


async def test_a_failed_lookup_has_its_time_too(threads: LookupThreads, names: Names) -> None:
    names.error = socket.gaierror(socket.EAI_NONAME, "")
    trace = Trace()
    with pytest.raises(ProbeFailed):
        await resolve("a.example", 80, ANY, threads, trace)
    assert trace.outcome().timings.resolve is not None


async def test_a_fault_of_the_lookup_itself_is_not_taken_for_an_answer(threads: LookupThreads, names: Names) -> None:
    names.error = ZeroDivisionError()
    with pytest.raises(ZeroDivisionError):
        await resolve("a.example", 80, ANY, threads, Trace())


async def test_a_real_resolver_refuses_a_label_that_is_too_long() -> None:
    threads = LookupThreads(socket.getaddrinfo, 1)
    failure = await failing("a" * 64 + ".example", ANY, threads)
    threads.close()
    assert failure.cause is Cause.DNS


async def test_no_thread_left_is_a_local_fault(threads: LookupThreads, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    failure = await failing("a.example", ANY, threads)
    assert (failure.cause, failure.message) == (Cause.LOCAL, "no thread can be started to look up the name")


async def test_a_name_is_not_blamed_for_the_time_that_it_waited() -> None:
    """Nor is one that was looked up in time for having waited."""
    released, began = threading.Event(), threading.Event()

    def lookup(host: str, port: int, family: int, type_: int) -> list[Any]:
        began.set()
        released.wait()
        return [(family, type_, 6, "", ("203.0.113.1", port))]

    with closing(LookupThreads(lookup, 1)) as pool:
        first, late, patient = Trace(), Trace(), Trace()
        tasks = [asyncio.create_task(resolve("a.example", 80, ANY, pool, first))]
        await asyncio.to_thread(began.wait, 10)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await resolve("b.example", 80, ANY, pool, late)
        tasks.append(asyncio.create_task(resolve("c.example", 80, ANY, pool, patient)))
        await asyncio.sleep(0)
        outcomes = [trace.timed_out(1).failure for trace in (first, late, patient)]
        released.set()
        await asyncio.gather(*tasks)
    assert [failure and failure.cause for failure in outcomes] == [Cause.DNS, Cause.LOCAL, Cause.LOCAL]
    assert patient.failure is None


async def failing(host: str, reach: ReachOptions, threads: LookupThreads) -> ProbeFailed:
    """The failure that resolving must end in."""
    trace = Trace()
    with pytest.raises(ProbeFailed) as raised:
        await resolve(host, 80, reach, threads, trace)
    assert trace.stage is Stage.RESOLVE
    return raised.value
