"""A rollout for people: the plan before it, and at its end what came of each phase and how things were left.

Both are written for any width from 40 columns on: where a table does not fit, each phase gets lines of its own.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from textwrap import wrap

from msgspec import Struct

from healthmon.core.journal import Action, AtFault, Checked
from healthmon.core.model import Service, Verdict
from healthmon.core.rollout import Outcome, Phase, Position, Record, Step, failed_phase, next_step, outcome
from healthmon.core.units import format_duration
from healthmon.core.wording import counted
from healthmon.reports.style import Pen

_NARROW = 60  # columns, below which there is no table
_NAME = 22  # columns of a phase's name in the table
_NAMED = 5  # services that are named one by one
_BEGAN = {
    Action.DEPLOY: "was being deployed",
    Action.WAIT: "was deployed and its services were waited for",
    Action.ROLLBACK: "was being rolled back",
    Action.VERIFY: "was rolled back and the services before it were waited for",
    Action.LOOK: "had failed, and the services before it were looked at",
}


class Course(Struct, frozen=True, kw_only=True):
    """A rollout that has ended or was interrupted, as far as it is told.

    Attributes:
        phases: Its phases.
        position: How far it came.
        ready: Whether the prerequisites were healthy.
        last_words: What a command that failed said last, by its step.
        folder: Where commands run.
        check: The command that checks the services up to a phase, which is to be added.
        resume: The command that goes on with it.
        journal: The file that tells all of it.
    """

    phases: Sequence[Phase]
    position: Position
    ready: bool = True
    last_words: Mapping[Step, Sequence[str]] = {}
    folder: str
    check: str
    resume: str
    journal: str


def title(phase: Phase) -> str:
    """A phase in a sentence: ``phase 3 (applications)``."""
    return f"phase {phase.number} ({phase.name})"


def plan(
    phases: Sequence[Phase], position: Position, services: Mapping[int, Sequence[Service]], notes: Sequence[str]
) -> Iterator[str]:
    """What a rollout is going to do.

    Args:
        phases: Its phases.
        position: How far it has come already.
        services: What is waited for after each phase, by its position; at -1 the prerequisites.
        notes: What else is to be said of it.
    """
    yield from notes
    first = services[-1]
    yield (
        f"First: check {_ids(first)}; unless all are healthy nothing is deployed."
        if first
        else ("First: nothing is checked; there are no prerequisites.")
    )
    known = {service.id for service in first}
    for index, phase in enumerate(phases):
        new = [service for service in services[index] if service.id not in known]
        known |= {service.id for service in new}
        yield ""
        yield f"{title(phase)}{' - done already' if position.records[index].good else ''}"
        yield f"  deploy    {phase.deploy.shown}"
        stable = f", {phase.stable} times in a row" if phase.stable > 1 else ""
        yield f"  wait      up to {format_duration(phase.timeout)} until healthy{stable}: {_ids(new)}"
        if len(services[index]) > len(new):
            yield f"            and still: {counted(len(services[index]) - len(new), 'service')} from before"
        yield f"  rollback  {phase.rollback.shown if phase.rollback else 'none: a failure would stay as it is'}"


def table(course: Course, pen: Pen, width: int) -> Iterator[str]:
    """One row a phase: how long it took, and what came of it."""
    rows = [_Row(course, index) for index in range(len(course.phases))]
    if width < _NARROW:
        for row in rows:
            sign = pen.sign(row.verdict) if row.verdict else "-"
            text = f"{row.name}: {row.result}"
            first, *rest = wrap(text, width - 2) or [""]
            yield f"{sign} {first}"
            yield from (f"  {line}" for line in rest)
            times = [f"deploy {row.deploy}"] if row.deploy else []
            times += [f"healthy after {row.healthy}"] if row.healthy else []
            if times:
                yield pen.dim("  " + " · ".join(times))
        return
    name = min(_NAME, max(len("Phase"), *(len(row.name) for row in rows)))
    yield pen.bold(f"{'Phase':<{name}}  {'Deploy':>7}  {'Healthy after':>13}  Result")
    for row in rows:
        sign = pen.sign(row.verdict) if row.verdict else "-"
        lines = zip_longest(wrap(row.name, name), wrap(row.result, width - name - 28), fillvalue="")
        (called, first), *more = lines
        yield f"{called:<{name}}  {row.deploy or '-':>7}  {row.healthy or '-':>13}  {sign} {first}".rstrip()
        yield from (f"{called:<{name + 28}}{line}".rstrip() for called, line in more)


class _Row:
    """What the table says of a phase.

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
        self.deploy = format_duration(record.deploy.seconds) if record.deploy else ""
        self.healthy = format_duration(record.wait.seconds) if record.wait and record.wait.healthy else ""
        self.verdict, self.result = _came_of_it(course, index, record)


