"""``healthmon check``: every selected service once, now."""

import os
import sys
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click
from msgspec import structs

from healthmon.cli import lock, push, report_files, streams
from healthmon.cli.options import (
    DurationType,
    LineType,
    check_groups,
    check_selection,
    color_option,
    config_option,
    host_argument,
    refuse_nothing,
    selection_options,
)
from healthmon.config.load import find, load
from healthmon.core.model import Run, Service, Verdict
from healthmon.core.selection import Selection
from healthmon.errors import HealthmonError
from healthmon.reports import REPORTS
from healthmon.reports.contract import Appearance

if TYPE_CHECKING:
    import signal


@click.command(short_help="Check every selected service once, now.")
@host_argument
@config_option
@selection_options
@click.option("--timeout", type=DurationType(), help="Instead of each service's own timeout, such as 5s.")
@click.option("--deadline", type=DurationType(), help="End the whole run after this time; the rest is unknown.")
@click.option(
    "--concurrency",
    type=click.IntRange(min=1),
    default=100,
    show_default=True,
    help="The most checks under way at a time.",
)
@click.option(
    "--fail-on",
    type=click.Choice(["down", "degraded"]),
    default="down",
    show_default=True,
    help="With degraded, a degraded service also makes the exit code 1.",
)
@click.option(
    "--format", "format_", type=click.Choice(list(REPORTS)), default="text", show_default=True, help="What stdout gets."
)
@click.option(
    "--report",
    "reports",
    multiple=True,
    type=LineType(),
    metavar="FORMAT=PATH",
    help="Write another report to a file. Repeatable.",
)
@click.option(
    "--push-gateway", metavar="URL", help="Push the results as metrics to this Prometheus Pushgateway after the run."
)
@click.option("--lock", "lock_path", metavar="FILE", help="End with 75 if another run holds this lock.")
@click.option("-q", "--quiet", is_flag=True, help="Print nothing when the exit code is 0.")
@click.option("-v", "--verbose", is_flag=True, help="Show timings and facts.")
@color_option
def command(
    *,
    host: str | None,
    config: str | None,
    only: tuple[str, ...],
    skip: tuple[str, ...],
    group: tuple[str, ...],
    tag: tuple[str, ...],
    phase: int | None,
    with_groups: tuple[str, ...],
    timeout: float | None,
    deadline: float | None,
    concurrency: int,
    fail_on: str,
    format_: str,
    reports: tuple[str, ...],
    push_gateway: str | None,
    lock_path: str | None,
    quiet: bool,
    verbose: bool,
    color: str,
) -> int:
    """Check every selected service once, all at the same time.

    HOST is a name, an IPv4 or an IPv6 address; it stands for {host} in the config's URLs.

    The exit code is 0 when all are healthy and 1 when at least one is down or unknown.
    """
    files = report_files.parse(reports, REPORTS)
    gateway = None if push_gateway is None else push.parse(push_gateway, hostname=os.uname().nodename)
    path = find(config, environ=os.environ, cwd=Path.cwd())
    loaded = load(path, environ=os.environ, host=host, with_groups=with_groups)
    check_groups(with_groups, loaded.services)
    selection = Selection(only, skip, group, tag, phase)
    check_selection(selection, loaded.services)
    services = selection.choose(loaded.services)
    refuse_nothing(services, loaded.services, host)
    if timeout is not None:
        services = tuple(structs.replace(service, timeout=timeout) for service in services)

    with lock.held(lock_path):
        run, ended_by = _run(services, loaded.host, concurrency, deadline, show_progress=not quiet)
        code = _exit_code(run, fail_on)
        report_files.write(files, lambda name: REPORTS[name](run, Appearance(verbose=verbose)))
        if not (quiet and code == 0 and ended_by is None):
            appearance = streams.appearance(sys.stdout, color, verbose=verbose)
            # Programs read UTF-8, whatever the terminal is set to.
            encoding = None if format_ == "text" else "utf-8"
            streams.write_report(REPORTS[format_](run, appearance), encoding)
        if gateway is not None and ended_by is None:
            code = _push(gateway, run, code)
    return code if ended_by is None else 128 + ended_by


def _run(
    services: tuple[Service, ...], host: str | None, concurrency: int, deadline: float | None, *, show_progress: bool
) -> "tuple[Run, signal.Signals | None]":
    # asyncio is imported here, after all that can be wrong with the command line or the config.
    import asyncio
    import shutil

    from healthmon.app.once import RunLimits, check_all
    from healthmon.cli.progress import Progress

    async def main() -> "tuple[Run, signal.Signals | None]":
        limits = RunLimits(concurrency, deadline)
        async with AsyncExitStack() as stack:
            if show_progress and sys.stderr.isatty():
                progress = Progress(sys.stderr, services, columns=lambda: shutil.get_terminal_size().columns)
                await stack.enter_async_context(progress)
                return await check_all(services, host=host, limits=limits, observer=progress)
            return await check_all(services, host=host, limits=limits)

    return asyncio.run(main())


def _push(gateway: push.Gateway, run: Run, code: int) -> int:
    """Push the results; the exit code that says what the services are like outlasts a failure."""
    try:
        push.push(gateway, run)
    except HealthmonError as error:
        click.echo(error, err=True)
        return code or error.exit_code
    return code


def _exit_code(run: Run, fail_on: str) -> int:
    if fail_on == "degraded" and run.count(Verdict.DEGRADED):
        return 1
    return 0 if run.healthy == len(run.results) else 1
