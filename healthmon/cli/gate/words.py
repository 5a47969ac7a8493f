"""What is said of a service while it is waited for. Pure."""

from healthmon.core.model import Verdict
from healthmon.core.units import format_duration
from healthmon.core.waiting import Goal, Progress


def look(one: Progress, goal: Goal) -> Verdict | None:
    """The verdict whose sign and colour fit: what is wanted is good, whatever it is. None before the first check."""
    if one.last is None:
        return None
    if goal.met(one.last):
        return Verdict.UP if goal.down else one.last.verdict
    return Verdict.DEGRADED if one.last.verdict.healthy else one.last.verdict


def state(one: Progress, goal: Goal) -> str:
    """The state in a word or two: ``healthy``, ``healthy 2 of 3``, ``still healthy``, ``checking``, or the cause."""
    if one.last is None:
        return "checking"
    if one.good:
        return goal.wanted if one.reached(goal) else f"{goal.wanted} {one.good} of {goal.stable}"
    if goal.down and one.last.verdict.healthy:
        return "still healthy"
    return str(one.last.cause)


def account(one: Progress, goal: Goal) -> str:
    """What the last check met, or how long it took to be as it should."""
    if one.last is None:
        return "first check under way"
    if one.reached(goal):
        return f"after {format_duration(one.since or 0.0)}"
    return one.last.message
