"""What `healthmon rollout` writes on stdout: the plan before, or what came of it."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec import structs

from healthmon.cli import streams
from healthmon.cli.output.reporting import Reporting
from healthmon.cli.rollouts.command_lines import again, anew, check
from healthmon.cli.rollouts.going_on import left_behind, position_of
from healthmon.cli.rollouts.lines import LastWords
from healthmon.cli.rollouts.lock import going_on
from healthmon.cli.rollouts.order import Order
from healthmon.core.journal import AnyEntry
from healthmon.core.run import Run
from healthmon.core.safe_text import clean
from healthmon.engine.journal import peek
from healthmon.engine.lock import Holder
from healthmon.engine.surroundings import Finished
from healthmon.reports import REPORTS
from healthmon.reports.contract import Appearance
from healthmon.reports.rollouts import plan as rollout_plan
from healthmon.reports.rollouts.course import Course
from healthmon.reports.rollouts.failures import at_fault, too_few_times
from healthmon.reports.rollouts.table import table
from healthmon.reports.rollouts.text import last_words, standing
from healthmon.reports.rollouts.upshot import Upshot
from healthmon.reports.style import Pen
from healthmon.reports.text import troubleshooting


def plan(order: Order, color: str) -> str:
    """What would be done."""
    undertaking = order.undertaking
    phases = undertaking.rollout.phases
    other = going_on(order)  # First: what has ended since then is told as what goes on, and not the other way round.
    entries, problem = peek(order.journal)
    position = position_of(order, entries)
    services = {index: undertaking.up_to(phase.number) for index, phase in enumerate(phases)}
    services[-1] = undertaking.up_to(None)
    pen = Pen(streams.appearance(sys.stdout, color))
    notes = [
        f"{'Resumes' if order.request.resume else 'Begins'} {undertaking.rollout.path}; services: {undertaking.config}"
        + (f"; host: {undertaking.host}" if undertaking.host else ""),
        *(f"Note: {note}" for note in (*([problem] if problem else []), *_one_before(order, entries, other))),
    ]
    return pen.finish(list(rollout_plan.plan(phases, position, services, notes)))


def _one_before(order: Order, entries: Sequence[AnyEntry], other: tuple[Path, Holder] | None) -> Iterator[str]:
    """That another rollout goes on, or that the last one was not brought to its end."""
    if other is not None:
        path, holder = clean(str(other[0])), other[1]
        if holder.pid is not None:
            yield f"Another rollout of {path} goes on ({holder}). Until it has ended, no other one begins."
            return
        yield f"The command of a rollout of {path} that was killed is still being ended. Until then no other begins."
    yield from left_behind(order, entries, live=False)


def _afterwards(finished: Finished) -> Iterator[Run]:
    """The last run, as far as it shows what the one that decided did not."""
    if finished.last is not None and finished.last is not finished.failed:
        told = {result.service.id for result in finished.failed.results if result.cause} if finished.failed else set()
        yield structs.replace(
            finished.last, results=tuple(one for one in finished.last.results if one.service.id not in told)
        )


def course_of(
    order: Order, finished: Finished, words: LastWords, *, began: float, ended: float, ended_by: int | None
) -> Course:
    """What is known of it.

    Args:
        order: What was to be done.
        finished: What came of it.
        words: What commands said last.
        began: When this process began with it, in seconds since the epoch.
        ended: When it ended.
        ended_by: The number of the signal that interrupted it, or None.
    """
    request, undertaking = order.request, order.undertaking
    rollout, expected = undertaking.rollout, order.config.expected
    indices = range(len(rollout.phases))
    return Course(
        file=rollout.path,
        phases=rollout.phases,
        position=finished.position,
        prerequisites=finished.prerequisites,
        interrupted=ended_by,
        last_words=words.of(finished.position, rollout.phases),
        folder=rollout.folder,
        checks=[check(request, undertaking, expected, index) for index in indices],
        resume=again(request),
        anew=[anew(request, undertaking, index) for index in indices],
        journal=str(order.journal),
        began=began,
        ended=ended,
    )


def decisive(finished: Finished, upshot: Upshot, host: str | None) -> Run:
    """The run that decided how it ended; one of no services where none was checked."""
    nothing = Run(started=upshot.began, duration=upshot.ended - upshot.began, host=host, results=())
    return finished.decisive or nothing


def page(run: Run, upshot: Upshot, reporting: Reporting, format_: str) -> str:
    """What came of it, and the report of the services by which that was decided."""
    return REPORTS[format_](run, Appearance(strict=reporting.strict, places=reporting.places, rollout=upshot))


def closing(course: Course, upshot: Upshot, finished: Finished, color: str) -> str:
    """What came of it, for people who have seen it go on."""
    pen = Pen(streams.appearance(sys.stdout, color))
    width = streams.terminal_size(sys.stdout).columns
    parts = [
        list(table(upshot.rows, pen, width)),
        list(last_words(upshot.rows, pen)),
        list(troubleshooting(finished.failed, pen) if finished.failed else at_fault(course, pen)),
        list(too_few_times(course, pen) if finished.failed else ()),
        [line for run in _afterwards(finished) for line in troubleshooting(run, pen)],
        standing(upshot, pen),
    ]
    lines: list[str] = []
    for part in filter(None, parts):
        lines += ["", *part] if lines else part
    return pen.finish(lines)
