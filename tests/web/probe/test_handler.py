"""`/probe` over real sockets: what it probes, what it refuses, and what it says."""

import asyncio
from collections.abc import Callable

import pytest

from healthmon.core.model import Outcome, Result, Service
from healthmon.net.guard import Guard
from tests.campaign.answers import OK, redirecting
from tests.campaign.certificates import authority, other_name, server_context
from tests.campaign.places import closed_port, resolving
from tests.campaign.servers import listening, saying, silent
from tests.make import outcome, result
from tests.probes.http_server import replying
from tests.web.probe.asking import LOOPBACK, Answer, names, serving_probe

HTTP = f"[modules.http_2xx]\n{LOOPBACK}"
TCP = f"[modules.tcp_connect]\n{LOOPBACK}"


def refused(answer: Answer) -> tuple[int, str]:
    """The status and the sentence."""
    return answer.status, answer.text.removesuffix("\n")


async def test_a_target_with_and_without_a_scheme() -> None:
    async with replying(OK) as server, serving_probe(HTTP) as ask:
        for target in (server.url(), f"127.0.0.1:{server.port}"):
            answer = await ask(target=target)
            assert answer.status == 200
            assert answer.value("probe_success") == 1
            assert answer.value("probe_http_status_code") == 200
            assert answer.value("probe_http_uncompressed_body_length") == 2
        assert [asked.method for asked in server.asked] == ["GET", "GET"]


async def test_a_failure_of_the_target_is_an_answer_too() -> None:
    with closed_port() as port:
        async with serving_probe(TCP) as ask:
            answer = await ask(target=f"127.0.0.1:{port}", module="tcp_connect")
    assert (answer.status, answer.value("probe_success")) == (200, 0)


async def test_nothing_is_left_of_the_probe_before() -> None:
    dated = saying(b"HTTP/1.1 200 OK\r\nLast-Modified: Tue, 01 Jan 2019 00:00:00 GMT\r\n\r\n")
    async with listening(dated) as first, listening(saying(OK)) as second, serving_probe(HTTP) as ask:
        one = await ask(target=f"127.0.0.1:{first}")
        other = await ask(target=f"127.0.0.1:{second}")
    assert names(one.samples) - names(other.samples) == {"probe_http_last_modified_timestamp_seconds"}


async def test_the_answer_must_come_whole() -> None:
    """As it must for blackbox_exporter, though the module expects nothing of the body."""
    cut_off = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"
    async with listening(saying(cut_off)) as port, serving_probe(HTTP) as ask:
        answer = await ask(target=f"127.0.0.1:{port}")
    assert (answer.value("probe_success"), answer.value("probe_http_uncompressed_body_length")) == (0, 4)


async def test_formats_and_compression() -> None:
    openmetrics = "application/openmetrics-text; version=1.0.0"
    async with listening(saying(OK)) as port, serving_probe(HTTP + TCP) as ask:
        target = f"127.0.0.1:{port}"
        plain = await ask(target=target)
        assert plain.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
        assert "Content-Encoding" not in plain.headers
        assert not plain.text.endswith("# EOF\n")
        other = await ask({"Accept": openmetrics, "Accept-Encoding": "gzip"}, target=target)
        assert other.headers["Content-Type"] == f"{openmetrics}; charset=utf-8; escaping=underscores"
        assert other.headers["Content-Encoding"] == "gzip"
        assert other.text.endswith("\n# EOF\n")
        port_alone = await ask({"Accept-Encoding": "gzip"}, target=target, module="tcp_connect")
        assert "Content-Encoding" not in port_alone.headers  # one packet in any case
        assert plain.headers["Vary"] == other.headers["Vary"] == "Accept, Accept-Encoding"


