"""Every route over real sockets: what it answers, and how it refuses."""

import asyncio

import aiohttp
import pytest
from aiohttp import web
from msgspec import structs

from healthmon.core.model import Verdict
from healthmon.core.state import State
from healthmon.errors import Fault
from healthmon.web.contract import Reloaded
from tests.web.fake import FakeDaemon, FakeMetrics, served, watched
from tests.web.raw import connected, get, until

SERVICES = [watched("brain"), watched("redis", Verdict.DEGRADED), watched("<b>", Verdict.DOWN)]


async def ask(url: str, method: str = "GET", **keys: object) -> tuple[int, str, aiohttp.ClientResponse]:
    """Status, text and answer."""
    async with aiohttp.ClientSession() as session, session.request(method, url, **keys) as answer:  # type: ignore[arg-type]
        return answer.status, await answer.text(), answer


async def test_the_index_for_terminals() -> None:
    """What there is, and how it stands."""
    async with served(FakeDaemon(SERVICES)) as server:
        status, text, answer = await ask(server.url + "/")
    assert (status, answer.content_type) == (200, "text/plain")
    assert text.splitlines()[:7] == [
        "healthmon 1.2.3",
        "2 of 3 services are healthy: 1 up, 1 degraded, 1 down.",
        "Config: /etc/healthmon/services.toml",
        "",
        "<b> (<B>) down since 2026-01-31T12:00:00.000Z: HTTP 503, expected 200 or 302 [status]",
        "redis (Redis) degraded since 2026-01-31T12:00:00.000Z: HTTP 503, expected 200 or 302 [status]",
        "",
    ]
    assert text.splitlines()[7] == "/metrics               metrics for Prometheus"


async def test_the_index_for_browsers() -> None:
    """Links where a link leads somewhere; nothing runs."""
    async with served(FakeDaemon()) as server:
        _, text, answer = await ask(server.url + "/", headers={"Accept": "text/html,*/*;q=0.8"})
    assert answer.content_type == "text/html"
    assert "<p>0 of 0 services are healthy.</p>\n<p>There are no services.</p>" in text
    assert '<a href="/api/v1/services">/api/v1/services</a>' in text
    assert "<code>/-/reload</code>" in text
    assert "<script" not in text


async def test_the_index_lists_what_is_not_up() -> None:
    """Everything escaped, and never more than a person reads."""
    many = [watched(f"s{number}", Verdict.DOWN) for number in range(52)]
    async with served(FakeDaemon([*SERVICES, *many])) as server:
        _, page, _ = await ask(server.url + "/", headers={"Accept": "text/html"})
        _, text, _ = await ask(server.url + "/")
    assert page.count("/api/v1/services/") == 51  # 50, and the index's own
    assert '<td><a href="/api/v1/services/%3Cb%3E">&lt;b&gt;</a></td><td>&lt;B&gt;</td><td>down since ' in page
    assert "<b>" not in page
    assert "<p>... and 4 more</p>" in page
    assert "\ns48 (" in text
    assert "\ns49 (" not in text
    assert "\n... and 4 more\n\n/metrics " in text


async def test_the_index_when_all_is_up() -> None:
    """In one line."""
    async with served(FakeDaemon([watched("brain")])) as server:
        _, page, _ = await ask(server.url + "/", headers={"Accept": "text/html"})
        _, text, _ = await ask(server.url + "/")
    assert "<p>All services are up.</p>" in page
    assert "\n\nAll services are up.\n\n" in text


async def test_the_index_tells_what_is_less_of_an_alarm() -> None:
    """And of what is unknown, what the last check met."""
    down = watched("brain", Verdict.DOWN)
    state = structs.replace(down.state, blocked_by="redis", flapping=True, in_maintenance=True)
    unknown = structs.replace(watched("redis", Verdict.DOWN), state=State())
    services = [structs.replace(down, state=state), unknown, watched("new", Verdict.UNKNOWN, checked=False)]
    async with served(FakeDaemon(services)) as server:
        _, text, _ = await ask(server.url + "/")
    lines = text.splitlines()[4:7]
    assert lines[0].endswith(" (blocked by redis, in maintenance, flapping)")
    assert lines[1] == "redis (Redis) unknown: HTTP 503, expected 200 or 302 [status]"
    assert lines[2].startswith("new (New) unknown since ")
    assert lines[2].endswith(": not checked yet")


