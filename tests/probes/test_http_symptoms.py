"""The symptoms of real servers: nginx as a proxy, as a TLS server, and as one that wants client certificates."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
import trustme

from healthmon.config.load import parse
from healthmon.core.advice.advise import explain
from healthmon.core.model import Cause, Result, Verdict
from healthmon.engine.check import check
from healthmon.probes import PROBES
from tests.net.descriptors import leaving_no_socket
from tests.ports import free_port
from tests.probes.http_server import Asked, fresh_network, replying, talking
from tests.programs.running import accepting, needed, started

CONFIG = """
daemon off;
pid nginx.pid;
error_log stderr;
events {{ }}
http {{
    access_log off;
    client_body_temp_path t1; proxy_temp_path t2; fastcgi_temp_path t3; uwsgi_temp_path t4; scgi_temp_path t5;
    server {{ listen 127.0.0.1:{proxy}; location / {{ proxy_pass http://127.0.0.1:{gone}; }} }}
    server {{
        listen 127.0.0.1:{tls} ssl;
        ssl_certificate cert.pem; ssl_certificate_key key.pem;
        location / {{ return 204; }}
    }}
    server {{
        listen 127.0.0.1:{mutual} ssl;
        ssl_certificate cert.pem; ssl_certificate_key key.pem;
        ssl_client_certificate ca.pem; ssl_verify_client on;
        location / {{ return 204; }}
    }}
}}
"""


class Nginx(NamedTuple):
    """Where nginx runs: its ports, and the folder with its certificates."""

    proxy: int
    tls: int
    mutual: int
    folder: Path


@pytest.fixture(scope="module")
def nginx(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nginx]:
    """An nginx, with a client's certificate in `client.pem`."""
    command = needed("nginx", "nginx-light")
    folder = tmp_path_factory.mktemp("nginx")
    authority = trustme.CA()
    served = authority.issue_cert("127.0.0.1")
    authority.cert_pem.write_to_path(folder / "ca.pem")
    served.private_key_pem.write_to_path(folder / "key.pem")
    for blob in served.cert_chain_pems:
        blob.write_to_path(folder / "cert.pem", append=True)
    authority.issue_cert("client.example.com").private_key_and_cert_chain_pem.write_to_path(folder / "client.pem")
    place = Nginx(free_port(), free_port(), free_port(), folder)
    (folder / "nginx.conf").write_text(CONFIG.format(**place._asdict(), gone=free_port()))
    with started(
        [command, "-p", str(folder), "-c", str(folder / "nginx.conf")],
        folder=folder,
        ready=lambda: accepting(place.tls),
    ):
        yield place


async def judged(url: str, keys: str = "", *, timeout: float = 5) -> Result:
    """Check the service that a config describes."""
    text = f'[[services]]\nname = "Web"\nid = "web"\nurl = "{url}"\ntimeout = {timeout}\n{keys}'
    (service,) = parse(text).services
    with fresh_network() as network:
        return await check(service, probe=PROBES[service.address.scheme], network=network)


def advised(result: Result) -> tuple[str | None, str]:
    """The symptom, and the next step."""
    advice = explain(result)
    return result.symptom, advice.next_step if advice else ""


async def test_a_proxy_whose_upstream_is_gone(nginx: Nginx) -> None:
    result = await judged(f"http://127.0.0.1:{nginx.proxy}/", 'labels = { container = "web-1" }')

    symptom, next_step = advised(result)
    assert (result.verdict, result.cause, symptom) == (Verdict.DOWN, Cause.STATUS, "http.bad_gateway_refused")
    assert next_step.startswith("On 127.0.0.1, see whether the service behind the proxy runs")
    assert next_step.endswith("and read `docker logs web-1 --tail 50`.")


async def test_plain_http_to_the_tls_port(nginx: Nginx) -> None:
    result = await judged(f"http://127.0.0.1:{nginx.tls}/")

    assert (result.cause, result.message) == (Cause.STATUS, "HTTP 400, expected 200 or 302")
    assert advised(result)[0] == "http.plain_on_tls"


async def test_tls_to_the_plain_port(nginx: Nginx) -> None:
    result = await judged(f"https://127.0.0.1:{nginx.proxy}/")

    assert result.cause is Cause.TLS
    assert advised(result)[0] == "tls.plain"


async def test_tls_in_answer_to_plain_http() -> None:
    async with replying(b"\x15\x03\x03\x00\x02\x02\x46") as server:
        result = await judged(server.url())

    assert result.cause is Cause.PROTOCOL
    assert advised(result)[0] == "http.speaks_tls"


async def test_a_client_certificate_lets_in(nginx: Nginx) -> None:
    keys = f'expect.status = 204\ntls = {{ ca = "{nginx.folder}/ca.pem", cert = "{nginx.folder}/client.pem" }}'
    result = await judged(f"https://127.0.0.1:{nginx.mutual}/", keys)

    assert (result.verdict, result.message) == (Verdict.UP, "HTTP 204")


async def test_without_a_client_certificate_nobody_is_let_in(nginx: Nginx) -> None:
    keys = f'expect.status = 204\ntls.ca = "{nginx.folder}/ca.pem"'
    result = await judged(f"https://127.0.0.1:{nginx.mutual}/", keys)

    assert (result.cause, result.message) == (Cause.STATUS, "HTTP 400, expected 204")


def saying(body: bytes, status: str = "500 Internal Server Error") -> bytes:
    """An answer with this body."""
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


async def test_the_body_of_a_bad_status_is_read_for_the_cause_only() -> None:
    async with replying(saying(b"database is locked" + b"x" * 2**20)) as server:
        result = await judged(server.url())

    assert (result.message, result.symptom) == ("HTTP 500, expected 200 or 302", "http.database_locked")
    assert result.fact("body_bytes") == 2**14


@pytest.mark.parametrize("status", ["200 OK", "401 Unauthorized"])
async def test_no_body_is_read_of_a_status_that_is_expected(status: str) -> None:
    async with replying(saying(b"database is locked", status)) as server:
        result = await judged(server.url(), "expect.status = [200, 401]")

    assert (result.verdict, result.fact("body_bytes")) == (Verdict.UP, None)


@pytest.mark.parametrize(
    "body", [b"HTTP/1.1 500 No\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\nno", saying(b"broken off")[:-4]]
)
async def test_a_body_that_is_broken_changes_nothing(body: bytes) -> None:
    async with replying(body) as server:
        result = await judged(server.url())

    assert (result.cause, result.message) == (Cause.STATUS, "HTTP 500, expected 200 or 302")


@pytest.mark.parametrize(("timeout", "at_most"), [(0.3, 0.9), (5.0, 2.5)])
async def test_a_body_that_never_ends_takes_a_second_at_most(timeout: float, at_most: float) -> None:
    async def talk(asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 500 No\r\nContent-Length: 100\r\n\r\nno space left on device")
        await asyncio.Event().wait()

    async with leaving_no_socket(), talking(talk) as server:
        result = await judged(server.url(), timeout=timeout)

    assert (result.cause, result.symptom) == (Cause.STATUS, "http.disk_full")
    assert result.duration < at_most


async def test_when_to_ask_again() -> None:
    answer = b"HTTP/1.1 503 Later\r\nRetry-After: 90\r\nContent-Length: 0\r\n\r\n"
    async with replying(answer) as server:
        result = await judged(server.url())

    assert result.fact("retry_after") == 90
    assert advised(result)[1].startswith("Ask again in 90 s")


async def test_another_date_to_ask_again() -> None:
    answer = b"HTTP/1.1 503 Later\r\nRetry-After: Sat, 31 Jan 2026 12:00:00 GMT\r\nContent-Length: 0\r\n\r\n"
    async with replying(answer) as server:
        result = await judged(server.url())

    assert result.fact("retry_after") == "Sat, 31 Jan 2026 12:00:00 GMT"