def _came_of_it(course: Course, index: int, record: Record) -> tuple[Verdict | None, str]:
    under_way = course.position.under_way
    if record.failed:
        return Verdict.DOWN, "; ".join([_why(course, index, record), *_went_back(record)])
    if record.good:
        broke = _broke(course, index)
        return (Verdict.DOWN, f"healthy at first, broke later: {_names(broke)}") if broke else (Verdict.UP, "healthy")
    if under_way is not None and under_way.phase == index:
        return Verdict.UNKNOWN, "interrupted"
    if record.deploy is not None:
        return Verdict.UNKNOWN, "deployed, not waited for"
    return None, "not reached"


def _why(course: Course, index: int, record: Record) -> str:
    if record.deploy is not None and record.deploy.fault is not None:
        return f"the deploy command failed: {record.deploy.fault}"
    assert record.wait is not None  # noqa: S101 - what else would have failed
    after = format_duration(record.wait.seconds)
    broken = {index_: _broke(course, index_) for index_ in range(-1, index)}
    own = [one for one in record.wait.at_fault if not any(one in found for found in broken.values())]
    said = [f"not healthy within {after}: {_names(own)}"] if own else []
    for place, found in broken.items():
        if found:
            said.append(f"{title(course.phases[place]) if place >= 0 else 'a prerequisite'} broke: {_names(found)}")
    return "; ".join(said)


def _broke(course: Course, index: int) -> list[AtFault]:
    """The services of a phase that were healthy and were not when a later one failed; at -1 the prerequisites."""
    failed = failed_phase(course.position)
    if failed is None or index >= failed:
        return []
    wait = course.position.records[failed].wait
    return [one for one in wait.at_fault if _place(course.phases, one) == index] if wait else []


def _place(phases: Sequence[Phase], one: AtFault) -> int:
    """The position of the phase that brings a service; -1 for what is there before the first."""
    if one.phase is None or one.phase < phases[0].number:
        return -1
    return next(index for index, phase in enumerate(phases) if phase.number >= one.phase)


def _went_back(record: Record) -> Iterator[str]:
    if record.rollback is not None:
        fault = record.rollback.fault
        yield "rolled back" if fault is None else f"the rollback failed: {fault}"


def standing(course: Course, pen: Pen) -> Iterator[str]:
    """How things were left, and what to do next where they are not as they should be."""
    how = outcome(course.phases, course.position)
    if not course.ready:
        what = "Nothing more was deployed" if course.position.begun else "Nothing was deployed"
        yield pen.colour(f"{what}: the prerequisites are not healthy.", Verdict.DOWN)
        yield _next(f"Mend them, then: {course.resume}")
    elif how is None:
        yield from _interrupted(course, pen)
    elif how is Outcome.DEPLOYED:
        last = course.position.records[-1].wait
        services = counted(last.total if last else 0, "service")
        phases = counted(len(course.phases), "phase")
        text = f"Deployed: {phases}, and {services} healthy after the last one."
        yield pen.colour(text, Verdict.UP)
    else:
        yield from _failed(course, how, pen)


def _interrupted(course: Course, pen: Pen) -> Iterator[str]:
    step = next_step(course.phases, course.position)
    under_way = course.position.under_way or step
    assert under_way is not None  # noqa: S101 - it is not over
    phase = course.phases[under_way.phase]
    if course.position.begun:
        text = f"Interrupted while {title(phase)} {_BEGAN[under_way.action]}. Nothing was rolled back."
    else:
        text = "Interrupted before anything was deployed."
    yield pen.colour(text, Verdict.UNKNOWN)
    yield _next(f"Go on with: {course.resume}")


