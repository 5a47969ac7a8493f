"""`healthmon wait` as its users meet it: against servers that come late, flap, are old, or never come."""

import fcntl
import json
import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.scripted import BUSY, OK, OLD, closed, scripted
from tests.conftest import PROGRAM, ROOT, Healthmon
from tests.deploy.programs import eventually

STAMPED = re.compile(r"20\d\d-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d:[0-6]\dZ \s*\S")

QUICK = ("--interval", "50ms", "--max-interval", "100ms")
ANSWERED = ("--deadline", "2s")
"""Until then the first answers have come, on a machine that stands still for a second, too."""
Config = Callable[..., Path]
Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """Write a config with these services, each given by its id and its port, and what is added to each."""

    def write(extra: str = "", **ports: int) -> Path:
        path = tmp_path / "services.toml"
        path.write_text(
            "".join(
                f'[[services]]\nid = "{id_}"\nname = "{id_.title()}"\nurl = "http://127.0.0.1:{port}/health"\n{extra}\n'
                for id_, port in ports.items()
            )
        )
        return path

    return write


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start healthmon with a bare environment, to be met while it waits."""
    started: list[subprocess.Popen[str]] = []

    def run(*arguments: str | Path, stderr: int = subprocess.PIPE) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [sys.executable, "-m", "healthmon", "wait", *map(str, arguments)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=stderr,
            env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"},
            cwd=tmp_path,
            encoding="utf-8",
            start_new_session=True,  # without a terminal, whoever runs the tests
        )
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        process.communicate()


def finished(process: "subprocess.Popen[str]") -> tuple[int, str, str]:
    """The exit code and what was written, once it has ended."""
    stdout, stderr = process.communicate(timeout=30)
    return process.returncode, stdout, stderr


def test_becomes_healthy(config: Config, start: Start) -> None:
    """Nothing listens at first; the report says since when and what was before."""
    with closed() as bound:
        port = bound.getsockname()[1]
        process = start("--config", config(brain=port), *QUICK)
        assert process.stderr
        assert process.stderr.readline() == "Waiting for 1 service to be healthy, up to 2 min\n"
        assert "connection refused" in process.stderr.readline()
        with scripted(OK, bound=bound):
            code, stdout, _ = finished(process)
    assert code == 0
    lines = stdout.splitlines()
    assert lines[1].startswith(f"Testing {port} - Brain... ✓ OK (HTTP 200)  ")
    assert " · healthy after " in lines[1]
    assert lines[1].endswith(" checks, before: connection refused")
    assert lines[2] == "Summary: Healthy: 1/1"
    assert lines[3].startswith("Waited ")
    assert lines[3].endswith(": the service is healthy.")


def test_flaps(config: Config, healthmon: Healthmon) -> None:
    """Up, down, up: only checks in a row count."""
    with scripted(OK, BUSY, OK, OK, BUSY, OK) as server:
        done = healthmon("wait", "--config", config(brain=server.port), *QUICK, "--stable", "3", "--format", "json")
    service = json.loads(done.stdout)["services"][0]
    assert (done.returncode, server.asked) == (0, 8)
    assert (service["wait"]["checks"], service["wait"]["good"]) == (8, 3)
    assert service["wait"]["last_failure"]["message"] == "HTTP 503, expected 200 or 302"


def test_falls_over_while_another_is_waited_for(config: Config, healthmon: Healthmon) -> None:
    """Nothing is called healthy that has been healthy."""
    with scripted(OK, BUSY, BUSY, OK) as first, scripted(BUSY, BUSY, OK) as second:
        done = healthmon("wait", "--config", config(a=first.port, b=second.port), *QUICK, "--format", "json")
    document = json.loads(done.stdout)
    assert (done.returncode, document["summary"]["up"]) == (0, 2)
    assert first.asked >= 4
    assert document["services"][0]["wait"]["last_failure"]["cause"] == "status"


@pytest.mark.parametrize(
    ("in_file", "typed"),
    [('expect.json = { version = "1.4.2" }', []), ("", ["--expect", "brain.json.version=1.4.2"])],
    ids=["in the file", "typed"],
)
def test_the_old_version_does_not_pass(config: Config, healthmon: Healthmon, in_file: str, typed: list[str]) -> None:
    """Its 200 is the same; only the version tells that the new code is live."""
    with scripted(OLD, OLD, OLD, OK) as server:
        path = config(in_file, brain=server.port)
        done = healthmon("wait", "--config", path, *QUICK, *typed)
    assert (done.returncode, server.asked) == (0, 4)
    assert 'before: HTTP 200, json version: "1.4.1", expected "1.4.2"\n' in done.stdout


def test_never_comes(config: Config, healthmon: Healthmon, tmp_path: Path) -> None:
    """124, the report, and the command does not run."""
    with scripted(BUSY) as server, scripted(OK) as other:
        path = config(brain=server.port, auth=other.port)
        done = healthmon("wait", "--config", path, *QUICK, *ANSWERED, "--", "touch", tmp_path / "ran")
    assert (done.returncode, done.stdout) == (124, "")
    assert "- Brain... ✗ FAILED (HTTP 503)  " in done.stderr
    assert "Summary: Healthy: 1/2\n" in done.stderr
    assert "the deadline came first; 1 of 2 services is not healthy: brain.\n" in done.stderr
    assert not (tmp_path / "ran").exists()


def test_hangs(config: Config, healthmon: Healthmon) -> None:
    """A check that is under way at the deadline is given up."""
    with scripted(None) as server:
        done = healthmon("wait", "--config", config(brain=server.port), "--deadline", "300ms")
    assert done.returncode == 124
    assert "- Brain... ? UNKNOWN (deadline)  " in done.stdout


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interruption(number: signal.Signals, code: int, config: Config, start: Start, tmp_path: Path) -> None:
    """The report so far, the signal's code, and neither command runs."""
    commands = ("--on-failure", f"touch {tmp_path / 'failed'}", "--", "touch", tmp_path / "ran")
    with scripted(BUSY, None) as server, scripted(OK) as other:
        path = config(brain=server.port, auth=other.port)
        process = start("--config", path, *QUICK, *commands)
        eventually(lambda: server.asked >= 2 and other.asked)
        process.send_signal(number)
        met, stdout, stderr = finished(process)
    assert (met, stdout) == (code, "")
    assert "Interrupted after " in stderr
    assert "- Brain... ✗ FAILED (HTTP 503)" in stderr
    assert {path.name for path in tmp_path.iterdir()} == {"services.toml"}


