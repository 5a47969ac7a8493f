"""What is new since the last run: for whoever wants to be told once, and not every five minutes.

A service is told of when it is no longer healthy, when that has a verdict and a cause which were not told together
since it began, when the root that was told to explain it no longer does, again after a while if that is wanted, and
when it has recovered. What was told is remembered from run to run; a run whose report nobody got must not be
remembered.
"""

from collections.abc import Container, Iterable, Iterator, Mapping

from msgspec import Struct, structs

from healthmon.core.model import Cause, Result, Verdict
from healthmon.core.run import Change, News

_EARLY = 0.01
"""The share of its time by which a repetition may be early: cron is, and the next run may be a day away."""


class Told(Struct, frozen=True, omit_defaults=True):
    """What was told of a service that is not healthy.

    Attributes:
        since: The run that first found it so, in seconds since the epoch.
        at: The run that last told so.
        causes: The causes that were told since it began, as `told_as` writes them, each once: one that comes and goes
            is told once.
        blocked_by: The id of the root that was told to explain it, when it was last told; else None.
    """

    since: float
    at: float
    causes: tuple[str, ...]
    blocked_by: str | None = None


def told_as(result: Result) -> str:
    """What is not told twice, such as ``down refused`` or ``down status 503``.

    The verdict is in it, for what is degraded may go down; and the status, for 404 after 503 is another fault.
    """
    status = result.fact("status") if result.cause is Cause.STATUS else None
    return f"{result.verdict} {result.cause}" + ("" if status is None else f" {status}")


def is_well(result: Result, *, strict: bool) -> bool:
    """Whether there is nothing to tell: it is healthy, and where that is demanded not degraded either."""
    return result.verdict.healthy and not (strict and result.verdict is Verdict.DEGRADED)


def compare(
    results: Iterable[Result],
    told: Mapping[str, Told],
    *,
    now: float,
    repeat: float | None = None,
    strict: bool = False,
) -> tuple[dict[str, Change], dict[str, Told]]:
    """Compare a run with what was told before.

    Args:
        results: The results of the run.
        told: What was told, by service id: of those that were not healthy.
        now: When the run began, in seconds since the epoch. What lies behind it, because a clock was set back, is taken
            for now.
        repeat: Seconds after which what has not changed is told again; None for never.
        strict: Whether a degraded service counts as not healthy.

    Returns:
        What is new, by service id, and what will have been told when that is told. Services that were not healthy and
        are no longer checked come last.
    """
    changes: dict[str, Change] = {}
    after: dict[str, Told] = {}
    results = tuple(results)
    verdicts = {result.service.id: result.verdict for result in results}
    unknown = {id_ for id_, verdict in verdicts.items() if verdict is Verdict.UNKNOWN}
    for result in results:
        id_ = result.service.id
        before = _not_after(told[id_], now) if id_ in told else None
        if is_well(result, strict=strict):
            if before is not None:
                changes[id_] = Change(News.RECOVERED, before.since)
            continue
        change, after[id_] = _bad(result, before, unknown, now, repeat)
        if change is not None:
            changes[id_] = change
    for id_, before in told.items():
        if id_ not in verdicts:
            changes[id_] = Change(News.GONE, min(before.since, now))
    return changes, after


def still_bad(results: Iterable[Result], changes: Mapping[str, Change], *, strict: bool) -> Iterator[Result]:
    """The results of services that are not healthy, and of which there is nothing new."""
    for result in results:
        if result.service.id not in changes and not is_well(result, strict=strict):
            yield result


def _bad(
    result: Result, before: Told | None, unknown: Container[str], now: float, repeat: float | None
) -> tuple[Change | None, Told]:
    """What is new of a service that is not healthy, and what will have been told.

    What could not be found out, of it or of its root, frees it of nothing. That a root fails as well, after the service
    was told of by itself, is told of the root alone. The daemon does the same.
    """
    found = told_as(result)
    if before is None:
        return Change(News.FAILED, now), Told(now, now, (found,), result.blocked_by)
    root = before.blocked_by if result.verdict is Verdict.UNKNOWN else result.blocked_by
    known = found in before.causes
    freed_from = before.blocked_by if root is None and before.blocked_by not in unknown else None
    if freed_from is not None:
        news = News.UNBLOCKED
    elif not known:
        news = News.FAILED
    elif repeat is not None and now - before.at >= repeat * (1 - _EARLY):
        news = News.REPEATED
    else:
        return None, before
    causes = before.causes if known else (*before.causes, found)
    return Change(news, before.since, freed_from), Told(before.since, now, causes, root)


def _not_after(told: Told, now: float) -> Told:
    return structs.replace(told, since=min(told.since, now), at=min(told.at, now))
