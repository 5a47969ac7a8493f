"""Carries out a rollout: tells what happens on stderr while it goes on, and what came of it in the end."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager

from msgspec import Struct

from healthmon.app.interruption import Noted, noted
from healthmon.app.rollout import carry_out as roll_out
from healthmon.cli import streams
from healthmon.cli.gate.progress import WaitProgress
from healthmon.cli.output.reporting import Reporting, append_to_page
from healthmon.cli.output.timestamps import stamped
from healthmon.cli.rollouts.command_lines import again
from healthmon.cli.rollouts.document import closing, course_of, decisive, page
from healthmon.cli.rollouts.going_on import left_behind, position_of
from healthmon.cli.rollouts.lines import LastWords, Telling, left_out
from healthmon.cli.rollouts.order import Order
from healthmon.cli.terminal.outlet import Outlet
from healthmon.core.document import moment
from healthmon.core.journal import JournalEntry, Output, Resumed, Started
from healthmon.core.model import Service
from healthmon.core.run import Run
from healthmon.core.waiting import Goal
from healthmon.engine.journal import Journal, JournalFailed
from healthmon.engine.surroundings import Finished
from healthmon.engine.waiting import WaitLimits, WaitObserver
from healthmon.errors import HealthmonError
from healthmon.reports.contract import Appearance
from healthmon.reports.rollouts.made import upshot_of
from healthmon.reports.rollouts.text import standing
from healthmon.reports.rollouts.upshot import Upshot
from healthmon.reports.style import Pen

_PATIENCE = 10.0
"""Seconds for which a rollout waits for a reader of its stderr who stands still, where that is no terminal."""


class _Result(Struct, frozen=True):
    """What came of it: how far it came, the signal that ended it, and what the commands said last."""

    finished: Finished
    ended_by: signal.Signals | None
    words: LastWords


def carry_out(order: Order, reporting: Reporting) -> int:
    """Carry out a rollout that nobody else carries out meanwhile.

    A signal that comes when it is over changes nothing of how it ended: that is told first. The second one ends the
    process.

    Returns:
        The exit code.

    Raises:
        UsageError: It cannot be gone on with.
        JournalFailed: The journal cannot be written any more.
        HealthmonError: All is deployed, and what came of it could not be told.
    """
    with noted() as note:
        return _carry_out(order, reporting, note)


def _carry_out(order: Order, reporting: Reporting, note: Noted) -> int:
    began = time.time()
    result = _written_down(order, reporting, note)
    finished = result.finished
    course = course_of(order, finished, result.words, began=began, ended=time.time(), ended_by=result.ended_by)
    upshot = upshot_of(course)
    run = decisive(finished, upshot, order.undertaking.host)
    if reporting.format == "github":
        append_to_page(page(run, upshot, reporting, "markdown"))
    # Files first: what stdout does not take must not cost them.
    code = _write_files(reporting, run, upshot)
    try:
        if reporting.format == "text":
            text = closing(course, upshot, finished, reporting.color)
            streams.write_report(stamped(text) if reporting.timestamps else text)
        else:
            streams.write_report(page(run, upshot, reporting, reporting.format), "utf-8")
    except HealthmonError as error:
        # How it ended is more than that nobody could be told; so whoever reads stderr is.
        streams.complain("\n".join([str(error), *standing(upshot, Pen(Appearance()))]))
        return code or error.exit_code
    return code


def _written_down(order: Order, reporting: Reporting, note: Noted) -> _Result:
    journal = Journal.open(order.journal)
    try:
        return _told(order, journal, reporting, note)
    except JournalFailed as error:
        remedy = (
            f"Nothing more is begun, and nothing was rolled back. Mend that, then go on with: {again(order.request)}"
        )
        raise JournalFailed(f"{error} {remedy}") from error
    finally:
        journal.close()


def _told(order: Order, journal: Journal, reporting: Reporting, note: Noted) -> _Result:
    outlet = Outlet(sys.stderr, patience=1.0 if sys.stderr.isatty() else _PATIENCE, gap=left_out)
    try:
        if journal.problem is not None:
            outlet.put(f"{journal.problem}\n")
        live = _Live(order, journal, reporting, outlet)
        position = position_of(order, journal.entries)
        for text in left_behind(order, journal.entries, live=True):
            outlet.put(f"Note: {text}\n")
        finished, ended_by = asyncio.run(
            roll_out(
                order.undertaking,
                position,
                journal,
                _beginning(order),
                noted=note,
                tell=live.tell,
                watching=live.watching,
            )
        )
        if sys.stderr.isatty() and sys.stdout.isatty():
            outlet.put("\n")  # Between what was told and the table.
        return _Result(finished, ended_by, live.words)
    finally:
        outlet.close()


def _beginning(order: Order) -> Started | Resumed:
    """The first entry."""
    now, pid, request = moment(time.time()), os.getpid(), order.request
    if request.resume:
        return Resumed(at=now, pid=pid)
    return Started(
        at=now,
        digest=order.digest(),
        host=order.undertaking.host,
        phases=tuple(phase.name for phase in order.undertaking.rollout.phases),
        pid=pid,
        first=request.first,
        expect=request.expected,
        strict=request.strict,
    )


class _Live:
    """Tells on stderr what happens.

    Attributes:
        words: What the commands that failed said last.
    """

    def __init__(self, order: Order, journal: Journal, reporting: Reporting, outlet: Outlet) -> None:
        self.words = LastWords()
        self._appearance = streams.appearance(sys.stderr, reporting.color)
        self._lines = Telling(Pen(self._appearance), str(journal.path), order.undertaking.rollout.grace)
        self._outlet = outlet
        if order.request.resume:
            for entry in journal.entries:
                self.words.take(entry)

    def tell(self, entries: Sequence[JournalEntry]) -> None:
        """Tell what has happened."""
        said = []
        for entry in entries:
            self.words.take(entry)
            line = self._lines.line(entry)
            if line is not None and isinstance(entry, Output):
                said.append(line)
            elif line is not None:
                self._outlet.put(f"{line}\n")
        if said:
            self._outlet.offer(said)

    def watching(
        self, services: Sequence[Service], goal: Goal, limits: WaitLimits
    ) -> AbstractAsyncContextManager[WaitObserver]:
        """Show how far a waiting has come."""
        # What was told before must stand above the block that is drawn.
        self._outlet.flush()
        return WaitProgress(sys.stderr, services, goal, limits.deadline, appearance=self._appearance, opening=False)


def _write_files(reporting: Reporting, run: Run, upshot: Upshot) -> int:
    """Write the reports; the exit code that says how the rollout ended outlasts a failure."""
    try:
        reporting.write_files(run, upshot)
    except HealthmonError as error:
        streams.complain(error)
        return upshot.exit_code or error.exit_code
    return upshot.exit_code