def test_a_signal_after_all_are_healthy(config: Config, start: Start, tmp_path: Path) -> None:
    """Comes in time as long as the command has not begun: here the report is held up."""
    read, write = os.pipe()
    fcntl.fcntl(write, fcntl.F_SETPIPE_SZ, 4096)
    os.write(write, b"x" * 4096)
    with scripted(OK) as server:
        path = config(brain=server.port)
        process = start("--config", path, *QUICK, "--", "touch", tmp_path / "ran", stderr=write)
        os.close(write)
        eventually(lambda: server.asked)
        process.send_signal(signal.SIGTERM)
        with os.fdopen(read, encoding="utf-8") as pipe:
            stderr = pipe.read()
        assert process.wait(timeout=30) == 143
    assert "Summary: Healthy: " in stderr
    assert not (tmp_path / "ran").exists()


def test_the_command_takes_the_place_of_the_process(config: Config, start: Start) -> None:
    """With its number and its streams; stdout is its own, and the report is on stderr."""
    with scripted(OK) as server:
        process = start(
            "--config", config(brain=server.port), "--", "sh", "-c", 'echo "$$ $*"; exit 7', "sh", "-x", "--"
        )
        code, stdout, stderr = finished(process)
    assert (code, stdout) == (7, f"{process.pid} -x --\n")
    assert "Summary: Healthy: 1/1" in stderr


def test_the_commands_end_is_its_own(config: Config, start: Start) -> None:
    """A signal that ends it, too."""
    with scripted(OK) as server:
        path = config(brain=server.port)
        assert finished(start("--config", path, "-q", "--", "sh", "-c", "kill -USR1 $$")) == (-signal.SIGUSR1, "", "")


