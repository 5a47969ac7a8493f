"""Reads the config again while the daemon runs, and puts it into effect if it is good."""

import asyncio
from collections.abc import Callable, Iterator

from healthmon.config.schema import Chosen
from healthmon.core.model import Scalar
from healthmon.core.notices import Notice, Severity
from healthmon.core.units import format_duration
from healthmon.core.wording import counted
from healthmon.engine.notices import internal_fault, some
from healthmon.engine.plan import Change
from healthmon.errors import ConfigError, HealthmonError
from healthmon.net.aside import aside
from healthmon.web.contract import Reloaded

_PATIENCE = 60.0
"""Seconds that reading may take: on a file system that has gone, or from a pipe, it would take for ever."""
_SHOWN = 5
"""So many faults are told in the log; the reply to a request has all of them."""


class Reloader:
    """Reads the config when asked to, one time after the other.

    Args:
        read: Reads the config; raises HealthmonError where it cannot be used. May take long: runs in a thread.
        begun: Told of every beginning, in the event loop as all the others.
        adopt: Puts a config into effect and returns what has changed.
        settled: Told of every end: whether it is good.
        notice: Takes what is to be said.
        patience: Seconds that reading may take. What takes longer is left to itself.
    """

    def __init__(
        self,
        read: Callable[[], Chosen],
        *,
        begun: Callable[[], None],
        adopt: Callable[[Chosen], Change],
        settled: Callable[[bool], None],
        notice: Callable[[Notice], None],
        latest: Chosen,
        patience: float = _PATIENCE,
    ) -> None:
        self._read = read
        self._begun = begun
        self._adopt = adopt
        self._settled = settled
        self._notice = notice
        self._latest = latest
        self._patience = patience
        self._turn = asyncio.Lock()
        self._waiting: asyncio.Task[Reloaded] | None = None

    async def reload(self) -> Reloaded:
        """Read the config and put it into effect.

        One reload follows the other. Who asks while one runs gets the next one, which reads all that is there by then;
        however many ask meanwhile, they share it.
        """
        if self._waiting is None:
            self._waiting = asyncio.get_running_loop().create_task(self._in_turn())
        return await asyncio.shield(self._waiting)

    async def _in_turn(self) -> Reloaded:
        async with self._turn:
            # Whoever asks from here on may have seen what this one does not read any more.
            self._waiting = None
            self._begun()
            try:
                return await self._reload()
            except Exception as error:  # the daemon goes on with the config that it has
                self._notice(internal_fault(error))
                self._settled(False)
                return Reloaded(ok=False, message="A fault in healthmon itself kept the new config from being read.")

    async def _reload(self) -> Reloaded:
        try:
            async with asyncio.timeout(self._patience):
                loaded = await aside(self._read)
        except TimeoutError:
            return self._refused(HealthmonError(f"it could not be read within {format_duration(self._patience)}"))
        except HealthmonError as error:
            return self._refused(error)
        before, self._latest = self._latest, loaded
        change = self._adopt(loaded)
        told = "; ".join(_changes(change, before, loaded)) or "nothing has changed"
        message = f"The config {loaded.config.path} is in effect: {told}. {counted(len(loaded.services), 'service')}."
        details: dict[str, Scalar] = {
            name: ", ".join(getattr(change, name)) or None for name in ("added", "changed", "reworded", "removed")
        }
        self._notice(Notice(Severity.INFO, "reloaded", message, details))
        self._settled(True)
        return Reloaded(ok=True, message=message)

    def _refused(self, error: HealthmonError) -> Reloaded:
        faults = error.faults if isinstance(error, ConfigError) else ()
        told = [str(fault) for fault in faults[:_SHOWN]] or [str(error)]
        if len(faults) > _SHOWN:
            told.append(f"and {len(faults) - _SHOWN} more")
        message = "The new config is not in effect, the one before goes on"
        details: dict[str, Scalar] = {"faults": len(faults)}
        self._notice(Notice(Severity.ERROR, "reload_failed", f"{message}: {'; '.join(told)}", details))
        self._settled(False)
        return Reloaded(ok=False, message=f"{message}.", faults=faults)


def _changes(change: Change, before: Chosen, now: Chosen) -> Iterator[str]:
    """What a reload has changed, in words."""
    for what in ("added", "changed", "reworded", "removed"):
        ids = getattr(change, what)
        if ids:
            yield f"{len(ids)} {what} ({some(ids)})"
    for what, shown in (("maintenance", "[[maintenance]]"), ("modules", "[modules]"), ("daemon", "[daemon]")):
        if getattr(before.config, what) != getattr(now.config, what):
            yield f"{shown} changed"
