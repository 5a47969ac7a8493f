"""The sink that logs what happens and keeps the states in a file, without ever holding up the event loop."""

import threading
import time
from collections.abc import Callable, Sequence

from healthmon.core.identity import fingerprint
from healthmon.core.model import Result, Service
from healthmon.core.notices import Notice
from healthmon.core.state import State, Transition, Watched
from healthmon.engine.backlog import Backlog
from healthmon.engine.contract import Skip
from healthmon.engine.log_stream import LogStream
from healthmon.engine.record_writer import RecordWriter, Render
from healthmon.engine.state_file import StateFile
from healthmon.engine.state_keeper import StateKeeper
from healthmon.engine.state_lines import Kept

_LIMIT = 20_000
_NOTHING = State()


class Recorder:
    """Hands all that is to be written to one thread. It runs from the moment it is made until it is closed.

    Args:
        stream: The descriptor of the log.
        render: Makes its lines.
        state_file: Where the states are kept, no longer to be used by anybody else; None to keep none.
        log_checks: Whether each check is worth a line.
        dropped: Told in the event loop how much of ``log`` or of ``state`` was dropped.
        limit: The most lines, and the most states, that wait.
        retry: Seconds until a state file that failed is tried again; they double up to a minute.
        wall: The time that people see.
    """

    def __init__(
        self,
        stream: int,
        render: Render,
        *,
        state_file: StateFile | None = None,
        log_checks: bool = False,
        dropped: Callable[[str, int], None] = lambda _sink, _count: None,
        limit: int = _LIMIT,
        retry: float = 1.0,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._backlog = Backlog(limit)
        self._log_checks = log_checks
        self._dropped = dropped
        self._wall = wall
        self._saves = state_file is not None
        self._fingerprints: dict[str, str] = {}
        self._closed = False
        keeper = StateKeeper(state_file, tell=self._tell, retry=retry) if state_file else None
        self._writer = RecordWriter(self._backlog, LogStream(stream), render, keeper, self._tell)
        self._thread = threading.Thread(target=self._writer.run, name="healthmon-recorder", daemon=True)
        self._thread.start()

    def watching(self, services: Sequence[Watched]) -> None:
        """Keep the states of these services and of no others."""
        if not self._saves:
            return
        self._fingerprints = {one.service.id: fingerprint(one.service) for one in services}
        known = {one.service.id: one.state for one in services if one.state != _NOTHING}
        self._backlog.keep({service: Kept(self._fingerprints[service], state) for service, state in known.items()})
        self._wake()

    def started(self, service: Service, lag: float, in_flight: int) -> None:
        """Nothing to write."""

    def skipped(self, service: Service, reason: Skip, count: int) -> None:
        """Nothing to write."""

    def checked(self, result: Result, before: State, after: State, in_flight: int) -> None:
        """Keep the state if it is another one, and log the check where that was asked for."""
        del in_flight
        service = result.service.id
        changed = self._saves and before != after and service in self._fingerprints
        if changed:
            self._backlog.save(service, Kept(self._fingerprints[service], after))
        if self._log_checks:
            self._backlog.say(result, self._wall())
        if changed or self._log_checks:
            self._wake()

    def marked(self, service: Service, before: State, after: State) -> None:
        """Keep the state."""
        if self._saves and before != after and service.id in self._fingerprints:
            self._backlog.save(service.id, Kept(self._fingerprints[service.id], after))
            self._wake()

    def changed(self, transition: Transition) -> None:
        """Log a transition."""
        self._backlog.say(transition, transition.at)
        self._wake()

    def noticed(self, notice: Notice) -> None:
        """Log a notice."""
        self._tell(notice)
        self._wake()

    def close(self, timeout: float) -> bool:
        """Write what waits, for at most so many seconds. What is told after that is not written.

        Returns:
            Whether all was written.
        """
        if not self._closed:
            self._closed = True
            # It is left some time to close the file after its last attempt to write.
            self._writer.end(0.9 * timeout)
            self._thread.join(timeout)
        return not self._thread.is_alive() and self._backlog.lines == 0

    def _tell(self, notice: Notice) -> None:
        self._backlog.say(notice, self._wall())

    def _wake(self) -> None:
        if not self._closed:
            self._writer.wake()
        for sink, count in self._backlog.take_uncounted().items():
            self._dropped(sink, count)