def test_the_command_gets_signals_as_any_other(config: Config, start: Start) -> None:
    """Nothing is ignored, blocked or caught that would not be without healthmon; Python ignores SIGPIPE."""
    show = ["grep", "^Sig\\(Blk\\|Ign\\)", "/proc/self/status"]
    plain = subprocess.run(show, capture_output=True, text=True, check=True).stdout
    with scripted(OK) as server:
        assert finished(start("--config", config(brain=server.port), "-q", "--", *show)) == (0, plain, "")


def test_a_command_that_ignores_a_signal_goes_on_doing_so(config: Config, tmp_path: Path) -> None:
    """As behind `nohup` and in the background of a script: what was ignored before stays so."""
    with scripted(OK) as server:
        command = f"trap '' INT; exec {PROGRAM} wait --config {config(brain=server.port)} -q -- "
        done = subprocess.run(
            ["sh", "-c", f"{command} grep SigIgn /proc/self/status"],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            cwd=tmp_path,
        )
    assert int(done.stdout.split()[1], 16) & 1 << (signal.SIGINT - 1)


def _script(path: Path, text: str, mode: int = 0o755) -> Path:
    path.write_text(text)
    path.chmod(mode)
    return path


@pytest.mark.parametrize(
    ("text", "mode", "code", "message"),
    [
        (None, 0, 127, "no such command"),
        ("#!/bin/sh\n", 0o644, 126, "permission denied"),
        ("#!/no/such/interpreter\n", 0o755, 126, "the interpreter that its first line names does not exist"),
        ("exit 0\n", 0o755, 126, "neither a program nor a script"),
    ],
)
@pytest.mark.parametrize("named", ["by its path", "by its name"])
def test_a_command_that_cannot_be_run(
    config: Config, healthmon: Healthmon, tmp_path: Path, text: str, mode: int, code: int, message: str, named: str
) -> None:
    """The codes are the shells'. It is looked for in PATH, in folders that may not be read and others."""
    if text is not None:
        _script(tmp_path / "job", text, mode)
    name = str(tmp_path / "job") if named == "by its path" else "job"
    with scripted(OK) as server:
        path = config(brain=server.port)
        done = healthmon("wait", "--config", path, "-q", "--", name, PATH=f"/root:/usr/bin:{tmp_path}")
    assert (done.returncode, done.stdout) == (code, "")
    assert f"'{name}' cannot be run: " in done.stderr
    assert message in done.stderr


REPORT = """\
import json, os, sys
report = json.load(sys.stdin)
names = {name: value for name, value in os.environ.items() if name.startswith("HEALTHMON_")}
print("told", json.dumps([report["wait"]["ending"], report["summary"]["down"], names]))
"""


def test_on_failure(config: Config, healthmon: Healthmon, tmp_path: Path) -> None:
    """It reads the report, has what failed in its environment, and writes to stderr; the exit code stays."""
    script = _script(tmp_path / "roll back", REPORT)
    with scripted(BUSY) as server, scripted(OK) as other, closed() as nobody:
        path = config(brain=server.port, auth=other.port, crm=nobody.getsockname()[1])
        done = healthmon(
            "wait",
            *("--config", path, *QUICK, *ANSWERED),
            *("--on-failure", shlex.join([sys.executable, str(script)]), "--format", "json"),
        )
    assert (done.returncode, json.loads(done.stdout)["verdict"]) == (124, "down")
    told = next(line for line in done.stderr.splitlines() if line.startswith("told "))
    assert json.loads(told.removeprefix("told ")) == [
        "deadline",
        2,
        {
            "HEALTHMON_VERDICT": "down",
            "HEALTHMON_EXIT_CODE": "124",
            "HEALTHMON_ENDING": "deadline",
            "HEALTHMON_FAILED": "brain crm",
            "HEALTHMON_CAUSES": "brain=status crm=refused",
        },
    ]


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (
            ["--on-failure", "no-such-command now"],
            2,
            (
                "--on-failure no-such-command now: 'no-such-command' cannot be run: there is no such command; write "
                "its path, or check its spelling.\n"
            ),
        ),
        (["--on-failure", "/dev/null"], 2, "--on-failure /dev/null: '/dev/null' cannot be run: permission denied.\n"),
        (
            ["--", "./servr"],
            127,
            "'./servr' cannot be run: there is no such command; write its path, or check its spelling.\n",
        ),
        (
            ["--", "echo hi && ls"],
            127,
            (
                "'echo hi && ls' cannot be run: there is no such command; write its path, or put sh -c before what a "
                "shell is to read.\n"
            ),
        ),
        (["--", "/dev/null"], 126, "'/dev/null' cannot be run: permission denied.\n"),
    ],
)
def test_a_program_that_cannot_be_run_is_told_before_anything_is_waited_for(
    config: Config, healthmon: Healthmon, options: list[str], code: int, said: str
) -> None:
    """And not when the deadline has passed: no service is asked."""
    with scripted(BUSY) as server:
        done = healthmon("wait", "--config", config(brain=server.port), "--deadline", "1h", *options)
        assert server.asked == 0
    assert (done.returncode, done.stdout, done.stderr) == (code, "", said)


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("true", ""),
        ("sh -c 'exec <&-; echo reads nothing'", "reads nothing\n"),
        ("sh -c 'exit 3'", "--on-failure sh -c 'exit 3': it failed with exit code 3.\n"),
        ("sh -c 'kill -9 $$'", "--on-failure sh -c 'kill -9 $$': it was ended by SIGKILL.\n"),
    ],
)
def test_what_becomes_of_the_command_changes_nothing(
    config: Config, healthmon: Healthmon, command: str, told: str
) -> None:
    """It is told on stderr."""
    with scripted(BUSY) as server:
        path = config(brain=server.port)
        done = healthmon("wait", "--config", path, *QUICK, "--deadline", "150ms", "--on-failure", command, "-q")
    assert (done.returncode, done.stderr) == (124, told)
    assert "Summary: Healthy: 0/1" in done.stdout


