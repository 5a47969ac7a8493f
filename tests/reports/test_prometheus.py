"""The report for node_exporter, read by prometheus-client, by promtool and by node_exporter itself."""

import math
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from healthmon.core.model import Verdict
from healthmon.core.run import Run
from healthmon.metrics.families import RUN_FAMILIES
from healthmon.reports.contract import Appearance
from healthmon.reports.prometheus import render
from tests.deploy.programs import ask, eventually, process
from tests.make import result, service
from tests.ports import free_port
from tests.reports.runs import MEAN, every_verdict, runs

PROMTOOL, EXPORTER = shutil.which("promtool"), shutil.which("prometheus-node-exporter")
Samples = dict[str, dict[tuple[tuple[str, str], ...], float]]


def samples(text: str) -> Samples:
    """Each metric's samples by their labels."""
    return {
        family.name: {tuple(sorted(sample.labels.items())): sample.value for sample in family.samples}
        for family in text_string_to_metric_families(text)
    }


def lint(text: str) -> str:
    """What promtool finds fault with."""
    assert PROMTOOL
    done = subprocess.run(
        [PROMTOOL, "check", "metrics"], input=text, capture_output=True, encoding="utf-8", check=False, timeout=60
    )
    return done.stdout + done.stderr


def of(met: Samples, name: str) -> dict[str, float]:
    """A metric's values by service, or by verdict."""
    return {dict(labels).get("service") or dict(labels)["verdict"]: value for labels, value in met[name].items()}


def test_each_verdict() -> None:
    """Whether it is up, absent of what is unknown; and when the run was."""
    met = samples(render(every_verdict(), Appearance()))
    assert of(met, "healthmon_service_up") == {"saleor": 1, "brain": 0, "agents": 0, "crm": 1}
    assert of(met, "healthmon_run_services") == {"up": 1, "degraded": 1, "down": 2, "unknown": 1}
    assert met["healthmon_run_timestamp_seconds"] == {(): 1_769_860_800.0}
    assert met["healthmon_run_duration_seconds"] == {(): 2.0}
    assert dict(next(iter(met["healthmon_service_blocked"])))["root"] == "brain"


@given(runs())
def test_hostile_texts_make_no_metric(run: Run) -> None:
    """The families are ours, no sample has a time, and each label is read as it was."""
    text = render(run, Appearance())
    families = list(text_string_to_metric_families(text))
    assert {family.name for family in families} <= {family.name for family in RUN_FAMILIES}
    assert all(sample.timestamp is None for family in families for sample in family.samples)
    (info,) = (family for family in families if family.name == "healthmon_service_info")
    names = [(sample.labels["service"], sample.labels["name"]) for sample in info.samples]
    assert names == [(one.service.id, one.service.name) for one in run.results]
    ours = re.compile(r"(?:# (?:HELP|TYPE) )?healthmon_")
    assert all(ours.match(line) for line in text.removesuffix("\n").split("\n"))


@pytest.mark.skipif(PROMTOOL is None, reason="needs promtool: apt-get install prometheus")
def test_promtool_has_no_complaint() -> None:
    """Of every verdict, of nothing, and of names that an enemy chose."""
    mean = tuple(
        result(service=service(f"{number}{name}", name=name, group=name), verdict=verdict)
        for number, (name, verdict) in enumerate(zip(MEAN, list(Verdict) * len(MEAN), strict=False))
    )
    nothing = Run(started=0.0, duration=math.inf, host=None, results=())
    for run in (every_verdict(), nothing, Run(started=0.0, duration=1.0, host=None, results=mean)):
        assert lint(render(run, Appearance())) == ""


@pytest.mark.skipif(EXPORTER is None, reason="needs node_exporter: apt-get install prometheus-node-exporter")
def test_node_exporter_reads_it(tmp_path: Path) -> None:
    """All samples, labels and help texts, and no error of the collector."""
    assert EXPORTER
    text = render(every_verdict(), Appearance())
    folder = tmp_path / "textfile"
    folder.mkdir()
    (folder / "healthmon.prom").write_text(text, encoding="utf-8")
    address = f"127.0.0.1:{free_port()}"
    with process(
        *(EXPORTER, f"--web.listen-address={address}", "--collector.disable-defaults", "--collector.textfile"),
        f"--collector.textfile.directory={folder}",
        log=tmp_path / "log",
        environ={},
    ):
        eventually(lambda: ask(f"http://{address}/metrics")[0] == 200)
        _, scraped = ask(f"http://{address}/metrics")
    met = samples(scraped)
    assert met["node_textfile_scrape_error"] == {(): 0.0}
    wanted = {name: values for name, values in samples(text).items() if values}
    assert {name: met[name] for name in wanted} == wanted
    assert "# HELP healthmon_run_timestamp_seconds When the run began.\n" in scraped


@given(st.sampled_from(Verdict))
def test_a_file_of_its_own_says_when_it_was_written(verdict: Verdict) -> None:
    """Whatever the services are like: the age of the last run is what tells that nobody checks any more."""
    run = Run(started=12.5, duration=1.0, host=None, results=(result(verdict=verdict),))
    assert samples(render(run, Appearance()))["healthmon_run_timestamp_seconds"] == {(): 12.5}
