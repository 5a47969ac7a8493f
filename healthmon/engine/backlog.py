"""What is still to be written: put in by the event loop, taken out by a thread, bounded."""

import threading
from collections import Counter, deque
from collections.abc import Mapping

from msgspec import Struct

from healthmon.core.model import Result
from healthmon.core.notices import Notice
from healthmon.core.state import Transition
from healthmon.engine.state_lines import Kept

Event = Transition | Notice | Result
Changes = list[tuple[str, Kept]]


class Line(Struct, frozen=True):
    """A line that is to be written to the log.

    Attributes:
        event: What it tells.
        told: When that was told, wall.
        behind: How many states were put before it: they are written first.
    """

    event: Event
    told: float
    behind: int


class Backlog:
    """States and lines in the order in which they were put, each kind at most so many.

    Safe in threads. No method waits for anything but another method. When there are too many states, those that come
    are dropped, and `stale` says that all have to be written anew; of lines, the oldest are, because the latest matter
    most. Lines of checks are the first to be dropped: they may take half of the place.

    Args:
        limit: The most states, and the most lines.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._lock = threading.Lock()
        self._states: deque[tuple[str, Kept]] = deque()
        self._lines: deque[Line] = deque()
        self._put = 0
        self._latest: dict[str, Kept] = {}
        self._stale = False
        self._uncounted: Counter[str] = Counter()
        self._unsaid: Counter[str] = Counter()

    def keep(self, latest: Mapping[str, Kept]) -> None:
        """These states hold from now on, and no others: they are to be written anew."""
        with self._lock:
            self._latest = dict(latest)
            self._stale = True

    def save(self, service: str, kept: Kept) -> None:
        """This holds of a service from now on."""
        with self._lock:
            self._latest[service] = kept
            if len(self._states) < self._limit:
                self._states.append((service, kept))
                self._put += 1
            else:
                self._stale = True
                self._drop("state", 1)

    def say(self, event: Event, told: float) -> None:
        """This is to be written to the log."""
        with self._lock:
            if isinstance(event, Result) and len(self._lines) >= self._limit // 2:
                self._drop("log", 1)
                return
            if len(self._lines) >= self._limit:
                self._lines.popleft()
                self._drop("log", 1)
            self._lines.append(Line(event, told, self._put))

    def lost(self, lines: int) -> None:
        """So many lines could not be written."""
        with self._lock:
            self._drop("log", lines)

    def _drop(self, sink: str, count: int) -> None:
        self._uncounted[sink] += count
        self._unsaid[sink] += count

    @property
    def stale(self) -> bool:
        """Whether all states have to be written anew."""
        return self._stale

    @property
    def lines(self) -> int:
        """How many lines wait."""
        return len(self._lines)

    def take(self, *, log: bool) -> tuple[Changes, Line | None]:
        """What is to be written next: the next line, and before it the states that were put before it.

        Args:
            log: Whether the log takes a line. When it does not, states do not wait for it.
        """
        with self._lock:
            line = self._lines.popleft() if log and self._lines else None
            written = self._put - len(self._states)
            count = len(self._states) if line is None else max(0, line.behind - written)
            return [self._states.popleft() for _ in range(count)], line

    def take_all(self) -> dict[str, Kept]:
        """All states as they are now, to be written anew."""
        with self._lock:
            self._states.clear()
            self._stale = False
            return dict(self._latest)

    def take_uncounted(self) -> Mapping[str, int]:
        """How much was dropped, by kind, since this was last asked."""
        if not self._uncounted:
            return {}
        with self._lock:
            taken, self._uncounted = self._uncounted, Counter()
            return taken

    def take_unsaid(self) -> Mapping[str, int]:
        """The same, to be said in the log: nothing until no line waits any more."""
        with self._lock:
            if self._lines:
                return {}
            taken, self._unsaid = self._unsaid, Counter()
            return taken