async def test_every_answer_bears_the_headers() -> None:
    """Refusals, and what is no request at all, too."""
    async with served(FakeDaemon(SERVICES), FakeMetrics()) as server:
        for path in ("/", "/metrics", "/probe", "/api/v1/services", "/-/reload", "/nothing", "/probe?target=fault"):
            _, _, answer = await ask(server.url + path)
            assert answer.headers["Cache-Control"] == "no-store"
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
            assert answer.headers["Server"] == "healthmon"
        async with connected(server.port) as client:
            await client.send(b"\x16\x03\x01\x02\x00\x01\r\n\r\n")
            head, body = await client.answer()
    assert head.startswith(b"HTTP/1.0 400 ")
    assert b"Server: healthmon\r\n" in head
    assert body.startswith(b"This is no HTTP request that can be read: ")
    assert body.count(b"\n") == 1


async def test_metrics_are_streamed_as_negotiated() -> None:
    """All headers that the scraper sent are asked about."""
    metrics = FakeMetrics(chunks=3, size=70_000)
    async with served(metrics=metrics) as server:
        status, text, answer = await ask(
            server.url + "/metrics", headers={"Accept": "x/y", "Accept-Encoding": "identity"}
        )
    assert (status, text) == (200, "a" * 70_000 + "b" * 70_000 + "c" * 70_000)
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert answer.headers["Content-Encoding"] == "identity"
    assert metrics.asked == [("x/y", "identity")]


async def test_metrics_asked_for_with_head_are_not_made() -> None:
    """The headers are those of GET."""
    metrics = FakeMetrics()
    async with served(metrics=metrics) as server, connected(server.port) as client:
        await client.send(get("/metrics", "Connection: close", method="HEAD"))
        answer = await client.rest()
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"Content-Type: text/plain; version=0.0.4" in head
    assert b"Content-Encoding" not in head
    assert (body, metrics.made) == (b"", 0)


async def test_metrics_that_fail_midway_are_cut_off() -> None:
    """The scraper sees that they are not whole, and the fault is told."""
    metrics = FakeMetrics(chunks=3)
    metrics.fails_at = 1
    async with served(metrics=metrics) as server:
        with pytest.raises((aiohttp.ClientPayloadError, aiohttp.ClientConnectionError)):
            await ask(server.url + "/metrics")
        metrics.fails_at = 0
        status, text, _ = await ask(server.url + "/metrics")
    assert (status, text) == (500, "This is a fault in healthmon itself; its log says more.\n")
    assert server.faults[0].startswith("GET /metrics: ValueError: no such metric (fake.py:")
    assert len(server.faults) == 2


async def test_healthy() -> None:
    """While the scheduler advances."""
    daemon = FakeDaemon()
    async with served(daemon) as server:
        assert (await ask(server.url + "/-/healthy"))[:2] == (200, "Healthy: the scheduler advances.\n")
        daemon.alive = False
        status, text, _ = await ask(server.url + "/-/healthy")
    assert status == 503
    assert text == "Not healthy: the scheduler does not advance, so no service is being checked.\n"


async def test_ready() -> None:
    """Once every service was checked; before, with how many are left."""
    daemon = FakeDaemon([watched("a"), watched("b", checked=False)], ready=False)
    async with served(daemon) as server:
        status, text, _ = await ask(server.url + "/-/ready")
        assert (status, text) == (503, "Not ready: 1 of 2 services are still to be checked for the first time.\n")
        daemon.ready = True
        assert (await ask(server.url + "/-/ready"))[:2] == (200, "Ready: every service has been checked.\n")


async def test_reload() -> None:
    """The sentence; or each fault on a line; or JSON."""
    daemon = FakeDaemon()
    async with served(daemon) as server:
        url = server.url + "/-/reload"
        assert (await ask(url, "POST"))[:2] == (200, "Nothing has changed.\n")
        fault = Fault("services.toml", 3, 'unknown key "urll"; did you mean "url"?')
        daemon.reloaded = Reloaded(ok=False, message="The config has faults; nothing has changed.", faults=[fault])
        status, text, _ = await ask(url, "POST", data=b"a small body")
        assert status == 422
        assert text == (
            'The config has faults; nothing has changed.\nservices.toml:3: unknown key "urll"; did you mean "url"?\n'
        )
        async with (
            aiohttp.ClientSession() as session,
            session.post(url, headers={"Accept": "application/json"}) as answer,
        ):
            assert answer.status == 422
            assert await answer.json() == {
                "ok": False,
                "message": "The config has faults; nothing has changed.",
                "faults": [{"file": "services.toml", "line": 3, "message": fault.message}],
            }
    assert daemon.reloads == 3


