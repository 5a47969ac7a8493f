"""`--ping`, against a real HTTP server that stands in for healthchecks.io."""

import http.server
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import click
import pytest

from healthmon.app.interruption import interrupting
from healthmon.cli import main
from healthmon.cli.jobs import lock, ping
from healthmon.cli.jobs.ending import JobEnd
from healthmon.cli.jobs.unattended import Unattended
from healthmon.core.model import Verdict
from healthmon.core.run import Run
from healthmon.errors import ConfigError, Fault, HealthmonError, Interrupted, LockHeld
from tests.conftest import ROOT, Demo, Healthmon
from tests.deploy.programs import eventually
from tests.make import result

SECRET = "0d338dcc-a054-11ec-b909-0242ac120002"
RUN = Run(started=1_769_860_800.0, duration=0.3, host=None, results=(result("brain", Verdict.DOWN),))


class Watcher(http.server.ThreadingHTTPServer):
    """Keeps what it is sent, as (path with query, headers, body), and answers what it has been told to.

    Attributes:
        pings: What it was sent.
        methods: By which methods.
        answers: The statuses and texts of the next answers; afterwards 200 and OK. A status 0 closes without one.
        slow: Set to have the answer to a start wait until the end.
        interrupts: Set to have each ping send SIGTERM to this process.
        location: Where answers send the client, if their statuses say so.
    """

    def __init__(self) -> None:
        self.pings: list[tuple[str, dict[str, str], bytes]] = []
        self.methods: list[str] = []
        self.answers: list[tuple[int, str]] = []
        self.slow = self.interrupts = False
        self.location = ""
        self.over = threading.Event()
        watcher = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"] or 0))
                watcher.methods.append(self.command)
                watcher.pings.append((self.path, dict(self.headers), body))
                if watcher.interrupts:
                    os.kill(os.getpid(), signal.SIGTERM)
                if watcher.slow and "/start" in self.path:
                    watcher.over.wait()
                status, text = watcher.answers.pop(0) if watcher.answers else (200, "OK")
                if not status:
                    self.close_connection = True
                    return
                self.send_response(status)
                if watcher.location:
                    self.send_header("Location", watcher.location)
                self.send_header("Content-Type", "text/plain")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text.encode())

            do_GET = do_POST  # noqa: N815 - the name that http.server looks for

            def log_message(self, *_: Any) -> None:
                pass

        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}/ping/{SECRET}"

    def endings(self) -> list[str]:
        """What came behind the UUID, without the query."""
        return [urlsplit(path).path.partition(SECRET)[2] for path, _, _ in self.pings]


@pytest.fixture
def watcher() -> Iterator[Watcher]:
    """A running one."""
    with running() as server:
        yield server


@contextmanager
def running() -> Iterator[Watcher]:
    """Run one."""
    server = Watcher()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.over.set()
        server.shutdown()
        thread.join()
        server.server_close()


def tell(watcher: Watcher, ending: JobEnd, *, query: str = "") -> int:
    """Tell of a run that ends so."""

    def work(begins: Any) -> JobEnd:
        begins()
        return ending

    return ping.told(ping.parse(watcher.url + query), work)


def test_start_and_success(watcher: Watcher, capsys: pytest.CaptureFixture[str]) -> None:
    """A pair with one run id, in their order; the second has the report."""
    assert tell(watcher, JobEnd(0, RUN)) == 0
    assert watcher.endings() == ["/start", ""]
    (_, _, first), (_, headers, second) = watcher.pings
    ids = {parse_qs(urlsplit(path).query)["rid"][0] for path, _, _ in watcher.pings}
    assert {str(UUID(id_)) for id_ in ids} == ids
    assert len(ids) == 1
    assert (first, "Summary: Healthy: 0/1" in second.decode()) == (b"", True)
    assert headers["User-Agent"].startswith("healthmon/")
    assert headers["Content-Type"] == "text/plain; charset=utf-8"
    assert capsys.readouterr() == ("", "")


def test_the_exit_code_and_the_query(watcher: Watcher) -> None:
    """What the URL asks for stays in it."""
    assert tell(watcher, JobEnd(1, RUN), query="?create=1") == 1
    assert watcher.endings() == ["/start", "/1"]
    assert [parse_qs(urlsplit(path).query)["create"] for path, _, _ in watcher.pings] == [["1"], ["1"]]
    assert tell(watcher, JobEnd(0), query="/") == 0
    assert watcher.endings()[2:] == ["/start", ""]


