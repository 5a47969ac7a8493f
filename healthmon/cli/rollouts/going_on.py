"""Where a rollout goes on, or begins, as its journal tells; and what is said of the one before."""

from collections.abc import Iterator, Sequence

from healthmon.cli.rollouts.command_lines import again, anew
from healthmon.cli.rollouts.order import Order
from healthmon.core.journal import AnyEntry, Started
from healthmon.core.recall import recall
from healthmon.core.rollout import Conclusion, Position, beginning, failed_phase, next_step, outcome
from healthmon.core.safe_text import clean
from healthmon.errors import UsageError
from healthmon.reports.rollouts.course import title


def position_of(order: Order, entries: Sequence[AnyEntry]) -> Position:
    """Where to go on from.

    Raises:
        UsageError: There is nothing to go on with, or it is not the same rollout any more.
    """
    phases = order.undertaking.rollout.phases
    if not order.request.resume:
        return beginning(phases, order.request.first)
    position = recall(phases, entries)
    if position.started is None and not position.begun:
        raise UsageError("--resume: the journal tells of no rollout, so there is nothing to go on with; leave it out.")
    if position.ended:
        raise UsageError(f"--resume: the rollout begun {_when(position)} is over{_end(order, position)}")
    if position.started is None:
        raise UsageError(
            "--resume: the journal has lost how the rollout began, so what was done may not be what is to be done now. "
            f"{_begin_anew(order, position)}"
        )
    if position.started.digest != order.digest():
        raise UsageError(
            f"--resume: {_changed(order, position.started)} since the rollout began {_when(position)}, so what was "
            f"done may not be what is to be done now. Take that back, or: {_begin_anew(order, position)}"
        )
    return position


def _end(order: Order, position: Position) -> str:
    """How it ended, and what can be done then."""
    phases = order.undertaking.rollout.phases
    how, failed = outcome(phases, position), failed_phase(position)
    if how is Conclusion.DEPLOYED:
        return ": all of it is deployed. To deploy all of it again, leave --resume out."
    if how is None or failed is None:
        return ", so there is nothing to go on with; leave it out to begin anew."
    return (
        f", {how.words}: {title(phases[failed])} failed. When that is mended, and all before it is "
        f"healthy, go on with: {anew(order.request, order.undertaking, failed)}"
    )


def _begin_anew(order: Order, position: Position) -> str:
    """How to begin anew without deploying again what was found healthy."""
    phases = order.undertaking.rollout.phases
    if outcome(phases, position) is Conclusion.DEPLOYED:
        return "All of its phases were deployed and found healthy; to deploy all of them again, leave --resume out."
    return f"Begin anew where it stood: {_where_it_stood(order, position)}"


def _where_it_stood(order: Order, position: Position) -> str:
    return anew(order.request, order.undertaking, _stood(order, position))


def _stood(order: Order, position: Position) -> int:
    """The position of the phase that is not healthy yet."""
    failed = failed_phase(position)
    if failed is not None:
        return failed
    step = next_step(order.undertaking.rollout.phases, position)
    assert step is not None  # noqa: S101 - or all is deployed, and nobody asks
    return step.phase


def _changed(order: Order, started: Started) -> str:
    """What is not what it was."""
    request, rollout = order.request, order.undertaking.rollout
    pairs = (
        ("the host", started.host or "no host", order.undertaking.host or "no host"),
        ("what is expected (--expect)", _listed(started.expect), _listed(request.expected)),
        ("--fail-on", *("degraded" if strict else "down" for strict in (started.strict, request.strict))),
    )
    for what, there, here in pairs:
        if there != here:
            return f"{what} was {there} and is {here}"
    return f"{rollout.path} has changed"


def _listed(expected: Sequence[str]) -> str:
    return ", ".join(map(clean, sorted(expected))) or "nothing"


def left_behind(order: Order, entries: Sequence[AnyEntry], *, live: bool) -> Iterator[str]:
    """That the last rollout was not brought to its end, where this one begins anew.

    Args:
        order: What is to be done.
        entries: What the journal told before.
        live: Whether it is done: then the journal's last rollout is this one, and the other cannot be resumed any more.
    """
    phases = order.undertaking.rollout.phases
    position = recall(phases, entries)
    over = position.ended or next_step(phases, position) is None
    if order.request.resume or over or not position.begun:
        return
    first = beginning(phases, order.request.first).first
    text = (
        f"The last rollout, begun {_when(position)}, was not brought to its end. This one begins anew, with "
        f"{title(phases[first])}."
    )
    # Each command ends its line, so that it can be copied.
    yield f"{text} The last one is given up: from now on --resume goes on with this one." if live else text
    if not live and position.started is not None and position.started.digest == order.digest():
        yield f"To go on with the last one instead: {again(order.request)}"
    if first < _stood(order, position):
        then = "interrupt this one and run" if live else "run"
        yield f"To leave as they are the phases that it found healthy, {then}: {_where_it_stood(order, position)}"


def _when(position: Position) -> str:
    return position.started.at[:19].replace("T", " ") + " UTC" if position.started else "at a time that is lost"
