"""``healthmon demo`` as a program, on loopback addresses of its own, so that the real ports are free."""

import os
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from healthmon.demo.faults import Fault

DEMO = [sys.executable, "-m", "healthmon", "demo"]
_CLEAN = {name: value for name, value in os.environ.items() if not name.startswith("HEALTHMON")}
_ASK = """
import os, sys, urllib.request
url = f"http://{sys.argv[1]}:8001/health"
print(urllib.request.urlopen(url).status, os.environ.get("HEALTHMON_CONFIG"))
sys.exit(5)
"""


@pytest.fixture
def host() -> str:
    """A loopback address that nobody else uses."""
    return "127." + ".".join(str(random.randrange(2, 250)) for _ in range(3))


def run(*arguments: str, cwd: Path, environ: dict[str, str] | None = None) -> "subprocess.CompletedProcess[str]":
    """Run the demo and wait for its end."""
    return subprocess.run(
        [*DEMO, *arguments],
        cwd=cwd,
        env={**_CLEAN, **(environ or {})},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_runs_the_command_against_the_services_and_returns_its_code(host: str, tmp_path: Path) -> None:
    """Where no config is found, the command gets the packaged one."""
    end = run("--host", host, "--", sys.executable, "-c", _ASK, host, cwd=tmp_path)
    assert end.returncode == 5, end.stderr
    status, config = end.stdout.split(" ", 1)
    assert status == "200"
    assert Path(config.strip()).name == "services.toml"
    assert Path(config.strip()).is_file()
    assert end.stderr == ""


def test_a_config_of_the_users_own_stays_in_force(host: str, tmp_path: Path) -> None:
    (tmp_path / "services.toml").touch()
    end = run("--host", host, sys.executable, "-c", _ASK, host, cwd=tmp_path)
    assert end.stdout == "200 None\n"


def test_the_environment_orders_faults_one_a_line(host: str, tmp_path: Path) -> None:
    environ = {"HEALTHMON_DEMO_FAIL": "auth=hang\nbrain=503"}
    end = run("--host", host, "--", sys.executable, "-c", _ASK, host, cwd=tmp_path, environ=environ)
    assert "HTTP Error 503" in end.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--fail", "brian=503"], 2, 'did you mean "brain"?'),
        (["--fail", "brain=504"], 2, 'did you mean "503"?'),
        (["--phase", "2", "--fail", "agents=503"], 2, "belongs to phase 4"),
        (["--phase", "5"], 2, "--phase"),
        (["--host", "203.0.113.1"], 2, "loopback"),
        (["--host", "localhost"], 2, "loopback"),
        (["--", "no-such-command"], 2, "no-such-command: command not found"),
    ],
)
def test_a_mistake_is_one_message_and_code_2(
    host: str, tmp_path: Path, arguments: Sequence[str], code: int, message: str
) -> None:
    first = [] if "--host" in arguments else ["--host", host]
    end = run(*first, *arguments, cwd=tmp_path)
    assert code == end.returncode
    assert message in end.stderr
    assert "Traceback" not in end.stderr
    assert end.stdout == ""


def test_a_port_in_use_is_code_75_and_names_the_owner(host: str, tmp_path: Path) -> None:
    """Here the owner is another demo."""
    end = run("--host", host, "--", *DEMO, "--host", host, "--", "true", cwd=tmp_path)
    assert end.returncode == 75
    assert f"Port 8000 on {host} is already in use by " in end.stderr


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_waits_for_a_signal_and_says_what_to_type(host: str, tmp_path: Path, number: signal.Signals, code: int) -> None:
    waiting = subprocess.Popen(
        [*DEMO, "--host", host, "--phase", "2", "--fail", "brain=hang"],
        cwd=tmp_path,
        env=_CLEAN,
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert waiting.stderr
    lines = [waiting.stderr.readline() for _ in range(7)]
    waiting.send_signal(number)
    output, _ = waiting.communicate(timeout=60)
    assert code == waiting.returncode
    assert output == ""
    assert f"http://{host}:8001/health   fault: hang\n" in lines[2]
    assert f"healthmon check {host} --phase 2 --config " in lines[5]


@pytest.mark.skipif(not shutil.which("setsid"), reason="needs setsid of util-linux")
def test_ctrl_c_in_a_terminal_reaches_the_command(host: str, tmp_path: Path) -> None:
    """The terminal tells the command itself; its code becomes ours."""
    # The signal cannot come between being ready and waiting for it, and be waited for then.
    code = (
        "import signal, sys; signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT]); print('ready')\n"
        "signal.sigwait([signal.SIGINT]); sys.exit(9)"
    )
    command = [sys.executable, "-c", code]
    ours, theirs = os.openpty()
    with os.fdopen(ours, "r+b", buffering=0) as terminal:
        demo = subprocess.Popen(
            ["setsid", "--ctty", "--wait", *DEMO, "--host", host, "--", *command],
            cwd=tmp_path,
            env={**_CLEAN, "PYTHONUNBUFFERED": "1"},
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
        )
        os.close(theirs)
        seen = b""
        while b"ready" not in seen:
            seen += terminal.read(1024)
        terminal.write(b"\x03")
        assert demo.wait(timeout=60) == 9


def test_the_help_names_every_fault(tmp_path: Path) -> None:
    text = run("--help", cwd=tmp_path).stdout
    assert [fault for fault in Fault if fault not in text] == []
