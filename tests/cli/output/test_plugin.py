"""healthmon as a Nagios plugin: always one status line, always an exit status that Nagios knows."""

import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from threading import Thread

import pytest

from healthmon.cli import group, main
from healthmon.cli.output import plugin
from tests.conftest import ROOT, Demo, Healthmon
from tests.deploy.programs import eventually
from tests.reports.plugin_output import read

NEGATE = Path("/usr/lib/nagios/plugins/negate")


@pytest.mark.parametrize(
    ("arguments", "environ", "asked"),
    [
        (["check", "--format", "nagios"], {}, True),
        (["check", "--format=nagios", "--nope"], {}, True),
        (["check", "--format=nagios", "--format", "json"], {}, False),
        (["check", "--format", "json", "--format=nagios"], {}, True),
        (["check"], {"HEALTHMON_CHECK_FORMAT": "nagios"}, True),
        (["check", "--format", "text"], {"HEALTHMON_CHECK_FORMAT": "nagios"}, False),
        (["wait"], {"HEALTHMON_CHECK_FORMAT": "nagios"}, False),
        (["demo", "--", "healthmon", "check", "--format", "nagios"], {}, False),
        (["check", "--format"], {}, False),
        (["rollout", "plan.toml", "--format", "nagios"], {}, False),
        (["rollout", "plan.toml"], {"HEALTHMON_ROLLOUT_FORMAT": "nagios"}, False),
        ([], {}, False),
    ],
)
def test_whether_it_is_asked_for(arguments: list[str], environ: dict[str, str], asked: bool) -> None:
    """As it is typed; the last one counts, and what another program is given does not."""
    assert plugin.asked_for(arguments, environ) is asked


