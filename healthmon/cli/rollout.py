"""``healthmon rollout``: a deployment in phases, each of which must be healthy before the next."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from healthmon.cli import streams
from healthmon.cli.choice import bare_expect_option
from healthmon.cli.grouped import GroupedCommand
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
from healthmon.cli.output.report_places import identity
from healthmon.cli.output.reporting import Reporting
from healthmon.cli.output.timestamps import meant, stamped
from healthmon.errors import UsageError
from healthmon.reports import REPORTS

if TYPE_CHECKING:
    from healthmon.cli.rollouts.order import Order
    from healthmon.config.added import Added

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
    help="Begin with this phase, a name or a number. The services of those before it must be healthy already.",
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
    help="Write a report of what came of it, and of the checks that decided that, to a file. Repeatable.",
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
    from healthmon.cli.rollouts.live import carry_out
    from healthmon.cli.rollouts.lock import locked
    from healthmon.cli.rollouts.order import order_of
    from healthmon.cli.rollouts.request import Request

    strict = fail_on == "degraded"
    if dry_run and format_ != "text":
        raise UsageError(f"--format {format_}: --dry-run shows its plan as text alone; leave one of the two out.")
    if dry_run and reports:
        raise UsageError("--report: --dry-run checks nothing, so there is nothing to report; leave one of the two out.")
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
        return carry_out(locked_order, reporting)


def _refuse_overwriting(reporting: Reporting, order: "Order") -> None:
    """Refuse to write a report over what the rollout needs."""
    report_files.refuse_config(reporting.files, [str(order.request.file)])
    if any(identity(file.path) == identity(order.journal) for file in reporting.files):
        raise UsageError(f"--report {order.journal}: the journal is there. Name another file.")
