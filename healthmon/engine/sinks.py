"""Several sinks as one."""

from collections.abc import Sequence

from healthmon.core.model import Result, Service
from healthmon.core.notices import Notice
from healthmon.core.state import State, Transition, Watched
from healthmon.engine.contract import Sink, Skip


class Sinks:
    """Tells each of several sinks, in their order."""

    def __init__(self, *sinks: Sink) -> None:
        self._sinks = sinks

    def watching(self, services: Sequence[Watched]) -> None:
        """See `Sink.watching`."""
        for sink in self._sinks:
            sink.watching(services)

    def started(self, service: Service, lag: float, in_flight: int) -> None:
        """See `Sink.started`."""
        for sink in self._sinks:
            sink.started(service, lag, in_flight)

    def skipped(self, service: Service, reason: Skip, count: int) -> None:
        """See `Sink.skipped`."""
        for sink in self._sinks:
            sink.skipped(service, reason, count)

    def checked(self, result: Result, before: State, after: State, in_flight: int) -> None:
        """See `Sink.checked`."""
        for sink in self._sinks:
            sink.checked(result, before, after, in_flight)

    def marked(self, service: Service, before: State, after: State) -> None:
        """See `Sink.marked`."""
        for sink in self._sinks:
            sink.marked(service, before, after)

    def changed(self, transition: Transition) -> None:
        """See `Sink.changed`."""
        for sink in self._sinks:
            sink.changed(transition)

    def noticed(self, notice: Notice) -> None:
        """See `Sink.noticed`."""
        for sink in self._sinks:
            sink.noticed(notice)
