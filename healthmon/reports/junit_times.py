"""How JUnit's XML writes times."""

from datetime import UTC, datetime


def span(duration: float) -> str:
    """Seconds, to the millisecond. A clock that was set back makes none negative."""
    return f"{max(0.0, duration):.3f}"


def moment(since_epoch: float) -> str:
    """A moment in UTC, without a zone: the older readers of the format refuse one."""
    return datetime.fromtimestamp(since_epoch, UTC).strftime("%Y-%m-%dT%H:%M:%S")
