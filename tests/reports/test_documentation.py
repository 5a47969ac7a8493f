"""The page on reports shows what is really written."""

import re
import shlex
from pathlib import Path

import click
import yaml
from msgspec import structs

from healthmon.cli import group
from healthmon.cli.output.pointing import places
from healthmon.config.load import load
from healthmon.core.model import Level, Reason, Timings, Verdict
from healthmon.core.run import Run
from healthmon.reports import REPORTS
from healthmon.reports.contract import Appearance
from tests.make import result

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/reports.md").read_text(encoding="utf-8")
CONFIG = load(ROOT / "config/services.toml", environ={}, host="203.0.113.10")
PLACES = places(CONFIG, environ={}, cwd=ROOT)


def section(heading: str) -> str:
    """What stands beneath a heading."""
    return PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def run(*down: str) -> Run:
    """A run over Saleor, which is up, and these, which are down."""
    services = {service.id: service for service in CONFIG.services}
    reason = Reason("status", "200, 302", "503", Level.EXPECT)
    up = result(service=services["saleor"], timings=Timings(wait=0.013))
    times = {"brain": Timings(wait=0.025), "agents": Timings(wait=0.058)}
    bad = tuple(
        result(service=services[id_], verdict=Verdict.DOWN, timings=times[id_], reasons=(reason,)) for id_ in down
    )
    return Run(started=1_769_860_800.0, duration=0.052, host="203.0.113.10", results=(up, *bad))


def test_the_annotations() -> None:
    """But for the explanation, which is cut."""
    up, brain, agents = run("brain", "agents").results
    agents = structs.replace(agents, message="HTTP 500, expected 200 or 302", blocked_by="brain")
    real = REPORTS["github"](structs.replace(run(), results=(up, brain, agents)), Appearance(places=PLACES))
    (shown,) = re.findall(r"```\n(✓ OK.*?)```", section("github"), re.DOTALL)
    assert shown == re.sub(r"Why: .*", "Why: ...", real)


def test_the_markdown() -> None:
    """Line for line."""
    (shown,) = re.findall(r"```markdown\n(.*?)```", PAGE, re.DOTALL)
    assert shown == REPORTS["markdown"](run("brain"), Appearance())


def test_the_metrics() -> None:
    """Each line that is shown."""
    (shown,) = re.findall(r"```\n(# HELP.*?)```", section("prometheus"), re.DOTALL)
    real = REPORTS["prometheus"](run("brain"), Appearance()).splitlines()
    assert [line for line in shown.splitlines() if line != "..." and line not in real] == []


def test_the_workflow() -> None:
    """Its command is one of healthmon's, with options that it has, and values that they take."""
    (workflow,) = re.findall(r"```yaml\n(.*?)```", section("github"), re.DOTALL)
    steps = yaml.safe_load(workflow)["jobs"]["deploy"]["steps"]
    (line,) = (step["run"] for step in steps if step.get("run", "").startswith("healthmon"))
    _, name, *arguments = shlex.split(line)
    command = group.LazyGroup("healthmon", commands_at=group.COMMANDS).get_command(
        click.Context(click.Command("x")), name
    )
    assert command
    with command.make_context(name, arguments) as context:
        assert context.params["format_"] == "github"
        assert context.params["reports"] == ("junit=health.xml", "json=health.json")
        assert (context.params["deadline"], context.params["stable"]) == (600.0, 3)
