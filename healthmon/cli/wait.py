"""``healthmon wait``: again and again until every selected service is healthy; then a command."""

import sys
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import click
from msgspec import Struct

from healthmon.cli import streams
from healthmon.cli.choice import Choice, choice_options, expect_option, with_timeout
from healthmon.cli.gate import on_failure as hook
from healthmon.cli.options import DefaultInWords, DurationType, NumberType, concurrency_option
from healthmon.cli.output.reporting import Reporting, reporting_options
from healthmon.cli.together import WaitCommand
from healthmon.config.schema import Chosen
from healthmon.core.run import Ending, Run
from healthmon.core.units import format_duration
from healthmon.core.waiting import Goal, Pace, least_wait
from healthmon.errors import INTERNAL, HealthmonError, UsageError, signalled

if TYPE_CHECKING:
    import signal

_CODES = {Ending.REACHED: 0, Ending.DEADLINE: 124, Ending.GAVE_UP: 1}
"""124 is what timeout(1) ends with. An interruption ends with its signal's code."""
_LONGEST = 10.0

_EXAMPLES = """\b
Examples:
  healthmon wait staging.example.com --deadline 5m --stable 3
  healthmon wait --expect brain.json.version=1.4.2 --on-failure ./rollback.sh
  healthmon wait --only postgres --only redis -- ./server --port 8000
"""


class Plan(Struct, frozen=True):
    """What is waited for, how often services are checked, and the bounds."""

    goal: Goal
    pace: Pace
    deadline: float
    concurrency: int


@click.command(cls=WaitCommand, epilog=_EXAMPLES)
@choice_options
@expect_option
@click.option("--timeout", type=DurationType(), help="Of one check, instead of each service's own, such as 5s.")
@click.option("--deadline", type=DurationType(), default="2m", show_default=True, help="End with 124 after this time.")
@click.option("--stable", type=NumberType(1), default=1, show_default=True, metavar="N", help="Good checks in a row.")
@click.option(
    "--interval", type=DurationType(), default="1s", show_default=True, help="From the end of a check to the next."
)
@click.option(
    "--max-interval",
    type=DurationType(),
    cls=DefaultInWords,
    show_default="10s",
    help="The longest that the interval grows to, by half with each failure.",
)
@concurrency_option
@click.option(
    "--give-up",
    is_flag=True,
    help="End with 1 at once where waiting rarely helps: a certificate, rejected credentials, an unknown name.",
)
@click.option("--invert", is_flag=True, help="Wait until all are down: nobody answers, or a proxy with 502, 503, 504.")
@click.option(
    "--on-failure",
    metavar="CMD",
    help="Run this if the deadline passes or it gives up. It reads the JSON report. Split as by a shell, but run "
    "without one.",
)
@reporting_options
def command(
    *,
    choice: Choice,
    timeout: float | None,
    deadline: float,
    stable: int,
    interval: float,
    max_interval: float | None,
    concurrency: int,
    give_up: bool,
    invert: bool,
    on_failure: str | None,
    reporting: Reporting,
    program: tuple[str, ...],
) -> int:
    """Check every selected service again and again, until all are healthy at the same time.

    HOST is a name, an IPv4 or an IPv6 address; it stands for {host} in the config's URLs. CMD runs when all are
    healthy, in place of healthmon, and owns stdout: the report is on stderr then.

    The exit code is 0 when all are healthy, 124 when the deadline came first, 1 after --give-up, and that of CMD.
    """
    goal = Goal(stable=stable, down=invert, degraded=not reporting.strict, give_up=give_up)
    pace = Pace(interval, max(interval, _LONGEST) if max_interval is None else max_interval)
    plan = Plan(goal, pace, deadline, concurrency)
    _refuse_the_impossible(plan, max_interval, reporting)
    if program and reporting.format == "nagios":
        raise UsageError(
            "--format nagios is the line on stdout that Nagios reads; with a command, stdout is the command's."
        )
    failure_command = hook.parse(on_failure)
    chosen = choice.choose(choice.path())
    reporting = reporting.placed(chosen.config)

    from healthmon.app.interruption import noted
    from healthmon.cli.gate.hand_over import cannot_run, hand_over

    if program and (fault := cannot_run(program[0])):
        code, why = fault
        streams.complain(f"{program[0]!r} cannot be run: {why}.")
        return code

    with noted() as interruption:
        run, ending, ended_by = _wait(chosen, timeout, plan, reporting)
        silent = reporting.quiet and ending is Ending.REACHED and ended_by is None
        written = _report(run, reporting, silent=silent, aside=bool(program))
        if number := ended_by or interruption.received:
            return reporting.ended(run, signalled(number))
        code = reporting.ended(run, _CODES[ending] or (0 if written else INTERNAL))
        if ending is not Ending.REACHED and failure_command is not None:
            number = hook.run(failure_command, run, ending, code, interruption)
            return code if number is None else reporting.ended(run, signalled(number))
        if ending is Ending.REACHED and written and program:
            return hand_over(program, interruption)
        return code


