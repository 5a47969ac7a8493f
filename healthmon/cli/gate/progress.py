"""The progress of waiting: a live block on a terminal, elsewhere a line when something changes."""

import asyncio
import os
import signal
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Self, TextIO

from healthmon.cli.gate.block import block
from healthmon.cli.gate.lines import Changes, heartbeat, opening
from healthmon.cli.streams import draws, terminal_size
from healthmon.cli.terminal.block import Block
from healthmon.cli.terminal.canvas import Canvas
from healthmon.cli.terminal.outlet import Outlet
from healthmon.core.model import Service
from healthmon.core.waiting import Goal, Progress
from healthmon.reports.contract import Appearance
from healthmon.reports.style import Pen

_TICK = 0.25
"""Seconds between drawings, and before the first: a block that flashes for a moment helps nobody."""
_HEARTBEAT = 30.0
"""Seconds between lines about how things stand, where nothing is drawn."""
_AT_ONCE = 50
"""The most changes that are told in one go."""


class WaitProgress:
    """Shows how far the waiting has come while its body runs. It is an observer of the waiting.

    On a terminal it draws a block and erases it at the end, for the report tells all of it. Elsewhere it writes
    a line that says what is waited for, one when something changes and another each 30 s, and nothing if every service
    is as it should be at once. No check waits for a stream that is slow, and one that is gone is no error.

    Args:
        stream: Where to: stderr.
        services: What is waited for, in config order.
        goal: As what.
        deadline: Seconds for all of it.
        opening: Whether to tell what is waited for; not where that has been told.
        appearance: What the stream can show.
        live: Whether to draw; by default, if the stream is a terminal that can be drawn on.
        clock: Where the time comes from.
    """

    def __init__(
        self,
        stream: TextIO,
        services: Sequence[Service],
        goal: Goal,
        deadline: float,
        *,
        appearance: Appearance,
        opening: bool = True,
        live: bool | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._stream = stream
        self._everyone = {service.id: Progress(service) for service in services}
        self._goal = goal
        self._deadline = deadline
        self._appearance = appearance
        self._live = draws(stream, os.environ) if live is None else live
        self._clock = clock
        self._changes = Changes(goal, Pen(appearance))
        self._lines: list[str] = []
        self._opening = opening and not self._live
        self._next_heartbeat = _HEARTBEAT

    def __call__(self, progress: Progress) -> None:
        """Take a check that has ended."""
        self._everyone[progress.service.id] = progress
        if not self._live and (line := self._changes.line(progress)):
            self._lines.append(line)

    async def __aenter__(self) -> Self:
        """Begin to show."""
        self._begun = self._clock()
        self._stops = signal.getsignal(signal.SIGTSTP) is not signal.SIG_IGN
        self._block = Block(lambda: terminal_size(self._stream).columns)
        self._outlet = Outlet(self._stream, self._block)
        if self._live:
            loop = asyncio.get_running_loop()
            loop.add_signal_handler(signal.SIGCONT, self._block.forget)
            if self._stops:
                loop.add_signal_handler(signal.SIGTSTP, self._stop)
        self._showing = asyncio.create_task(self._show())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Tell what has not been told yet, and leave no block behind."""
        self._showing.cancel()
        with suppress(asyncio.CancelledError):
            await self._showing
        if self._live:
            for number in (signal.SIGCONT, *([signal.SIGTSTP] if self._stops else [])):
                asyncio.get_running_loop().remove_signal_handler(number)
        self._tell()
        self._outlet.draw(())
        self._outlet.close()

    def _stop(self) -> None:
        """At Ctrl-Z: erase the block, for the shell writes beneath it, and what comes after ``fg`` stands elsewhere."""
        self._outlet.draw(())
        self._outlet.flush()
        os.kill(os.getpid(), signal.SIGSTOP)

    async def _show(self) -> None:
        while True:
            await asyncio.sleep(_TICK)
            if self._live:
                self._outlet.draw(self.block())
            else:
                if self._opening:
                    self._opening = False
                    self._lines.insert(0, opening(len(self._everyone), self._goal, self._deadline))
                self._note_how_things_stand()
                self._tell()

    def block(self) -> Sequence[str]:
        """The block as it stands now."""
        size = terminal_size(self._stream)
        return block(
            tuple(self._everyone.values()),
            self._goal,
            elapsed=self._clock() - self._begun,
            deadline=self._deadline,
            canvas=Canvas(size.columns, size.lines, self._appearance),
        )

    def _tell(self) -> None:
        lines, self._lines = self._lines, []
        if len(lines) > _AT_ONCE:
            lines = [*lines[:_AT_ONCE], f"... and {len(lines) - _AT_ONCE} more changes"]
        if lines:
            self._outlet.put("".join(f"{line}\n" for line in lines))

    def _note_how_things_stand(self) -> None:
        """Now and then; not at the deadline, when the report tells it."""
        elapsed = self._clock() - self._begun
        if self._next_heartbeat <= elapsed and self._next_heartbeat < self._deadline:
            self._next_heartbeat += _HEARTBEAT
            everyone = tuple(self._everyone.values())
            self._lines.append(heartbeat(everyone, self._goal, elapsed=elapsed, deadline=self._deadline))
