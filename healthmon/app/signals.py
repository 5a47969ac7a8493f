"""What the daemon does when it gets a signal."""

import asyncio
import signal

from healthmon.app.reload import Reloader
from healthmon.web.contract import Reloaded


def obey_signals(loop: asyncio.AbstractEventLoop, reloader: Reloader) -> "asyncio.Future[None]":
    """Obey SIGHUP: reload. What is returned is done when SIGTERM or SIGINT comes."""
    stopped: asyncio.Future[None] = loop.create_future()
    reloads: set[asyncio.Task[Reloaded]] = set()

    def stop() -> None:
        if not stopped.done():
            stopped.set_result(None)

    def reload() -> None:
        task = loop.create_task(reloader.reload())
        reloads.add(task)
        task.add_done_callback(reloads.discard)

    loop.add_signal_handler(signal.SIGTERM, stop)
    loop.add_signal_handler(signal.SIGINT, stop)
    loop.add_signal_handler(signal.SIGHUP, reload)
    return stopped
