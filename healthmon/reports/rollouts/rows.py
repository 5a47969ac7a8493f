"""What came of each phase of a rollout, in a few words."""

from collections.abc import Iterator

from healthmon.core.journal import Action, AtFault, Checked, CommandEnded
from healthmon.core.model import Verdict
from healthmon.core.rollout import Record, failed_phase
from healthmon.core.units import format_duration
from healthmon.reports.rollouts.course import Course, lacking, names, place_of, shortfalls, title
from healthmon.reports.rollouts.upshot import End, Row


def rows(course: Course) -> list[Row]:
    """What is told of each phase."""
    return [_row(course, index) for index in range(len(course.phases))]


def _row(course: Course, index: int) -> Row:
    phase, record = course.phases[index], course.position.records[index]
    verdict, result = _came_of_it(course, index, record)
    parts = (record.deploy, record.wait, record.rollback, record.left)
    return Row(
        name=f"{phase.number} {phase.name}",
        title=title(phase),
        deploy=_took(record.deploy),
        healthy=_took(record.wait) if record.wait and record.wait.healthy else "",
        verdict=verdict,
        result=result,
        seconds=sum(part.seconds or 0.0 for part in parts if part is not None),
        words=[(step.action, lines) for step, lines in course.last_words.items() if step.phase == index],
    )


def _took(ended: CommandEnded | Checked | None) -> str:
    return "" if ended is None or ended.seconds is None else format_duration(ended.seconds)


def _came_of_it(course: Course, index: int, record: Record) -> tuple[Verdict | None, str]:
    if bad := _what_is_bad(course, index, record):
        return bad
    if record.good:
        return Verdict.UP, "healthy"
    if record.deploy is not None:
        return Verdict.UNKNOWN, "deployed, not found healthy yet"
    under_way = course.position.under_way
    if under_way is not None and under_way.phase == index:
        return Verdict.UNKNOWN, "interrupted"
    if index >= course.position.first:
        return None, "not reached"
    looked = course.prerequisites is not None or any(record.wait is not None for record in course.position.records)
    return Verdict.UP if looked else None, "there before"


def _what_is_bad(course: Course, index: int, record: Record) -> tuple[Verdict, str] | None:
    """What is not as it should be with a phase; None where nothing is known to be so."""
    if record.failed:
        return Verdict.DOWN, "; ".join([_why(course, index, record), *_went_back(course, index, record)])
    if broke := lacking(_later(course, index), None):
        return Verdict.DOWN, f"healthy at first, broke later: {names(broke)}"
    if now := _not_healthy_now(course, index):
        return Verdict.DOWN, f"{'healthy at first' if record.good else 'there before'}, not healthy now: {names(now)}"
    if short := _short_later(course, index):
        return Verdict.UNKNOWN, f"healthy at first, later {short}"
    return None


def _not_healthy_now(course: Course, index: int) -> list[AtFault]:
    """The services of a phase that were not healthy when all that must stand before a deployment was checked."""
    first = course.prerequisites
    return [one for one in first.at_fault if place_of(course.phases, one) == index] if first else []


def _why(course: Course, index: int, record: Record) -> str:
    if record.deploy is not None and record.deploy.fault is not None:
        return f"the deploy command failed: {record.deploy.fault}"
    assert record.wait is not None  # noqa: S101 - what else would have failed
    after = _took(record.wait)
    broken = {index_: lacking(_later(course, index_), None) for index_ in range(-1, index)}
    ill = lacking(record.wait.at_fault, None)
    own = [one for one in ill if not any(one in found for found in broken.values())]
    said = [f"not healthy within {after}: {names(own)}"] if own else []
    for place, found in broken.items():
        if found:
            said.append(f"{title(course.phases[place]) if place >= 0 else 'a prerequisite'} broke: {names(found)}")
    said += (f"healthy, but {short}" for short in shortfalls(record.wait, course.phases[index], record.wait.at_fault))
    return "; ".join(said)


def _later(course: Course, index: int) -> list[AtFault]:
    """The services of a phase that were at fault when a later one failed; at -1 the prerequisites."""
    failed = failed_phase(course.position)
    if failed is None or index >= failed:
        return []
    wait = course.position.records[failed].wait
    return [one for one in wait.at_fault if place_of(course.phases, one) == index] if wait else []


def _short_later(course: Course, index: int) -> str:
    """What the services of a phase lacked when a later one failed; empty where they lacked nothing."""
    found, failed = _later(course, index), failed_phase(course.position)
    wait = None if failed is None else course.position.records[failed].wait
    if failed is None or wait is None:
        return ""
    return "; ".join(shortfalls(wait, course.phases[failed], found))


def _went_back(course: Course, index: int, record: Record) -> Iterator[str]:
    under_way = course.position.under_way
    if record.rollback is not None:
        fault = record.rollback.fault
        yield "rolled back" if fault is None else f"the rollback failed: {fault}"
    elif under_way is not None and under_way.action is Action.ROLLBACK:
        yield "the rollback did not end"
    elif course.end is End.INTERRUPTED and course.phases[index].rollback is not None:
        yield "not rolled back yet"
