"""How a rollout left things, and what to do next, for people."""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from healthmon.core.journal import Action, AtFault, Checked, Lack
from healthmon.core.model import Verdict
from healthmon.core.rollout import Conclusion, Phase, Record, failed_phase, outcome
from healthmon.core.wording import counted
from healthmon.reports.rollouts.course import Course, lacking, more_time, names, place_of, shortfalls, title
from healthmon.reports.rollouts.upshot import End

Told = Iterator[tuple[str, str]]


class Standing(Struct, frozen=True):
    """How things were left.

    Attributes:
        tone: The verdict in whose colour it is told.
        headline: What came of the rollout, in a sentence.
        told: How things are now and what to do next, each with its label: `now`, `next`, `journal`.
    """

    tone: Verdict
    headline: str
    told: Sequence[tuple[str, str]] = ()


def standing(course: Course) -> Standing:
    """How things were left, and what to do next where they are not as they should be."""
    first = course.position.first
    match course.end:
        case End.NOT_READY:
            told = [("next", f"Mend them, then: {course.resume}")]
            return Standing(Verdict.DOWN, _not_ready(course), told)
        case End.INTERRUPTED:
            return Standing(Verdict.UNKNOWN, _interrupted(course), [("next", f"Go on with: {course.resume}")])
        case End.DEPLOYED:
            last = course.position.records[-1].wait
            services = counted(last.total if last else 0, "service")
            phases = counted(len(course.phases) - first, "phase")
            which = "it" if len(course.phases) - first == 1 else "the last one"
            return Standing(Verdict.UP, f"Deployed: {phases}, and {services} healthy after {which}.")
        case _:
            return _failed(course)


def _not_ready(course: Course) -> str:
    """What was not healthy that must stand before what is to be done next."""
    if course.step is None:
        found = course.prerequisites.at_fault if course.prerequisites else ()
        return f"All was deployed, but not all is healthy now: {names(found)}."
    what = "Nothing more was deployed" if course.position.begun else "Nothing was deployed"
    index = course.step.phase
    whose = f"the services up to {title(course.phases[index - 1])}" if index else "the prerequisites"
    return f"{what}: {whose} are not healthy."


def _interrupted(course: Course) -> str:
    """How far it came: only what holds whenever, in this process or one before, it was cut short."""
    step = course.step
    if step is None or not course.position.begun:
        return "Interrupted before anything was deployed."
    phase, record = course.phases[step.phase], course.position.records[step.phase]
    begun, which = course.position.under_way is not None, title(phase)
    match step.action:
        case Action.DEPLOY if begun:
            text = f"the deploy command of {which} did not end. Nothing was rolled back."
        case Action.DEPLOY:
            text = f"{which} was not begun yet. Nothing was rolled back."
        case Action.WAIT:
            text = f"{which} is deployed, and was not found healthy yet. Nothing was rolled back."
        case Action.ROLLBACK:
            back = "its rollback command did not end" if begun else "was not rolled back yet"
            text = f"{which} failed, and {back}."
        case Action.VERIFY:
            text = f"{which} failed and was rolled back; the services before it were not found healthy yet."
        case Action.LOOK:
            back = f"its rollback failed: {record.rollback.fault}" if record.rollback else "has no rollback command"
            text = f"{which} failed, and {back}; the services before it were not looked at yet."
    return f"Interrupted: {text}"


def _failed(course: Course) -> Standing:
    index = failed_phase(course.position)
    assert index is not None  # noqa: S101 - one failed
    phase, record = course.phases[index], course.position.records[index]
    left = record.left
    if outcome(course.phases, course.position) is Conclusion.ROLLED_BACK:
        told = [
            ("now", _now(phase, left)),
            ("next", f"Read why it failed here; all that was said is in {course.journal}"),
            ("next", f"When that is mended, go on with: {course.anew[index]}"),
        ]
        headline = f"Rolled back: {title(phase)} failed{_live_again(course, index, left)}."
        return Standing(Verdict.DEGRADED, headline, told)
    return Standing(Verdict.DOWN, _loudly(phase, record), list(_to_mend(course, index)))


def _loudly(phase: Phase, record: Record) -> str:
    if record.rollback is None:
        return f"BROKEN AND NOT ROLLED BACK: {title(phase)} failed, and has no rollback command."
    if record.rollback.fault is not None:
        return f"BROKEN, THE ROLLBACK FAILED TOO: the rollback of {title(phase)}: {record.rollback.fault}."
    ill = record.left is None or lacking(record.left.at_fault, None)
    how = "is healthy" if ill else "was healthy often enough"
    return f"BROKEN AFTER THE ROLLBACK: {title(phase)} was rolled back, but not all before it {how}."


def _to_mend(course: Course, index: int) -> Told:
    record = course.position.records[index]
    left = record.left
    yield "now", _now(course.phases[index], left)
    if left is not None:
        yield from _places_at_fault(course, lacking(left.at_fault, None))
        if short := [one for one in left.at_fault if one.lacks is not None]:
            yield "next", more_time(course, index, short)
    if not record.rolled_back:
        yield from _by_hand(course, index)
    if course.checks[index]:
        yield "next", f"Then check: {course.checks[index]}"
    yield "next", f"Then go on with: {course.anew[index]}"
    yield "journal", course.journal


def _places_at_fault(course: Course, ill: Sequence[AtFault]) -> Told:
    """Where each that is not healthy comes from: what deployed it once may mend it."""
    by_place: dict[int, list[AtFault]] = {}
    for one in ill:
        by_place.setdefault(place_of(course.phases, one), []).append(one)
    for place, found in sorted(by_place.items()):
        if place < 0:
            yield "next", f"Mend {names(found)}, which no phase deploys."
        else:
            phase = course.phases[place]
            yield "next", f"Mend {names(found)} of {title(phase)}, which was deployed by: {phase.deploy.shown}"


def _by_hand(course: Course, index: int) -> Told:
    phase = course.phases[index]
    if phase.rollback is None:
        yield "next", f"Mend {title(phase)}, or take it back by hand; its deploy command was: {phase.deploy.shown}"
    else:
        yield "next", f"Take it back by hand, in {course.folder}: {phase.rollback.shown}"


def _live_again(course: Course, index: int, left: Checked | None) -> str:
    """What is live after a rollback, as far as anybody has looked."""
    if index:
        return f", and {title(course.phases[index - 1])} is live again"
    return ", and the prerequisites are healthy" if left is not None and left.total else ""


def _now(phase: Phase, left: Checked | None) -> str:
    """How the services before a phase that failed are."""
    if left is None or not left.total:
        return "not checked: no services are known for before this phase"
    if left.healthy:
        all_ = "the 1 service is" if left.total == 1 else f"all {left.total} services are"
        return f"before it: {all_} healthy"
    ill = lacking(left.at_fault, None)
    well = left.total - len(ill) - len(lacking(left.at_fault, Lack.LOOK))
    parts = [f"{well} of {counted(left.total, 'service')} healthy", *([f"not healthy: {names(ill)}"] if ill else [])]
    return f"before it: {'; '.join([*parts, *shortfalls(left, phase, left.at_fault)])}"
