"""What a line may hold of a service and of a result: one line, visible characters, no secrets."""

from datetime import UTC, datetime

from healthmon.core.advice.advise import explain
from healthmon.core.model import Result, Service
from healthmon.core.safe_text import clean

_LONGEST = 2000  # characters


def of_service(service: Service, text: str) -> str:
    """A text that a service's owner or server wrote, fit to be shown."""
    return clean(text, service.secrets, _LONGEST)


def plain(text: str) -> str:
    """A text of healthmon's own, which may quote a file's name."""
    return clean(text, (), _LONGEST)


def next_step(result: Result, blocked_by: str | None) -> str | None:
    """What to do about a result: look at its root, where there is one; None where there is nothing to do."""
    if blocked_by is not None:
        return f"Look at {plain(blocked_by)} first: {plain(result.service.id)} depends on it."
    advice = explain(result)
    return advice.next_step if advice else None


def explanation(result: Result, blocked_by: str | None) -> str | None:
    """What the cause of a result means; None where there is none, or where its root explains it."""
    advice = explain(result) if blocked_by is None else None
    return advice.explanation if advice else None


def moment(seconds: float, timespec: str = "seconds") -> str:
    """A wall time in UTC (RFC 3339)."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec=timespec).replace("+00:00", "Z")
