"""Blocking lookups in a bounded number of daemon threads of our own.

`socket.getaddrinfo` cannot be cancelled. asyncio's own threads are few and are joined at exit, so lookups that hang
would hold up each other and the end of the program. These threads are simply left behind.
"""

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any, NamedTuple

AddressInfo = tuple[int, int, int, str, tuple[Any, ...]]
"""An address as `socket.getaddrinfo` returns it: family, type, protocol, canonical name, socket address."""

Lookup = Callable[[str, int, int, int], list[Any]]
"""Looks up the addresses of (host, port, family, type), as `socket.getaddrinfo` does. May block."""


class Answer(NamedTuple):
    """What a lookup came to.

    Attributes:
        addresses: The addresses; empty if it failed.
        error: What it raised; None if it succeeded.
        seconds: How long it took, measured in its thread, so without waiting for a thread or for the event loop.
    """

    addresses: list[AddressInfo]
    error: Exception | None
    seconds: float


class _Job(NamedTuple):
    arguments: tuple[str, int, int, int]
    loop: asyncio.AbstractEventLoop
    answer: "asyncio.Future[Answer]"


class LookupThreads:
    """Runs lookups side by side, each in a thread, at most `limit` at once; further ones wait for their turn.

    A cancelled wait ends at once and gives its turn back: lookups that hang keep threads, and hold up no others.

    Args:
        lookup: Looks up a name.
        limit: How many lookups may be waited for at once.
        most: How many threads there may be, those included that nobody waits for any more.
    """

    def __init__(self, lookup: Lookup, limit: int, most: int = 1000) -> None:
        self._lookup = lookup
        self._limit = limit
        self._most = most
        self._turns = asyncio.Semaphore(limit)
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._threads = 0
        self._idle = 0

    @property
    def busy(self) -> bool:
        """Whether a further lookup has to wait for its turn."""
        return self._turns.locked()

    async def run(self, host: str, port: int, family: int, type_: int) -> Answer:
        """Look up. The lookup's own errors are in the answer.

        Raises:
            RuntimeError: No thread can be started, for the reason given.
        """
        async with self._turns:
            self._provide_thread()
            loop = asyncio.get_running_loop()
            job = _Job((host, port, family, type_), loop, loop.create_future())
            self._jobs.put(job)
            return await job.answer

    def close(self) -> None:
        """Let the threads end, each when its lookup has returned."""
        for _ in range(self._threads):
            self._jobs.put(None)
        self._threads = self._idle = 0

    def _provide_thread(self) -> None:
        if self._idle:
            self._idle -= 1
            return
        if self._threads >= self._most:
            raise RuntimeError("too many lookups hang on this machine")
        try:
            threading.Thread(target=self._work, name="healthmon-lookup", daemon=True).start()
        except RuntimeError as error:
            raise RuntimeError("no thread can be started to look up the name") from error
        self._threads += 1

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            answer = self._answer(job)
            # A loop that has been closed in the meantime wants no answer.
            with contextlib.suppress(RuntimeError):
                job.loop.call_soon_threadsafe(self._finish, job, answer)
            del job, answer

    def _answer(self, job: _Job) -> Answer:
        start = time.monotonic()
        try:
            addresses, error = self._lookup(*job.arguments), None
        except Exception as raised:  # It is the answer, and judged where it was asked for.
            addresses, error = [], raised
        return Answer(addresses, error, time.monotonic() - start)

    def _finish(self, job: _Job, answer: Answer) -> None:
        if self._idle < self._limit:
            self._idle += 1
        else:  # one that was needed while others hung
            self._threads -= 1
            self._jobs.put(None)
        if not job.answer.done():
            job.answer.set_result(answer)
