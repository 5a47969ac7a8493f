"""What a service counts as where a report has to pass or to fail it, and the lines that say which and why."""

from healthmon.core.model import Result, Verdict
from healthmon.core.run import Run
from healthmon.core.safe_text import clean
from healthmon.reports.waiting import how_long


def standing(result: Result, run: Run, *, strict: bool) -> Verdict:
    """What a result counts as: `up` and `degraded` pass, `down` fails, `unknown` could not be found out.

    Where something was waited for, that is what counts, and it may be that a service is down. One that was so in the
    end, but not as often in a row as was asked for, or could not be looked at once more in time, counts as unknown.

    Args:
        result: The result.
        run: The run that it is of.
        strict: Whether a degraded service counts as not healthy.
    """
    verdict = result.verdict
    waited = run.waited.get(result.service.id)
    if waited is None:
        return Verdict.DOWN if strict and verdict is Verdict.DEGRADED else verdict
    if waited.reached is not None:
        return Verdict.DEGRADED if verdict is Verdict.DEGRADED else Verdict.UP
    return Verdict.UNKNOWN if verdict is Verdict.UNKNOWN or waited.good else Verdict.DOWN


def title(result: Result) -> str:
    """The service's name, and its id, which no other has."""
    # Each by itself: a long name must not push the id out.
    return f"{clean(result.service.name, result.service.secrets)} ({clean(result.service.id)})"


def message(result: Result, run: Run) -> str:
    """What was seen, the root that explains it, and how the waiting for it went, in one safe line."""
    text = clean(result.message, result.service.secrets)
    if result.blocked_by is not None:
        text += clean(f", blocked by {result.blocked_by}")
    waiting = clean(how_long(result, run), result.service.secrets)
    return f"{text}; {waiting}" if waiting else text
