"""What is new since the last run: for whoever wants to be told once, and not every five minutes.

A service is told of when it is no longer healthy, when that has a verdict and a cause which were not told together
since it began, again after a while if that is wanted, and when it has recovered. What was told is remembered from run
to run; a run whose report nobody got must not be remembered.
"""

from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct

from healthmon.core.model import Cause, Result, Verdict
from healthmon.core.run import Change, News

_EARLY = 0.01
"""The share of its time by which a repetition may be early: cron is, and the next run may be a day away."""


class Told(Struct, frozen=True):
    """What was told of a service that is not healthy.

    Attributes:
        since: The run that first found it so, in seconds since the epoch.
        at: The run that last told so.
        causes: The causes that were told since it began, as `told_as` writes them, each once: one that comes and goes
            is told once.
    """

    since: float
    at: float
    causes: tuple[str, ...]


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
    checked = set()
    for result in results:
        id_ = result.service.id
        checked.add(id_)
        before = _not_after(told[id_], now) if id_ in told else None
        if is_well(result, strict=strict):
            if before is not None:
                changes[id_] = Change(News.RECOVERED, before.since)
            continue
        news, after[id_] = _bad(told_as(result), before, now, repeat)
        if news is not None:
            changes[id_] = Change(news, after[id_].since)
    for id_, before in told.items():
        if id_ not in checked:
            changes[id_] = Change(News.GONE, min(before.since, now))
    return changes, after


def still_bad(results: Iterable[Result], changes: Mapping[str, Change], *, strict: bool) -> Iterator[Result]:
    """The results of services that are not healthy, and of which there is nothing new."""
    for result in results:
        if result.service.id not in changes and not is_well(result, strict=strict):
            yield result


def _bad(found: str, before: Told | None, now: float, repeat: float | None) -> tuple[News | None, Told]:
    """What is new of a service that is not healthy, and what will have been told."""
    if before is None:
        return News.FAILED, Told(now, now, (found,))
    if found not in before.causes:
        return News.FAILED, Told(before.since, now, (*before.causes, found))
    if repeat is not None and now - before.at >= repeat * (1 - _EARLY):
        return News.REPEATED, Told(before.since, now, before.causes)
    return None, before


def _not_after(told: Told, now: float) -> Told:
    return Told(min(told.since, now), min(told.at, now), told.causes)
