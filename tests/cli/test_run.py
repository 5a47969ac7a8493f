"""``healthmon run`` as its users start and stop it."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from healthmon.demo.faults import Fault
from tests.conftest import ROOT, Demo, Healthmon
from tests.deploy.programs import ask, eventually
from tests.deploy.switchboard import Switchboard, switchboard
from tests.ports import free_port

ONE = '[[services]]\nname = "Saleor"\nid = "saleor"\ninterval = "100ms"\nfailure_threshold = 2\nurl = "http://{place}/health/"\n'


class Running:
    """A daemon at work.

    Attributes:
        process: Its process.
        url: Where it answers.
    """

    def __init__(self, process: "subprocess.Popen[bytes]", log: Path) -> None:
        self.process = process
        self._log = log
        self.url = ""

    @property
    def log(self) -> str:
        """What it has logged so far."""
        return self._log.read_text(encoding="utf-8")

    def wait_for(self, pattern: str) -> str:
        """Wait until the log holds what a pattern matches."""
        eventually(lambda: re.search(pattern, self.log) or (self.process.poll() is not None and self.log))
        found = re.search(pattern, self.log)
        assert found, self.log
        return found[0]

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal, and return the exit code."""
        self.process.send_signal(number)
        return self.process.wait(timeout=15)


Start = Callable[..., "Running"]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start the daemon as a process of its own, in a bare environment, and wait until it listens."""
    started: list[Running] = []

    def run(*arguments: str | Path, listen: str | None = "127.0.0.1:0", **environ: str) -> Running:
        log = tmp_path / f"log-{len(started)}"
        command = [sys.executable, "-m", "healthmon", "run", *(["--listen", listen] if listen else []), *arguments]
        with log.open("wb") as sink:
            process = subprocess.Popen(
                list(map(str, command)),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=sink,
                env={"PATH": "/usr/bin:/bin", "HOME": "/", "PYTHONPATH": str(ROOT), **environ},
                cwd=tmp_path,
            )
        running = Running(process, log)
        started.append(running)
        running.url = running.wait_for(r"https?://[^/\s]+")
        return running

    yield run
    for running in started:
        if running.process.poll() is None:
            running.process.kill()
        running.process.wait()
        assert running.process.stdout
        assert running.process.stdout.read() == b"", "stdout is for reports"
        running.process.stdout.close()


@contextmanager
def service(tmp_path: Path) -> Iterator[tuple[Switchboard, Path]]:
    """One of the demo's services, with faults to order, and a config that has it checked ten times a second."""
    with switchboard() as board:
        path = tmp_path / "services.toml"
        path.write_text(ONE.format(place=f"127.0.0.1:{board.ports['saleor']}"), encoding="utf-8")
        yield board, path


def test_it_tells_what_changes_and_nothing_else(start: Start, tmp_path: Path) -> None:
    """One line when it goes down, with the next step, and one when it is back. SIGTERM ends it with 0."""
    with service(tmp_path) as (board, config):
        running = start("--config", config)
        running.wait_for(r"UP saleor .*HTTP 200")
        board.switch({"saleor": Fault.UNAVAILABLE})
        running.wait_for(r"DOWN saleor .*HTTP 503.*Next: ")
        board.switch({"saleor": None})
        running.wait_for(r"UP saleor .*HTTP 200.*\n(.*\n)*.*UP saleor .*down for")
        assert running.stop() == 0
    lines = running.log.splitlines()
    assert [line.split()[1] for line in lines] == ["INFO", "UP", "INFO", "DOWN", "UP", "INFO"]
    assert lines[-1].endswith("Stopping: 1 of 1 healthy. [stopping]")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_with_0_although_a_service_hangs(start: Start, tmp_path: Path, number: signal.Signals) -> None:
    """And within five seconds, which is what systemd and Docker are told to wait at least."""
    with service(tmp_path) as (board, config):
        board.switch({"saleor": Fault.HANG})
        running = start("--config", config)
        eventually(lambda: "healthmon_checks_in_flight 1.0" in ask(f"{running.url}/metrics")[1])
        began = time.monotonic()
        assert running.stop(number) == 0
        assert time.monotonic() - began < 5.0


def test_a_restart_neither_repeats_nor_loses_a_transition(start: Start, tmp_path: Path) -> None:
    """What was told before the end is not told again; what happened meanwhile is."""
    state = tmp_path / "state"
    with service(tmp_path) as (board, config):
        board.switch({"saleor": Fault.UNAVAILABLE})
        first = start("--config", config, "--state", f"{state}/")
        first.wait_for("DOWN saleor")
        since = json.loads(ask(f"{first.url}/api/v1/services/saleor")[1])["state"]["since"]
        first.process.kill()
        first.process.wait()

        second = start("--config", config, STATE_DIRECTORY=str(state))
        eventually(lambda: "healthmon_service_up" in ask(f"{second.url}/metrics")[1])
        eventually(lambda: json.loads(ask(f"{second.url}/api/v1/services/saleor")[1])["last_result"])
        assert json.loads(ask(f"{second.url}/api/v1/services/saleor")[1])["state"]["since"] == since
        assert second.stop() == 0
        assert "DOWN" not in second.log

        board.switch({"saleor": None})
        third = start("--config", config, "--state", state)
        third.wait_for(r"UP saleor .*down for")