def _failed(course: Course, how: Outcome, pen: Pen) -> Iterator[str]:
    index = failed_phase(course.position)
    assert index is not None  # noqa: S101 - one failed
    phase, record = course.phases[index], course.position.records[index]
    before = title(course.phases[index - 1]) if index else "what was there before the first phase"
    left = record.left
    if how is Outcome.ROLLED_BACK:
        yield pen.colour(f"Rolled back: {title(phase)} failed, and {before} is live again.", Verdict.DEGRADED)
        yield f"    now       {_now(left)}"
        yield _next(f"See above why it failed; all that was said is in {course.journal}")
        return
    yield pen.colour(_loudly(phase, record), Verdict.DOWN)
    yield f"    now       {_now(left)}"
    if left is not None and left.at_fault:
        yield from _places_at_fault(course, left)
    if record.rollback is None or record.rollback.fault is not None:
        yield from _by_hand(course, index)
    yield _next(f"Then check: {_check(course, index)}")
    yield f"    journal   {course.journal}"


def _loudly(phase: Phase, record: Record) -> str:
    if record.rollback is None:
        return f"BROKEN AND NOT ROLLED BACK: {title(phase)} failed, and has no rollback command."
    if record.rollback.fault is not None:
        return f"BROKEN, THE ROLLBACK FAILED TOO: the rollback of {title(phase)}: {record.rollback.fault}."
    return f"BROKEN AFTER THE ROLLBACK: {title(phase)} was rolled back, but not all before it is healthy."


def _places_at_fault(course: Course, left: Checked) -> Iterator[str]:
    """Where each that is not healthy comes from: what deployed it once may mend it."""
    by_place: dict[int, list[AtFault]] = {}
    for one in left.at_fault:
        by_place.setdefault(_place(course.phases, one), []).append(one)
    for place, found in sorted(by_place.items()):
        if place < 0:
            yield _next(f"Mend {_names(found)}, which no phase deploys.")
        else:
            phase = course.phases[place]
            yield _next(f"Mend {_names(found)} of {title(phase)}, which was deployed by: {phase.deploy.shown}")


def _by_hand(course: Course, index: int) -> Iterator[str]:
    phase = course.phases[index]
    if phase.rollback is None:
        yield _next(f"Mend {title(phase)}, or take it back by hand; its deploy command was: {phase.deploy.shown}")
    else:
        yield _next(f"Take it back by hand, in {course.folder}: {phase.rollback.shown}")


def _check(course: Course, index: int) -> str:
    return f"{course.check} --phase {course.phases[index - 1].number}" if index else course.check


def _now(left: Checked | None) -> str:
    if left is None or not left.total:
        return "no services are known for before this phase, so none were checked"
    if left.healthy:
        return "its service is healthy" if left.total == 1 else f"all {left.total} services up to there are healthy"
    well = left.total - len(left.at_fault)
    return f"{well} of {counted(left.total, 'service')} up to there healthy; not healthy: {_names(left.at_fault)}"


def last_words(course: Course, pen: Pen) -> Iterator[str]:
    """What the commands that failed said last."""
    for step, lines in course.last_words.items():
        yield f"{pen.sign(Verdict.DOWN)} {pen.bold(f'The {step.action} command of {title(course.phases[step.phase])}')}"
        for number, line in enumerate(lines or ("nothing",)):
            yield f"    {'said last' if not number else '':<9} {line}"


def at_fault(course: Course, pen: Pen) -> Iterator[str]:
    """What the journal says of the services that failed, where the checks themselves were made by another process."""
    failed = failed_phase(course.position)
    wait = None if failed is None else course.position.records[failed].wait
    for one in wait.at_fault if wait else ():
        yield f"{pen.sign(Verdict.DOWN)} {pen.bold(one.id)}"
        yield f"    met       {one.message}"


def _next(text: str) -> str:
    return f"    next      {text}"


def _names(found: Sequence[AtFault]) -> str:
    named = [one.id for one in found[:_NAMED]]
    return ", ".join(named) + (f" and {len(found) - _NAMED} more" if len(found) > _NAMED else "")


def _ids(services: Sequence[Service]) -> str:
    return ", ".join(service.id for service in services) or "nothing new"