def test_nobody_reads_what_is_told(config: Config, start: Start, tmp_path: Path) -> None:
    """The commands run, and the exit code is what it would be."""
    with scripted(BUSY) as server:
        path = config(brain=server.port)
        process = start("--config", path, *QUICK, "--deadline", "300ms", "--on-failure", "sh -c 'touch failed; exit 3'")
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        process.stderr.close()
        assert process.wait(timeout=30) == 124
    assert (tmp_path / "failed").exists()


def test_a_signal_is_passed_on_to_the_command(config: Config, start: Start) -> None:
    """And to what it has started; the exit code tells of the services."""
    # A child that is just being made may miss the signal: it holds no stream open.
    script = "trap 'echo told >&2; exit 0' TERM; sleep 60 >/dev/null 2>&1 & echo ready >&2; wait"
    with scripted(BUSY) as server:
        path = config(brain=server.port)
        process = start("--config", path, *QUICK, "--deadline", "150ms", "-q", "--on-failure", f'sh -c "{script}"')
        assert process.stderr
        assert process.stderr.readline() == "ready\n"
        process.send_signal(signal.SIGTERM)
        code, _, stderr = finished(process)
    assert (code, stderr) == (124, "told\n")


@pytest.mark.parametrize("second", [signal.SIGINT, signal.SIGTERM])
def test_a_second_signal_ends_the_waiting_for_the_command(second: signal.Signals, config: Config, start: Start) -> None:
    """It may ignore the first; the exit code is still that of the services."""
    script = "trap 'echo told >&2' INT TERM; echo $$ >&2; while :; do sleep 60 <&- >&- 2>&- & wait; done"
    with scripted(BUSY) as server:
        path = config(brain=server.port)
        process = start("--config", path, *QUICK, "--deadline", "150ms", "-q", "--on-failure", f'sh -c "{script}"')
        assert process.stderr
        group = int(process.stderr.readline())
        try:
            process.send_signal(signal.SIGINT)
            assert process.stderr.readline() == "told\n"
            process.send_signal(second)
            assert process.wait(timeout=30) == 124
        finally:
            os.killpg(group, signal.SIGKILL)
        assert ": it is no longer waited for, after a second signal.\n" in process.stderr.read()


