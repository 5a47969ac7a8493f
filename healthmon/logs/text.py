"""The log for people: one line an event, which says at 3 in the morning what is wrong and what to do about it."""

from collections.abc import Iterator
from itertools import pairwise

from healthmon.core.model import Result, Service, Verdict
from healthmon.core.notices import Notice
from healthmon.core.state import Transition
from healthmon.core.units import format_duration
from healthmon.logs.contract import Event
from healthmon.logs.safe import explanation, moment, next_step, of_service, plain

_ROOM = 500  # characters, with the explanation; a longer line has the next step alone


def render(event: Event, told: float) -> str:
    """Render an event with the time (UTC) at which it happened."""
    at = event.at if isinstance(event, Transition) else told
    return f"{moment(at)} {words(event)}"


def words(event: Event) -> str:
    """Render an event without its time."""
    if isinstance(event, Transition):
        return _transition(event)
    if isinstance(event, Notice):
        return f"{event.severity.upper()} {plain(event.message)} [{plain(event.event)}]"
    return _check(event)


def _transition(transition: Transition) -> str:
    result, blocked_by = transition.result, transition.blocked_by
    line = f"{transition.after.upper()} {_service(result.service)}: {', '.join(_what(transition))}."
    if transition.after is Verdict.UP:
        return line
    why, then, runbook = explanation(result, blocked_by), next_step(result, blocked_by), result.service.runbook
    advice = f" Next: {then}" if then else ""
    if runbook and blocked_by is None:
        advice += f" Runbook: {of_service(result.service, runbook)}"
    if why and len(line) + len(why) + len(advice) < _ROOM:
        line += f" {why}"
    return line + advice


def _what(transition: Transition) -> Iterator[str]:
    result = transition.result
    cause = f" [{result.cause}]" if result.cause else ""
    yield of_service(result.service, result.message) + cause
    if transition.before is transition.after:
        yield f"still down though {plain(transition.freed_from or 'its root')} no longer is"
    elif rows := _in_a_row(transition):
        yield rows
    if transition.blocked_by is not None:
        yield f"blocked by {plain(transition.blocked_by)}"
    if transition.lasted is not None:
        yield f"was {transition.before} for {lasting(transition.lasted)}"
    if transition.flapping:
        yield "flapping"


def _in_a_row(transition: Transition) -> str | None:
    """How many results it took, where it took more than one."""
    service = transition.service
    if transition.after is Verdict.DOWN and service.failure_threshold > 1:
        return f"after {service.failure_threshold} failures in a row"
    if transition.before is Verdict.DOWN and transition.after.healthy and service.success_threshold > 1:
        return f"after {service.success_threshold} successes in a row"
    return None


def _check(result: Result) -> str:
    cause = f" [{result.cause}]" if result.cause else ""
    message = of_service(result.service, result.message)
    blocked = f", blocked by {plain(result.blocked_by)}" if result.blocked_by else ""
    took = format_duration(result.duration)
    return f"CHECK {_service(result.service)}: {result.verdict}, {message}{cause}{blocked}, took {took}."


def _service(service: Service) -> str:
    name = of_service(service, service.name)
    return plain(service.id) if name == service.id else f"{plain(service.id)} ({name})"


_UNITS = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))


def lasting(seconds: float) -> str:
    """A duration in its two largest units: ``45 s``, ``3 min 20 s``, ``2 h 5 min``, ``3 d 4 h``."""
    rest = max(0, round(seconds))
    for (unit, name), (smaller, smaller_name) in pairwise(_UNITS):
        if rest >= unit:
            count, rest = divmod(rest, unit)
            return f"{count} {name}" + (f" {rest // smaller} {smaller_name}" if rest >= smaller else "")
    return f"{rest} s"