def test_the_processs_own_arguments(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where none are given."""
    monkeypatch.setattr(sys, "argv", ["healthmon", "check", "--format=nagios"])
    monkeypatch.setattr(plugin, "run", lambda _: 42)
    assert main() == 42


@pytest.mark.parametrize(
    ("faults", "options", "status", "state"),
    [
        ({}, [], 0, "OK"),
        ({"brain": "503"}, [], 2, "CRITICAL"),
        ({"brain": "hang"}, ["--deadline", "0.5s"], 3, "UNKNOWN"),
        ({"brain": "slow"}, ["--only", "brain"], 1, "WARNING"),
        ({"brain": "slow"}, ["--only", "brain", "--fail-on", "degraded"], 2, "CRITICAL"),
    ],
)
def test_the_exit_status_is_that_of_the_line(
    demo: Demo, healthmon: Healthmon, faults: dict[str, str], options: list[str], status: int, state: str
) -> None:
    """Of real services; the first line is short when all is well, and `--quiet` does not silence a plugin."""
    with demo(**faults) as config:
        done = healthmon("check", "--config", config, "--format", "nagios", "--quiet", *options)
    assert (done.returncode, done.stderr, read(done.stdout).state) == (status, "", state)
    assert status or len(done.stdout.splitlines()[0]) < 80


def test_healthmons_own_probe_for_plugins_says_the_same(demo: Demo, healthmon: Healthmon, tmp_path: Path) -> None:
    """A healthmon that watches another one gets its verdict, its words and its figures."""
    verdicts = {}
    for fault, verdict in (("none", "up"), ("slow", "degraded"), ("503", "down"), ("deadline", "unknown")):
        options = ["--deadline", "0.2s"] if fault == "deadline" else []
        faults = {"none": {}, "deadline": {"brain": "hang"}}.get(fault, {"brain": fault})
        with demo(**faults) as config:
            command = [sys.executable, "-m", "healthmon", "check", "--format", "nagios", "--only", "brain"]
            outer = tmp_path / "outer.toml"
            outer.write_text(
                f'[[services]]\nname = "inner"\nurl = "exec:"\nnagios = true\nenv.PYTHONPATH = "{ROOT}"\n'
                f"command = {json.dumps([*command, '--config', str(config), *options])}\n",
                encoding="utf-8",
            )
            done = healthmon("check", "--config", outer, "--format", "json")
        (inner,) = json.loads(done.stdout)["services"]
        verdicts[verdict] = inner["verdict"]
        assert inner["facts"]["perf_services_healthy_max"] == 1
        if verdict in ("up", "degraded", "down"):
            assert inner["facts"]["perf_brain"] > 0
            assert inner["facts"]["perf_brain_warn"] == 2
        assert inner["message"].startswith("HEALTHMON ")
    assert verdicts == {verdict: verdict for verdict in verdicts}


@pytest.mark.parametrize(
    ("faults", "options", "status", "text"),
    [
        ({}, [], 0, "1/1 healthy"),
        ({"brain": "slow"}, ["--deadline", "20s"], 1, "1/1 healthy: brain (latency)"),
        ({"brain": "503"}, ["--deadline", "2s"], 2, "0/1 healthy: brain (status)"),
        ({"brain": "hang"}, ["--deadline", "0.3s"], 3, "0/1 healthy: brain (deadline)"),
        ({"brain": "503"}, ["--invert"], 0, "1/1 down"),
        (
            {"brain": "503"},
            ["--invert", "--deadline", "0.3s", "--stable", "0"],
            3,
            "--stable 0: expected a whole number",
        ),
    ],
)
def test_waiting_as_a_plugin(
    demo: Demo, healthmon: Healthmon, faults: dict[str, str], options: list[str], status: int, text: str
) -> None:
    """What whealthy is OK when it comes; a deadline is none of Nagios' exit statuses."""
    with demo(**faults) as config:
        done = healthmon("wait", "--config", config, "--only", "brain", "--format", "nagios", *options)
    found = read(done.stdout)
    assert (done.returncode, found.state) == (status, ("OK", "WARNING", "CRITICAL", "UNKNOWN")[status])
    assert done.stderr == "", "what Icinga would take for the status line"
    assert found.text.startswith(text)


def test_giving_up_as_a_plugin(healthmon: Healthmon, tmp_path: Path) -> None:
    """Is no WARNING, which has the same number."""
    config = tmp_path / "services.toml"
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        thread = Thread(target=_refuse_credentials, args=(server,), daemon=True)
        thread.start()
        port = server.getsockname()[1]
        config.write_text(f'[[services]]\nname = "a"\nurl = "http://127.0.0.1:{port}/"\nauth.bearer = "x"\n')
        done = healthmon("wait", "--config", config, "--format", "nagios", "--give-up")
        thread.join()
    assert (done.returncode, read(done.stdout).text) == (2, "0/1 healthy: a (auth)")


def _refuse_credentials(server: socket.socket) -> None:
    connection, _ = server.accept()
    with connection:
        connection.recv(4096)
        connection.sendall(b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--nope"], "No such option"),
        (["--config", "/nope.toml"], "/nope.toml: cannot read this file"),
        (["--only", "nope"], "--only nope: it matches no service"),
        (["--deadline", "soon"], "soon"),
        (["--report", "json=/nope/x.json"], "--report json=/nope/x.json"),
    ],
)
def test_what_cannot_run_is_unknown(healthmon: Healthmon, options: list[str], said: str) -> None:
    """With the reason on the line and the rest beneath it; also where a variable chooses the format.

    Nothing is on stderr: Icinga reads both streams as one, and takes the first line that comes.
    """
    arguments = ["check", "--config", ROOT / "config/services.toml", *options]
    for done in (
        healthmon(*arguments, "--format=nagios"),
        healthmon(*arguments, HEALTHMON_CHECK_FORMAT="nagios"),
    ):
        assert done.returncode == 3
        assert done.stdout.startswith("HEALTHMON UNKNOWN - ")
        assert said in read(done.stdout).text
        assert done.stderr == ""
        assert "--nope" not in options or done.stdout.splitlines()[1:] == ["Try 'healthmon check --help'."]


def test_a_wrong_config_is_unknown(healthmon: Healthmon, tmp_path: Path) -> None:
    """Its first fault is named; text from the file breaks out no more than a server's."""
    config = tmp_path / "services.toml"
    config.write_text('[[services]]\nname = "a"\nurl = "htp://|x=1<b>"\n\n[[services]]\nbad = 1\n', encoding="utf-8")
    done = healthmon("check", "--config", config, "--format", "nagios")
    assert done.returncode == 3
    assert read(done.stdout).text.startswith(f"{config}:3: url: ")
    assert (len(done.stdout.splitlines()) > 1, done.stderr) == (True, "")
    assert "|" not in done.stdout


