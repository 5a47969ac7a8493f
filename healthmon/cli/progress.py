"""The progress line on a terminal while checks run."""

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Self, TextIO

from healthmon.core.model import Result, Service

_ERASE = "\r\x1b[K"


class Progress:
    """One line on a terminal: how many services are checked, and which are still awaited.

    An asynchronous context manager that draws while its body runs, and leaves the line empty. It is an observer of
    results.
    """

    def __init__(
        self,
        stream: TextIO,
        services: Sequence[Service],
        *,
        columns: Callable[[], int],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._stream = stream
        self._awaited = {service.id: service for service in services}
        self._total = len(services)
        self._columns = columns
        self._clock = clock
        self._begun = clock()
        self._drawing: asyncio.Task[None] | None = None

    def __call__(self, result: Result) -> None:
        """Take a result."""
        self._awaited.pop(result.service.id, None)

    def line(self) -> str:
        """The line as it stands now, no wider than the terminal."""
        done = self._total - len(self._awaited)
        seconds = int(self._clock() - self._begun)
        text = f"{done}/{self._total} checked, {seconds} s"
        if self._awaited:
            text += ", waiting for " + ", ".join(self._awaited)
        width = max(1, self._columns() - 1)
        return text if len(text) <= width else text[: width - 1] + "…"

    async def __aenter__(self) -> Self:
        """Begin to draw."""
        self._drawing = asyncio.create_task(self._draw())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop, and empty the line."""
        assert self._drawing  # noqa: S101
        self._drawing.cancel()
        with suppress(asyncio.CancelledError):
            await self._drawing
        self._stream.write(_ERASE)
        self._stream.flush()

    async def _draw(self) -> None:
        # Not at once: a line that flashes for a moment helps nobody.
        while True:
            await asyncio.sleep(0.25)
            self._stream.write(_ERASE + self.line())
            self._stream.flush()
