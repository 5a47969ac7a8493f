"""`healthmon check --push-gateway`, against a real HTTP server that stands in for the Pushgateway."""

import base64
import http.server
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
import trustme
from msgspec import structs

from healthmon import __version__
from healthmon.cli.jobs import push
from healthmon.core.model import Cause, Fact, Verdict
from healthmon.core.run import Run
from healthmon.errors import HealthmonError, UsageError
from tests.conftest import Demo, Healthmon
from tests.make import result, service
from tests.metrics.scraping import read, samples

RUN = Run(
    started=1_769_860_800.0,
    duration=0.31,
    host=None,
    results=(
        result(service=service("brain", group="core", phase=2), facts=(Fact("status", 200), Fact("ip", "127.0.0.1"))),
        result("saleor", Verdict.DOWN, blocked_by="brain"),
        result("auth", Verdict.UNKNOWN, cause=Cause.LOCAL, facts=()),
    ),
)

Request = tuple[str, str, dict[str, str], bytes]


class Gateway(http.server.ThreadingHTTPServer):
    """Keeps what it is sent, as (method, path, headers, body), and answers with a status and a text."""

    def __init__(self, status: int, text: str, type_: str) -> None:
        self.requests: list[Request] = []
        gateway = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_PUT(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                gateway.requests.append((self.command, self.path, dict(self.headers), body))
                self.send_response(status)
                self.send_header("Content-Length", str(len(text)))
                self.send_header("Content-Type", type_)
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *_: Any) -> None:
                pass

        super().__init__(("127.0.0.1", 0), Handler)


@contextmanager
def gateway(
    status: int = 200,
    text: str = "",
    *,
    type_: str = "text/plain; charset=utf-8",
    wrap: Callable[[Gateway], None] = lambda _: None,
) -> Iterator[tuple[str, list[Request]]]:
    """Run one, and yield its host and port, and what it has been sent."""
    server = Gateway(status, text, type_)
    wrap(server)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_address[1]}", server.requests
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def parsed(url: str) -> push.Gateway:
    """What a URL means on the machine `web1`."""
    return push.parse(url, hostname="web1")


def test_what_is_pushed() -> None:
    """In the names of the daemon, one group of which everything is replaced."""
    with gateway() as (place, requests):
        push.push(parsed(f"http://{place}"), RUN)
    ((method, path, headers, body),) = requests
    assert (method, path) == ("PUT", "/metrics/job/healthmon/instance/web1")
    assert "Authorization" not in headers
    found = {name: {} for name, _ in samples(read(body.decode()))}  # type: ignore[var-annotated]
    for (name, labels), value in samples(read(body.decode())).items():
        found[name][" ".join(f"{label}={text}" for label, text in sorted(labels) if label != "group")] = value
    assert found.pop("healthmon_build_info") == {
        f"python={'.'.join(map(str, sys.version_info[:3]))} version={__version__}": 1
    }
    assert found.pop("healthmon_service_state") == {
        f"service={id_} state={state}": float(state == verdict)
        for id_, verdict in (("brain", "up"), ("saleor", "down"), ("auth", "unknown"))
        for state in ("up", "degraded", "down", "unknown")
    }
    assert found.pop("healthmon_service_info") == {
        f"name={id_.title()} phase={phase} probe=http service={id_} url=http://127.0.0.1:8001/health": 1
        for id_, phase in (("brain", "2"), ("saleor", ""), ("auth", ""))
    }
    each = ("service=brain", "service=saleor", "service=auth")
    assert found == {
        "healthmon_service_up": {"service=brain": 1, "service=saleor": 0},
        "healthmon_service_blocked": {"root=brain service=saleor": 1},
        "healthmon_check_success": {"service=brain": 1, "service=saleor": 0},
        "healthmon_check_last_duration_seconds": dict.fromkeys(each, 0.0415),
        "healthmon_check_stage_duration_seconds": {
            f"{one} stage={stage}": spent for one in each for stage, spent in (("connect", 0.0005), ("wait", 0.041))
        },
        "healthmon_check_last_timestamp_seconds": dict.fromkeys(each, 1_769_860_800.0),
        "healthmon_check_http_status_code": {"service=brain": 200, "service=saleor": 503},
        "healthmon_run_timestamp_seconds": {"": 1_769_860_800.0},
        "healthmon_run_duration_seconds": {"": 0.31},
        "healthmon_run_services": {"verdict=up": 1, "verdict=degraded": 0, "verdict=down": 1, "verdict=unknown": 1},
    }


