"""Every format beside every end of a rollout: none says that all is well unless the exit code is 0."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from lxml import etree
from msgspec import structs
from prometheus_client.parser import text_string_to_metric_families

from healthmon.core.journal import Action, AtFault
from healthmon.core.model import Verdict
from healthmon.core.rollout import Step
from healthmon.core.run import Run
from healthmon.reports import REPORTS
from healthmon.reports.contract import Appearance
from healthmon.reports.rollouts.course import Course
from healthmon.reports.rollouts.made import upshot_of
from healthmon.reports.rollouts.upshot import End
from tests.make import result
from tests.reports.rollouts.courses import (
    BAD,
    BEGAN,
    ONE,
    SALEOR,
    TWO,
    UNREADY,
    checked,
    course,
    deploy,
    from_,
    left,
    looked,
    rollback,
)
from tests.reports.test_junit import SCHEMA
from tests.reports.test_prometheus import PROMTOOL, lint
from tests.reports.workflow_commands import commands

WELL, ILL = result("saleor"), result("saleor", Verdict.DOWN)
VERIFIED = left(action=Action.VERIFY)
WORDS = {Step(Action.DEPLOY, 1): ("one", "no space: ::error::<x> ]]> # SKIP")}


def run_of(*results: Any) -> Run:
    """What the services were found to be."""
    return Run(started=1_769_860_800.0, duration=2.0, host="203.0.113.10", results=results)


ENDS = {
    "all good": (course(*TWO, deploy(2), checked(2)), [WELL], End.DEPLOYED, 0),
    "a command failed and was taken back": (
        course(*BAD, rollback(1), VERIFIED, last_words=WORDS),
        [WELL],
        End.ROLLED_BACK,
        1,
    ),
    "a first command failed and was taken back, and nothing was checked": (
        course(deploy(0, "exit 1"), rollback(0), checked(0, action=Action.VERIFY, total=0)),
        [],
        End.ROLLED_BACK,
        1,
    ),
    "a phase was not healthy and was taken back": (
        course(*ONE, deploy(1), checked(1, AtFault("brain", 2, "refused")), rollback(1), VERIFIED),
        [ILL],
        End.ROLLED_BACK,
        1,
    ),
    "the rollback failed, and all is healthy": (course(*BAD, rollback(1, "exit 3"), left()), [WELL], End.BROKEN, 3),
    "no rollback": (course(*BAD, left(SALEOR), rollback=None), [ILL], End.BROKEN, 3),
    "interrupted while deploying": (
        course(*ONE, BEGAN[Action.DEPLOY], interrupted=15),
        [WELL],
        End.INTERRUPTED,
        143,
    ),
    "interrupted before anything": (course(interrupted=2), [], End.INTERRUPTED, 130),
    "interrupted between phases": (course(*TWO, interrupted=2), [WELL], End.INTERRUPTED, 130),
    "interrupted while verifying": (
        course(*BAD, rollback(1), BEGAN[Action.VERIFY], interrupted=15),
        [WELL],
        End.INTERRUPTED,
        143,
    ),
    "prerequisites": (course(prerequisites=UNREADY), [ILL], End.NOT_READY, 1),
    "phases before the first": (course(from_("core"), prerequisites=looked(SALEOR)), [ILL], End.NOT_READY, 1),
}


def _json(text: str) -> bool:
    return str(json.loads(text)["verdict"]) in {"up", "degraded"}


def _junit(text: str) -> bool:
    tree: Any = etree.fromstring(text.encode())
    SCHEMA.assertValid(tree)
    counts = {name: len(tree.findall(f".//{name}")) for name in ("failure", "error")}
    assert (tree.get("failures"), tree.get("errors")) == tuple(map(str, counts.values()))
    return not any(counts.values())


def _tap(text: str) -> bool:
    numbers = re.findall(r"^(?:not )?ok (\d+)", text, re.MULTILINE)
    assert numbers == [str(number) for number in range(1, len(numbers) + 1)]
    assert f"\n1..{len(numbers)}\n" in text
    return not re.search("^not ok", text, re.MULTILINE)


def _markdown(text: str) -> bool:
    assert len(re.findall("^## ", text, re.MULTILINE)) == 1
    return "✅" in text


def _prometheus(text: str) -> bool:
    samples = {one.name: one.value for family in text_string_to_metric_families(text) for one in family.samples}
    return samples["healthmon_rollout_success"] == 1


SAYS_WELL: Mapping[str, Callable[[str], bool]] = {
    "text": lambda text: text.startswith("Deployed: "),
    "json": _json,
    "junit": _junit,
    "tap": _tap,
    "nagios": lambda text: text.startswith("HEALTHMON OK - "),
    "github": lambda text: [one.name for one in commands(text)] == ["notice"],
    "markdown": _markdown,
    "prometheus": _prometheus,
}
"""Whether a reader of the format takes a report for success."""


@pytest.mark.parametrize("format_", REPORTS)
@pytest.mark.parametrize("end", ENDS)
def test_well_beside_zero_alone(end: str, format_: str) -> None:
    """Whatever the services are."""
    shown, results, how, code = ENDS[end]
    upshot = upshot_of(shown)
    assert (upshot.end, upshot.exit_code) == (how, code)
    text = REPORTS[format_](run_of(*results), Appearance(rollout=upshot))
    assert SAYS_WELL[format_](text) == (code == 0), text
    assert text.endswith("\n")


@pytest.mark.parametrize("end", ENDS)
def test_what_came_of_it_is_told(end: str) -> None:
    """In each format that has words."""
    upshot, results = upshot_of(ENDS[end][0]), ENDS[end][1]
    for format_ in REPORTS:
        text = REPORTS[format_](run_of(*results), Appearance(rollout=upshot))
        assert format_ == "prometheus" or upshot.headline in text, format_


def document(shown: Course) -> Any:
    """What JSON tells of a rollout."""
    return json.loads(REPORTS["json"](run_of(WELL), Appearance(rollout=upshot_of(shown))))["rollout"]


def test_for_programs() -> None:
    """All that the journal tells of each phase, and how things are now."""
    told = document(ENDS["a command failed and was taken back"][0])
    phases = told.pop("phases")
    assert told == {
        "file": "r.toml",
        "journal": "r.journal.jsonl",
        "started": "2026-01-31T12:00:00.000Z",
        "ended": "2026-01-31T12:01:00.000Z",
        "from": None,
        "outcome": "rolled_back",
        "exit_code": 1,
        "message": "Rolled back: phase 2 (core) failed, and phase 1 (shop) is live again.",
        "current": "shop",
        "prerequisites": None,
    }
    wait = {"healthy": True, "total": 4, "seconds": 31.0, "at_fault": []}
    assert phases[0] == {
        "name": "shop",
        "number": 1,
        "result": "healthy",
        "deploy": {"fault": None, "seconds": 12.0, "last_words": []},
        "wait": wait,
        "rollback": None,
        "left": None,
    }
    assert phases[1]["deploy"] == {
        "fault": "exit 1",
        "seconds": 12.0,
        "last_words": list(WORDS[Step(Action.DEPLOY, 1)]),
    }
    assert phases[1]["rollback"] == {"fault": None, "seconds": 2.0, "last_words": []}
    assert phases[1]["left"] == {**wait, "total": 2}
    assert [phases[2][key] for key in ("result", "deploy", "wait")] == ["not reached", None, None]


def test_services_at_fault_for_programs() -> None:
    """Those of a phase, and those that must stand before the first."""
    told = document(ENDS["phases before the first"][0])
    found = [{"id": "saleor", "phase": 1, "message": "connection refused", "lacks": None}]
    assert (told["from"], told["prerequisites"]["at_fault"], told["outcome"]) == ("core", found, "not_ready")
    told = document(ENDS["a phase was not healthy and was taken back"][0])
    assert told["phases"][1]["wait"]["at_fault"] == [{"id": "brain", "phase": 2, "message": "refused", "lacks": None}]


@pytest.mark.parametrize(
    ("shown", "current"),
    [
        (ENDS["all good"][0], "applications and more of them"),
        (ENDS["interrupted between phases"][0], "core"),
        # Half of a phase may be there.
        (ENDS["interrupted while deploying"][0], None),
        (ENDS["interrupted while verifying"][0], None),
        (ENDS["interrupted before anything"][0], None),
        (course(from_("core"), interrupted=15), None),
        (ENDS["a first command failed and was taken back, and nothing was checked"][0], None),
        (ENDS["no rollback"][0], None),
        (ENDS["prerequisites"][0], None),
    ],
)
def test_what_is_live(shown: Course, current: str | None) -> None:
    """The last phase that was found healthy, where somebody can tell."""
    assert document(shown)["current"] == current


def test_in_junit() -> None:
    """A suite of its own: a case for the outcome and one a phase, with what the command said last."""
    text = REPORTS["junit"](run_of(WELL), Appearance(rollout=upshot_of(ENDS["a command failed and was taken back"][0])))
    tree: Any = etree.fromstring(text.encode())
    assert [suite.get("name") for suite in tree] == ["rollout", "services"]
    outcome, shop, core, applications = tree[0].findall("testcase")
    assert [case.get("name") for case in (outcome, shop, core)] == ["outcome", "phase 1 (shop)", "phase 2 (core)"]
    assert (outcome[0].tag, outcome[0].get("type")) == ("failure", "rolled_back")
    assert outcome[0].text.splitlines()[0] == "now       before it: all 2 services are healthy"
    assert (shop[0].tag, shop[0].text) == ("system-out", "healthy")
    assert core[0].get("message") == "the deploy command failed: exit 1; rolled back"
    assert core[0].text.splitlines() == ["deploy said: one", "deploy said: no space: ::error::<x> ]]> # SKIP"]
    assert (applications[0].tag, applications[0].get("message")) == ("skipped", "not reached")
    assert [tree[0].get(key) for key in ("tests", "failures", "errors", "skipped")] == ["4", "2", "0", "1"]
    assert (tree.get("tests"), tree.get("failures"), tree[0].get("time")) == ("5", "2", "60.000")


IN_JUNIT = {
    End.DEPLOYED: "system-out",
    End.ROLLED_BACK: "failure",
    End.BROKEN: "failure",
    End.INTERRUPTED: "error",
    End.NOT_READY: "failure",
}


@pytest.mark.parametrize("end", ENDS)
def test_what_was_interrupted_is_an_error_in_junit_and_no_failure(end: str) -> None:
    """Nobody knows whether all would have been well."""
    upshot = upshot_of(ENDS[end][0])
    tree: Any = etree.fromstring(REPORTS["junit"](run_of(), Appearance(rollout=upshot)).encode())
    outcome = tree.find("testsuite[@name='rollout']/testcase[@name='outcome']")
    assert [child.tag for child in outcome] == [IN_JUNIT[upshot.end]]
    assert outcome[0].get("type") == (None if upshot.end is End.DEPLOYED else upshot.end)


def test_in_text() -> None:
    """A whole report: the outcome, the phases, what was said, and the services, an empty line between any two."""
    text = REPORTS["text"](run_of(WELL), Appearance(rollout=upshot_of(ENDS["a command failed and was taken back"][0])))
    assert text.splitlines() == [
        "Rolled back: phase 2 (core) failed, and phase 1 (shop) is live again.",
        "    now       before it: all 2 services are healthy",
        "    next      Read why it failed here; all that was said is in r.journal.jsonl",
        "    next      When that is mended, go on with: healthmon rollout r.toml --from 1",
        "",
        "Phase                    Deploy  Healthy after  Result",
        "1 shop                     12 s           31 s  ✓ healthy",
        "2 core                     12 s              -  ✗ the deploy command failed:",
        "                                                  exit 1; rolled back",
        "3 applications and            -              -  - not reached",
        "more of them",
        "",
        "✗ The deploy command of phase 2 (core)",
        "    said last one",
        "              no space: ::error::<x> ]]> # SKIP",
        "",
        "2026-01-31 12:00:00 UTC · host 203.0.113.10",
        "Testing 8001 - Saleor... ✓ OK (HTTP 200)  42 ms",
        "Summary: Healthy: 1/1",
    ]


def test_in_tap() -> None:
    """A point for the outcome and one a phase; what was not reached is skipped."""
    text = REPORTS["tap"](run_of(WELL), Appearance(rollout=upshot_of(ENDS["a command failed and was taken back"][0])))
    assert re.findall("^(?:not )?ok .*", text, re.MULTILINE) == [
        "not ok 1 - rollout",
        "ok 2 - phase 1 (shop)",
        "not ok 3 - phase 2 (core)",
        "ok 4 - phase 3 (applications and more of them) # SKIP not reached",
        "ok 5 - Saleor (saleor)",
    ]
    assert '  outcome: "rolled_back"\n' in text
    assert '    - deploy said: "no space: ::error::<x> ]]> # SKIP"\n' in text


def test_as_a_plugin_would() -> None:
    """The status line names the phase."""
    text = REPORTS["nagios"](
        run_of(WELL), Appearance(rollout=upshot_of(ENDS["a command failed and was taken back"][0]))
    )
    first, *more = text.splitlines()
    assert first == (
        "HEALTHMON CRITICAL - Rolled back: phase 2 (core) failed, and phase 1 (shop) is live again. | "
        "'services healthy'=1;;;0;1"
    )
    assert "OK: phase 1 (shop): healthy, deploy 12 s, healthy after 31 s" in more
    assert "CRITICAL: phase 2 (core): the deploy command failed: exit 1; rolled back, deploy 12 s" in more
    assert "phase 3 (applications and more of them): not reached" in more
    degraded = structs.replace(WELL, verdict=Verdict.DEGRADED)
    well = REPORTS["nagios"](run_of(degraded), Appearance(rollout=upshot_of(ENDS["all good"][0])))
    assert well.startswith("HEALTHMON WARNING - Deployed: 3 phases")


def test_as_metrics() -> None:
    """When it ended, too; and without a rollout nothing of one."""
    text = REPORTS["prometheus"](run_of(WELL), Appearance(rollout=upshot_of(ENDS["all good"][0])))
    assert "\nhealthmon_rollout_success 1.0\n" in text
    assert "\nhealthmon_rollout_timestamp_seconds 1.76986086e+09\n" in text
    assert "rollout" not in REPORTS["prometheus"](run_of(WELL), Appearance())


@pytest.mark.skipif(PROMTOOL is None, reason="needs promtool: apt-get install prometheus")
def test_promtool_has_no_complaints() -> None:
    """About the metrics of a rollout."""
    assert lint(REPORTS["prometheus"](run_of(WELL), Appearance(rollout=upshot_of(ENDS["no rollback"][0])))) == ""


def test_a_path_that_is_no_text() -> None:
    """Is written nevertheless, as far as it is text."""
    assert document(course(file="r\udcff.toml"))["file"] == "r.toml"
