"""The table of `check --watch`, kept up to date."""

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TextIO

from msgspec import structs

from healthmon.cli.streams import terminal_size
from healthmon.cli.terminal.canvas import Canvas
from healthmon.cli.terminal.keys import Key
from healthmon.cli.watching.table import Scene, around, table
from healthmon.cli.watching.view import View, arrange, clamp
from healthmon.core.history import History, remember
from healthmon.core.model import Result, Service
from healthmon.core.run import Run
from healthmon.reports.contract import Appearance

_AT_MOST = 0.05
"""Seconds between two drawings, however many results come."""
_AT_LEAST = 1.0
"""Seconds after which it is drawn again, for the time that it shows."""


class Live:
    """Knows what the table shows, and draws it after each change and once a second.

    Args:
        stream: The stream that the terminal shows.
        services: What is watched, in config order.
        host: What `{host}` stands for, or None.
        config: The config file.
        appearance: What the terminal can show.
        end: Called when the user wants to quit.

    Attributes:
        last: The last round; None before the first has ended.
    """

    def __init__(
        self,
        stream: TextIO,
        services: Sequence[Service],
        *,
        host: str | None,
        config: str,
        appearance: Appearance,
        end: Callable[[], None],
    ) -> None:
        self._stream = stream
        self._services = self._shown = services
        self._host = host
        self._config = config
        self._appearance = appearance
        self._end = end
        self._histories: dict[str, History] = {}
        self._checked: set[str] | None = set()
        self._next = 0.0
        self._view = View()
        self._changed = asyncio.Event()
        self._healthy = 0
        self.last: Run | None = None

    def began(self) -> None:
        """A round begins."""
        self._checked = set()
        self.redraw()

    def checked(self, result: Result) -> None:
        """Show the result of a check."""
        id_ = result.service.id
        before = self._histories.get(id_)
        self._histories[id_] = remember(before, result)
        self._healthy += result.verdict.healthy - (before is not None and before.verdict.healthy)
        if self._checked is not None:
            self._checked.add(id_)
        self.redraw()

    def ended(self, run: Run, pause: float) -> None:
        """Take a round, with the results of what its deadline has cut short. Only now may rows change their places."""
        for result in run.results:
            if self._checked is not None and result.service.id not in self._checked:
                self.checked(result)
        self.last = run
        self._checked, self._next = None, time.monotonic() + pause
        self._arrange()

    def press(self, key: Key | None) -> None:
        """Do what a key means; None, the terminal is gone."""
        if key in (Key.QUIT, None):
            self._end()
            return
        self._view = self._view.press(key, rows=self._rows(), total=len(self._shown))
        if key in (Key.SORT, Key.FAILURES):
            self._arrange()
        self.redraw()

    def redraw(self) -> None:
        """Draw soon."""
        self._changed.set()

    async def show(self, draw: Callable[[Sequence[str]], None]) -> None:
        """Draw until cancelled."""
        while True:
            self._changed.clear()
            draw(self.lines())
            await asyncio.sleep(_AT_MOST)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), _AT_LEAST - _AT_MOST)

    def lines(self) -> Sequence[str]:
        """The table as it stands now."""
        columns, lines = terminal_size(self._stream)
        top = clamp(self._view.top, rows=self._rows(), total=len(self._shown))
        self._view = structs.replace(self._view, top=top)
        scene = Scene(
            now=time.time(),
            host=self._host,
            config=self._config,
            shown=self._shown,
            histories=self._histories,
            view=self._view,
            healthy=self._healthy,
            total=len(self._services),
            checked=None if self._checked is None else len(self._checked),
            pause=max(0.0, self._next - time.monotonic()),
        )
        return table(scene, Canvas(columns, lines, self._appearance))

    def _arrange(self) -> None:
        self._shown = arrange(self._services, self._histories, self._view)
        self.redraw()

    def _rows(self) -> int:
        lines = terminal_size(self._stream).lines
        return max(0, lines - around(lines))
