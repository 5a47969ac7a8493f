"""`/-/healthy`, `/-/ready` and `/-/reload`: for what runs the daemon, with the paths that Prometheus uses."""

import asyncio
from collections.abc import Callable

from aiohttp import web

from healthmon.web.access import sent_by_a_page
from healthmon.web.answers import refuse, say, say_json
from healthmon.web.contract import Daemon, Reloaded


class Management:
    """The handlers.

    Args:
        daemon: Who is asked.
        broken: Told of an exception that nobody else sees.
    """

    def __init__(self, daemon: Daemon, broken: Callable[[str, BaseException], None]) -> None:
        self._daemon = daemon
        self._broken = broken
        # Reloads whose client has gone. The loop itself would not keep them.
        self._left: set[asyncio.Task[Reloaded]] = set()

    async def healthy(self, _: web.Request) -> web.Response:
        """Whether the scheduler advances."""
        if self._daemon.alive:
            return say(200, "Healthy: the scheduler advances.")
        return say(503, "Not healthy: the scheduler does not advance, so no service is being checked.")

    async def ready(self, _: web.Request) -> web.Response:
        """Whether every service has had its first check."""
        if self._daemon.ready:
            return say(200, "Ready: every service has been checked.")
        watched = self._daemon.watched()
        left = sum(each.result is None for each in watched)
        return say(503, f"Not ready: {left} of {len(watched)} services are still to be checked for the first time.")

    async def reload(self, request: web.Request) -> web.Response:
        """Read the config again. A client that does not wait for the answer does not break it off."""
        if sent_by_a_page(request):
            return refuse(request, 403, "A web page may not reload the config: send the request with a program.")
        reloading = asyncio.create_task(self._daemon.reload())
        try:
            return _answer(request, await asyncio.shield(reloading))
        except asyncio.CancelledError:
            self._left.add(reloading)
            reloading.add_done_callback(self._end)
            raise

    def _end(self, reloading: "asyncio.Task[Reloaded]") -> None:
        self._left.discard(reloading)
        if not reloading.cancelled() and (error := reloading.exception()):
            self._broken("reload", error)


def _answer(request: web.Request, reloaded: Reloaded) -> web.Response:
    status = 200 if reloaded.ok else 422
    if "application/json" in request.headers.get("Accept", ""):
        faults = [fault._asdict() for fault in reloaded.faults]
        return say_json(status, {"ok": reloaded.ok, "message": reloaded.message, "faults": faults})
    return say(status, "\n".join([reloaded.message, *map(str, reloaded.faults)]))
