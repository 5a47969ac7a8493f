"""How a rollout left things, what failed, and what to do next, for people."""

from collections.abc import Iterator

from healthmon.core.journal import Action, AtFault, Checked
from healthmon.core.model import Verdict
from healthmon.core.rollout import Conclusion, Phase, Record, failed_phase, next_step, outcome
from healthmon.core.wording import counted
from healthmon.reports.rollout_course import Course, names, place_of, title
from healthmon.reports.style import Pen

_BEGAN = {
    Action.DEPLOY: "was being deployed",
    Action.WAIT: "was deployed and its services were waited for",
    Action.ROLLBACK: "was being rolled back",
    Action.VERIFY: "was rolled back and the services before it were waited for",
    Action.LOOK: "had failed, and the services before it were looked at",
}


def standing(course: Course, pen: Pen) -> Iterator[str]:
    """How things were left, and what to do next where they are not as they should be."""
    how = outcome(course.phases, course.position)
    if not course.ready:
        what = "Nothing more was deployed" if course.position.begun else "Nothing was deployed"
        step = next_step(course.phases, course.position)
        index = step.phase if step else 0
        whose = f"the services up to {title(course.phases[index - 1])}" if index else "the prerequisites"
        yield pen.colour(f"{what}: {whose} are not healthy.", Verdict.DOWN)
        yield _next(f"Mend them, then: {course.resume}")
    elif how is None:
        yield from _interrupted(course, pen)
    elif how is Conclusion.DEPLOYED:
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


def _failed(course: Course, how: Conclusion, pen: Pen) -> Iterator[str]:
    index = failed_phase(course.position)
    assert index is not None  # noqa: S101 - one failed
    phase, record = course.phases[index], course.position.records[index]
    left = record.left
    if how is Conclusion.ROLLED_BACK:
        yield pen.colour(f"Rolled back: {title(phase)} failed{_live_again(course, index, left)}.", Verdict.DEGRADED)
        yield f"    now       {_now(left)}"
        yield _next(f"Read why it failed here; all that was said is in {course.journal}")
        yield _next(f"When that is mended, go on with: {course.anew[index]}")
        return
    yield pen.colour(_loudly(phase, record), Verdict.DOWN)
    yield f"    now       {_now(left)}"
    if left is not None and left.at_fault:
        yield from _places_at_fault(course, left)
    if not record.rolled_back:
        yield from _by_hand(course, index)
    if course.checks[index]:
        yield _next(f"Then check: {course.checks[index]}")
    yield _next(f"Then go on with: {course.anew[index]}")
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
        by_place.setdefault(place_of(course.phases, one), []).append(one)
    for place, found in sorted(by_place.items()):
        if place < 0:
            yield _next(f"Mend {names(found)}, which no phase deploys.")
        else:
            phase = course.phases[place]
            yield _next(f"Mend {names(found)} of {title(phase)}, which was deployed by: {phase.deploy.shown}")


def _by_hand(course: Course, index: int) -> Iterator[str]:
    phase = course.phases[index]
    if phase.rollback is None:
        yield _next(f"Mend {title(phase)}, or take it back by hand; its deploy command was: {phase.deploy.shown}")
    else:
        yield _next(f"Take it back by hand, in {course.folder}: {phase.rollback.shown}")


def _live_again(course: Course, index: int, left: Checked | None) -> str:
    """What is live after a rollback, as far as anybody has looked."""
    if index:
        return f", and {title(course.phases[index - 1])} is live again"
    return ", and the prerequisites are healthy" if left is not None and left.total else ""


def _now(left: Checked | None) -> str:
    if left is None or not left.total:
        return "not checked: no services are known for before this phase"
    if left.healthy:
        return "its service is healthy" if left.total == 1 else f"all {left.total} services up to there are healthy"
    well = left.total - len(left.at_fault)
    return f"{well} of {counted(left.total, 'service')} up to there healthy; not healthy: {names(left.at_fault)}"


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
