"""What is new since the last run, in the words of the reports for people."""

from collections.abc import Iterator

from healthmon.core.changes import still_bad
from healthmon.core.model import Result
from healthmon.core.run import Change, News, Run
from healthmon.core.safe_text import clean
from healthmon.core.units import format_duration
from healthmon.core.wording import named

_NAMED = 10


def told(run: Run) -> Iterator[Result]:
    """The results that are to be told: all, or where only what is new is to be told, those."""
    for result in run.results:
        if run.changes is None or result.service.id in run.changes:
            yield result


def what(result: Result, run: Run) -> str:
    """What is new of a service: ``recovered after 25 min``. Empty where its line says it all."""
    change = (run.changes or {}).get(result.service.id)
    if change is None:
        return ""
    lasted = _lasted(change, run)
    if change.news is News.RECOVERED:
        return f"recovered after {lasted}"
    if change.freed_from is not None:
        return f"not healthy for {lasted}, no longer because of {clean(change.freed_from)}"
    if change.news is News.REPEATED:
        return f"not healthy for {lasted}"
    return "" if change.since == run.started else f"not healthy for {lasted}, with a new cause"


def others(run: Run, *, strict: bool) -> Iterator[str]:
    """Lines about services without one of their own: those that are bad as before, and those no longer checked."""
    if run.changes is None:
        return
    if bad := [result.service.id for result in still_bad(run.results, run.changes, strict=strict)]:
        yield f"Still not healthy: {len(bad)} ({named(bad, _NAMED)})"
    for id_, change in run.changes.items():
        if change.news is News.GONE:
            yield f"No longer checked: {clean(id_)}, which was not healthy for {_lasted(change, run)}"


def _lasted(change: Change, run: Run) -> str:
    return format_duration(run.started - change.since)