@pytest.mark.parametrize(
    ("path", "pushed_to"),
    [
        ("", "/metrics/job/healthmon/instance/web1"),
        ("/", "/metrics/job/healthmon/instance/web1"),
        ("/push/", "/push/metrics/job/healthmon/instance/web1"),
        ("/metrics/job/gate", "/metrics/job/gate"),
        ("/push/metrics/job/gate/env/staging/instance/a%2Bb/", "/push/metrics/job/gate/env/staging/instance/a%2Bb"),
        ("/metrics/job/a%2Fb", "/metrics/job@base64/YS9i"),
    ],
)
def test_the_group(path: str, pushed_to: str) -> None:
    """By default this machine's; otherwise what the path says."""
    with gateway() as (place, requests):
        push.push(parsed(f"http://{place}{path}"), RUN)
    assert [path for _, path, _, _ in requests] == [pushed_to]


def test_name_and_password() -> None:
    """Are sent as such, and stand nowhere else."""
    with gateway() as (place, requests):
        to = parsed(f"http://me:p%40ss%2Fword@{place}/push")
        push.push(to, RUN)
    ((_, path, headers, _),) = requests
    assert headers["Authorization"] == "Basic " + base64.b64encode(b"me:p@ss/word").decode()
    assert path == "/push/metrics/job/healthmon/instance/web1"
    assert "p@ss" not in repr(to) + to.url


@pytest.mark.parametrize(
    "url",
    [
        "127.0.0.1:9091",
        "ftp://127.0.0.1",
        "http://",
        "http://:hunter2@",
        "http://me:hunter2@127.0.0.1:port",
        "http://me:hunter2@127.0.0.1:0",
        "http://me:hunter2@[::1",
        "http://me:hunter2@127.0.0.1:9091/?a",
        "http://me:hunter2@127.0.0.1:9091/#a",
        "http://me:hunter2@127.0.0.1:9091/a b",
        "http://me:hunter2@127.0.0.1:9091/\n",
        "http://me:hunter2@127.0.0.1:9091/metrics/job",
        "http://me:hunter2@127.0.0.1:9091/metrics/job/a/env",
        "http://me:hunter2@127.0.0.1:9091/metrics/job/a/my-env/b",
        "http://me:hunter2@127.0.0.1:9091/metrics/job/a/__env/b",
        "http://me:hunter2@127.0.0.1:9091/metrics/job/a/service/b",
        "",
    ],
)
def test_what_is_no_url_is_refused(url: str) -> None:
    """Before anything runs, and without repeating a password."""
    with pytest.raises(UsageError, match=r"^--push-gateway: ") as refused:
        parsed(url)
    assert "hunter2" not in str(refused.value)


def test_what_the_gateway_says() -> None:
    """Is part of the message where it is one line of plain text, secrets masked."""
    text = "pushed metrics are invalid: \x1b[31msorry, hunter2\n"
    with gateway(400, text) as (place, _), pytest.raises(HealthmonError) as failed:
        push.push(parsed(f"http://me:hunter2@{place}"), RUN)
    assert str(failed.value) == (
        f"The results could not be pushed to http://{place}: "
        "HTTP 400 Bad Request, pushed metrics are invalid: sorry, ***."
    )
    assert failed.value.exit_code == 70


@pytest.mark.parametrize(
    ("text", "type_"),
    [("", "text/plain"), ("<html><h1>502</h1></html>", "text/html"), ("one\ntwo", "text/plain"), ("one", "x/y")],
)
def test_an_error_without_words_for_people(text: str, type_: str) -> None:
    """The status alone: a proxy's page is no sentence."""
    says = pytest.raises(HealthmonError, match=r": HTTP 502 Bad Gateway\.$")
    with gateway(502, text, type_=type_) as (place, _), says:
        push.push(parsed(f"http://{place}"), RUN)


def test_long_words_are_cut() -> None:
    """The message is one line in a mail."""
    with gateway(400, "x" * 900) as (place, _), pytest.raises(HealthmonError, match=r"Bad Request, x+…\.$") as failed:
        push.push(parsed(f"http://{place}"), RUN)
    assert len(str(failed.value)) < 320


def test_nobody_listens() -> None:
    """In the words of the system."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        place = f"127.0.0.1:{server.getsockname()[1]}"
    with pytest.raises(
        HealthmonError, match=f"^The results could not be pushed to http://{place}: connection refused.$"
    ):
        push.push(parsed(f"http://{place}"), RUN)


def test_a_gateway_that_never_answers() -> None:
    """Is given up in time."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        to = parsed(f"http://127.0.0.1:{server.getsockname()[1]}")
        with pytest.raises(HealthmonError, match="no answer "):
            push.push(to, RUN, timeout=0.1)


