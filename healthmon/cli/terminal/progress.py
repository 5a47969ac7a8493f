"""The progress line on a terminal while checks run."""

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Self, TextIO

from healthmon.cli.streams import terminal_size
from healthmon.cli.terminal.block import Block
from healthmon.cli.terminal.outlet import Outlet
from healthmon.core.model import Result, Service
from healthmon.reports.cells import fit


class Progress:
    """One line on a terminal: how many services are checked, and which are still awaited.

    An asynchronous context manager that draws while its body runs, and leaves the line empty. It is an observer of
    results.
    """

    def __init__(
        self, stream: TextIO, services: Sequence[Service], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._stream = stream
        self._awaited = {service.id: service for service in services}
        self._total = len(services)
        self._clock = clock
        self._begun = clock()

    def __call__(self, result: Result) -> None:
        """Take a result."""
        self._awaited.pop(result.service.id, None)

    def line(self, columns: int) -> str:
        """The line as it stands now, shorter than so many columns."""
        done = self._total - len(self._awaited)
        seconds = int(self._clock() - self._begun)
        text = f"{done}/{self._total} checked, {seconds} s"
        if self._awaited:
            text += ", waiting for " + ", ".join(self._awaited)
        # Cut twice: of ten thousand ids, few need to be measured.
        return fit(text[:columns], max(1, columns - 1)).rstrip()

    async def __aenter__(self) -> Self:
        """Begin to draw."""
        self._outlet = Outlet(self._stream, Block(self._columns))
        self._drawing = asyncio.create_task(self._draw())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop, and empty the line."""
        self._drawing.cancel()
        with suppress(asyncio.CancelledError):
            await self._drawing
        self._outlet.draw(())
        self._outlet.close()

    async def _draw(self) -> None:
        # Not at once: a line that flashes for a moment helps nobody.
        while True:
            await asyncio.sleep(0.25)
            self._outlet.draw([self.line(self._columns())])

    def _columns(self) -> int:
        return terminal_size(self._stream).columns
