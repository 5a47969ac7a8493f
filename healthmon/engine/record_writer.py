"""The thread that writes what the daemon records."""

import os
import select
import time
from collections.abc import Callable

from healthmon.core.notices import Notice, Severity
from healthmon.engine.backlog import Backlog, Event, Line
from healthmon.engine.log_stream import LogStream
from healthmon.engine.state_keeper import StateKeeper

Render = Callable[[Event, float], bytes]
"""Makes a line, with its line feed, of an event and the wall time at which it was told."""

_BUSY = 0.001
"""Seconds of writing without a pause."""
_PAUSE = 0.001


class RecordWriter:
    """Writes states and lines until it is told to end. All but `wake` and `end` belong to its thread.

    A state is in the file before its transition is in the log. A log that takes nothing holds up no state.

    Args:
        backlog: Where they come from.
        stream: The log.
        render: Makes its lines.
        keeper: Where states go; None if they are not kept.
        tell: Takes what there is to say of the writing itself.
    """

    def __init__(
        self,
        backlog: Backlog,
        stream: LogStream,
        render: Render,
        keeper: StateKeeper | None,
        tell: Callable[[Notice], None],
    ) -> None:
        self._backlog = backlog
        self._stream = stream
        self._render = render
        self._keeper = keeper
        self._tell = tell
        self._ends: float | None = None
        self._breathed = 0.0
        self._event = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)

    def wake(self) -> None:
        """There is something new in the backlog."""
        os.eventfd_write(self._event, 1)

    def end(self, timeout: float) -> None:
        """Write what there is, for at most so many seconds, and end."""
        self._ends = time.monotonic() + timeout
        self.wake()

    def run(self) -> None:
        """Write until `end` is called."""
        last_try = False
        while True:
            ends = self._ends
            if ends is not None and not last_try and self._keeper:
                last_try = True
                self._keeper.hurry()
            if ends is not None and time.monotonic() >= ends:
                break
            if self._step() or self._settle():
                if ends is None:
                    self._breathe()
                continue
            if ends is not None and self._done():
                break
            self._wait(ends)
        if self._keeper:
            self._keeper.close()
        os.close(self._event)

    def _breathe(self) -> None:
        """Leave the interpreter to the event loop now and then: a thread that is busy makes it wait for 5 ms each time.

        See `sys.setswitchinterval`; a system call alone gives the interpreter away and takes it back at once.
        """
        if time.monotonic() - self._breathed > _BUSY:
            time.sleep(_PAUSE)
            self._breathed = time.monotonic()

    def _step(self) -> bool:
        """Write the next line and the states before it; say whether there was anything to write."""
        if self._keeper and not self._keeper.pause and (self._keeper.wants_all or self._backlog.stale):
            self._keeper.renew(self._backlog.take_all())
            return True
        changes, line = self._backlog.take(log=self._backlog.lines > 0 and self._stream.ready())
        if changes and self._keeper:
            self._keeper.append(changes)
        if line:
            self._stream.write(self._rendered(line))
        return bool(changes or line)

    def _rendered(self, line: Line) -> bytes:
        try:
            return self._render(line.event, line.told)
        except Exception as error:  # A fault in one line must not end all.
            message = f"A line of the log could not be made: {type(error).__name__}. Please report it."
            return self._render(Notice(Severity.ERROR, "log_failed", message), line.told)

    def _settle(self) -> bool:
        """Finish what was written, when there is nothing else to do; say whether there is now."""
        if self._keeper:
            self._keeper.sync()
        if self._stream.lost:
            self._backlog.lost(self._stream.lost)
            self._stream.lost = 0
        if self._stream.works and self._stream.ready():
            self._say_dropped()
        return self._backlog.lines > 0 and self._stream.ready()

    def _say_dropped(self) -> None:
        dropped = self._backlog.take_unsaid()
        if lines := dropped.get("log", 0):
            message = f"{lines} lines of this log were dropped: it was not read, or not written, fast enough."
            self._tell(Notice(Severity.WARNING, "log_dropped", message, {"lines": lines}))
        if states := dropped.get("state", 0):
            message = f"{states} changes were too many for the disk; the state file was then written anew."
            self._tell(Notice(Severity.WARNING, "state_dropped", message, {"changes": states}))

    def _done(self) -> bool:
        return self._backlog.lines == 0 and self._stream.idle

    def _wait(self, ends: float | None) -> None:
        """Until there is something to write, or the log takes what waits for it, or another attempt is due."""
        poll = select.poll()
        poll.register(self._event, select.POLLIN)
        if not self._done():
            poll.register(self._stream.descriptor, select.POLLOUT)
        pauses = [self._keeper.pause if self._keeper else None, None if ends is None else ends - time.monotonic()]
        shortest = min((pause for pause in pauses if pause is not None), default=None)
        if any(descriptor == self._event for descriptor, _ in poll.poll(_milliseconds(shortest))):
            os.eventfd_read(self._event)


def _milliseconds(seconds: float | None) -> float | None:
    return None if seconds is None else max(0.0, 1000 * seconds) + 1