def test_a_command_that_was_stopped_gets_the_signal(config: Config, start: Start) -> None:
    """As one is that reads a terminal behind which it does not stand."""
    with scripted(BUSY) as server:
        path = config(brain=server.port)
        script = "echo $$ >&2; kill -STOP $$; echo went on >&2"
        process = start("--config", path, *QUICK, "--deadline", "150ms", "-q", "--on-failure", f"sh -c '{script}'")
        assert process.stderr
        stopped = Path(f"/proc/{process.stderr.readline().strip()}/stat")
        eventually(lambda: stopped.read_text().rpartition(")")[2].split()[0] == "T")
        process.send_signal(signal.SIGTERM)
        code, _, stderr = finished(process)
    assert code == 124
    assert stderr.endswith(": it was ended by SIGTERM.\n")


@pytest.mark.parametrize("command", ["check --only late", "wait --only late"])
def test_a_signal_that_was_ignored_stays_so(command: str, config: Config, tmp_path: Path) -> None:
    """As behind `nohup`, and in the background of a script: it is not even an interruption."""
    with scripted(None, OK) as server:
        path = config("timeout = '500ms'\nretries = 1", late=server.port)
        process = subprocess.Popen(
            [
                "sh",
                "-c",
                f"trap '' INT TERM; exec {PROGRAM} {command} --config {path}",
            ],
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            cwd=tmp_path,
            encoding="utf-8",
        )
        eventually(lambda: server.asked)
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGTERM)
        stdout, _ = process.communicate(timeout=30)
    assert process.returncode == 0, stdout
    assert "Summary: Healthy: 1/1" in stdout


def test_no_time_to_look_again(config: Config, healthmon: Healthmon) -> None:
    """All were healthy, and one did not answer again before the deadline: nobody says that it is."""
    with scripted(OK, None) as quick, scripted(BUSY, OK) as late:
        path = config(quick=quick.port, late=late.port)
        done = healthmon(
            "wait",
            *("--config", path, "--interval", "500ms", "--deadline", "3s"),
            *("--on-failure", 'sh -c "echo told $HEALTHMON_VERDICT, $HEALTHMON_FAILED, $HEALTHMON_CAUSES"'),
        )
    assert done.returncode == 124
    assert " · healthy after " in done.stdout
    assert "1 of 2 services was healthy, but could not be looked at once more in time: quick.\n" in done.stdout
    assert done.stderr.splitlines()[-1] == "told unknown, quick, quick=deadline"


def test_stderr_is_full(config: Config, start: Start) -> None:
    """What is told beside a command is no reason for it not to run; and it gets stderr as it is."""
    script = "echo ran; readlink /proc/self/fd/2"
    with scripted(BUSY, OK) as server, Path("/dev/full").open("w") as full:
        path = config(brain=server.port)
        process = start("--config", path, *QUICK, "--", "sh", "-c", script, stderr=full.fileno())
        code, stdout, _ = finished(process)
    assert (code, stdout) == (0, "ran\n/dev/full\n")


def test_neither_command_runs_without_its_reason(config: Config, healthmon: Healthmon, tmp_path: Path) -> None:
    """Reached: only one of them."""
    with scripted(OK) as server:
        path = config(brain=server.port)
        done = healthmon("wait", "--config", path, "--on-failure", "touch failed", "-q", "--", "touch", "ran")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert {path.name for path in tmp_path.iterdir()} == {"services.toml", "ran"}


def test_giving_up(config: Config, healthmon: Healthmon) -> None:
    """Rejected credentials rarely mend themselves: it ends at once, and says why."""
    with scripted((401, {})) as server:
        path = config('auth.bearer = "x"', brain=server.port)
        given_up = healthmon("wait", "--config", path, *QUICK, "--give-up", "--on-failure", "printenv HEALTHMON_ENDING")
        waited = healthmon("wait", "--config", path, *QUICK, "--deadline", "200ms")
    assert (given_up.returncode, waited.returncode) == (1, 124)
    assert "waiting rarely cures brain (HTTP 401" in given_up.stdout
    assert given_up.stderr.splitlines()[-1] == "gave_up"