def _refuse_the_impossible(plan: Plan, max_interval: float | None, reporting: Reporting) -> None:
    """Refuse what cannot be reached, or contradicts itself.

    Raises:
        UsageError: It is so.
    """
    goal, pace = plan.goal, plan.pace
    if max_interval is not None and max_interval < pace.interval:
        raise UsageError(
            f"--max-interval {format_duration(max_interval)} is shorter than --interval "
            f"{format_duration(pace.interval)}; lengthen it, or leave it out."
        )
    if goal.down and reporting.strict:
        raise UsageError(
            "--fail-on degraded says what counts as healthy; with --invert it has no meaning. Leave it out."
        )
    if goal.down and goal.give_up:
        raise UsageError("--give-up is for what keeps services from being healthy; with --invert, leave it out.")
    least = least_wait(goal, pace)
    if least >= plan.deadline:
        raise UsageError(
            f"--stable {goal.stable} takes at least {format_duration(least)} with --interval "
            f"{format_duration(pace.interval)}, so it cannot be reached within --deadline "
            f"{format_duration(plan.deadline)}."
        )


def _wait(
    chosen: Chosen, timeout: float | None, plan: Plan, reporting: Reporting
) -> "tuple[Run, Ending, signal.Signals | None]":
    # asyncio is imported here, after all that can be wrong with the command line or the config.
    import asyncio

    from healthmon.app.gate import wait_all
    from healthmon.cli.gate.progress import WaitProgress
    from healthmon.engine.waiting import WaitLimits

    services = with_timeout(chosen.services, timeout)
    wait = partial(
        wait_all,
        services,
        host=chosen.config.host,
        goal=plan.goal,
        pace=plan.pace,
        limits=WaitLimits(plan.deadline, plan.concurrency),
    )

    async def main() -> "tuple[Run, Ending, signal.Signals | None]":
        if not reporting.shows_progress:
            return await wait()
        appearance = streams.appearance(sys.stderr, reporting.color)
        async with WaitProgress(sys.stderr, services, plan.goal, plan.deadline, appearance=appearance) as progress:
            return await wait(observer=progress)

    return asyncio.run(main())


def _report(run: Run, reporting: Reporting, *, silent: bool, aside: bool) -> bool:
    """Write all reports, also when one cannot be written: what is to be done next must not hang on it.

    Args:
        run: What became of the waiting.
        reporting: Which reports.
        silent: Whether nothing is to be printed.
        aside: Whether the printed one goes to stderr, beside a command. That is told what is going on, and no result:
            the command does not hang on it, and gets stderr as it was.

    Returns:
        Whether all that have to be were written.
    """
    printed = True
    if aside and not silent:
        with streams.kept(sys.stderr):
            _written(lambda run: reporting.write(run, sys.stderr), run)
    elif not silent:
        printed = _written(reporting.write, run)
    return _written(reporting.write_files, run) and printed


def _written(write: Callable[[Run], object], run: Run) -> bool:
    try:
        write(run)
    except HealthmonError as error:
        streams.complain(error)
        return False
    except Exception as error:  # Even a fault of ours must not keep the command of --on-failure from its turn.
        streams.complain(streams.confession(error))
        return False
    return True
