"""`healthmon check --watch` where there is no terminal, and what does not go with it."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT, Demo, Healthmon
from tests.deploy.programs import eventually

COMMAND = [sys.executable, "-m", "healthmon", "check", "--watch", "--interval", "100ms"]
SUMMARY = "Summary: Healthy: 10/10"


def test_report_after_report(demo: Demo, tmp_path: Path) -> None:
    """Each with an empty line before it, until SIGTERM; no escape sequence is in them, and nothing on stderr."""
    out = tmp_path / "out"
    with demo() as config, out.open("wb") as sink:
        process = subprocess.Popen([*COMMAND, "--config", config], stdout=sink, stderr=subprocess.PIPE, cwd=ROOT)
        eventually(lambda: out.read_text().count(SUMMARY) >= 3)
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=10)
    reports = out.read_text().split("\n\n")
    assert (process.returncode, errors) == (143, b"")
    assert len(reports) >= 3
    assert {report.splitlines()[-1] for report in reports} == {SUMMARY}
    assert "\x1b" not in out.read_text()


def test_a_reader_who_has_seen_enough(demo: Demo) -> None:
    """Such as `head`: then there is nobody to watch for. The code is that of the last round."""
    with (
        demo(auth="404") as config,
        subprocess.Popen([*COMMAND, "--config", config], stdout=subprocess.PIPE, cwd=ROOT) as process,
    ):
        assert process.stdout
        process.stdout.readline()
        process.stdout.close()
        assert process.wait(timeout=20) == 1


def test_a_deadline_bounds_each_round(demo: Demo, tmp_path: Path) -> None:
    """What is not finished by then is unknown, in each."""
    out = tmp_path / "out"
    with demo(brain="hang") as config, out.open("wb") as sink:
        process = subprocess.Popen([*COMMAND, "--config", config, "--deadline", "300ms"], stdout=sink, cwd=ROOT)
        eventually(lambda: out.read_text().count("? UNKNOWN (deadline)") >= 2)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=10) == 130


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (["--format", "json"], "--format"),
        (["--report", "json=x.json"], "--report"),
        (["--push-gateway", "http://127.0.0.1:1"], "--push-gateway"),
        (["--quiet"], "--quiet"),
        (["--verbose"], "--verbose"),
        (["--on-change"], "--on-change"),
        (["--timestamps"], "--timestamps"),
        (["--ping", "http://127.0.0.1:1"], "--ping"),
    ],
)
def test_what_does_not_go_with_it(healthmon: Healthmon, options: list[str], named: str) -> None:
    """Is refused: none is read and ignored."""
    done = healthmon("check", "--watch", *options)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"{named} does not go with --watch" in done.stderr


def test_an_interval_without_it(healthmon: Healthmon) -> None:
    """Means nothing."""
    done = healthmon("check", "--interval", "5s")
    assert (done.returncode, done.stderr) == (
        2,
        "--interval goes with --watch only: without it there is one round.\n",
    )


def test_it_holds_the_lock(demo: Demo, healthmon: Healthmon, tmp_path: Path) -> None:
    """For as long as it watches."""
    out = tmp_path / "out"
    with demo() as config, out.open("wb") as sink:
        watching = [*COMMAND, "--config", str(config), "--lock", str(tmp_path / "lock")]
        with subprocess.Popen(watching, stdout=sink, cwd=ROOT) as process:
            eventually(lambda: SUMMARY in out.read_text())
            assert healthmon("check", "--config", config, "--lock", tmp_path / "lock").returncode == 75
            process.send_signal(signal.SIGTERM)
