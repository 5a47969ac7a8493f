"""Whether a service changes too often. A function of its arguments, time included."""

from msgspec import Struct


class Flapping(Struct, frozen=True):
    """When a service counts as flapping: it changed more than so many times within a window.

    Attributes:
        transitions: The most changes within the window that are still calm.
        window: Seconds, steady.
    """

    transitions: int = 5
    window: float = 600.0

    def remembered(self, changes: tuple[float, ...], now: float) -> tuple[float, ...]:
        """Of the moments of change, oldest first, those that are needed to tell: the latest, one more than are calm.

        One that lies ahead comes from the clock of an earlier boot, and says nothing.
        """
        if not changes:
            return changes
        return tuple(change for change in changes if change <= now)[-(self.transitions + 1) :]

    def applies(self, changes: tuple[float, ...], now: float) -> bool:
        """Whether a service that changed at these moments is flapping now."""
        return sum(0 <= now - change <= self.window for change in changes) > self.transitions
