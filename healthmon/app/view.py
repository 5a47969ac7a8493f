"""The daemon as its HTTP side sees it."""

from collections.abc import Sequence

from healthmon.app.reload import Reloader
from healthmon.core.state import Watched
from healthmon.engine.daemon import Daemon
from healthmon.web.contract import Reloaded


class View:
    """Joins what watches and what reloads. See `healthmon.web.contract.Daemon`."""

    def __init__(self, daemon: Daemon, reloader: Reloader) -> None:
        self._daemon = daemon
        self._reloader = reloader

    @property
    def ready(self) -> bool:
        """Whether every service has been checked."""
        return self._daemon.ready

    @property
    def alive(self) -> bool:
        """Whether the scheduler advances."""
        return self._daemon.alive

    def watched(self) -> Sequence[Watched]:
        """All services as they stand now."""
        return self._daemon.watched()

    def find(self, service_id: str) -> Watched | None:
        """One service as it stands now."""
        return self._daemon.find(service_id)

    async def reload(self) -> Reloaded:
        """Read the config again."""
        return await self._reloader.reload()
