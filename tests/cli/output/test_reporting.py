"""Formats for other programs as their users meet them: what is printed, what is written, and the exit code."""

import json
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from healthmon.reports import REPORTS
from tests.conftest import ROOT, Demo, Healthmon
from tests.reports.workflow_commands import commands


def test_a_step_of_github_actions(demo: Demo, healthmon: Healthmon, tmp_path: Path) -> None:
    """Annotations that point into the repository, and the page of the step."""
    page = tmp_path / "summary.md"
    page.write_text("before\n")
    actions = {"GITHUB_WORKSPACE": str(tmp_path), "GITHUB_STEP_SUMMARY": str(page)}
    with demo(brain="503", agents="500", auth="404") as config:
        done = healthmon("check", "127.0.0.1", "--config", config, "--format", "github", **actions)
    assert (done.returncode, done.stderr) == (1, "")
    *errors, notice = commands(done.stdout)
    lines = config.read_text().splitlines()
    assert [(error.name, error.properties["file"]) for error in errors] == [("error", "services.toml")]
    assert errors[0].properties["title"] == "Auth Service (auth) is down"
    assert lines[int(errors[0].properties["line"]) - 1] == "[[services]]"
    assert 'id = "auth"' in lines[int(errors[0].properties["line"]) :][:3]
    assert "Brain AI Gateway (brain), AI Agents (agents)" in errors[0].data
    assert (notice.name, notice.data) == ("notice", "Healthy: 7/10 (7 up, 3 down)")
    assert page.read_text(encoding="utf-8").startswith("before\n\n\n## ❌ Healthy: 7/10\n")
    assert "### ✗ Auth Service `auth`" in page.read_text(encoding="utf-8")


def test_a_step_that_waits(demo: Demo, healthmon: Healthmon, tmp_path: Path) -> None:
    """In vain, and until all are down, which is no error then."""
    page = tmp_path / "summary.md"
    options = ("--format", "github", "--only", "brain")
    with demo(brain="503") as config:
        chosen = ("--config", config, *options)
        vain = healthmon("wait", *chosen, "--deadline", "1s", "--quiet", GITHUB_STEP_SUMMARY=str(page))
        down = healthmon("wait", *chosen, "--deadline", "20s", "--invert", GITHUB_STEP_SUMMARY=str(page))
    error, notice = commands(vain.stdout)
    assert (vain.returncode, down.returncode) == (124, 0)
    assert error.properties["title"].startswith("Brain AI Gateway (brain) is down, and was not healthy within ")
    assert "the deadline came first" in notice.data
    assert [command.name for command in commands(down.stdout)] == ["notice"]
    pages = [line for line in page.read_text(encoding="utf-8").splitlines() if line.startswith("## ")]
    assert pages == ["## ❌ Healthy: 0/1", "## ✅ Healthy: 0/1, down as wanted: 1/1"]


@pytest.mark.parametrize("page", ["/dev/full", "/", "/nowhere/summary"])
def test_a_page_that_cannot_be_written(demo: Demo, healthmon: Healthmon, page: str) -> None:
    """Is told, and changes neither the report nor the verdict."""
    with demo() as config:
        done = healthmon("check", "--config", config, "--format", "github", GITHUB_STEP_SUMMARY=page)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "::notice title=healthmon::Healthy: 10/10 (10 up)")
    assert done.stderr.startswith(f"The job summary {page} could not be written: ")
    assert done.stderr.count("\n") == 1


def test_the_page_is_for_the_format_alone(demo: Demo, healthmon: Healthmon, tmp_path: Path) -> None:
    """Neither another format nor a report in a file writes it."""
    page = tmp_path / "summary.md"
    with demo() as config:
        for options in (["--format", "text"], ["--report", f"github={tmp_path / 'annotations'}"]):
            done = healthmon("check", "--config", config, *options, GITHUB_STEP_SUMMARY=str(page))
            assert done.returncode == 0
        healthmon("check", "--config", config, "--format", "github", GITHUB_STEP_SUMMARY="")
    assert not page.exists()
    assert (tmp_path / "annotations").read_text(encoding="utf-8").endswith(" (10 up)\n")


def test_all_formats_at_once(demo: Demo, healthmon: Healthmon, tmp_path: Path) -> None:
    """Each in its file and of the same run; stdout has its one document."""
    files = {name: tmp_path / ("health.prom" if name == "prometheus" else name) for name in REPORTS}
    options = [f"--report={name}={file}" for name, file in files.items()]
    with demo(brain="503") as config:
        done = healthmon("check", "--config", config, "--format", "json", *options)
    assert (done.returncode, done.stderr) == (1, "")
    assert json.loads(done.stdout) == json.loads((tmp_path / "json").read_text())
    written = {name: file.read_text(encoding="utf-8") for name, file in files.items()}
    assert "file=services.toml,line=" in written["github"]
    assert written["markdown"].startswith("## ❌ Healthy: 9/10\n")
    assert 'healthmon_service_up{group="core",service="brain"} 0.0\n' in written["prometheus"]
    assert stat.S_IMODE(files["prometheus"].stat().st_mode) == 0o644


@pytest.mark.parametrize("name", [name for name in REPORTS if name != "text"])
def test_any_locale(demo: Demo, healthmon: Healthmon, name: str) -> None:
    """Programs read UTF-8, whatever the terminal is set to."""
    with demo(brain="503") as config:
        config.write_text(config.read_text(encoding="utf-8").replace("Brain AI", "Bräin ✓"), encoding="utf-8")
        for locale in ({"LC_ALL": "C"}, {"PYTHONIOENCODING": "latin-1"}, {"LC_ALL": "POSIX", "PYTHONUTF8": "0"}):
            done = healthmon("check", "--config", config, "--format", name, "--only", "brain", **locale)
            assert (done.returncode, done.stderr) == (2 if name == "nagios" else 1, "")
            assert "Bräin ✓ Gateway" in done.stdout


@pytest.mark.parametrize("name", [name for name in REPORTS if name != "nagios"])
def test_a_full_disk(demo: Demo, name: str) -> None:
    """Is told, and is never exit code 0."""
    with demo() as config, Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "healthmon", "check", "--config", str(config), "--format", name],
            stdout=full,
            stderr=subprocess.PIPE,
            cwd=ROOT,
            encoding="utf-8",
            check=False,
        )
    assert (done.returncode, done.stderr) == (
        70,
        "The report could not be written to stdout: No space left on device.\n",
    )