def test_until_it_is_down(config: Config, healthmon: Healthmon) -> None:
    """Reached when nobody serves: 0, although no service is healthy, and nothing is to be mended."""
    with scripted(OK, (500, {}), BUSY) as server:
        path = config(brain=server.port)
        done = healthmon("wait", "--config", path, *QUICK, "--invert", "--report", "json=report.json")
        document = json.loads((path.parent / "report.json").read_text())
        still = healthmon("wait", "--config", config(brain=server.port), *QUICK, "--invert", "-q")
    assert (done.returncode, server.asked, still.returncode, still.stdout) == (0, 4, 0, "")
    lines = done.stdout.splitlines()
    assert " · down after " in lines[1]
    assert lines[1].endswith("3 checks, before: HTTP 500, expected 200 or 302")
    assert lines[2] == "Summary: Healthy: 0/1, down as wanted: 1/1"
    assert lines[3].endswith(": the service is down.")
    assert len(lines) == 4
    assert document["wait"] == {"ending": "reached", "for": "down", "stable": 1}
    assert (document["verdict"], document["services"][0]["wait"]["good"]) == ("down", 1)


def test_degraded(config: Config, healthmon: Healthmon) -> None:
    """Is healthy unless asked otherwise."""
    with scripted(OK) as server:
        path = config('warn.latency = "0.001ms"', brain=server.port)
        lenient = healthmon("wait", "--config", path, *QUICK)
        strict = healthmon("wait", "--config", path, *QUICK, "--fail-on", "degraded", "--deadline", "200ms")
    assert (lenient.returncode, strict.returncode) == (0, 124)
    assert "! DEGRADED (" in lenient.stdout


def test_a_report_that_cannot_be_written(config: Config, healthmon: Healthmon, tmp_path: Path) -> None:
    """Holds up nothing that has to be done after a failure, and is no success."""
    options = (*QUICK, "--report", "json=/dev/full")
    vain = ("--deadline", "200ms", "--on-failure", "touch failed")
    with scripted(BUSY) as server, scripted(OK) as other:
        failed = healthmon("wait", "--config", config(brain=server.port), *options, *vain)
        reached = healthmon("wait", "--config", config(brain=other.port), *options, "--", "touch", "ran")
    assert (failed.returncode, reached.returncode) == (124, 70)
    assert "/dev/full could not be written: No space left on device" in failed.stderr
    assert "Summary: Healthy: 0/1" in failed.stdout
    assert reached.stderr.index("Summary: Healthy: 1/1") < reached.stderr.index("/dev/full could not be written")
    assert {path.name for path in tmp_path.iterdir()} == {"services.toml", "failed"}


def test_options_by_environment(config: Config, healthmon: Healthmon) -> None:
    """Also that of the commands that failed are told about: their own variables have other names."""
    with scripted(BUSY) as server:
        path = config(brain=server.port)
        done = healthmon(
            "wait",
            HEALTHMON_CONFIG=str(path),
            HEALTHMON_WAIT_DEADLINE="200ms",
            HEALTHMON_WAIT_INTERVAL="50ms",
            HEALTHMON_WAIT_ON_FAILURE="printenv HEALTHMON_FAILED",
        )
    assert (done.returncode, done.stderr.splitlines()[-1]) == (124, "brain")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--interval", "5s", "--max-interval", "1s"], "--max-interval 1 s is shorter than --interval 5 s"),
        (["--invert", "--fail-on", "degraded"], "with --invert it has no meaning"),
        (["--invert", "--give-up"], "with --invert, leave it out"),
        (["--stable", "10", "--deadline", "5s"], "cannot be reached within --deadline 5 s"),
        (["--stable", "0"], "--stable 0: expected a whole number from 1 on"),
        (["--deadline", "0"], "more than zero"),
        (["--on-failure", ""], "write a command"),
        (["--on-failure", "''"], "write a command"),
        (["--on-failure", "echo 'x"], "no closing quotation"),
        (["--"], "Write a command behind '--'"),
        (
            ["127.0.0.1", "myapp"],
            "myapp: one argument too many. A command to be run goes behind '--', as in: -- 127.0.0.1 myapp",
        ),
        (["127.0.0.1", "--", "true"], "HOST 127.0.0.1: no selected service has {host}"),
        (["--only", "brian", "--", "true"], 'did you mean "brain"?'),
    ],
)
def test_usage_errors(config: Config, healthmon: Healthmon, arguments: list[str], message: str) -> None:
    """Before anything is asked."""
    with scripted(OK) as server:
        done = healthmon("wait", "--config", config(brain=server.port), *arguments)
        assert server.asked == 0
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr


