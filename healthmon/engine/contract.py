"""What the daemon tells, and to whom."""

from collections.abc import Awaitable, Callable, Sequence
from enum import StrEnum
from typing import Protocol

from healthmon.core.model import Result, Service
from healthmon.core.notices import Notice
from healthmon.core.state import State, Transition, Watched

Check = Callable[[Service], Awaitable[Result]]
"""Checks one service; never raises."""


class Skip(StrEnum):
    """Why a check that was due did not take place."""

    RUNNING = "running"
    """The check before it is still under way."""
    QUEUED = "queued"
    """The check before it still waits for its turn: too many are under way."""
    MISSED = "missed"
    """The program was stopped, or the machine slept, when it was due."""


class Sink(Protocol):
    """Takes what the daemon tells. Its methods are called in the event loop: they return at once and never raise."""

    def watching(self, services: Sequence[Watched]) -> None:
        """These services are watched from now on, and no others; this is what is believed of them so far.

        One that is checked as before (`healthmon.core.identity.checks_alike`) keeps its counters.
        """

    def started(self, service: Service, lag: float, in_flight: int) -> None:
        """A check begins, `lag` seconds after it was due; so many are under way now, this one included."""

    def skipped(self, service: Service, reason: Skip, count: int) -> None:
        """So many checks of a service that were due did not take place."""

    def checked(self, result: Result, before: State, after: State, in_flight: int) -> None:
        """A check is done and judged; so many are still under way."""

    def marked(self, service: Service, before: State, after: State) -> None:
        """What is believed of a service is marked otherwise without a check: maintenance has begun or ended."""

    def changed(self, transition: Transition) -> None:
        """What is believed of a service has changed. Follows `checked` of the result that made it so."""

    def noticed(self, notice: Notice) -> None:
        """The daemon has something to say about itself."""
