"""``healthmon check``: every selected service once, now."""

import os
import sys
from collections.abc import Callable
from contextlib import AsyncExitStack
from functools import partial
from typing import TYPE_CHECKING

import click

from healthmon.app.interruption import interrupting
from healthmon.cli.choice import Choice, choice_options, expect_option, with_timeout
from healthmon.cli.jobs import lock
from healthmon.cli.jobs.ending import JobEnd
from healthmon.cli.jobs.job import job_name, lock_path
from healthmon.cli.jobs.unattended import Unattended, unattended_options
from healthmon.cli.options import DefaultInWords, DurationType, concurrency_option
from healthmon.cli.output.reporting import Reporting, reporting_options
from healthmon.cli.streams import complain, draws
from healthmon.cli.together import CheckCommand
from healthmon.config.schema import Chosen
from healthmon.core.run import Run
from healthmon.errors import HealthmonError, UsageError, signalled

if TYPE_CHECKING:
    import signal

    from healthmon.app.once import RunLimits

_EXAMPLES = """\b
Examples:
  healthmon check
  healthmon check 203.0.113.10 --only brain --only 'crm*' --verbose
  healthmon check --fail-on degraded --report junit=healthmon.xml
  healthmon check --lock --on-change --repeat 6h
"""


@click.command(cls=CheckCommand, epilog=_EXAMPLES)
@choice_options
@expect_option
@click.option("--timeout", type=DurationType(), help="Instead of each service's own timeout, such as 5s.")
@click.option(
    "--deadline", type=DurationType(), help="End the whole run after this time; the rest is unknown. Default: none."
)
@concurrency_option
@reporting_options
@click.option(
    "--push-gateway", metavar="URL", help="Push the results as metrics to this Prometheus Pushgateway after the run."
)
@click.option("--watch", is_flag=True, help="Check again and again, and show a live table. q quits.")
@click.option(
    "--interval",
    type=DurationType(),
    cls=DefaultInWords,
    show_default="5s",
    help="With --watch, from the beginning of a round to the next.",
)
@unattended_options
def command(
    *,
    choice: Choice,
    timeout: float | None,
    deadline: float | None,
    concurrency: int,
    reporting: Reporting,
    push_gateway: str | None,
    watch: bool,
    interval: float | None,
    unattended: Unattended,
) -> int:
    """Check every selected service once, all at the same time.

    HOST is a name, an IPv4 or an IPv6 address; it stands for {host} in the config's URLs.

    The exit code is 0 when all are healthy and 1 when at least one is down or unknown.
    """
    if watch:
        with interrupting():
            return _watch(choice, timeout, deadline, concurrency, interval, reporting, unattended.lock)
    if interval is not None:
        raise UsageError("--interval goes with --watch only: without it there is one round.")
    pushing = None if push_gateway is None else _pushing(push_gateway)
    unattended.refuse_contradictions(reporting)

    def work(begins: Callable[[], None]) -> JobEnd:
        path = choice.path()
        job = partial(job_name, choice, path)
        with lock.held(unattended.lock, lambda: lock_path(job())):
            begins()
            chosen = choice.choose(path)
            placed = reporting.placed(chosen.config)
            state = unattended.state(job, os.environ, chosen.config.files)
            from healthmon.app.once import RunLimits

            limits = RunLimits(concurrency, deadline)
            run, ended_by = _run(chosen, timeout, limits, show_progress=reporting.shows_progress)
            code = placed.exit_code(run) if ended_by is None else signalled(ended_by)
            remembering = state if ended_by is None else None  # What is not the whole story is not remembered.
            code = _outlasting(code, partial(unattended.write, run, placed, code, remembering))
            code = _outlasting(code, partial(placed.write_files, run))
            if pushing is not None and ended_by is None:
                code = _outlasting(code, partial(pushing, run))
        return JobEnd(code, run)

    with interrupting():
        return unattended.tell(work)


def _pushing(url: str) -> Callable[[Run], int | None]:
    """What pushes the results of a run."""
    from healthmon.cli.jobs import push

    return partial(push.push, push.parse(url, hostname=os.uname().nodename))


def _watch(
    choice: Choice,
    timeout: float | None,
    deadline: float | None,
    concurrency: int,
    interval: float | None,
    reporting: Reporting,
    locked: str | None,
) -> int:
    from healthmon.cli.watching.watch import Watch

    path = choice.path()
    with lock.held(locked, lambda: lock_path(job_name(choice, path))):
        chosen = choice.choose(path)
        from healthmon.app.once import RunLimits

        services, limits = with_timeout(chosen.services, timeout), RunLimits(concurrency, deadline)
        return Watch(services, chosen.config.host, str(path), interval or 5.0, limits, reporting).run()


def _run(
    chosen: Chosen, timeout: float | None, limits: "RunLimits", *, show_progress: bool
) -> "tuple[Run, signal.Signals | None]":
    # asyncio is imported here, after all that can be wrong with the command line or the config.
    import asyncio

    from healthmon.app.once import check_all

    services, host = with_timeout(chosen.services, timeout), chosen.config.host

    async def main() -> "tuple[Run, signal.Signals | None]":
        async with AsyncExitStack() as stack:
            if show_progress and draws(sys.stderr, os.environ):
                from healthmon.cli.terminal.progress import Progress

                progress = await stack.enter_async_context(Progress(sys.stderr, services))
                return await check_all(services, host=host, limits=limits, observer=progress)
            return await check_all(services, host=host, limits=limits)

    return asyncio.run(main())


def _outlasting(code: int, step: Callable[[], int | None]) -> int:
    """Tell of the run; the exit code that says what the services are like outlasts a failure, and so do other steps."""
    try:
        return step() or code
    except HealthmonError as error:
        complain(error)
        return code or error.exit_code
