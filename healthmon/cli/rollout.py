"""``healthmon rollout``: a deployment in phases, each of which must be healthy before the next."""

import os
import sys
import time
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from healthmon.cli import streams
from healthmon.cli.choice import bare_expect_option
from healthmon.cli.headings import GroupedCommand
from healthmon.cli.options import (
    DurationType,
    LineType,
    color_option,
    config_option,
    fail_on_option,
    host_argument,
    timestamps_option,
)
from healthmon.cli.output import report_files
from healthmon.cli.output.reporting import Reporting, append_to_page
from healthmon.cli.output.timestamps import meant, stamped
from healthmon.errors import HealthmonError, UsageError
from healthmon.reports import REPORTS
from healthmon.reports.style import Pen

if TYPE_CHECKING:
    import signal

    from healthmon.cli.rollouts.lines import LastWords
    from healthmon.cli.rollouts.order import Order
    from healthmon.cli.terminal.outlet import Outlet
    from healthmon.config.added import Added
    from healthmon.core.journal import JournalEntry
    from healthmon.core.model import Service
    from healthmon.core.rollout import Position
    from healthmon.core.waiting import Goal
    from healthmon.engine.journal import Journal
    from healthmon.engine.surroundings import Finished
    from healthmon.engine.waiting import WaitLimits, WaitObserver
    from healthmon.reports.rollout_course import Course

_PATIENCE = 10.0
"""Seconds for which a rollout waits for a reader of its stderr who stands still, where that is no terminal."""

_EXAMPLES = """\b
Examples:
  healthmon rollout rollout.toml staging.example.com --dry-run
  healthmon rollout rollout.toml staging.example.com
  healthmon rollout rollout.toml staging.example.com --resume
"""


@click.command(cls=GroupedCommand, epilog=_EXAMPLES)
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@host_argument
@config_option
@click.option(
    "--journal", metavar="PATH", help="Where it is written down. Default: beside FILE, as NAME.journal.jsonl."
)
@click.option("--resume", is_flag=True, help="Go on with a rollout that was interrupted or killed.")
@click.option(
    "--from",
    "first",
    metavar="PHASE",
    help="Begin with this phase. The services of those before it must be healthy already.",
)
@click.option("--dry-run", is_flag=True, help="Show what would be done, and do nothing.")
@bare_expect_option
@click.option("--timeout", type=DurationType(), help="Instead of each service's own timeout, such as 5s.")
@click.option(
    "--interval",
    type=DurationType(),
    default="1s",
    show_default=True,
    help="From a check of a service that is not healthy yet to the next. Grows while that fails, up to 10s.",
)
@fail_on_option
@click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "github", "markdown"]),
    default="text",
    show_default=True,
    help="What stdout gets in the end. With github also the page of the step.",
)
@click.option(
    "--report",
    "reports",
    multiple=True,
    type=LineType(),
    metavar="FORMAT=PATH",
    help="Write a report of the checks that decided how it ended to a file. Repeatable.",
)
@color_option
@timestamps_option
def command(
    *,
    file: Path,
    host: str | None,
    config: str | None,
    journal: str | None,
    resume: bool,
    first: str | None,
    dry_run: bool,
    expect: "tuple[Added, ...]",
    timeout: float | None,
    interval: float,
    fail_on: str,
    format_: str,
    reports: tuple[str, ...],
    color: str,
    timestamps: bool,
) -> int:
    """Deploy in phases as FILE says. After each phase the services of it and of all before it must be healthy.

    HOST is a name, an IPv4 or an IPv6 address; it stands for {host} in the URLs of the services.

    The exit code is 0 when all phases are deployed and healthy, 1 when not and what was there before is healthy, and 3
    when that is not so either: the rollback failed, there is none, or what it left is not healthy.
    """
    from healthmon.cli.rollouts.document import plan
    from healthmon.cli.rollouts.lock import locked
    from healthmon.cli.rollouts.order import Request, order_of

    strict = fail_on == "degraded"
    if dry_run and format_ != "text":
        raise UsageError(f"--format {format_}: --dry-run shows its plan as text alone; leave one of the two out.")
    files = tuple(report_files.parse(reports, REPORTS))
    timestamps = meant(timestamps, format_=format_)
    reporting = Reporting(format=format_, files=files, color=color, strict=strict, timestamps=timestamps)
    order = order_of(
        Request(
            file=file,
            host=host,
            config=config,
            journal=journal,
            resume=resume,
            expect=expect,
            timeout=timeout,
            interval=interval,
            strict=strict,
            first=first,
            format=format_,
            reports=reports,
        )
    )
    _refuse_overwriting(reporting, order)
    reporting = reporting.placed(order.config)
    if dry_run:
        text = plan(order, color)
        streams.write_report(stamped(text) if timestamps else text)
        return 0
    with locked(order) as locked_order:
        return _carry_out(locked_order, reporting)