def test_a_gateway_that_drips() -> None:
    """Each byte in time, the whole not."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        over = threading.Event()

        def drip() -> None:
            connection, _ = server.accept()
            with connection:
                connection.sendall(b"HTTP/1.1 200 OK\r\nX-Drip: ")
                while not over.wait(0.05):
                    connection.sendall(b".")

        thread = threading.Thread(target=drip)
        thread.start()
        to = parsed(f"http://127.0.0.1:{server.getsockname()[1]}")
        with pytest.raises(HealthmonError, match="no answer within 300 ms"):
            push.push(to, RUN, timeout=0.3)
        over.set()
        thread.join()


def test_what_is_no_http() -> None:
    """Is named."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:

        def answer() -> None:
            connection, _ = server.accept()
            with connection:
                connection.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")
                while connection.recv(2**16):
                    pass

        thread = threading.Thread(target=answer)
        thread.start()
        to = parsed(f"http://127.0.0.1:{server.getsockname()[1]}")
        with pytest.raises(HealthmonError, match="ssh-2"):
            push.push(to, RUN)
        thread.join()


def test_a_fault_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even in a thread."""

    def fail(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError("oops")

    monkeypatch.setattr("prometheus_client.exposition.push_to_gateway", fail)
    with pytest.raises(HealthmonError, match=r": ZeroDivisionError: oops\.$"):
        push.push(parsed("http://127.0.0.1:9091"), RUN)


@pytest.mark.parametrize("trusted", [True, False])
def test_https(trusted: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The certificate is verified, against the system's authorities."""
    import ssl

    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))

    def wrap(server: Gateway) -> None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        server.handle_error = lambda *_: None  # type: ignore[method-assign]

    with gateway(wrap=wrap) as (place, requests):
        if trusted:
            push.push(parsed(f"https://{place}"), RUN)
        else:
            with pytest.raises(HealthmonError, match="certificate verify failed"):
                push.push(parsed(f"https://{place}"), RUN)
    assert len(requests) == trusted


def test_check_pushes(demo: Demo, healthmon: Healthmon) -> None:
    """After the report, for all services that were selected."""
    with demo(agents="500") as config, gateway() as (place, requests):
        done = healthmon("check", "127.0.0.1", "--config", config, "--push-gateway", f"http://{place}")
    assert (done.returncode, done.stderr) == (1, "")
    assert "Healthy: 9/10" in done.stdout
    ((_, path, _, body),) = requests
    assert path == f"/metrics/job/healthmon/instance/{os.uname().nodename}"
    found = samples(read(body.decode()))
    assert sum(value for (name, _), value in found.items() if name == "healthmon_service_up") == 9


@pytest.mark.parametrize(("faults", "code"), [({}, 70), ({"auth": "404"}, 1)], ids=["all healthy", "one down"])
def test_a_failed_push_changes_no_verdict(faults: dict[str, str], code: int, demo: Demo, healthmon: Healthmon) -> None:
    """It is said in one line; an exit code that tells of a service stays, 0 does not."""
    with demo(**faults) as config, gateway(503, "later") as (place, _):
        done = healthmon(
            "check", "127.0.0.1", "--config", config, HEALTHMON_CHECK_PUSH_GATEWAY=f"http://me:hunter2@{place}"
        )
    assert done.returncode == code
    assert done.stderr == f"The results could not be pushed to http://{place}: HTTP 503 Service Unavailable, later.\n"
    assert f"Healthy: {10 - len(faults)}/10" in done.stdout


def test_a_bad_url_ends_before_anything_runs(healthmon: Healthmon) -> None:
    """As a usage error."""
    done = healthmon("check", "--config", "there-is-none.toml", "--push-gateway", "127.0.0.1:9091")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("--push-gateway: this is no URL")


def test_prometheus_client_is_imported_only_to_push(demo: Demo) -> None:
    """It would make every check slower to start."""
    code = "import sys\nfrom healthmon.cli import main\nmain(sys.argv[1:])\nprint('prometheus_client' in sys.modules)"
    with demo() as config, gateway() as (place, _):
        arguments = [sys.executable, "-c", code, "check", "127.0.0.1", "--config", str(config), "-q"]
        said = [
            subprocess.run([*arguments, *more], capture_output=True, text=True, check=True).stdout
            for more in ([], ["--push-gateway", f"http://{place}"])
        ]
    assert said == ["False\n", "True\n"]


def test_the_group_of_no_services_is_empty_of_them() -> None:
    """A run without results says so, and nothing else."""
    with gateway() as (place, requests):
        push.push(parsed(f"http://{place}"), structs.replace(RUN, results=()))
    names = {name for name, _ in samples(read(requests[0][3].decode()))}
    assert names == {
        "healthmon_run_timestamp_seconds",
        "healthmon_run_duration_seconds",
        "healthmon_run_services",
        "healthmon_build_info",
    }
