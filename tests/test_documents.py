"""The documents are true: their commands exist, their examples are read, their figures are the code's."""

import json
import re
from pathlib import Path

import click
import pytest

from healthmon import __version__, errors
from healthmon.cli import group
from healthmon.config.load import load, parse
from healthmon.core.model import Cause, Result, Stage, Verdict
from healthmon.core.run import Run
from healthmon.core.state import Transition
from healthmon.logs import FORMATS
from healthmon.reports import REPORTS
from healthmon.reports.contract import Appearance
from tests.make import result
from tests.reports.example import example

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
COMMANDS = group.LazyGroup("healthmon", commands_at=group.COMMANDS)


def test_the_readme_names_every_command() -> None:
    """And no other."""
    table = re.findall(r"^\| `healthmon (\w+)[^|]*\|", README, re.MULTILINE)
    also = re.findall(r"`healthmon init`, `healthmon (\w+)`", README)
    assert set(group.COMMANDS) == set(table + also)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_the_options_in_the_documents_exist(path: Path) -> None:
    """Each on the command that it is shown with."""
    for line in path.read_text(encoding="utf-8").splitlines():
        for part in line.split(" -- "):
            shown = re.search(rf"\bhealthmon ({'|'.join(group.COMMANDS)})\b([^|`#]*)", part)
            if shown is None:
                continue
            command = COMMANDS.get_command(None, shown[1])  # type: ignore[arg-type]
            assert command
            known = {flag for option in command.params if isinstance(option, click.Option) for flag in option.opts}
            assert set(re.findall(r"(?<!\S)--[a-z][a-z-]*", shown[2])) <= known | {"--help"}, line


def test_the_readmes_config_is_read() -> None:
    """As it stands."""
    (example,) = re.findall(r"```toml\n(.*?)```", README, re.DOTALL)
    config = parse(example)
    assert [service.id for service in config.services] == ["brain", "redis"]


def test_the_readme_gives_every_exit_code() -> None:
    """Those that errors carry, and those that runs end with."""
    shown = {
        int(code) for row in re.findall(r"^\| (\d+(?:, \d+)*) \|", README, re.MULTILINE) for code in row.split(", ")
    }
    carried = {
        error.exit_code
        for error in vars(errors).values()
        if isinstance(error, type) and issubclass(error, errors.HealthmonError)
    }
    assert shown == carried | {0, 1, 3, 124, 130, 143}


def test_the_changelog_begins_with_this_version() -> None:
    """Released or not."""
    first = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert first
    assert first[1] == __version__


def test_links_between_documents_lead_somewhere() -> None:
    """Relative ones."""
    for path in DOCUMENTS:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", path.read_text(encoding="utf-8")):
            assert (path.parent / target).exists(), f"{path.name}: {target}"


RESULTS = (ROOT / "docs/results.md").read_text(encoding="utf-8")


def rows(heading: str) -> dict[str, list[str]]:
    """The table beneath a heading: its first column to the others."""
    section = RESULTS.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    cells = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("| `")]
    return {first.strip("`"): rest for first, *rest in cells}


def test_every_verdict_cause_and_stage_is_documented() -> None:
    """In the order of the code, causes with the verdict that they mean."""
    assert list(rows("Verdicts")) == [verdict.value for verdict in Verdict]
    assert list(rows("Causes")) == [cause.value for cause in Cause]
    assert list(rows("Timings")) == [stage.value for stage in Stage]
    for cause in Cause:
        assert cause.verdict.value in rows("Causes")[cause.value][0]


def test_every_fact_is_documented() -> None:
    """All that the network and the probes record, and no other."""
    code = "".join(
        path.read_text(encoding="utf-8")
        for part in ("net", "probes")
        for path in (ROOT / "healthmon" / part).rglob("*.py")
    )
    assert set(rows("Facts")) == set(re.findall(r'\.fact\("(\w+)",', code))


def test_the_documented_json_has_the_reports_keys() -> None:
    """All of them, in their order."""
    (example,) = re.findall(r"```json\n(.*?)```", RESULTS, re.DOTALL)
    shown = json.loads(example)
    run = Run(started=0.0, duration=1.0, host=None, results=(result(verdict=Verdict.DOWN),))
    real = json.loads(REPORTS["json"](run, Appearance()))
    assert list(shown) == list(real)
    assert list(shown["services"][0]) == list(real["services"][0])
    assert shown["version"] == __version__


def test_every_format_is_documented() -> None:
    """In the order of the code, each with a part of its own; the examples are those of one run."""
    text = (ROOT / "docs/reports.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| \[`(\w+)`\]", text, re.MULTILINE) == list(REPORTS)
    assert re.findall(r"^## (\w+)$", text, re.MULTILINE) == list(REPORTS)
    for name in ("text", "junit", "tap", "nagios"):
        part = text.partition(f"\n## {name}\n")[2]
        shown = re.match(r"\n```\w*\n(.*?)```\n", part, re.DOTALL)
        assert shown
        assert shown[1] == REPORTS[name](example(), Appearance())


def test_the_readmes_log_is_what_the_daemon_writes() -> None:
    """Line for line."""
    services = {
        service.id: service for service in load(ROOT / "config/services.toml", environ={}, host="203.0.113.10").services
    }
    refused = result("auth", Verdict.DOWN, service=services["auth"], cause=Cause.REFUSED, message="connection refused")
    hangs_on = result("brain", Verdict.DOWN, service=services["brain"])
    back = result("auth", service=services["auth"])
    began = 1_769_860_800.0
    lines = [
        FORMATS["text"](transition, 0.0)
        for transition in (
            _transition(refused, Verdict.UP, began + 271, 271),
            _transition(hangs_on, Verdict.UP, began + 275, 275, blocked_by="auth"),
            _transition(back, Verdict.DOWN, began + 541, 270),
        )
    ]
    assert lines == re.findall(r"^2026-01-31T\S+ (?:DOWN|UP) .*", README, re.MULTILINE)


def _transition(
    made_by: Result, before: Verdict, at: float, lasted: float, blocked_by: str | None = None
) -> Transition:
    return Transition(
        service=made_by.service,
        before=before,
        after=made_by.verdict,
        at=at,
        lasted=lasted,
        result=made_by,
        blocked_by=blocked_by,
        flapping=False,
    )
