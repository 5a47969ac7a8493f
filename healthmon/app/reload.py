"""Reads the config again while the daemon runs, and puts it into effect if it is good."""

import asyncio
from collections.abc import Callable

from msgspec import Struct

from healthmon.config.schema import Config
from healthmon.core.model import Service
from healthmon.core.notices import Notice, Severity
from healthmon.core.units import format_duration
from healthmon.engine.aside import aside
from healthmon.engine.daemon import Change
from healthmon.errors import ConfigError, HealthmonError
from healthmon.web.contract import Reloaded

_PATIENCE = 10.0
"""Seconds that reading may take: on a file system that has gone, or from a pipe, it would take for ever."""
_SHOWN = 5
"""So many faults are told in the log; the reply to a request has all of them."""


class Loaded(Struct, frozen=True):
    """A config, and the services of it that are chosen.

    Attributes:
        config: The config.
        services: The services to watch.
    """

    config: Config
    services: tuple[Service, ...]


class Reloader:
    """Reads the config when asked to, one time after the other.

    Args:
        read: Reads the config; raises HealthmonError where it cannot be used. May take long: runs in a thread.
        adopt: Puts a config into effect and returns what has changed.
        settled: Told of every end: whether it is good.
        notice: Takes what is to be said.
        patience: Seconds that reading may take. What takes longer is left to itself.
    """

    def __init__(
        self,
        read: Callable[[], Loaded],
        *,
        adopt: Callable[[Loaded], Change],
        settled: Callable[[bool], None],
        notice: Callable[[Notice], None],
        patience: float = _PATIENCE,
    ) -> None:
        self._read = read
        self._adopt = adopt
        self._settled = settled
        self._notice = notice
        self._patience = patience
        self._running: asyncio.Task[Reloaded] | None = None
        self._next: asyncio.Task[Reloaded] | None = None

    async def reload(self) -> Reloaded:
        """Read the config and put it into effect.

        Who asks while one reload runs gets the next one, which has read all that was there when it was asked for;
        however many ask meanwhile, they share it.
        """
        loop = asyncio.get_running_loop()
        if self._running is None or self._running.done():
            self._running, self._next = loop.create_task(self._reload()), None
            return await asyncio.shield(self._running)
        if self._next is None:
            self._next = loop.create_task(self._after(self._running))
        return await asyncio.shield(self._next)

    async def _after(self, running: "asyncio.Task[Reloaded]") -> Reloaded:
        await asyncio.wait([running])
        self._running, self._next = self._next, None
        return await self._reload()

    async def _reload(self) -> Reloaded:
        try:
            async with asyncio.timeout(self._patience):
                loaded = await aside(self._read)
        except TimeoutError:
            return self._refused(HealthmonError(f"it could not be read within {format_duration(self._patience)}"))
        except HealthmonError as error:
            return self._refused(error)
        change = self._adopt(loaded)
        counts = {"added": change.added, "changed": change.changed, "removed": change.removed}
        told = ", ".join(f"{count} {what}" for what, count in counts.items() if count) or "nothing changed"
        message = f"The config {loaded.config.path} is in effect: {told}; {len(loaded.services)} services."
        self._notice(Notice(Severity.INFO, "reloaded", message, counts))
        self._settled(True)
        return Reloaded(ok=True, message=message)

    def _refused(self, error: HealthmonError) -> Reloaded:
        faults = error.faults if isinstance(error, ConfigError) else ()
        told = [str(fault) for fault in faults[:_SHOWN]] or [str(error)]
        if len(faults) > _SHOWN:
            told.append(f"and {len(faults) - _SHOWN} more")
        message = "The new config is not in effect, the one before goes on. `healthmon validate` lists what is wrong"
        details = {"faults": len(faults)}
        self._notice(Notice(Severity.ERROR, "reload_failed", f"{message}: {'; '.join(told)}", details))
        self._settled(False)
        return Reloaded(ok=False, message=f"{message}.", faults=faults)
