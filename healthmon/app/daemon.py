"""The daemon, put together: what watches, what remembers, what answers, and who is told when it begins and ends."""

import asyncio
import gc
import platform
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

from healthmon import __version__
from healthmon.app.config_watch import Watching, watch_files
from healthmon.app.limits import daemon_clients, daemon_concurrency
from healthmon.app.probing import checker, prepare, target_checker
from healthmon.app.reload import Reloader
from healthmon.app.signals import reload_on_signal, stop_on_signals
from healthmon.app.status import Status
from healthmon.app.view import View
from healthmon.config.schema import Chosen
from healthmon.core.model import Result, Scalar
from healthmon.core.notices import Notice, Severity
from healthmon.core.safe_text import clean
from healthmon.core.state import State
from healthmon.core.wording import counted
from healthmon.engine.daemon import Daemon
from healthmon.engine.notices import internal_fault
from healthmon.engine.plan import Change, Plan
from healthmon.engine.recorder import Recorder
from healthmon.engine.sinks import Sinks
from healthmon.engine.state_file import StateFile, restored_states
from healthmon.errors import ConfigError
from healthmon.logs import default_format, renderer
from healthmon.metrics.metrics import Metrics
from healthmon.net.network import Network
from healthmon.net.routes import has_way
from healthmon.net.systemd import Notifier
from healthmon.web.application import build
from healthmon.web.limits import Limits
from healthmon.web.probe.handler import ProbeHandler
from healthmon.web.server import Serving, serving

_GRACE = 1.5
"""Seconds that checks have to end after SIGTERM. With all else that has to end, it is less than five."""
_FLUSH = 1.0
"""Seconds in which the log and the state file must be written at the end."""


class Settings(Struct, frozen=True, kw_only=True):
    """What the command line says about the daemon.

    Attributes:
        listen: The address and the port of the HTTP side.
        state: Where states are kept: a file, or a folder; None for nowhere.
        log_format: A format of `healthmon.logs.FORMATS`, or ``auto``.
        log_checks: Whether every check is logged.
        watch_config: Whether a change of a config file is a reload.
    """

    listen: tuple[str, int]
    state: Path | None = None
    log_format: str = "auto"
    log_checks: bool = False
    watch_config: bool = False


class Stream(Struct, frozen=True):
    """Where the log goes.

    Attributes:
        descriptor: Its file descriptor.
        encoding: Its encoding, or None.
    """

    descriptor: int
    encoding: str | None


def run_daemon(
    loaded: Chosen, read: Callable[[], Chosen], settings: Settings, *, environ: Mapping[str, str], log: Stream
) -> None:
    """Watch until SIGTERM or SIGINT.

    Args:
        loaded: What to watch.
        read: Reads that again, for a reload.
        settings: What the command line says.
        environ: The environment; systemd speaks through it.
        log: Where the log goes.

    Raises:
        HealthmonError: The daemon cannot begin: its port or its state file is taken, or a certificate cannot be read.
    """
    # Not asyncio.run, which would wait for what does not let itself be cancelled. The process ends without it.
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    loop.run_until_complete(_run(loaded, read, settings, environ, log))


async def _run(
    loaded: Chosen, read: Callable[[], Chosen], settings: Settings, environ: Mapping[str, str], log: Stream
) -> None:
    file, kept, notices = StateFile.open(settings.state, loaded.config.files) if settings.state else (None, {}, [])
    metrics = Metrics(version=__version__, python=platform.python_version())
    format_ = default_format(environ, log.descriptor) if settings.log_format == "auto" else settings.log_format
    recorder = Recorder(
        log.descriptor,
        renderer(format_, log.encoding),
        state_file=file,
        log_checks=settings.log_checks,
        dropped=metrics.dropped,
    )
    notifier = Notifier(environ)
    running = _Running(loaded, read, settings, notifier, metrics, recorder)
    try:
        for notice in notices:
            recorder.noticed(notice)
        states = restored_states(loaded.services, kept, now=time.time())
        await running.run(states)
    finally:
        notifier.close()
        recorder.close(_FLUSH)


