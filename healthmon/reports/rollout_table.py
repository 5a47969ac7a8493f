"""What came of each phase of a rollout: a table, for any width from 40 columns on.

Where a table does not fit, each phase gets lines of its own.
"""

from collections.abc import Iterator
from itertools import zip_longest

from healthmon.core.journal import AtFault, Checked, CommandEnded
from healthmon.core.model import Verdict
from healthmon.core.rollout import Record, failed_phase
from healthmon.core.units import format_duration
from healthmon.reports.cells import fit, longest, wrapped
from healthmon.reports.rollout_course import Course, names, place_of, title
from healthmon.reports.style import Pen

_NARROW = 60  # columns, below which there is no table
_NAME = 22  # columns of a phase's name in the table


def rows(course: Course) -> "list[Row]":
    """What is told of each phase."""
    return [Row(course, index) for index in range(len(course.phases))]


def table(course: Course, pen: Pen, width: int) -> Iterator[str]:
    """One row a phase: how long it took, and what came of it."""
    found = rows(course)
    if width < _NARROW:
        for row in found:
            sign = pen.sign(row.verdict) if row.verdict else "-"
            text = f"{row.name}: {row.result}"
            first, *rest = wrapped(text, width - 2)
            yield f"{sign} {first}"
            yield from (f"  {line}" for line in rest)
            times = [f"deploy {row.deploy}"] if row.deploy else []
            times += [f"healthy after {row.healthy}"] if row.healthy else []
            if times:
                yield pen.dim("  " + " · ".join(times))
        return
    name = longest(["Phase", *(row.name for row in found)], _NAME)
    yield pen.bold(f"{fit('Phase', name)}  {'Deploy':>7}  {'Healthy after':>13}  Result")
    for row in found:
        sign = pen.sign(row.verdict) if row.verdict else "-"
        lines = zip_longest(wrapped(row.name, name), wrapped(row.result, width - name - 28), fillvalue="")
        (called, first), *more = lines
        yield f"{fit(called, name)}  {row.deploy or '-':>7}  {row.healthy or '-':>13}  {sign} {first}".rstrip()
        yield from (f"{fit(called, name + 28)}{line}".rstrip() for called, line in more)


class Row:
    """What a table says of a phase.

    Attributes:
        name: The phase.
        deploy: How long its command took, or nothing.
        healthy: How long its services took, or nothing.
        verdict: Whose sign fits; None for what was not reached.
        result: What came of it.
    """

    def __init__(self, course: Course, index: int) -> None:
        phase, record = course.phases[index], course.position.records[index]
        self.name = f"{phase.number} {phase.name}"
        self.deploy = _took(record.deploy)
        self.healthy = _took(record.wait) if record.wait and record.wait.healthy else ""
        self.verdict, self.result = _came_of_it(course, index, record)


def _took(ended: CommandEnded | Checked | None) -> str:
    return "" if ended is None or ended.seconds is None else format_duration(ended.seconds)


def _came_of_it(course: Course, index: int, record: Record) -> tuple[Verdict | None, str]:
    under_way = course.position.under_way
    if record.failed:
        return Verdict.DOWN, "; ".join([_why(course, index, record), *_went_back(record)])
    if broke := _broke(course, index):
        return Verdict.DOWN, f"healthy at first, broke later: {names(broke)}"
    if record.good:
        return Verdict.UP, "healthy"
    if under_way is not None and under_way.phase == index:
        return Verdict.UNKNOWN, "interrupted"
    if record.deploy is not None:
        return Verdict.UNKNOWN, "deployed, not waited for"
    return (Verdict.UP, "there before") if index < course.position.first else (None, "not reached")


def _why(course: Course, index: int, record: Record) -> str:
    if record.deploy is not None and record.deploy.fault is not None:
        return f"the deploy command failed: {record.deploy.fault}"
    assert record.wait is not None  # noqa: S101 - what else would have failed
    after = _took(record.wait)
    broken = {index_: _broke(course, index_) for index_ in range(-1, index)}
    own = [one for one in record.wait.at_fault if not any(one in found for found in broken.values())]
    said = [f"not healthy within {after}: {names(own)}"] if own else []
    for place, found in broken.items():
        if found:
            said.append(f"{title(course.phases[place]) if place >= 0 else 'a prerequisite'} broke: {names(found)}")
    return "; ".join(said)


def _broke(course: Course, index: int) -> list[AtFault]:
    """The services of a phase that were healthy and were not when a later one failed; at -1 the prerequisites."""
    failed = failed_phase(course.position)
    if failed is None or index >= failed:
        return []
    wait = course.position.records[failed].wait
    return [one for one in wait.at_fault if place_of(course.phases, one) == index] if wait else []


def _went_back(record: Record) -> Iterator[str]:
    if record.rollback is not None:
        fault = record.rollback.fault
        yield "rolled back" if fault is None else f"the rollback failed: {fault}"
