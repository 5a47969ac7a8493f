"""What the HTTP side asks of the daemon."""

from collections.abc import Sequence
from typing import Protocol

from msgspec import Struct

from healthmon.core.state import Watched
from healthmon.errors import Fault


class Reloaded(Struct, frozen=True):
    """What became of a reload.

    Attributes:
        ok: Whether the new config is in effect.
        message: One sentence for people: what has changed, or why nothing has.
        faults: What is wrong with the config.
    """

    ok: bool
    message: str
    faults: Sequence[Fault] = ()


class Daemon(Protocol):
    """The running daemon, as far as the HTTP side needs it."""

    @property
    def ready(self) -> bool:
        """Whether every service has had its first check."""

    @property
    def alive(self) -> bool:
        """Whether the scheduler advances."""

    def watched(self) -> Sequence[Watched]:
        """All services, in config order, as they stand now."""

    def find(self, service_id: str) -> Watched | None:
        """One service as it stands now; None if there is none of that id."""

    async def reload(self) -> Reloaded:
        """Read the config again and put it into effect; a bad one changes nothing."""
