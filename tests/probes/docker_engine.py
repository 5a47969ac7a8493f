"""A small container engine: it answers as Docker 28 documents its interface, on a socket file."""

import json
import struct
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import web

PROJECT = "com.docker.compose.project"


def described(name: str, *, status: str = "running", restarts: int = 0, **state: Any) -> dict[str, Any]:
    """A container of the project `shop`, started some years ago, as the engine describes it."""
    return {
        "Id": f"id-{name}",
        "Created": "2020-01-01T00:00:00.5Z",
        "Name": f"/{name}",
        "RestartCount": restarts,
        "State": {
            "Status": status,
            "Running": status == "running",
            "Paused": False,
            "Restarting": status == "restarting",
            "OOMKilled": False,
            "Dead": False,
            "Pid": 1234,
            "ExitCode": 0,
            "Error": "",
            "StartedAt": "2020-01-01T00:00:01.123456789Z",
            "FinishedAt": "0001-01-01T00:00:00Z",
            **state,
        },
        "Config": {"Image": f"shop/{name}:1", "Tty": False, "Labels": {PROJECT: "shop", "tier": "web"}},
    }


class Engine:
    """An engine and its containers.

    Attributes:
        containers: What it knows.
        logs: What each has said, line by line; those without an entry cannot be read.
        asked: Each request that came: the path with the query.
        gone: Containers that are removed between being listed and being asked for.
        status: Answers with this status, and `body`, whatever is asked; 0: as an engine does.
    """

    def __init__(self, *containers: dict[str, Any]) -> None:
        self.containers = list(containers)
        self.logs: dict[str, list[str]] = {}
        self.asked: list[Any] = []
        self.gone: set[str] = set()
        self.status = 0
        self.body = b""

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        self.asked.append((request.path, dict(request.query)))
        if self.status:
            return web.Response(status=self.status, body=self.body)
        match request.path.split("/")[1:]:
            case ["_ping"]:
                return web.Response(text="OK")
            case ["containers", "json"]:
                return web.json_response(self._listed(request.query))
            case ["containers", name, "json"]:
                found = self._find(name)
                return web.json_response(found) if found else _error(404, f"No such container: {name}")
            case ["containers", name, "logs"]:
                return await self._log(request, str((self._find(name) or {})["Name"][1:]))
        return _error(404, "page not found")

    def _find(self, name: str) -> dict[str, Any] | None:
        known = (one for one in self.containers if name in (one["Id"], one["Name"][1:]))
        return next((one for one in known if one["Name"][1:] not in self.gone), None)

    def _listed(self, query: Any) -> list[dict[str, Any]]:
        assert query["all"] == "1"
        wanted: Sequence[str] = json.loads(query["filters"])["label"]
        return [
            {"Id": one["Id"], "Names": [one["Name"]], "State": one["State"]["Status"]}
            for one in self.containers
            if all(label in _labels(one) for label in wanted)
        ]

    async def _log(self, request: web.Request, name: str) -> web.StreamResponse:
        if name not in self.logs:
            return _error(501, "configured logging driver does not support reading")
        response = web.StreamResponse(headers={"Content-Type": "application/vnd.docker.multiplexed-stream"})
        await response.prepare(request)
        for number, line in enumerate(self.logs[name][-int(request.query["tail"]) :]):
            data = f"{line}\n".encode()
            await response.write(struct.pack(">BxxxI", 1 + number % 2, len(data)) + data)
        await response.write_eof()
        return response


def _labels(container: dict[str, Any]) -> set[str]:
    labels = container["Config"]["Labels"]
    return {*labels, *(f"{name}={value}" for name, value in labels.items())}


def _error(status: int, message: str) -> web.Response:
    return web.json_response({"message": message}, status=status)


@asynccontextmanager
async def serving(engine: Engine, path: Path) -> AsyncIterator[None]:
    """The engine on a socket file, for as long as the block lasts."""
    application = web.Application()
    application.router.add_route("*", "/{rest:.*}", engine.answer)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    try:
        await web.UnixSite(runner, str(path)).start()
        yield
    finally:
        await runner.cleanup()
