"""The dashboard, as far as it can be read without Grafana. That its queries yield data is shown beside Prometheus."""

import itertools
import json
import re
from typing import Any

import pytest

from healthmon.metrics.families import CHECK_FAMILIES, DAEMON_FAMILIES, RUN_TIMESTAMP, STATE_FAMILIES
from tests.deploy.programs import ROOT, RULES

DASHBOARD: dict[str, Any] = json.loads((ROOT / "deploy/grafana/healthmon.json").read_text(encoding="utf-8"))
PANELS: list[dict[str, Any]] = DASHBOARD["panels"]
FAMILIES = (*STATE_FAMILIES, *CHECK_FAMILIES, *DAEMON_FAMILIES, RUN_TIMESTAMP)


def samples() -> set[str]:
    """What the samples of all families are called."""
    return {
        f"{family.name}{suffix}"
        for family in FAMILIES
        for suffix in (("_bucket", "_sum", "_count") if family.type == "histogram" else ("",))
    }


def test_panels_have_ids_and_places_of_their_own() -> None:
    """Of the 24 columns, and none over another."""
    assert len({panel["id"] for panel in PANELS}) == len(PANELS)
    taken = [
        (x, y)
        for place in (panel["gridPos"] for panel in PANELS)
        for x, y in itertools.product(
            range(place["x"], place["x"] + place["w"]), range(place["y"], place["y"] + place["h"])
        )
    ]
    assert len(set(taken)) == len(taken)
    assert {x for x, _ in taken} == set(range(24))


def test_every_part_asks_the_chosen_prometheus() -> None:
    """Panels, queries and variables."""
    asking = [panel for panel in PANELS if panel["type"] != "row"]
    variables = [variable for variable in DASHBOARD["templating"]["list"] if variable["type"] == "query"]
    assert [variable["name"] for variable in variables] == ["instance", "group", "service"]
    for part in (*asking, *variables, *(target for panel in asking for target in panel["targets"])):
        assert part["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
    assert all(panel["title"] and panel["targets"] for panel in asking)


def test_queries_of_services_obey_the_choice() -> None:
    """Of instance, group and service."""
    for panel in PANELS:
        for target in panel.get("targets", ()):
            for name, selector in re.findall(r"\b(healthmon_(?:service|check)_\w+){([^}]*)}", target["expr"]):
                assert selector.startswith('instance=~"$instance",group=~"$group",service=~"$service"'), name


@pytest.mark.parametrize("name", ["deploy/grafana/healthmon.json", "deploy/prometheus/alerts.yml"])
def test_every_name_is_a_metrics_or_a_recordings(name: str) -> None:
    """A query for another one would yield nothing, and an alert would never fire."""
    text = (ROOT / name).read_text(encoding="utf-8")
    recorded = set(re.findall(r"- record: (\S+)", (RULES / "recording.yml").read_text(encoding="utf-8")))
    assert set(re.findall(r"\bhealthmon_\w+\b(?!:)", re.sub(r"\w+:healthmon_\w+:\w+", "", text))) <= samples()
    assert set(re.findall(r"\b\w+:healthmon_\w+:\w+|\bhealthmon:\w+:\w+", text)) <= recorded


def test_queries_of_one_table_can_be_merged() -> None:
    """Each keeps only labels that it names: rows merge where all labels are equal, the metric's name included."""
    tables = [panel for panel in PANELS if len(panel.get("targets", ())) > 1 and panel["type"] == "table"]
    assert len(tables) == 4
    for target in (target for panel in tables for target in panel["targets"]):
        assert target["expr"].startswith("max by (instance, group, service"), target["expr"]
        assert (target["format"], target["instant"]) == ("table", True)
