"""What is told of waiting line by line, where nothing can be drawn: what changes, and now and then how things stand."""

from collections.abc import Collection

from healthmon.cli.gate.words import look, state
from healthmon.core.model import Verdict
from healthmon.core.units import format_duration
from healthmon.core.waiting import Goal, Progress, rarely_cured
from healthmon.core.wording import counted, named
from healthmon.reports.brief import in_brief
from healthmon.reports.style import Pen

_NAMED = 5
"""The most services that are named in a line about how things stand."""


class Changes:
    """Tells what changes. A service that is as it should be from the first check on is not worth a line.

    Args:
        goal: What is waited for.
        pen: Writes the signs.
    """

    def __init__(self, goal: Goal, pen: Pen) -> None:
        self._goal = goal
        self._pen = pen
        self._seen: dict[str, tuple[object, ...]] = {}
        self._told: set[str] = set()

    def line(self, one: Progress) -> str | None:
        """The line about a service after a check; None if nothing has changed."""
        id_, last = one.service.id, one.last
        assert last  # noqa: S101 - a check has ended
        good = bool(one.good)
        seen = (good, one.reached(self._goal)) if good else (good, last.verdict, last.cause, last.fact("status"))
        before = self._seen.get(id_)
        self._seen[id_] = seen
        if seen == before or (good and id_ not in self._told):
            return None
        self._told.add(id_)
        again = "fell over again: " if before and before[0] and not good else ""
        sign = self._pen.sign(look(one, self._goal) or Verdict.UNKNOWN)
        return f"{sign} {id_}: {again}{_words(one, self._goal)}"


def _words(one: Progress, goal: Goal) -> str:
    assert one.last  # noqa: S101 - a check has ended
    if one.reached(goal):
        return f"{state(one, goal)} after {format_duration(one.since or 0.0)}, {counted(one.checks, 'check')}"
    if one.good:
        return state(one, goal)
    if goal.down and one.last.verdict.healthy:
        return f"{state(one, goal)} ({one.last.message})"
    mark = "; waiting rarely cures this" if rarely_cured(one.last) else ""
    return f"{one.last.message} [{one.last.cause}]{mark}"


def opening(services: int, goal: Goal, deadline: float) -> str:
    """What is waited for: ``Waiting for 4 services to be healthy, up to 2 min``."""
    return f"Waiting for {counted(services, 'service')} to be {goal.wanted}, up to {format_duration(deadline)}"


def heartbeat(everyone: Collection[Progress], goal: Goal, *, elapsed: float, deadline: float) -> str:
    """How things stand: ``Waiting for 3 of 10, 60 s of 2 min: brain (HTTP 503), ...``."""
    awaited = [one for one in everyone if not one.reached(goal)]
    time = f"{format_duration(round(elapsed))} of {format_duration(deadline)}"
    text = f"Waiting for {len(awaited)} of {len(everyone)}, {time}"
    if not awaited:
        return f"{text}: all are {goal.wanted}, and checked once more"
    met = [f"{one.service.id} ({in_brief(one.last) if one.last else 'first check under way'})" for one in awaited]
    return f"{text}: {named(met, _NAMED)}"
