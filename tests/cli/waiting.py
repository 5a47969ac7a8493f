"""How far the waiting for a service has come, for tests."""

from healthmon.core.model import Cause, Result, Service, Verdict
from healthmon.core.waiting import Goal, Progress, advance
from tests.make import result, service

UP = result()
DOWN = result(verdict=Verdict.DOWN)
DEGRADED = result(verdict=Verdict.DEGRADED, cause=Cause.LATENCY, message="HTTP 200, 2.4 s, expected at most 2 s")
REFUSED = result(verdict=Verdict.DOWN, cause=Cause.REFUSED, message="connection refused", facts=())
REJECTED = result(verdict=Verdict.DOWN, cause=Cause.AUTH, message="HTTP 401", facts=())


def waited(id_: str, *results: Result, goal: Goal = Goal(), **keys: str) -> Progress:  # noqa: B008 - frozen
    """The progress after checks with these results, one a second, the first after a second."""
    one: Service = service(id_, **keys)
    progress = Progress(one)
    for number, met in enumerate(results, start=1):
        progress = advance(progress, met, goal, began=number - 0.5, ended=float(number))
    return progress
