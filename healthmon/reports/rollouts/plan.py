"""What a rollout is going to do, for people."""

from collections.abc import Iterator, Mapping, Sequence

from healthmon.core.journal import Action
from healthmon.core.model import Service
from healthmon.core.recall import ahead
from healthmon.core.rollout import Phase, Position, Record, outcome
from healthmon.core.units import format_duration
from healthmon.core.wording import counted
from healthmon.reports.rollouts.course import title


def plan(
    phases: Sequence[Phase], position: Position, services: Mapping[int, Sequence[Service]], notes: Sequence[str]
) -> Iterator[str]:
    """What a rollout is going to do: what it does from this position on if all goes well, and what else is prepared.

    Args:
        phases: Its phases.
        position: How far it has come already.
        services: What is waited for after each phase, by its position; at -1 the prerequisites.
        notes: What else is to be said of it.
    """
    yield from notes
    steps, end = ahead(phases, position)
    if steps and steps[0].action is Action.DEPLOY:
        first = services[steps[0].phase - 1]
        yield (
            f"First: check {_ids(first)}; unless all are healthy nothing is deployed."
            if first
            else "First: nothing is checked; there are no prerequisites."
        )
    for index, phase in enumerate(phases):
        record, left = position.records[index], [step.action for step in steps if step.phase == index]
        yield ""
        yield f"{title(phase)}{_already(record, left, there=index < position.first)}"
        if record.failed:
            yield from _back(phase, left, services[index - 1])
        elif left:
            yield from _forth(phase, left, services[index], services[index - 1])
    how = outcome(phases, end)
    if how is not None and (not steps or how.exit_code):
        yield ""
        last = f"Nothing is left to do but to look once at {_ids(services[len(phases) - 1])}; if all are healthy it"
        yield f"{'Then it' if steps else last} ends with {how.exit_code}, {how.words}."


def _already(record: Record, left: Sequence[Action], *, there: bool) -> str:
    """What has been done for a phase."""
    if there:
        return " - left as it is"
    if record.failed:
        return " - failed, rolled back already" if record.rolled_back else " - failed"
    if not left:
        return " - done already" if record.good else " - not reached"
    return "" if Action.DEPLOY in left else " - deployed already"


def _forth(phase: Phase, left: Sequence[Action], wanted: Sequence[Service], before: Sequence[Service]) -> Iterator[str]:
    if Action.DEPLOY in left:
        yield f"  deploy    {phase.deploy.shown}"
    known = {service.id for service in before}
    new = [service for service in wanted if service.id not in known]
    stable = f", {phase.stable} times in a row" if phase.stable > 1 else ""
    yield f"  wait      up to {format_duration(phase.timeout)} until healthy{stable}: {_ids(new)}"
    if len(wanted) > len(new):
        yield f"            and still: {counted(len(wanted) - len(new), 'service')} from before"
    yield f"  rollback  {phase.rollback.shown if phase.rollback else 'none: a failure would stay as it is'}"


def _back(phase: Phase, left: Sequence[Action], before: Sequence[Service]) -> Iterator[str]:
    for action in left:
        match action:
            case Action.ROLLBACK if phase.rollback is not None:
                yield f"  rollback  {phase.rollback.shown}"
            case Action.VERIFY if before:
                yield f"  verify    up to {format_duration(phase.timeout)} until healthy: {_ids(before)}"
            case Action.LOOK if before:
                yield f"  look      once at: {_ids(before)}"


def _ids(services: Sequence[Service]) -> str:
    return ", ".join(service.id for service in services) or "nothing new"
