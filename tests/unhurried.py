"""An event loop for tests on a machine that is busy: what the machine takes is not held against whoever waits."""

import asyncio
import selectors
import time
from pathlib import Path

_MOST = 0.01
"""Seconds that one turn of the loop may count, beyond those that it meant to wait."""


def unqueued() -> float:
    """The real time in seconds, but what this thread waited for a processor; for tests that take a time.

    It goes on while a loop is blocked, of which the loop's own time tells nothing.
    """
    try:
        queued = int(Path("/proc/thread-self/schedstat").read_text(encoding="ascii").split()[1])
    except OSError:  # A kernel without CONFIG_SCHED_INFO.
        queued = 0
    return time.monotonic() - queued / 1e9


class _UnhurriedSelector(selectors.DefaultSelector):
    """Keeps a time that goes on while the loop waits, but for no longer than it meant to wait."""

    def __init__(self) -> None:
        super().__init__()
        self._now = self._since = time.monotonic()
        self._stopped = False

    def set_stopped(self, stopped: bool) -> None:
        """Let the time stand still, or go on."""
        self._now, self._since, self._stopped = self.now, time.monotonic(), stopped

    @property
    def now(self) -> float:
        """The time in seconds: that of the last turn, and a moment of this one."""
        if self._stopped:
            return self._now
        return self._now + min(time.monotonic() - self._since, _MOST)

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        before, begun = self.now, time.monotonic()
        ready = super().select(timeout)
        self._since = time.monotonic()
        waited = self._since - begun
        if timeout is not None and timeout > 0 and waited >= timeout:
            # What is ready has come in time, however late it is seen: it has its turn before the timer.
            waited = max(timeout - _MOST, 0.0) if ready else timeout
        elif timeout is not None:
            waited = min(waited, max(timeout, 0.0))
        self._now = before if self._stopped else before + waited
        return ready


class UnhurriedLoop(asyncio.SelectorEventLoop):
    """An event loop whose time leaves out what a busy machine takes.

    Its time is the real one, but where this process was not scheduled, or computed for long: a service in the same loop
    that answers at once has answered in time, although a second went by before either could go on. So a short timeout
    ends what waits for nothing, and nothing else.

    It cannot see a loop that is blocked: who calls ``time.sleep(3)`` in it takes a moment of its time. A test of how
    long the product takes measures with `unqueued`.
    """

    def __init__(self) -> None:
        self._unhurried = _UnhurriedSelector()
        super().__init__(self._unhurried)

    def time(self) -> float:
        """The loop's own time in seconds."""
        return self._unhurried.now

    def stop_time(self) -> None:
        """No timeout comes from now on: another process, which may not be scheduled either, has yet to begin."""
        self._unhurried.set_stopped(True)

    def go_on(self) -> None:
        """Time goes on from where it stopped."""
        self._unhurried.set_stopped(False)


class UnhurriedPolicy(asyncio.DefaultEventLoopPolicy):
    """Makes such loops."""

    def new_event_loop(self) -> UnhurriedLoop:
        """One that is not running yet."""
        return UnhurriedLoop()
