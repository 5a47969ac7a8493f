"""What the command line of `healthmon rollout` says."""

from pathlib import Path

from msgspec import Struct

from healthmon.config.added import Added

INTERVAL = 1.0
"""Seconds between two checks of a service that is not healthy yet, where nothing else is said."""


class Request(Struct, frozen=True, kw_only=True):
    """What the command line says.

    Attributes:
        file: The rollout's file.
        host: What `{host}` is to stand for, or None.
        config: The file with the services, or None.
        journal: Where the rollout is written down, or None.
        resume: Whether it goes on with the last one.
        expect: What is expected of services beside what their config says.
        timeout: Seconds instead of each service's own timeout, or None.
        interval: Seconds between two checks of a service that is not healthy yet.
        strict: Whether a degraded service does not count as healthy.
        first: The phase to begin with, or None.
        format: What stdout gets.
        reports: The reports that are written to files, as they were typed.
    """

    file: Path
    host: str | None
    config: str | None
    journal: str | None
    resume: bool
    expect: tuple[Added, ...]
    timeout: float | None
    interval: float
    strict: bool
    first: str | None = None
    format: str = "text"
    reports: tuple[str, ...] = ()

    @property
    def expected(self) -> tuple[str, ...]:
        """What is expected besides, as it was typed."""
        return tuple(added.text for added in self.expect)
