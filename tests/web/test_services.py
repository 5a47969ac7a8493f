"""`/api/v1/services` over real sockets."""

import asyncio
import difflib
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest

from healthmon.core.document import watched_document
from healthmon.core.model import Verdict
from healthmon.core.state import Watched
from healthmon.web import services
from tests.web.fake import FakeDaemon, served, watched
from tests.web.raw import connected, get

SERVICES = [
    watched("brain", group="core"),
    watched("redis", Verdict.DOWN, group="store"),
    watched("postgres", Verdict.UNKNOWN, group="store", checked=False),
    watched("mail", Verdict.DOWN),
]


async def ask(path: str, daemon: FakeDaemon | None = None) -> tuple[int, Any]:
    """Status and document."""
    async with (
        served(daemon or FakeDaemon(SERVICES)) as server,
        aiohttp.ClientSession() as session,
        session.get(server.url + path) as answer,
    ):
        assert answer.content_type == "application/json"
        return answer.status, await answer.json()


async def test_all_services_in_config_order() -> None:
    """With state and last result, which is null before the first check."""
    status, document = await ask("/api/v1/services")
    assert status == 200
    listed = document["services"]
    assert [each["id"] for each in listed] == ["brain", "redis", "postgres", "mail"]
    assert listed[1]["state"]["verdict"] == listed[1]["last_result"]["verdict"] == "down"
    assert listed[2]["last_result"] is None


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("state=down", ["redis", "mail"]),
        ("state=down&group=store", ["redis"]),
        ("state=down&state=up", ["brain", "redis", "mail"]),
        ("group=core&group=store", ["brain", "redis", "postgres"]),
        ("state=degraded", []),
    ],
)
async def test_filters(query: str, ids: list[str]) -> None:
    """One of the values of each parameter."""
    status, document = await ask(f"/api/v1/services?{query}")
    assert (status, [each["id"] for each in document["services"]]) == (200, ids)


@pytest.mark.parametrize(
    ("path", "status", "error"),
    [
        ("/services?stat=down", 400, 'There is no parameter "stat"; there are state and group.'),
        ("/services?state=Down", 400, 'There is no state "Down"; there are up, degraded, down, unknown.'),
        ("/services?group=", 400, 'There is no group ""; there are core, store.'),
        ("/services/brain?state=up", 400, 'There is no parameter "state"; one service takes none.'),
        ("/services/brian", 404, 'There is no service "brian"; did you mean "brain"?'),
        ("/services/zzz", 404, 'There is no service "zzz".'),
        ("/services/", 404, "There is nothing at /api/v1/services/; / lists what there is."),
    ],
)
async def test_refusals(path: str, status: int, error: str) -> None:
    """As JSON, naming what there is."""
    assert await ask("/api/v1" + path) == (status, {"error": error})


@pytest.mark.parametrize(
    ("groups", "there"),
    [
        ([], "are none"),
        (["a"], "is a"),
        ([f"g{n}" for n in range(23)], "are " + ", ".join(f"g{n}" for n in range(20)) + " and 3 more"),
    ],
    ids=["none", "one", "many"],
)
async def test_groups_that_there_are(groups: list[str], there: str) -> None:
    """Not more than a person reads."""
    daemon = FakeDaemon([watched(f"s-{group}", group=group) for group in groups])
    assert await ask("/api/v1/services?group=x", daemon) == (400, {"error": f'There is no group "x"; there {there}.'})


async def test_one_service() -> None:
    """The same document as in the list."""
    _, everything = await ask("/api/v1/services")
    assert await ask("/api/v1/services/redis") == (200, everything["services"][1])


async def test_the_nearest_id_of_thousands() -> None:
    """In whichever slice it is."""
    daemon = FakeDaemon([watched(f"service-{number:04d}") for number in range(2000)])
    _, document = await ask("/api/v1/services/Service-1234", daemon)
    assert document == {"error": 'There is no service "Service-1234"; did you mean "service-1234"?'}


async def test_a_list_asked_for_with_head() -> None:
    """No body is made for it."""
    async with served(FakeDaemon(SERVICES)) as server, connected(server.port) as client:
        await client.send(get("/api/v1/services", "Connection: close", method="HEAD"))
        answer = await client.rest()
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert answer.endswith(b"\r\n\r\n")


async def most_between_turns(path: str, done: list[int], *, clients: int) -> int:
    """How much is done at most between two turns of the event loop, while so many clients ask at once.

    Args:
        path: What they ask for.
        done: What is done, an entry for each step of the work.
        clients: How many.
    """
    daemon = FakeDaemon([watched(f"service-{number:04d}") for number in range(500)])
    most, ended = 0, asyncio.Event()

    async def watch() -> None:
        nonlocal most
        before = 0
        while not ended.is_set():
            await asyncio.sleep(0)
            now = sum(done)
            most, before = max(most, now - before), now

    async def ask_once(port: int) -> None:
        async with connected(port) as client:
            await client.send(get(path, "Connection: close"))
            assert (await client.rest()).startswith(b"HTTP/1.1 ")

    async with served(daemon) as server:
        watching = asyncio.create_task(watch())
        await asyncio.gather(*(ask_once(server.port) for _ in range(clients)))
        ended.set()
        await watching
    assert sum(done) >= 500 * clients
    return most


async def test_many_who_ask_for_all_services_leave_the_checks_their_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many they are, no more than a slice is encoded at a time."""
    done: list[int] = []

    def counted(each: Watched) -> Any:
        done.append(1)
        return watched_document(each)

    monkeypatch.setattr(services, "watched_document", counted)
    assert await most_between_turns("/api/v1/services", done, clients=10) == services._SLICE


async def test_many_who_ask_for_a_wrong_id_leave_the_checks_their_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    """The search for the nearest goes through all ids."""
    done: list[int] = []

    def counted(word: str, candidates: list[str], *, n: int) -> list[str]:
        done.append(len(candidates))
        return get_close_matches(word, candidates, n=n)

    get_close_matches = difflib.get_close_matches
    # Not where `did_you_mean` looks it up, at the end, for a few.
    monkeypatch.setattr(services, "difflib", SimpleNamespace(get_close_matches=counted))
    assert await most_between_turns("/api/v1/services/nosuch", done, clients=10) == services._SLICE
