"""The real promtool reads what is rendered, and has nothing to say against it."""

import asyncio
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from healthmon.core.model import Cause, Fact, Timings, Verdict
from healthmon.core.state import State, Watched
from healthmon.metrics.families import FACT_FAMILIES
from healthmon.metrics.metrics import Metrics
from tests.make import result, service

PROMTOOL = shutil.which("promtool")
pytestmark = pytest.mark.skipif(PROMTOOL is None, reason="needs promtool: apt-get install prometheus")


ROOT = Path(__file__).parents[2]


def promtool(*arguments: str | Path, text: str = "") -> tuple[int, str]:
    """Run promtool, and return its exit code and all that it says."""
    assert PROMTOOL
    done = subprocess.run(
        [PROMTOOL, *arguments], input=text.encode(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    return done.returncode, done.stdout.decode()


async def document() -> str:
    """Metrics with a sample in every family, and labels that are hard to read."""
    metrics = Metrics(version="0.1.0", python="3.11.2")
    odd = service("brain", name='Brain "AI" \\ Gateway\n✓', group="core", phase=2)
    metrics.watching([Watched(service=odd, state=State(), result=None)])
    metrics.started(odd, 0.002, 1)
    metrics.reloaded(True, 1_769_860_800.0)
    metrics.dropped("log", 1)
    down = result(
        service=odd,
        verdict=Verdict.DOWN,
        cause=Cause.STATUS,
        timings=Timings(0.001, 0.002, 0.003, 0.004, 0.005),
        facts=tuple(Fact(name, 503) for name in FACT_FAMILIES),
    )
    metrics.checked(down, State(), State(verdict=Verdict.DOWN, since=1.0, blocked_by='post"gres'), 0)
    rendered = await metrics.render(accept="", accept_encoding="")
    return b"".join([chunk async for chunk in rendered.chunks]).decode()


def test_promtool_has_no_complaints() -> None:
    """About names, types, help or syntax."""
    text = asyncio.run(document())
    families = re.findall("^# TYPE (healthmon_[a-z_]+) ", text, re.MULTILINE)
    assert [name for name in families if f"\n{name}" not in text] == []
    assert promtool("check", "metrics", text=text) == (0, "")


def test_the_documented_queries_are_read(tmp_path: Path) -> None:
    """As the expressions of recording rules."""
    page = (ROOT / "docs/metrics.md").read_text(encoding="utf-8")
    queries = re.findall(r"```promql\n(.*?)```", page, re.DOTALL)
    rules = [{"record": f"example:query:{number}", "expr": query} for number, query in enumerate(queries)]
    path = tmp_path / "rules.yml"
    # JSON is YAML.
    path.write_text(json.dumps({"groups": [{"name": "examples", "rules": rules}]}))
    code, said = promtool("check", "rules", path)
    assert (code, f"{len(queries)} rules found" in said) == (0, True), said