@pytest.mark.parametrize(
    ("parameters", "status", "sentence"),
    [
        ({}, 400, "The parameter `target` is missing: /probe?target=URL&module=NAME."),
        (
            {"target": "127.0.0.1:1", "module": "no\x1b[31m\n"},
            400,
            'There is no module "no"; there are: http_2xx, tcp_connect, icmp.',
        ),
        (
            {"target": "127.0.0.1:1"},
            403,
            "The module http_2xx does not allow this target: see `allow` in [modules.http_2xx] of the config.",
        ),
        (
            {"target": "127.0.0.1:1", "module": "tcp_connect"},
            403,
            "The module tcp_connect allows nothing: see `allow` in [modules.tcp_connect] of the config.",
        ),
    ],
)
async def test_what_is_refused(parameters: dict[str, str], status: int, sentence: str) -> None:
    """Before anything is resolved or sent."""
    async with serving_probe('[modules.http_2xx]\nallow = ["http://good.example/*"]\n') as ask:
        assert refused(await ask(**parameters)) == (status, sentence)


@pytest.mark.parametrize(
    "target", ["ftp://127.0.0.1/", "127.0.0.1:99999", "http://", "http://a b/", "tcp://127.0.0.1:1"]
)
async def test_a_target_that_is_none_is_refused(target: str) -> None:
    async with serving_probe(HTTP) as ask:
        answer = await ask(target=target)
    assert answer.status == 400
    assert answer.text.startswith("The target cannot be probed by the module http_2xx: ")
    assert answer.text.endswith(".\n")


async def test_credentials_in_a_target_are_shown_nowhere() -> None:
    async with serving_probe(HTTP) as ask:
        for target in ("http://user:hunter2@127.0.0.1:99999/", "http://user:hunter2@127.0.0.1:1/"):
            answer = await ask(target=target, debug="true")
            assert "hunter2" not in answer.text


async def test_an_address_that_is_not_listed_is_not_connected_to() -> None:
    async with replying(OK) as server:
        config = '[modules.http_2xx]\nallow = ["127.0.0.2/32"]\n'
        async with serving_probe(config, lookup=resolving("127.0.0.1")) as ask:
            for host in ("127.0.0.1", "rebound.example"):
                answer = await ask(target=f"http://{host}:{server.port}/", debug="true")
                assert answer.status == 200
                assert "resolve   failed: the address 127.0.0.1 is not in the module's allow list" in answer.text
                assert "\nprobe_success 0.0\n" in answer.text
        assert server.asked == []


async def test_a_redirect_out_of_the_list_is_not_followed() -> None:
    async with replying(OK) as inner, listening(saying(redirecting(inner.url("/admin").encode()))) as outer:
        config = f'[modules.http_2xx]\nallow = ["http://127.0.0.1:{outer}/*"]\n'
        async with serving_probe(config) as ask:
            answer = await ask(target=f"http://127.0.0.1:{outer}/", debug="true")
        assert f"the redirect to {inner.url('/admin')} is not in the module's allow list" in answer.text
        assert "\nprobe_http_status_code 302.0\n" in answer.text
        assert inner.asked == []


async def test_hostname_is_the_host_that_is_asked_for() -> None:
    async with (
        replying(OK) as server,
        serving_probe(f"{HTTP}[modules.own]\nheaders.Host = 'a.example'\n{LOOPBACK}") as ask,
    ):
        answer = await ask(target=server.url(), hostname="www.example.com")
        assert answer.value("probe_success") == 1
        answer = await ask(target=server.url(), hostname="b.example", module="own")
        assert refused(answer) == (400, "The module sets the header Host, so `hostname` cannot be another one.")
        answer = await ask(target=server.url(), hostname="no name")
        assert answer.status == 400
    assert [asked.headers["host"] for asked in server.asked] == ["www.example.com"]


async def test_hostname_leads_to_no_virtual_host_that_is_not_listed() -> None:
    """It is as if the URL had that host. Where only networks are listed, the address decides alone."""
    async with replying(OK) as server:
        globs = f'["{server.url("/*")}", "http://www.example.com/*"]'
        async with serving_probe(f"[modules.http_2xx]\nallow = {globs}\n") as ask:
            assert (await ask(target=server.url(), hostname="www.example.com")).status == 200
            assert (await ask(target=server.url(), hostname="www.example.com:8080")).status == 403
            assert (await ask(target=server.url(), hostname="admin.example.com")).status == 403
    assert [asked.headers["host"] for asked in server.asked] == ["www.example.com"]


