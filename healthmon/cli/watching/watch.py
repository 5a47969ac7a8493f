"""``healthmon check --watch``: a live table, or report after report where there is no terminal."""

import asyncio
import os
import signal
import sys
from contextlib import suppress

from msgspec import Struct

from healthmon.app.interruption import Interruption, interruptible
from healthmon.app.once import RunLimits
from healthmon.app.rounds import Watcher, watch_all
from healthmon.cli import streams
from healthmon.cli.output.reporting import Reporting
from healthmon.cli.terminal.screen import Screen
from healthmon.cli.watching.live import Live
from healthmon.cli.watching.reports import Reports
from healthmon.core.model import Service
from healthmon.core.run import Run
from healthmon.core.safe_text import clean
from healthmon.core.wording import named
from healthmon.errors import HealthmonError, signalled

_NAMED = 10
"""Services that the last line names."""


class Watch(Struct, frozen=True):
    """What to watch, and how.

    Attributes:
        services: What to watch, in config order.
        host: What `{host}` stands for, or None.
        config: The config file.
        interval: Seconds from the beginning of a round to that of the next.
        limits: The bounds of one round.
        reporting: How reports look.
    """

    services: tuple[Service, ...]
    host: str | None
    config: str
    interval: float
    limits: RunLimits
    reporting: Reporting

    def run(self) -> int:
        """Watch until the user quits or a signal comes.

        Returns:
            The exit code: the signal's, or that of the last complete round.
        """
        run, ended_by = asyncio.run(self._run())
        if ended_by is not None:
            return signalled(ended_by)
        # Before a round is complete, nothing is known of some services: that is not healthy.
        return 1 if run is None else self.reporting.exit_code(run)

    async def _run(self) -> tuple[Run | None, signal.Signals | None]:
        # A terminal that goes away, or Ctrl-\: they would leave the screen as it is.
        with interruptible(signal.SIGHUP, signal.SIGQUIT) as interruption:
            if sys.stdin.isatty() and streams.draws(sys.stdout, os.environ):
                last = await self._draw(interruption)
                if last is not None:
                    with suppress(HealthmonError):  # The terminal is gone.
                        streams.write_report(_summary(last))
            else:
                reports = Reports(self.reporting, interruption.event.set)
                await self._watch(reports, interruption)
                last = reports.last
        return last, interruption.received

    async def _draw(self, interruption: Interruption) -> Run | None:
        live = Live(
            sys.stdout,
            self.services,
            host=self.host,
            config=self.config,
            appearance=streams.appearance(sys.stdout, self.reporting.color),
            end=interruption.event.set,
        )
        with Screen(sys.stdin, sys.stdout, pressed=live.press, changed=live.redraw) as screen:
            tasks = {
                asyncio.create_task(live.show(screen.draw)),
                asyncio.create_task(self._watch(live, interruption)),
            }
            try:
                done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
        return live.last

    async def _watch(self, watcher: Watcher, interruption: Interruption) -> None:
        await watch_all(
            self.services,
            watcher,
            host=self.host,
            limits=self.limits,
            interval=self.interval,
            interruption=interruption,
        )


def _summary(run: Run) -> str:
    """What stays on the normal screen: the last round in a line, in the words of the report."""
    ill = [clean(result.service.id) for result in run.results if not result.verdict.healthy]
    which = f" (not healthy: {named(ill, _NAMED)})" if ill else ""
    return f"Summary: Healthy: {run.healthy}/{len(run.results)}{which}\n"
