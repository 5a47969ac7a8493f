"""Results and states as plain data, as programs read them: in the JSON report and in the daemon's API.

Times are in seconds, moments in UTC (RFC 3339). What does not apply is None.
"""

from datetime import UTC, datetime
from typing import Any, overload

from healthmon.core.advice.advise import explain
from healthmon.core.model import Result, Service
from healthmon.core.run import Change, Wait, Waited
from healthmon.core.state import State, Watched


def checked_document(result: Result) -> dict[str, Any]:
    """A service and how its check went: an entry of the JSON report."""
    return {**identity_document(result.service), **result_document(result)}


def watched_document(watched: Watched) -> dict[str, Any]:
    """A service, what the daemon believes of it, and how its last check went: an entry of the daemon's API."""
    return {
        **identity_document(watched.service),
        "state": state_document(watched.state),
        "last_result": watched.result and result_document(watched.result),
    }


def identity_document(service: Service) -> dict[str, Any]:
    """Which service it is. The URL is the one with secrets masked."""
    return {
        "id": service.id,
        "name": service.name,
        "group": service.group,
        "phase": service.phase,
        "url": service.shown_url,
    }


def state_document(state: State) -> dict[str, Any]:
    """What is believed of a service."""
    return {
        "verdict": state.verdict,
        "since": None if state.since is None else moment(state.since),
        "pending": state.leaning,
        "cause": state.cause,
        "message": state.message,
        "blocked_by": state.blocked_by,
        "flapping": state.flapping,
        "in_maintenance": state.in_maintenance,
    }


def result_document(result: Result) -> dict[str, Any]:
    """How a check went, without the service."""
    timings, advice = result.timings, explain(result)
    return {
        "verdict": result.verdict,
        "cause": result.cause,
        "message": result.message,
        "started": moment(result.started),
        "duration": seconds(result.duration),
        "timings": {name: seconds(getattr(timings, name)) for name in timings.__struct_fields__},
        "attempts": result.attempts,
        "facts": {fact.name: fact.value for fact in result.facts},
        "reasons": result.reasons,
        "blocked_by": result.blocked_by,
        "next_step": advice and advice.next_step,
    }


def wait_document(wait: Wait) -> dict[str, Any]:
    """What was waited for, and how that ended."""
    return {"ending": wait.ending, "for": wait.wanted, "stable": wait.stable}


def waited_document(waited: Waited) -> dict[str, Any]:
    """How the waiting for one service went."""
    failure = waited.last_failure
    return {
        "checks": waited.checks,
        "reached": seconds(waited.reached),
        "good": waited.good,
        "last_failure": failure
        and {
            "verdict": failure.verdict,
            "cause": failure.cause,
            "message": failure.message,
            "started": moment(failure.started),
        },
    }


def change_document(change: Change | None) -> dict[str, Any] | None:
    """What is new of a service; None where nothing is."""
    return None if change is None else {"news": change.news, "since": moment(change.since)}


def moment(since_epoch: float) -> str:
    """A moment as RFC 3339 writes it, to the millisecond: ``2026-01-31T12:00:00.000Z``."""
    return datetime.fromtimestamp(since_epoch, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@overload
def seconds(duration: float) -> float: ...
@overload
def seconds(duration: None) -> None: ...
def seconds(duration: float | None) -> float | None:
    """A duration to the microsecond."""
    return None if duration is None else round(duration, 6)
