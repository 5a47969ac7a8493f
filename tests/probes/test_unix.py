"""HTTP over socket files, asked of the real nginx."""

import asyncio
import os
import signal
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from healthmon.config.load import parse
from healthmon.core.advice.advise import explain
from healthmon.core.model import Cause, Result, Service, Verdict
from healthmon.engine.check import check
from healthmon.errors import ConfigError
from healthmon.net.network import Network
from healthmon.probes.unix import UNIX
from tests.net.descriptors import leaving_no_socket
from tests.programs.running import family, needed, started

CONFIG = """
daemon off;
worker_processes 1;
user root;
pid {folder}/pid;
error_log stderr;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen unix:{folder}/app.sock;
        location = /health {{ default_type application/json; return 200 '{{"host": "$host", "full": "$arg_full"}}'; }}
        location = /post {{ if ($request_method != POST) {{ return 405; }} return 200 "$http_content_type"; }}
        location = /login {{ return 302 /health; }}
        location = /private {{ if ($http_authorization != "Bearer right") {{ return 401; }} return 200; }}
        location = /proxy {{ proxy_pass http://unix:{folder}/gone.sock; }}
        location = /cut {{ return 444; }}
    }}
}}
"""


@pytest.fixture(scope="module")
def nginx(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with a socket file on which nginx listens, and its process' number in `pid`."""
    folder = tmp_path_factory.mktemp("nginx")
    (folder / "nginx.conf").write_text(CONFIG.format(folder=folder))

    def ready() -> bool:
        return (folder / "app.sock").exists() and (folder / "pid").exists()

    command = [needed("nginx", "nginx-light"), "-p", str(folder), "-c", "nginx.conf"]
    with started(command, folder=folder, ready=ready):
        yield folder


def service(path: Path, keys: str = "") -> Service:
    """A service on a socket file, as the config makes it."""
    (one,) = parse(f'[[services]]\nname = "App"\nurl = "unix://{path}"\n{keys}').services
    return one


async def checked(tested: Service, network: Network) -> Result:
    """The service's check, which leaves nothing open."""
    async with leaving_no_socket():
        return await check(tested, probe=UNIX, network=network)


def told(result: Result) -> tuple[Cause | None, str, str | None]:
    """What is said of it."""
    return result.cause, result.message, result.symptom


async def test_it_is_up(nginx: Path, network: Network) -> None:
    keys = 'path = "/health?full=1"\nexpect.json = { host = "localhost", full = "1" }\n'
    result = await checked(service(nginx / "app.sock", keys), network)
    assert (result.verdict, result.message) == (Verdict.UP, "HTTP 200")
    facts = {fact.name: fact.value for fact in result.facts}
    assert facts.pop("clock") in ("kernel", "user")
    assert facts == {
        "status": 200,
        "http_version": "1.1",
        "content_type": "application/json",
        "body_bytes": 34,
    }
    assert result.timings.resolve is None
    assert result.timings.connect is not None
    assert result.timings.wait is not None


async def test_the_host_is_the_users(nginx: Path, network: Network) -> None:
    keys = 'path = "/health"\nheaders.Host = "shop.example.com"\nparams.full = true\n'
    keys += 'expect.json = { host = "shop.example.com", full = "true" }\n'
    assert (await checked(service(nginx / "app.sock", keys), network)).verdict is Verdict.UP


async def test_a_body_is_sent(nginx: Path, network: Network) -> None:
    keys = 'path = "/post"\nmethod = "POST"\njson = { a = 1 }\nexpect.body.contains = "application/json"\n'
    assert (await checked(service(nginx / "app.sock", keys), network)).verdict is Verdict.UP


async def test_a_redirect_is_the_answer(nginx: Path, network: Network) -> None:
    assert (await checked(service(nginx / "app.sock", 'path = "/login"\n'), network)).message == "HTTP 302"


async def test_credentials_are_sent_and_can_be_wrong(nginx: Path, network: Network) -> None:
    right = service(nginx / "app.sock", 'path = "/private"\nauth.bearer = "right"\n')
    wrong = service(nginx / "app.sock", 'path = "/private"\nauth.bearer = "wrong"\n')
    assert (await checked(right, network)).verdict is Verdict.UP
    assert (await checked(wrong, network)).cause is Cause.AUTH


async def test_a_proxy_whose_upstream_is_gone(nginx: Path, network: Network) -> None:
    result = await checked(service(nginx / "app.sock", 'path = "/proxy"\n'), network)
    assert told(result)[:2] == (Cause.STATUS, "HTTP 502, expected 200 or 302")


async def test_a_path_that_is_not_there(nginx: Path, network: Network) -> None:
    result = await checked(service(nginx / "app.sock", 'path = "/nothing"\n'), network)
    assert told(result)[:2] == (Cause.STATUS, "HTTP 404, expected 200 or 302")
    advice = explain(result)
    assert advice is not None
    assert "port" not in advice.explanation
    assert f"--unix-socket {nginx}/app.sock http://localhost/nothing" in advice.next_step


async def test_a_connection_that_is_cut(nginx: Path, network: Network) -> None:
    result = await checked(service(nginx / "app.sock", 'path = "/cut"\n'), network)
    assert told(result)[:2] == (Cause.RESET, "connection closed without an answer")


async def test_a_server_that_is_stopped_is_waited_for_until_the_timeout(nginx: Path, network: Network) -> None:
    """Its workers too: the kernel goes on accepting."""
    pids = family(int((nginx / "pid").read_text()))
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        result = await checked(service(nginx / "app.sock", 'timeout = "100ms"\n'), network)
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)
    assert told(result)[:2] == (Cause.NO_RESPONSE, "connected, but no answer within 0.1 s")
    advice = explain(result)
    assert advice is not None
    assert advice.explanation == f"No answer came from {nginx}/app.sock: it hangs, is overloaded or still starting."


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
async def test_a_file_that_may_not_be_used_tells_nothing(nginx: Path, network: Network) -> None:
    path = nginx / "app.sock"
    mode = stat.S_IMODE(path.stat().st_mode)
    path.chmod(0o600)
    os.seteuid(65534)
    try:
        result = await checked(service(path), network)
    finally:
        os.seteuid(0)
        path.chmod(mode)
    assert (result.verdict, result.cause, result.symptom) == (Verdict.UNKNOWN, Cause.LOCAL, "unix.permission")