class _Running:
    """The parts at work, and what ties them together."""

    def __init__(
        self,
        loaded: Chosen,
        read: Callable[[], Chosen],
        settings: Settings,
        notifier: Notifier,
        metrics: Metrics,
        recorder: Recorder,
    ) -> None:
        self._loaded = loaded
        self._settings = settings
        self._notifier = notifier
        self._metrics = metrics
        self._recorder = recorder
        self._reloader = Reloader(
            read,
            begun=notifier.reloading,
            adopt=self._adopt,
            settled=self._settled,
            notice=recorder.noticed,
            latest=loaded,
        )
        self._status = Status(
            notifier,
            watched=lambda: self._daemon.watched(),  # noqa: PLW0108 - made later
            version=lambda: self._daemon.version,
            monotonic=time.monotonic,
        )
        self._daemon: Daemon
        self._serving: Serving

    async def run(self, states: Mapping[str, State]) -> None:
        """Watch until a signal comes."""
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(self._survive)
        stopped = stop_on_signals(loop)
        prepare(service.address.scheme for service in self._loaded.services)
        network = Network()
        self._daemon = Daemon(
            _plan(self._loaded),
            check=checker(network),
            sink=Sinks(self._metrics, self._recorder),
            states=states,
            has_way=_has_way,
            pulse=self._status.pulse,
        )
        self._metrics.reloaded(ok=True, at=time.time())
        for sink in ("log", "state"):
            # Shown as 0 from the start, so that the first loss is an increase.
            self._metrics.dropped(sink, 0)
        settings = self._loaded.config.daemon
        limits = Limits(connections=daemon_clients())
        application = build(
            View(self._daemon, self._reloader),
            self._metrics,
            ProbeHandler(lambda: self._loaded.config.modules, target_checker(network)).answer,
            settings.access,
            version=__version__,
            config=self._loaded.config.path,
            fault=self._fault,
            limits=limits,
        )
        try:
            async with serving(
                application, listen=self._settings.listen, tls=settings.tls, fault=self._fault, limits=limits
            ) as self._serving:
                await self._watch(stopped)
        finally:
            network.close()

    async def _watch(self, stopped: "asyncio.Future[None]") -> None:
        """Watch, now that it listens, until it is to stop."""
        loop = asyncio.get_running_loop()
        _settle_memory()
        # Not before all is there that a reload changes.
        reload_on_signal(loop, self._reloader)
        tasks = [loop.create_task(self._daemon.run(_GRACE))]
        if self._settings.watch_config:
            tasks.append(loop.create_task(watch_files(self._watching, self._reloader.reload)))
        # With the scheduler's first step the first round has begun.
        await asyncio.sleep(0)
        self._say(Severity.INFO, "started", self._greeting(), services=len(self._loaded.services))
        self._notifier.ready(self._status.line())
        await asyncio.wait([*tasks, stopped], return_when=asyncio.FIRST_COMPLETED)
        self._notifier.stopping()
        self._say(Severity.INFO, "stopping", f"Stopping: {self._status.line()}.")
        self._daemon.stop()
        for task in tasks[1:]:
            task.cancel()
        await tasks[0]
        for task in tasks[1:]:
            # One that ended by itself has a fault, which must not pass for an orderly end.
            if task.done() and not task.cancelled():
                task.result()

    def _watching(self) -> Watching:
        return Watching(self._loaded.config.files, self._loaded.config.includes)

    def _greeting(self) -> str:
        scheme = "http" if self._loaded.config.daemon.tls is None else "https"
        places = ", ".join(f"{scheme}://{_place(*address)}/" for address in self._serving.addresses)
        services = len(self._loaded.services)
        watched = counted(services, "service")
        return f"healthmon {__version__} watches {watched} of {self._loaded.config.path}; see {places}"

    def _adopt(self, loaded: Chosen) -> Change:
        """Put a config that has been read again into effect."""
        old, new = self._loaded.config.daemon, loaded.config.daemon
        if (old.listen, old.tls, old.access) != (new.listen, new.tls, new.access):
            message = (
                "What [daemon] says of listen, tls or auth has changed: that takes effect when it is started again."
            )
            self._say(Severity.WARNING, "restart_needed", message)
        prepare(service.address.scheme for service in loaded.services)
        self._loaded = loaded
        change = self._daemon.adopt(_plan(loaded))
        try:
            self._serving.renew()
        except ConfigError as error:
            self._say(Severity.ERROR, "certificate_kept", f"The certificate before stays in use: {error}")
        if len(change.added) + len(change.changed) + len(change.removed) > len(loaded.services) // 10:
            _settle_memory()
        return change

    def _settled(self, ok: bool) -> None:  # noqa: FBT001 - told by position
        self._metrics.reloaded(ok=ok, at=time.time())
        self._notifier.ready(self._status.line())

    def _fault(self, message: str) -> None:
        self._say(Severity.ERROR, "internal", message)

    def _survive(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Take what arises in a callback of the loop, where nobody awaits it."""
        del loop
        error = context.get("exception")
        notice = internal_fault(error) if error else Notice(Severity.ERROR, "internal", clean(str(context["message"])))
        self._recorder.noticed(notice)

    def _say(self, severity: Severity, event: str, message: str, **details: Scalar) -> None:
        self._recorder.noticed(Notice(severity, event, message, details))


def _plan(loaded: Chosen) -> Plan:
    daemon = loaded.config.daemon
    return Plan(
        services=loaded.services,
        windows=loaded.config.maintenance,
        flapping=daemon.flapping,
        max_concurrency=daemon_concurrency(daemon.max_concurrency),
    )


def _has_way(result: Result) -> bool:
    ip = result.fact("ip")
    return has_way(ip if isinstance(ip, str) else None)


def _place(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _settle_memory() -> None:
    """Take what lives as long as the config out of the collector's way: walking 10,000 services holds up the loop.

    And let it run often: freeing at once what thousands of connections leave behind takes a tenth of a second.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()
    gc.set_threshold(2_000, 20, 100)
