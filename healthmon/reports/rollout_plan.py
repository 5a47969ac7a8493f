"""What a rollout is going to do, for people."""

from collections.abc import Iterator, Mapping, Sequence

from healthmon.core.model import Service
from healthmon.core.rollout import Phase, Position, next_step
from healthmon.core.units import format_duration
from healthmon.core.wording import counted
from healthmon.reports.rollout_course import title


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
    first = services[position.first - 1]
    step = next_step(phases, position)
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
        done = "" if step is not None and index >= step.phase else " - done already"
        yield f"{title(phase)}{' - left as it is' if index < position.first else done}"
        if index < position.first:
            continue
        yield f"  deploy    {phase.deploy.shown}"
        stable = f", {phase.stable} times in a row" if phase.stable > 1 else ""
        yield f"  wait      up to {format_duration(phase.timeout)} until healthy{stable}: {_ids(new)}"
        if len(services[index]) > len(new):
            yield f"            and still: {counted(len(services[index]) - len(new), 'service')} from before"
        yield f"  rollback  {phase.rollback.shown if phase.rollback else 'none: a failure would stay as it is'}"


def _ids(services: Sequence[Service]) -> str:
    return ", ".join(service.id for service in services) or "nothing new"