def test_a_long_report_is_cut(watcher: Watcher) -> None:
    """At what they keep, and not within a character."""
    tell(watcher, JobEnd(70, text="x" + "é" * 100_000))
    body = watcher.pings[1][2]
    assert (len(body), body.decode()[-1]) == (99_999, "é")


@pytest.mark.parametrize(
    ("error", "ending", "text"),
    [
        (ConfigError([Fault("services.toml", 3, "nonsense")]), "/78", "services.toml:3: nonsense\n"),
        (HealthmonError("The report could not be written."), "/70", "The report could not be written.\n"),
        (ZeroDivisionError("by zero"), "/70", "A fault in healthmon itself: ZeroDivisionError('by zero')\n"),
        (KeyboardInterrupt(), "/130", ""),
        (Interrupted(signal.SIGTERM), "/143", "Interrupted by SIGTERM.\n"),
        (click.Abort(), "/130", ""),
    ],
)
def test_what_ends_otherwise(watcher: Watcher, error: BaseException, ending: str, text: str) -> None:
    """Is told, too, and goes on its way."""

    def fail(_: Any) -> JobEnd:
        raise error

    with pytest.raises(type(error)):
        ping.told(ping.parse(watcher.url), fail)
    assert (watcher.endings(), watcher.pings[0][2].decode()) == ([ending], text)


def test_a_lock_that_is_held_is_not_told(watcher: Watcher) -> None:
    """It would be a failure of the run that holds it."""

    def fail(_: Any) -> JobEnd:
        raise LockHeld("Another run holds the lock.")

    with pytest.raises(LockHeld):
        ping.told(ping.parse(watcher.url), fail)
    assert watcher.pings == []


@pytest.mark.parametrize("hiccup", [(503, "no"), (429, "slowly"), (0, "")])
def test_a_hiccup_is_tried_again(watcher: Watcher, capsys: pytest.CaptureFixture[str], hiccup: tuple[int, str]) -> None:
    """Without a word."""
    watcher.answers = [(200, "OK"), hiccup]
    assert tell(watcher, JobEnd(1)) == 1
    assert watcher.endings() == ["/start", "/1", "/1"]
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("answer", "attempts", "said"),
    [
        ((404, "not found"), 1, "HTTP 404 Not Found, not found"),
        ((500, ""), 3, "HTTP 500 Internal Server Error, "),
        ((200, "OK (not found)"), 1, "it says: OK (not found)"),
        ((0, ""), 3, "remote end closed connection without response"),
    ],
)
def test_what_is_not_taken_is_said(
    watcher: Watcher, capsys: pytest.CaptureFixture[str], answer: tuple[int, str], attempts: int, said: str
) -> None:
    """On stderr, without the URL's secret; the exit code is what it was."""
    watcher.answers = [(200, "OK"), *[answer] * 3]
    assert tell(watcher, JobEnd(0)) == 0
    assert len(watcher.pings) == 1 + attempts
    err = capsys.readouterr().err
    place = watcher.url.partition("/ping/")[0]
    assert err.startswith(f"The end of the run could not be told to {place}/…: {said.rstrip(', ')}")
    assert SECRET not in err


def test_a_start_that_is_not_taken_is_said(watcher: Watcher, capsys: pytest.CaptureFixture[str]) -> None:
    """Once, after the end that was."""
    watcher.answers = [(400, "invalid")]
    tell(watcher, JobEnd(0))
    assert watcher.endings() == ["/start", ""]
    said = r"The start of the run could not be told to .*: HTTP 400 Bad Request, invalid\.\n"
    assert re.fullmatch(said, capsys.readouterr().err)