async def test_no_file(network: Network, tmp_path: Path) -> None:
    result = await checked(service(tmp_path / "none"), network)
    assert told(result) == (Cause.REFUSED, f"there is no socket {tmp_path}/none", "unix.no_file")


async def test_a_file_that_is_left_over_or_no_socket(network: Network, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "left"))
    (tmp_path / "plain").touch()
    for name in ("left", "plain"):
        result = await checked(service(tmp_path / name), network)
        assert told(result)[0::2] == (Cause.REFUSED, "unix.refused")


async def test_what_is_no_http_is_said(network: Network, tmp_path: Path) -> None:
    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail ESMTP\r\n")
        writer.close()

    async with await asyncio.start_unix_server(greet, tmp_path / "s"):
        result = await check(service(tmp_path / "s"), probe=UNIX, network=network)
    assert told(result)[:2] == (Cause.PROTOCOL, "not an HTTP answer: 220 mail ESMTP")


async def test_a_full_queue_is_no_connection(network: Network, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener, socket.socket(socket.AF_UNIX) as waiting:
        listener.bind(str(tmp_path / "s"))
        listener.listen(0)
        waiting.connect(str(tmp_path / "s"))
        result = await checked(service(tmp_path / "s", 'timeout = "50ms"\n'), network)
    assert result.cause is Cause.CONNECT_TIMEOUT
    assert result.timings.total == result.timings.connect
    assert result.timings.connect is not None


def test_the_url_names_a_file() -> None:
    (one,) = parse('[[services]]\nname = "A"\nurl = "unix:///run/my%20app.sock"\npath = "/a?b"\n').services
    assert str(one.address) == "/run/my app.sock"
    assert one.by_hand == "curl -v -m 10 --unix-socket '/run/my app.sock' 'http://localhost/a?b'"


@pytest.mark.parametrize(
    "url", ["unix:/run/a", "unix://run/a", "unix:///", "unix:///run/", "unix:///a?b", "unix:///a#b", "unix:///a%00b"]
)
def test_what_is_no_file(url: str) -> None:
    with pytest.raises(ConfigError, match="expected the path of a socket file"):
        parse(f'[[services]]\nname = "A"\nurl = "{url}"\n')


def test_a_path_is_as_long_as_the_kernel_lets_it_be() -> None:
    assert parse(f'[[services]]\nname = "A"\nurl = "unix:///{"a" * 106}"\n').services
    with pytest.raises(ConfigError, match="has 107 bytes at most"):
        parse(f'[[services]]\nname = "A"\nurl = "unix:///{"a" * 107}"\n')


@pytest.mark.parametrize(
    ("key", "fault"),
    [
        ('path = "health"', "`path` is the path of a URL"),
        ('path = "/a b"', "`path` is the path of a URL"),
        ('path = "/a#b"', "`path` is the path of a URL"),
        ('method = "GE T"', "`method` is a word"),
        ('headers.X = "a\\nb"', "holds a control character"),
        ('body = "a"\nform.a = "b"', "only one of `body`, `json` and `form`"),
        ('resolve = "127.0.0.1"', "resolve"),
        ("tls.verify = false", "tls"),
        ("follow_redirects = true", "follow_redirects"),
    ],
)
def test_keys_that_cannot_be(key: str, fault: str) -> None:
    with pytest.raises(ConfigError) as raised:
        parse(f'[[services]]\nname = "A"\nurl = "unix:///a"\n{key}\n')
    assert fault in str(raised.value)


def test_what_is_asked() -> None:
    tested = service(Path("/a"), 'path = "/x"\nmethod = "PUT"\nheaders.X-A = "1"\nbody = "text"\n')
    assert UNIX.asks is not None
    assert list(UNIX.asks(tested)) == [
        "PUT /x HTTP/1.1",
        "Host: localhost",
        "X-A: 1",
        "Content-Type: text/plain; charset=utf-8",
        "a body of 4 bytes",
    ]