async def test_hostname_is_the_name_that_tls_asks_for() -> None:
    """The connection goes to the target."""
    with authority().cert_pem.tempfile() as trusted:
        keys = f'tls.ca = "{trusted}"\n{LOOPBACK}'
        config = f'[modules.https]\nprobe = "https"\n{keys}[modules.tls]\nprobe = "tls"\n{keys}'
        context = server_context(other_name(authority()))
        async with listening(saying(OK), tls=context) as port, serving_probe(config) as ask:
            for module in ("https", "tls"):
                target = f"127.0.0.1:{port}"
                assert (await ask(target=target, module=module)).value("probe_success") == 0
                answer = await ask(target=target, module=module, hostname="www.example.com")
                assert answer.value("probe_success") == 1


async def test_the_probe_ends_before_the_scraper_leaves() -> None:
    async with listening(silent) as port, serving_probe(HTTP) as ask:
        answer = await ask({"X-Prometheus-Scrape-Timeout-Seconds": "0.2"}, target=f"127.0.0.1:{port}", debug="true")
        assert "by module http_2xx, timeout 100 ms" in answer.text
        assert "answer    failed: connected, but no answer within 0.1 s" in answer.text
        answer = await ask({"X-Prometheus-Scrape-Timeout-Seconds": "soon"}, target=f"127.0.0.1:{port}")
        assert answer.status == 400


async def test_retries_share_the_time() -> None:
    config = f"[modules.again]\nretries = 2\n{LOOPBACK}"
    async with listening(silent) as port, serving_probe(config) as ask:
        answer = await ask(
            {"X-Prometheus-Scrape-Timeout-Seconds": "0.3"}, target=f"127.0.0.1:{port}", module="again", debug="true"
        )
    assert [line for line in answer.text.splitlines() if line.startswith("Attempt")] == [
        "Attempt 1",
        "Attempt 2",
        "Attempt 3",
    ]
    assert answer.text.count("no answer within 0.05 s") == 4  # and once in the judgement


class Held:
    """A check that lasts until it is let go."""

    def __init__(self) -> None:
        self.begun = asyncio.Semaphore(0)
        self.free = asyncio.Event()
        self.cancelled = asyncio.Event()

    async def check(self, service: Service, guard: Guard, observer: Callable[[Outcome], None]) -> Result:
        """Wait, unless that is cancelled."""
        self.begun.release()
        try:
            await self.free.wait()
        except asyncio.CancelledError:
            self.cancelled.set()
            raise
        observer(outcome(200))
        return result(service=service)


async def test_more_than_so_many_at_a_time_are_refused() -> None:
    held = Held()
    async with serving_probe(HTTP, check=held.check, concurrency=2) as ask:
        under_way = [asyncio.create_task(ask(target="127.0.0.1:1")) for _ in range(2)]
        for _ in range(2):
            await held.begun.acquire()
        answer = await ask(target="127.0.0.1:1")
        assert refused(answer) == (503, "2 probes are under way, and no more may be: ask again later.")
        held.free.set()
        assert [answer.status for answer in await asyncio.gather(*under_way)] == [200, 200]
        assert (await ask(target="127.0.0.1:1")).status == 200


async def test_a_probe_ends_with_its_scraper_and_gives_its_place_back() -> None:
    held = Held()
    async with serving_probe(HTTP, check=held.check, concurrency=1) as ask:
        asking = asyncio.create_task(ask(target="127.0.0.1:1"))
        await held.begun.acquire()
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        async with asyncio.timeout(10):
            await held.cancelled.wait()
        held.free.set()
        assert (await ask(target="127.0.0.1:1")).status == 200


async def test_the_modules_are_those_of_now() -> None:
    """A reload changes them."""
    async with serving_probe(["", TCP, ""]) as ask, listening(silent) as port:
        answers = [await ask(target=f"127.0.0.1:{port}", module="tcp_connect") for _ in range(3)]
    assert [answer.status for answer in answers] == [403, 200, 403]
