"""What is not well in a run, and what hangs on it: for the reports that tell the roots alone."""

from msgspec import Struct

from healthmon.core.model import Result, Verdict
from healthmon.core.run import Ending, Run
from healthmon.reports.standing import standing


class Trouble(Struct, frozen=True):
    """A service that is not well, and those that are not well because of it."""

    result: Result
    blocked: tuple[Result, ...] = ()


def troubles(run: Run) -> list[Trouble]:
    """What is not well, in config order. What is so because of another stands with that one alone."""
    ill = {result.service.id: result for result in run.results if not _well(result, run)}
    roots = {id_ for id_, result in ill.items() if result.blocked_by not in ill}
    blocked: dict[str | None, list[Result]] = {}
    for result in ill.values():
        if result.blocked_by in roots:
            blocked.setdefault(result.blocked_by, []).append(result)
    # One that would be listed under what is itself listed under another stands alone: nothing is lost.
    return [
        Trouble(result, tuple(blocked.get(id_, ()))) for id_, result in ill.items() if result.blocked_by not in roots
    ]


def fails(result: Result, run: Run, *, strict: bool) -> bool:
    """Whether a result makes the run fail. Where something was waited for, that is what counts: it may be a failure."""
    return not standing(result, run, strict=strict).healthy


def failed(run: Run, *, strict: bool) -> bool:
    """Whether the run failed."""
    if run.wait is not None and run.wait.ending is not Ending.REACHED:
        return True
    return any(fails(result, run, strict=strict) for result in run.results)


def _well(result: Result, run: Run) -> bool:
    """Whether there is nothing to tell."""
    if result.service.id in run.waited:
        return not fails(result, run, strict=False) and result.verdict is not Verdict.DEGRADED
    return result.verdict is Verdict.UP