def test_a_reload_takes_what_is_new_and_a_bad_file_changes_nothing(start: Start, tmp_path: Path) -> None:
    """By SIGHUP, and by request; the log, the metric and the reply say why."""
    with service(tmp_path) as (_, config):
        text = config.read_text(encoding="utf-8")
        running = start("--config", config)
        running.wait_for("UP saleor")
        config.write_text(text + text.replace("Saleor", "Second").replace("saleor", "second"), encoding="utf-8")
        running.process.send_signal(signal.SIGHUP)
        running.wait_for(r"in effect: 1 added \(second\)\. 2 services")
        running.wait_for("UP second")

        config.write_text("[[services]]\nname = 'x'\nurll = 'http://127.0.0.1/'\n", encoding="utf-8")
        status, answer = ask(f"{running.url}/-/reload", method="POST")
        assert 400 <= status < 500
        assert re.search(r"services\.toml:3: .*urll.*did you mean.*url", answer, re.DOTALL)
        running.wait_for(r"ERROR The new config is not in effect.*services\.toml:3")
        assert "healthmon_config_last_reload_successful 0.0" in ask(f"{running.url}/metrics")[1]
        assert len(json.loads(ask(f"{running.url}/api/v1/services")[1])["services"]) == 2

        config.write_text(text, encoding="utf-8")
        assert ask(f"{running.url}/-/reload", method="POST")[0] == 200
        metrics = ask(f"{running.url}/metrics")[1]
        assert "healthmon_config_last_reload_successful 1.0" in metrics
        assert 'service="second"' not in metrics


def test_a_changed_file_is_a_reload_where_that_is_asked_for(start: Start, tmp_path: Path) -> None:
    """``--watch-config``."""
    with service(tmp_path) as (_, config):
        text = config.read_text(encoding="utf-8")
        running = start("--config", config, "--watch-config")
        config.write_text(text + text.replace("Saleor", "Second").replace("saleor", "second"), encoding="utf-8")
        running.wait_for(r"in effect: 1 added \(second\)\. 2 services")


@pytest.mark.parametrize(("name", "keys"), [("json", "service"), ("journal", None)])
def test_the_log_has_the_format_that_was_asked_for(start: Start, tmp_path: Path, name: str, keys: str | None) -> None:
    """Also by variable."""
    with service(tmp_path) as (_, config):
        running = start("--config", config, "--log-checks", HEALTHMON_RUN_LOG_FORMAT=name)
        running.wait_for("saleor(.*\n)+.*saleor")
        assert running.stop() == 0
    for line in running.log.splitlines():
        if keys:
            assert {"time", "severity", "event"} <= json.loads(line).keys()
        else:
            assert re.match(r"<[3-7]>", line)


def test_port_is_where_platforms_want_it(start: Start, tmp_path: Path) -> None:
    """All addresses, and what --listen says comes first."""
    with service(tmp_path) as (_, config):
        port = free_port()
        running = start("--config", config, listen=None, PORT=str(port))
        assert running.url == f"http://0.0.0.0:{port}"
        assert ask(f"http://127.0.0.1:{port}/-/healthy")[0] == 200
        assert start("--config", config, PORT=str(port)).url.startswith("http://127.0.0.1:")


@pytest.mark.parametrize("port", ["http", "0", "65536", "-1", "٨", "9" * 5001])
def test_a_port_that_is_none_is_refused(healthmon: Healthmon, tmp_path: Path, port: str) -> None:
    """With what to do."""
    (tmp_path / "services.toml").write_text(ONE.format(place="127.0.0.1:1"), encoding="utf-8")
    ended = healthmon("run", PORT=port)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "set it to a number from 1 to 65535" in ended.stderr