def test_as_a_nagios_plugin(config: Config, healthmon: Healthmon) -> None:
    """The exit status is Nagios'; a command is told which; none can take its stdout."""
    with scripted(BUSY) as server:
        options = ("--config", config(brain=server.port), *QUICK, *ANSWERED, "--format", "nagios")
        done = healthmon("wait", *options, "--on-failure", "printenv HEALTHMON_EXIT_CODE")
        refused = healthmon("wait", *options, "--", "true")
    assert (done.returncode, done.stderr.splitlines()[-1]) == (2, "2")
    assert (refused.returncode, "stdout is the command's" in refused.stdout) == (3, True)


def test_what_stands_behind_the_dashes_is_not_the_host(config: Config, healthmon: Healthmon) -> None:
    """Nor an option of healthmon."""
    with scripted(OK) as server:
        done = healthmon("wait", "--config", config(brain=server.port), "-q", "--", "echo", "--help", "x")
    assert (done.returncode, done.stdout, done.stderr) == (0, "--help x\n", "")


def test_in_github_actions(config: Config, healthmon: Healthmon, tmp_path: Path) -> None:
    """The annotation points to where the service is written; the page tells how long it was waited for."""
    with scripted(BUSY) as server:
        path = config(brain=server.port)
        done = healthmon(
            "wait",
            *("--config", path, *QUICK, *ANSWERED, "--format", "github"),
            GITHUB_STEP_SUMMARY=str(tmp_path / "summary"),
        )
    assert done.returncode == 124
    assert "::error file=services.toml,line=1," in done.stdout
    assert "| never |" in (tmp_path / "summary").read_text()


def test_a_host(healthmon: Healthmon, tmp_path: Path) -> None:
    """Before the dashes."""
    with scripted(OK) as server:
        text = f'[[services]]\nname = "Brain"\nurl = "http://{{host}}:{server.port}/"\n'
        (tmp_path / "services.toml").write_text(text)
        done: Any = healthmon("wait", "127.0.0.1", "-q", "--format", "json", "--", "echo", "on")
    assert (done.returncode, done.stdout, done.stderr) == (0, "on\n", "")


def test_defaults_are_shown_alike(healthmon: Healthmon) -> None:
    """Also those that are no value of the option itself."""
    said = " ".join(healthmon("wait", "--help").stdout.split())
    assert "From the end of a check to the next. [default: 1s]" in said
    assert "by half with each failure. [default: 10s]" in said
    assert "a degraded service does not count as healthy. [default: down]" in said


def test_each_line_has_its_time(config: Config, start: Start) -> None:
    """That of a change on stderr, and those of the report; beside a command, which has stdout to itself, too."""
    with closed() as bound, scripted(BUSY, OK) as other:
        path = config(brain=bound.getsockname()[1], other=other.port)
        code, stdout, stderr = finished(start("--config", path, *QUICK, *ANSWERED, "--timestamps"))
        assert code == 124
        assert "Z ✗ brain: connection refused [refused]\n" in stderr
        assert "Z Summary: Healthy: 1/2\n" in stdout
        assert all(map(STAMPED.match, (stdout + stderr).splitlines()))
    with scripted(BUSY, OK) as server:
        arguments = ("--config", config(brain=server.port), *QUICK, "--timestamps", "--", "echo", "--timestamps")
        code, stdout, stderr = finished(start(*arguments))
        assert (code, stdout) == (0, "--timestamps\n")
        assert "Z Summary: Healthy: 1/1\n" in stderr
        assert all(map(STAMPED.match, stderr.splitlines()))


def test_a_format_for_programs_has_its_own_times(config: Config, healthmon: Healthmon) -> None:
    """So it goes without those of the lines: typed it is refused, and a variable gives way."""
    with scripted(OK) as server:
        path = config(brain=server.port)
        done = healthmon("wait", "--config", path, "--timestamps", "--format", "json")
        assert (done.returncode, done.stdout) == (2, "")
        assert "--timestamps is for --format text" in done.stderr
        done = healthmon("wait", "--config", path, "--format", "json", HEALTHMON_WAIT_TIMESTAMPS="1")
        assert (done.returncode, json.loads(done.stdout)["verdict"]) == (0, "up")