@pytest.mark.parametrize(
    ("path", "said", "shown"),
    [
        (f"/ping/{SECRET}", f"no such check: {SECRET}", "no such check: ***"),
        (
            f"/api/push/{SECRET}/nightly-job",
            f"unknown: nightly-job ({SECRET.replace('-', '%2D')})",
            "unknown: *** (***)",
        ),
        (f"/p?create=1&token={SECRET}", f"bad token {SECRET}, create", "bad token ***, ***"),
        ("/p/x%2By-key", "no x+y-key here", "no *** here"),
    ],
)
def test_no_part_of_the_url_that_may_be_a_key_is_shown(
    watcher: Watcher, capsys: pytest.CaptureFixture[str], path: str, said: str, shown: str
) -> None:
    """Whatever of it the server repeats."""
    watcher.answers = [(404, said)]
    url = watcher.url.partition("/ping/")[0] + path
    assert ping.told(ping.parse(url), lambda _: JobEnd(0)) == 0
    assert capsys.readouterr().err.endswith(f"HTTP 404 Not Found, {shown}.\n")


@pytest.mark.parametrize("status", [301, 302, 303])
@pytest.mark.parametrize("scheme", ["http", "ftp"])
def test_no_other_server_gets_the_url(
    watcher: Watcher, capsys: pytest.CaptureFixture[str], status: int, scheme: str
) -> None:
    """Nor anything else: the redirect is told, without what may be a key."""
    with running() as other:
        watcher.location = other.url.replace("http", scheme)
        watcher.answers = [(status, "")] * 3
        assert ping.told(ping.parse(watcher.url), lambda _: JobEnd(0)) == 0
        assert other.pings == []
    err = capsys.readouterr().err
    assert f"HTTP {status} redirects to another server, {scheme}://127.0.0.1, which is not followed.\n" in err
    assert SECRET not in err
    assert len(watcher.pings) == 1


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_within_the_server_is_followed(
    watcher: Watcher, capsys: pytest.CaptureFixture[str], status: int
) -> None:
    """As from one path to another, with all that is sent."""
    watcher.location = "/moved"
    watcher.answers = [(status, "")]
    assert ping.told(ping.parse(watcher.url), lambda _: JobEnd(0, text="all is well")) == 0
    _, (path, headers, body) = watcher.pings
    assert (path, body, headers["Content-Type"]) == ("/moved", b"all is well", "text/plain; charset=utf-8")
    assert watcher.methods == ["POST", "POST"]
    assert capsys.readouterr().err == ""


def test_what_has_been_taken_is_not_sent_again(watcher: Watcher, capsys: pytest.CaptureFixture[str]) -> None:
    """303 leads to what became of it."""
    watcher.location = "/taken"
    watcher.answers = [(303, "")]
    assert ping.told(ping.parse(watcher.url), lambda _: JobEnd(0, text="all is well")) == 0
    assert [(path, body) for path, _, body in watcher.pings][1:] == [("/taken", b"")]
    assert watcher.methods == ["POST", "GET"]
    assert capsys.readouterr().err == ""


def test_a_signal_comes_too_late_for_the_end(watcher: Watcher) -> None:
    """It is told as it was, and ends so: whoever sends a second one is obeyed."""
    watcher.interrupts = True
    with interrupting():
        assert ping.told(ping.parse(watcher.url), lambda _: JobEnd(1)) == 1
    assert watcher.endings() == ["/1"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_before_the_first_check(watcher: Watcher, tmp_path: Path, number: signal.Signals) -> None:
    """While the config is read: who has been told of the start is told of the end."""
    config = tmp_path / "services.toml"
    os.mkfifo(config)
    command = [sys.executable, "-m", "healthmon", "check", "--config", str(config), "--ping", watcher.url]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, encoding="utf-8") as process:
        eventually(lambda: watcher.pings)
        process.send_signal(number)
        _, errors = process.communicate(timeout=20)
    assert (process.returncode, errors) == (128 + number, f"Interrupted by {number.name}.\n")
    assert watcher.endings() == ["/start", f"/{128 + number}"]