def test_a_held_lock_is_unknown(healthmon: Healthmon, tmp_path: Path) -> None:
    """Not 75."""
    lock = tmp_path / "lock"
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        config = ROOT / "config/services.toml"
        done = healthmon("check", "--config", config, "--format", "nagios", "--lock", lock)
    assert done.returncode == 3
    assert "Another run holds the lock" in read(done.stdout).text


def test_stdout_that_is_full(demo: Demo) -> None:
    """The exit status must do."""
    with demo() as config, Path("/dev/full").open("w") as full:
        arguments = ["check", "--config", str(config), "--format", "nagios"]
        done = subprocess.run([sys.executable, "-m", "healthmon", *arguments], stdout=full, check=False, cwd=ROOT)
    assert done.returncode == 3


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted(demo: Demo, tmp_path: Path, number: signal.Signals) -> None:
    """What was found out is told, and the state is UNKNOWN: not all was."""
    begun = tmp_path / "begun"
    config = tmp_path / "slow.toml"
    command = json.dumps(["sh", "-c", f"touch {begun}; sleep 30"])
    config.write_text(
        f'[[services]]\nname = "slow"\nurl = "exec:"\ncommand = {command}\ntimeout = "40s"\n', encoding="utf-8"
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "healthmon", "check", "--config", config, "--format", "nagios"],
        stdout=subprocess.PIPE,
        encoding="utf-8",
        cwd=ROOT,
    )
    eventually(begun.exists)
    process.send_signal(number)
    out, _ = process.communicate(timeout=30)
    found = read(out)
    assert (process.returncode, found.state, found.text) == (3, "UNKNOWN", "0/1 healthy: slow (interrupted)")


@pytest.mark.parametrize("error", [ZeroDivisionError("oops | 'x'=1\n<b>"), KeyboardInterrupt()])
def test_a_fault_is_unknown(
    error: BaseException, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault in healthmon itself, and an interruption before anything ran."""

    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(group.LazyGroup, "invoke", fail)
    assert main(["check", "--format", "nagios"]) == 3
    assert read(capsys.readouterr().out).state == "UNKNOWN"


@pytest.mark.skipif(not NEGATE.exists(), reason=f"{NEGATE}, of monitoring-plugins-basic, is not there")
def test_a_real_wrapper_of_plugins_takes_it(demo: Demo) -> None:
    """`negate` runs a plugin, reads its state, and writes another in its place."""
    with demo(brain="503") as config:
        arguments = ["check", "--config", str(config), "--format", "nagios"]
        command = [str(NEGATE), "--substitute", "--critical=OK", "--ok=CRITICAL", sys.executable, "-m", "healthmon"]
        done = subprocess.run([*command, *arguments], capture_output=True, encoding="utf-8", check=False, cwd=ROOT)
    assert done.returncode == 0
    assert read(done.stdout).state == "OK"
    assert read(done.stdout).text.startswith("9/10 healthy: brain (status)")


def test_what_else_is_to_be_said_comes_behind_the_status_line(demo: Demo) -> None:
    """In one stream with it, as Icinga reads them; of what came to nothing it stands beneath the line."""
    with demo() as config:
        command = [sys.executable, "-m", "healthmon", "check", "--config", str(config), "--format", "nagios"]
        for options, state in (([], "OK"), (["--nope"], "UNKNOWN")):
            done = subprocess.run(
                [*command, *options],
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                encoding="utf-8",
                env={**os.environ, "HEALTHMON_CHECK_TIMEUOT": "5s"},
                cwd=ROOT,
                check=False,
            )
            first, *rest = done.stdout.splitlines()
            assert first.startswith(f"HEALTHMON {state} - ")
            assert any(line.startswith("HEALTHMON_CHECK_TIMEUOT is set") for line in rest)