def test_what_cannot_begin_says_why_in_one_line(healthmon: Healthmon, start: Start, tmp_path: Path) -> None:
    """A taken port, a state file that another daemon has, a config that is wrong."""
    config = tmp_path / "services.toml"
    config.write_text(ONE.format(place="127.0.0.1:1"), encoding="utf-8")
    start("--config", config, "--state", tmp_path / "state.jsonl")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = healthmon("run", "--listen", f"127.0.0.1:{port}")
    assert (ended.returncode, ended.stderr.count("\n")) == (75, 1)
    assert f"Port {port} on 127.0.0.1 is already in use" in ended.stderr

    ended = healthmon("run", "--listen", "127.0.0.1:0", "--state", tmp_path / "state.jsonl")
    assert (ended.returncode, ended.stderr.count("\n")) == (75, 1)

    ended = healthmon("run", "--listen", "nonsense")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "the port is missing" in ended.stderr

    ended = healthmon("run", "--only", "salior")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "did you mean" in ended.stderr

    config.write_text("[daemon]\nlisten = true\n", encoding="utf-8")
    ended = healthmon("run")
    assert (ended.returncode, ended.stdout) == (78, "")
    assert re.search(r"services\.toml:2: .*listen", ended.stderr)


def test_the_ten_services_are_watched(start: Start, demo: Demo) -> None:
    """With a broken one; what needs it hangs on it."""
    with demo(auth="503", brain="503") as config:
        text = config.read_text(encoding="utf-8").replace('interval = "30s"', 'interval = "200ms"')
        config.write_text(text, encoding="utf-8")
        running = start("--config", config)
        running.wait_for("DOWN auth")
        running.wait_for("DOWN brain .*auth")
        eventually(lambda: ask(f"{running.url}/-/ready")[0] == 200)
        found = json.loads(ask(f"{running.url}/api/v1/services?state=down")[1])["services"]
        assert {one["id"]: one["state"]["blocked_by"] for one in found} == {"auth": None, "brain": "auth"}
        assert (
            'healthmon_service_blocked{service="brain",group="core",root="auth"} 1' in ask(f"{running.url}/metrics")[1]
        )


def _ask_with(authorization: str, url: str) -> str:
    with urlopen(Request(url, headers={"Authorization": authorization}), timeout=10) as answer:
        text: str = answer.read().decode()
        return text


def test_secrets_are_nowhere(start: Start, tmp_path: Path) -> None:
    """Neither in the log nor in any answer."""
    with switchboard() as board:
        config = tmp_path / "services.toml"
        config.write_text(
            ONE.format(place=f"user:${{PASSWORD}}@127.0.0.1:{board.ports['saleor']}")
            + 'headers.X-Key = "${KEY}"\n[daemon]\nauth.bearer = "${TOKEN}"\n',
            encoding="utf-8",
        )
        board.switch({"saleor": Fault.UNAVAILABLE})
        secrets = {"PASSWORD": "pa55word", "KEY": "k3y-of-saleor", "TOKEN": "t0ken-of-mine"}
        running = start("--config", config, "--log-checks", "--log-format", "json", **secrets)
        running.wait_for('"after":"down"')
        assert ask(f"{running.url}/metrics")[0] == 401
        assert ask(f"{running.url}/-/healthy")[0] == 200
        answers = "".join(
            _ask_with(f"Bearer {secrets['TOKEN']}", running.url + path)
            for path in ("/", "/metrics", "/api/v1/services", "/api/v1/services/saleor")
        )
        assert "saleor" in answers
        assert running.stop() == 0
    for secret in secrets.values():
        assert secret not in running.log
        assert secret not in answers
    assert os.fspath(config) in running.log


def test_modules_alone_are_enough_for_the_daemon(start: Start, healthmon: Healthmon, tmp_path: Path) -> None:
    """Prometheus names the targets. A check has nothing to do with such a config."""
    config = tmp_path / "services.toml"
    config.write_text("[modules.tcp_connect]\nallow = ['127.0.0.0/8']\n", encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as server:
        running = start("--config", config)
        target = f"127.0.0.1:{server.getsockname()[1]}"
        status, answer = ask(f"{running.url}/probe?module=tcp_connect&target={target}")
    assert (status, "probe_success 1" in answer) == (200, True)
    assert ask(f"{running.url}/-/ready")[0] == 200
    ended = healthmon("check")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "The config has no services" in ended.stderr


def test_a_reload_that_is_asked_for_at_once_does_not_end_the_daemon(tmp_path: Path) -> None:
    """SIGHUP's default would, while the config is being read for the first time."""
    config = tmp_path / "services.toml"
    os.mkfifo(config)
    command = [sys.executable, "-m", "healthmon", "run", "--listen", "127.0.0.1:0", "--config", str(config)]
    environ = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, stderr=subprocess.PIPE, env=environ, text=True) as process:
        # The pipe opens when the daemon reads from it.
        with config.open("w", encoding="utf-8") as pipe:
            process.send_signal(signal.SIGHUP)
            pipe.write(ONE.format(place="127.0.0.1:1"))
        assert process.stderr is not None
        assert "[started]" in process.stderr.readline()
        process.terminate()
        assert process.wait(timeout=15) == 0
