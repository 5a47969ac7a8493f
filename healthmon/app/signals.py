"""What the daemon does when it gets a signal."""

import asyncio
import signal

from healthmon.app.reload import Reloader
from healthmon.web.contract import Reloaded


def stop_on_signals(loop: asyncio.AbstractEventLoop) -> "asyncio.Future[None]":
    """What is done when SIGTERM or SIGINT comes."""
    stopped: asyncio.Future[None] = loop.create_future()

    def stop() -> None:
        if not stopped.done():
            stopped.set_result(None)

    loop.add_signal_handler(signal.SIGTERM, stop)
    loop.add_signal_handler(signal.SIGINT, stop)
    return stopped


def reload_on_signal(loop: asyncio.AbstractEventLoop, reloader: Reloader) -> None:
    """Reload at each SIGHUP."""
    reloads: set[asyncio.Task[Reloaded]] = set()

    def reload() -> None:
        task = loop.create_task(reloader.reload())
        reloads.add(task)
        task.add_done_callback(reloads.discard)

    loop.add_signal_handler(signal.SIGHUP, reload)