async def test_a_reload_ends_though_its_client_has_gone() -> None:
    """And a fault in it is told."""
    daemon = FakeDaemon()
    daemon.may_end.clear()
    daemon.reloaded = ValueError("torn")
    async with served(daemon) as server:
        async with connected(server.port) as client:
            await client.send(get("/-/reload", method="POST"))
            await until(lambda: daemon.reloads == 1)
        async with connected(server.port) as client:
            await client.send(get("/-/healthy"))
            await client.answer()
        daemon.may_end.set()
        await until(lambda: bool(server.faults))
    assert [fault.partition(" (")[0] for fault in server.faults] == ["reload: ValueError: torn"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-origin"},
    ],
)
async def test_no_web_page_reloads_the_config(headers: dict[str, str]) -> None:
    """Not even one that seems to be ours: there is none."""
    daemon = FakeDaemon()
    async with served(daemon) as server:
        status, text, _ = await ask(server.url + "/-/reload", "POST", headers=headers)
    assert (status, daemon.reloads) == (403, 0)
    assert text == "A web page may not reload the config: send the request with a program.\n"


async def test_a_person_at_a_browser_is_no_web_page() -> None:
    """`none` is what the user alone has caused."""
    async with served() as server:
        status, _, _ = await ask(server.url + "/-/reload", "POST", headers={"Sec-Fetch-Site": "none"})
    assert status == 200


@pytest.mark.parametrize(
    ("method", "path", "status", "sentence"),
    [
        ("GET", "/nothing%1b[31m", 404, "There is nothing at /nothing; / lists what there is."),
        ("GET", "/-/reload", 405, "GET is not allowed here; allowed: POST."),
        ("POST", "/metrics", 405, "POST is not allowed here; allowed: GET, HEAD."),
        ("DELETE", "/", 405, "DELETE is not allowed here; allowed: GET, HEAD."),
        ("GET", "/probe?target=fault", 500, "This is a fault in healthmon itself; its log says more."),
    ],
)
async def test_refusals_are_one_sentence(method: str, path: str, status: int, sentence: str) -> None:
    """In plain text, with what is allowed."""
    async with served() as server:
        met = await ask(server.url + path, method)
    assert met[:2] == (status, sentence + "\n")
    assert met[2].content_type == "text/plain"
    if status == 405:
        assert met[2].headers["Allow"] == sentence.partition("allowed: ")[2].rstrip(".")


async def test_faults_are_told_in_one_safe_line() -> None:
    """Where, which, and the place in the code."""
    async with served() as server:
        await ask(server.url + "/probe?target=fault")
    (fault,) = server.faults
    assert fault.startswith("GET /probe: ValueError: a fault of the probe (fake.py:")


async def test_a_handlers_own_refusal_stands() -> None:
    """With its words and headers."""

    async def refuse(_: web.Request) -> web.StreamResponse:
        raise web.HTTPBadRequest(text="There is no such module.\n", headers={"X-Why": "module"})

    async with served(probe_handler=refuse) as server:
        status, text, answer = await ask(server.url + "/probe")
    assert (status, text) == (400, "There is no such module.\n")
    assert answer.headers["X-Why"] == "module"
    assert server.faults == []


async def test_an_expectation_that_is_not_known() -> None:
    """417 (RFC 9110, section 10.1.1)."""
    async with served() as server:
        status, _, answer = await ask(server.url + "/", headers={"Expect": "a-miracle"})
    assert status == 417
    assert answer.headers["Server"] == "healthmon"


async def test_a_probe_is_given_up_when_its_client_goes() -> None:
    """Nobody wants it any more."""
    begun, given_up = asyncio.Event(), asyncio.Event()

    async def hang(_: web.Request) -> web.StreamResponse:
        begun.set()
        try:
            return await asyncio.get_running_loop().create_future()  # type: ignore[no-any-return]
        except asyncio.CancelledError:
            given_up.set()
            raise

    async with served(probe_handler=hang) as server:
        async with connected(server.port) as client:
            await client.send(get("/probe"))
            await begun.wait()
        await until(given_up.is_set)
    assert server.faults == []
