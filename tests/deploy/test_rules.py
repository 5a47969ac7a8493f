"""The rules for Prometheus, by promtool: valid, each alert firing and keeping quiet, each recording worked out."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

RULES = Path(__file__).parents[2] / "deploy/prometheus"
TESTS = sorted((RULES / "tests").glob("*.yml"))
PROMTOOL = shutil.which("promtool")
needs_promtool = pytest.mark.skipif(PROMTOOL is None, reason="needs promtool: apt-get install prometheus")


def rules(name: str) -> list[dict[str, Any]]:
    """All rules of a file, in order."""
    document = yaml.safe_load((RULES / name).read_text(encoding="utf-8"))
    return [rule for group in document["groups"] for rule in group["rules"]]


def cases(kind: str) -> Iterator[dict[str, Any]]:
    """All tests of a kind, in all files."""
    for path in TESTS:
        for test in yaml.safe_load(path.read_text(encoding="utf-8"))["tests"]:
            yield from test.get(kind, [])


def promtool(*arguments: str | Path) -> str:
    """Run promtool beside the rules, and return what it says; its failure is the test's."""
    assert PROMTOOL
    done = subprocess.run(
        [PROMTOOL, *arguments], cwd=RULES, capture_output=True, encoding="utf-8", check=False, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@needs_promtool
@pytest.mark.parametrize("name", ["prometheus.yml", "probe.yml"])
def test_the_configs_are_valid(name: str) -> None:
    """With the rule files that they name, which `promtool check config` reads too."""
    assert "SUCCESS" in promtool("check", "config", name)


@needs_promtool
@pytest.mark.parametrize("name", ["alerts.yml", "recording.yml"])
def test_the_rules_are_valid(name: str) -> None:
    """Their expressions, and the templates of their annotations."""
    assert f"SUCCESS: {len(rules(name))} rules found" in promtool("check", "rules", "--lint-fatal", name)


@needs_promtool
@pytest.mark.parametrize("path", TESTS, ids=lambda path: path.stem)
def test_promtools_unit_tests_pass(path: Path) -> None:
    """Each file on its own."""
    assert "SUCCESS" in promtool("test", "rules", path)


def test_each_alert_has_a_case_that_fires_and_one_that_does_not() -> None:
    """Those of one name are told apart by their labels."""
    fired = {
        (case["alertname"], label, alert["exp_labels"].get(label))
        for case in cases("alert_rule_test")
        for alert in case["exp_alerts"]
        for label in ("severity", "window")
    }
    quiet = {case["alertname"] for case in cases("alert_rule_test") if not case["exp_alerts"]}
    wanted = {
        (rule["alert"], label, rule["labels"].get(label))
        for rule in rules("alerts.yml")
        for label in ("severity", "window")
    }
    assert fired == wanted
    assert quiet == {name for name, _, _ in wanted}


def test_each_recording_has_a_case_with_a_value() -> None:
    """By its name in the expression of one."""
    asked = " ".join(case["expr"] for case in cases("promql_expr_test") if case["exp_samples"])
    assert [rule["record"] for rule in rules("recording.yml") if rule["record"] not in asked] == []


def test_each_alert_says_what_to_do() -> None:
    """And how much it matters."""
    for rule in rules("alerts.yml"):
        assert rule["labels"]["severity"] in {"critical", "warning"}
        assert set(rule["annotations"]) == {"summary", "description", "next_step"}


def test_rules_recorded_seldom_are_read_by_range_only() -> None:
    """A sample is found for five minutes, unless a range asks for it: what is recorded less often has gaps else."""
    document = yaml.safe_load((RULES / "recording.yml").read_text(encoding="utf-8"))
    seldom = [
        rule["record"]
        for group in document["groups"]
        if group.get("interval") in {"5m", "1h"}
        for rule in group["rules"]
    ]
    read = " ".join(rule["expr"] for rule in (*rules("alerts.yml"), *rules("recording.yml")))
    assert len(seldom) == 4
    for name in seldom:
        assert read.count(name) == read.count(f"{name}[") > 0


PAGE = (RULES.parents[1] / "docs/prometheus.md").read_text(encoding="utf-8")


def test_the_page_lists_the_alerts() -> None:
    """In their order, with severity and delay."""
    rows = re.findall(r"^\| `(Healthmon\w+)` \| ([\w, ]+) \| ([\w ]+) \|", PAGE, re.MULTILINE)
    wanted: dict[str, tuple[list[str], str]] = {}
    for rule in rules("alerts.yml"):
        severities, _ = wanted.setdefault(rule["alert"], ([], rule.get("for", "at once")))
        if rule["labels"]["severity"] not in severities:
            severities.append(rule["labels"]["severity"])
    assert rows == [(name, ", ".join(severities), delay) for name, (severities, delay) in wanted.items()]


def test_the_page_lists_the_recordings() -> None:
    """All of them, and no other; names that begin alike are given in short."""
    listed: set[str] = set()
    for first in re.findall(r"^\| (`\w+:\w+:[^|]+) \|", PAGE, re.MULTILINE):
        whole, *short = re.findall(r"`([^`]+)`", first)
        listed |= {whole, *(f"{whole.rpartition(':')[0]}:{name}" for name in short)}
    assert listed == {rule["record"] for rule in rules("recording.yml")}


def test_the_pages_yaml_is_the_shipped_config() -> None:
    """As far as it is quoted."""
    quoted, _ = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    shipped = yaml.safe_load((RULES / "prometheus.yml").read_text(encoding="utf-8"))
    assert yaml.safe_load(quoted) == {name: shipped[name] for name in ("rule_files", "scrape_configs")}
