"""`/api/v1/services`: what the daemon believes of each service, and its last result, as JSON."""

import asyncio
import difflib
from collections.abc import AsyncIterator, Collection, Sequence

import msgspec
from aiohttp import web

from healthmon.config.nearest import did_you_mean
from healthmon.core.document import watched_document
from healthmon.core.model import Verdict
from healthmon.core.safe_text import clean
from healthmon.core.state import Watched
from healthmon.core.wording import named
from healthmon.web.answers import refuse, say_json
from healthmon.web.contract import Daemon
from healthmon.web.delivery import stream

_SLICE = 50
"""So many services are encoded, or compared with a wrong id, before other work has its turn: a few milliseconds."""
_SHOWN = 20
"""The most names that an error lists."""


class Services:
    """The handlers.

    Args:
        daemon: Who knows the services.
        write: Seconds that an answer may take to be sent.
        turn: Held while a part of an answer is made.
    """

    def __init__(self, daemon: Daemon, *, write: float, turn: asyncio.Lock) -> None:
        self._daemon = daemon
        self._turn = turn
        self._write = write

    async def many(self, request: web.Request) -> web.StreamResponse:
        """All services, or those of the states and groups that the query names."""
        watched = self._daemon.watched()
        groups = list(dict.fromkeys(each.service.group for each in watched if each.service.group is not None))
        known = {"state": [verdict.value for verdict in Verdict], "group": groups}
        for name, value in request.query.items():
            if name not in known:
                return refuse(request, 400, f'There is no parameter "{clean(name)}"; there are state and group.')
            if value not in known[name]:
                return refuse(request, 400, f'There is no {name} "{clean(value)}"; there {_list(known[name])}.')
        states, groups_wanted = request.query.getall("state", ()), request.query.getall("group", ())
        chosen = [each for each in watched if _chosen(each, states, groups_wanted)]
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await stream(request, response, _encoded(chosen), within=self._write, turn=self._turn)
        return response

    async def one(self, request: web.Request) -> web.StreamResponse:
        """One service."""
        service_id = request.match_info["id"]
        for name in request.query:
            return refuse(request, 400, f'There is no parameter "{clean(name)}"; one service takes none.')
        watched = self._daemon.find(service_id)
        if watched is None:
            near = await _nearest(service_id, [each.service.id for each in self._daemon.watched()], self._turn)
            return refuse(request, 404, f'There is no service "{clean(service_id)}"{near or "."}')
        return say_json(200, watched_document(watched))


def _chosen(watched: Watched, states: Collection[str], groups: Collection[str]) -> bool:
    return (not states or watched.state.verdict in states) and (not groups or watched.service.group in groups)


async def _encoded(watched: Sequence[Watched]) -> AsyncIterator[bytes]:
    yield b'{"services":['
    for start in range(0, len(watched), _SLICE):
        entries = [msgspec.json.encode(watched_document(each)) for each in watched[start : start + _SLICE]]
        yield (b",\n" if start else b"\n") + b",\n".join(entries)
    yield b"\n]}\n"


async def _nearest(service_id: str, known: Sequence[str], turn: asyncio.Lock) -> str:
    """Did you mean: the nearest of all is the nearest of those that are nearest in their slices."""
    near: list[str] = []
    for start in range(0, len(known), _SLICE):
        async with turn:
            near += difflib.get_close_matches(service_id, known[start : start + _SLICE], n=1)
            await asyncio.sleep(0)
    return did_you_mean(service_id, near)


def _list(names: Sequence[str]) -> str:
    if not names:
        return "are none"
    return f"{'is' if len(names) == 1 else 'are'} {named(names, _SHOWN)}"
