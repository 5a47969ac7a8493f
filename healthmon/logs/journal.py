"""The log for systemd's journal, which adds the time itself and reads the priority from a prefix (sd-daemon(3))."""

from healthmon.logs.contract import Event
from healthmon.logs.severity import priority
from healthmon.logs.text import words


def render(event: Event, told: float) -> str:
    """Render an event with its priority instead of its time."""
    del told
    return f"<{priority(event)}>{words(event)}"