def test_nobody_there(capsys: pytest.CaptureFixture[str]) -> None:
    """It takes two pauses."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}/{SECRET}"
    begun = time.monotonic()
    assert ping.told(ping.parse(url), lambda _: JobEnd(1)) == 1
    assert time.monotonic() - begun < ping.TIMEOUT
    assert "connection refused" in capsys.readouterr().err


def test_one_that_takes_everything_and_says_nothing(watcher: Watcher, capsys: pytest.CaptureFixture[str]) -> None:
    """It costs a few seconds; the end is sent nevertheless, after the start."""
    watcher.slow = True
    begun = time.monotonic()
    assert tell(watcher, JobEnd(1)) == 1
    assert time.monotonic() - begun < ping.TIMEOUT + 1
    assert watcher.endings()[0] == "/start"
    assert watcher.endings()[-1] == "/1"
    err = capsys.readouterr().err
    assert re.fullmatch(r"The start of the run could not be told to .*: no answer .*\.\n", err)


def test_one_that_dribbles_costs_no_more(capsys: pytest.CaptureFixture[str]) -> None:
    """A byte a second would keep the timeout of a socket from ever ending."""
    stop = threading.Event()

    def dribble() -> None:
        while not stop.is_set():
            try:
                connection, _ = server.accept()
            except OSError:
                return
            held.append(connection)

    held: list[socket.socket] = []
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        thread = threading.Thread(target=dribble)
        thread.start()
        begun = time.monotonic()
        url = f"http://127.0.0.1:{server.getsockname()[1]}/{SECRET}"

        def drip() -> None:
            while not stop.wait(0.2):
                for connection in held:
                    try:
                        connection.sendall(b"x")
                    except OSError:
                        continue

        dripping = threading.Thread(target=drip)
        dripping.start()
        assert ping.told(ping.parse(url), lambda _: JobEnd(0)) == 0
        took = time.monotonic() - begun
        stop.set()
        dripping.join()
        server.shutdown(socket.SHUT_RDWR)
        thread.join()
        for connection in held:
            connection.close()
    assert took < ping.TIMEOUT + 1
    assert "could not be told" in capsys.readouterr().err


def test_without_anybody_to_tell() -> None:
    """It is as if there were no such option."""
    assert Unattended().tell(lambda _: JobEnd(7)) == 7


def test_nothing_is_begun_while_the_lock_is_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even a ping that would come too late to be seen; the config is read after the start."""
    begun = []
    monkeypatch.setattr(ping.Pulse, "start", lambda _: begun.append("start"))
    monkeypatch.setattr(ping.Pulse, "end", lambda _, ending: begun.append(str(ending.code)))
    path = str(tmp_path / "lock")
    command = ["check", "--config", str(tmp_path / "missing"), f"--lock={path}", "--ping", "http://127.0.0.1/x"]
    with lock.held(path, Path):
        assert main(command) == 75
    assert begun == []
    assert main(command) == 78
    assert begun == ["start", "78"]


def test_a_check(demo: Demo, healthmon: Healthmon, watcher: Watcher) -> None:
    """Down, with the URL from the environment; interrupted; a wrong config; one that finds the lock held."""
    with demo(brain="503", auth="hang") as config:
        arguments = ("check", "127.0.0.1", "--config", config, "--on-change", "--state", config.with_name("state"))
        taken = config.with_name("lock")
        down = healthmon(*arguments, "--only", "brain", HEALTHMON_CHECK_PING=watcher.url)
        silent = healthmon(*arguments, "--only", "brain", "--ping", watcher.url)
        assert (down.returncode, silent.returncode, silent.stdout, silent.stderr) == (1, 1, "", "")
        assert watcher.endings() == ["/start", "/1"] * 2
        assert "FAILED (HTTP 503)" in watcher.pings[3][2].decode()

        full = healthmon(*arguments, "--only", "brain", "--ping", watcher.url, "--report", "json=/dev/full")
        assert (full.returncode, watcher.endings()[4:]) == (1, ["/start", "/1"])
        assert "FAILED (HTTP 503)" in watcher.pings.pop()[2].decode()
        watcher.pings.pop()

        hang = (*arguments, "--ping", watcher.url, "--lock", taken, "--only", "auth")
        command = [sys.executable, "-m", "healthmon", *map(str, hang)]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as hanging:
            eventually(lambda: len(watcher.pings) == 5)
            held = healthmon(*hang)
            hanging.terminate()
            hanging.communicate()
        assert (held.returncode, hanging.returncode) == (75, 143)
        assert watcher.endings()[4:] == ["/start", "/143"]

        config.write_text("nonsense")
        wrong = healthmon(*hang)
        assert (wrong.returncode, watcher.endings()[6:]) == (78, ["/start", "/78"])
        assert watcher.pings[-1][2].decode() == wrong.stderr
        missing = healthmon("check", "--config", "missing", "--ping", watcher.url, "--lock", taken)
        assert (missing.returncode, watcher.endings()[8:]) == (78, ["/start", "/78"])