def _refuse_overwriting(reporting: Reporting, order: "Order") -> None:
    """Refuse to write a report over what the rollout needs."""
    report_files.refuse_config(reporting.files, [str(order.request.file)])
    if any(file.path.resolve() == order.journal.resolve() for file in reporting.files):
        raise UsageError(f"--report {order.journal}: the journal is there. Name another file.")


def _carry_out(order: "Order", reporting: Reporting) -> int:
    from healthmon.cli.rollouts.document import course_of, document, page
    from healthmon.cli.rollouts.lines import left_out
    from healthmon.cli.rollouts.order import left_behind, position_of
    from healthmon.cli.terminal.outlet import Outlet
    from healthmon.core.rollout import Conclusion, outcome
    from healthmon.engine.journal import Journal, JournalFailed

    phases = order.undertaking.rollout.phases
    journal = Journal.open(order.journal)
    try:
        outlet = Outlet(sys.stderr, patience=1.0 if sys.stderr.isatty() else _PATIENCE, gap=left_out)
        try:
            if journal.problem is not None:
                outlet.put(f"{journal.problem}\n")
            position = position_of(order, journal.entries)
            for note in left_behind(order, journal.entries):
                outlet.put(f"Note: {note}\n")
            finished, ended_by, words = _run(order, position, journal, reporting, outlet)
            if sys.stderr.isatty() and sys.stdout.isatty():
                outlet.put("\n")  # Between what was told and the table.
        except JournalFailed as error:
            message = (
                f"{error} Nothing more is begun, and nothing was rolled back. Mend that, then go on with: "
                f"{order.request.again()}"
            )
            raise JournalFailed(message) from error
        finally:
            outlet.close()
    finally:
        journal.close()
    course = course_of(order, finished, words)
    if reporting.format == "github":
        append_to_page(page(course, finished, reporting, "markdown"))
    text = document(course, finished, reporting)
    text = stamped(text) if reporting.timestamps else text
    streams.write_report(text, None if reporting.format == "text" else "utf-8")
    how = outcome(phases, finished.position) if finished.ready else None
    code = 0 if how is Conclusion.DEPLOYED else 3 if how is Conclusion.BROKEN else 1
    code = code if ended_by is None else 128 + ended_by
    return _write_files(reporting, finished, course, code)


def _run(
    order: "Order", position: "Position", journal: "Journal", reporting: Reporting, outlet: "Outlet"
) -> "tuple[Finished, signal.Signals | None, LastWords]":
    import asyncio

    from healthmon.app.rollout import carry_out
    from healthmon.cli.gate.progress import WaitProgress
    from healthmon.cli.rollouts.lines import LastWords, Telling
    from healthmon.core.document import moment
    from healthmon.core.journal import Output, Resumed, Started

    undertaking = order.undertaking
    rollout = undertaking.rollout
    appearance = streams.appearance(sys.stderr, reporting.color)
    lines = Telling(Pen(appearance), str(journal.path), rollout.grace)
    words = LastWords()
    if order.request.resume:
        for entry in journal.entries:
            words.take(entry)

    def tell(entries: "Sequence[JournalEntry]") -> None:
        for entry in entries:
            words.take(entry)
            if not isinstance(entry, Output) and (line := lines.line(entry)) is not None:
                outlet.put(f"{line}\n")
        if said := [line for entry in entries if isinstance(entry, Output) and (line := lines.line(entry))]:
            outlet.offer(said)

    def watching(
        services: "Sequence[Service]", goal: "Goal", limits: "WaitLimits"
    ) -> "AbstractAsyncContextManager[WaitObserver]":
        # What was told before must stand above the block that is drawn.
        outlet.flush()
        return WaitProgress(sys.stderr, services, goal, limits.deadline, appearance=appearance)

    now, pid = moment(time.time()), os.getpid()
    beginning = (
        Resumed(at=now, pid=pid)
        if order.request.resume
        else Started(
            at=now,
            digest=order.digest(),
            host=undertaking.host,
            phases=tuple(phase.name for phase in rollout.phases),
            pid=pid,
            first=order.request.first,
            expect=order.request.expected,
            strict=order.request.strict,
        )
    )
    finished, ended_by = asyncio.run(carry_out(undertaking, position, journal, beginning, tell=tell, watching=watching))
    return finished, ended_by, words


def _write_files(reporting: Reporting, finished: "Finished", course: "Course", code: int) -> int:
    """Write the reports; the exit code that says how the rollout ended outlasts a failure."""
    from healthmon.cli.rollouts.document import ABOVE

    run = finished.decisive
    if run is None:
        if reporting.files:
            streams.complain("No service was checked, so no report was written.")
        return code
    try:
        above = {file.format: ABOVE[file.format](course) for file in reporting.files if file.format in ABOVE}
        reporting.write_files(run, above)
    except HealthmonError as error:
        streams.complain(error)
        return code or error.exit_code
    return code
