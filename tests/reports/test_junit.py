"""JUnit's XML: valid for Jenkins, and the same when a program has read it."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from junitparser import Error, Failure, JUnitXml, TestCase
from lxml import etree

from healthmon.core.model import Cause, Fact, Level, Reason, Timings, Verdict
from healthmon.core.run import Ending, Run, Wait, Waited
from healthmon.reports.contract import Appearance
from healthmon.reports.junit import render
from healthmon.reports.standing import message, standing, title
from tests.make import result, service
from tests.reports.hostile import HOSTILE, hostile_result, run_of, runs

UP, DEGRADED, DOWN, UNKNOWN = Verdict.UP, Verdict.DEGRADED, Verdict.DOWN, Verdict.UNKNOWN
SCHEMA = etree.XMLSchema(etree.parse(str(Path(__file__).with_name("junit.xsd"))))
SLOW = Reason("latency", "at most 2 s", "2.4 s", Level.WARN)


def document(run: Run, appearance: Appearance = Appearance()) -> Any:  # noqa: B008
    """The report, found to be valid."""
    tree = etree.fromstring(render(run, appearance).encode())
    SCHEMA.assertValid(tree)
    return tree


def cases(run: Run, appearance: Appearance = Appearance()) -> dict[str, TestCase]:  # noqa: B008
    """The test cases by name, as a program reads them."""
    document(run, appearance)
    parsed = JUnitXml.fromstring(render(run, appearance).encode())
    return {str(case.name): case for suite in parsed for case in suite}


def test_a_document() -> None:
    """As a person would read it, and as Jenkins and GitLab do."""
    redis = service("redis", name="Redis", group="infra")
    brain = service("brain", name="Brain AI Gateway", group="core", hint="docker logs brain")
    reason = Reason("status", "200, 302", "503", Level.EXPECT)
    run = run_of(
        result(service=brain, verdict=DOWN, reasons=(reason,), blocked_by="redis"),
        result(service=redis, verdict=UNKNOWN, cause=Cause.DEADLINE, message="the deadline came first", duration=2),
        result(service=service("auth", name="Auth", group="core")),
    )
    assert (
        render(run, Appearance())
        == """\
<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="healthmon" tests="3" failures="1" errors="1" time="0.312">
  <testsuite name="core" tests="2" failures="1" errors="0" skipped="0" time="0.042" timestamp="2026-01-31T12:00:00" \
hostname="127.0.0.1">
    <properties>
      <property name="healthmon" value="0.1.0" />
    </properties>
    <testcase name="Brain AI Gateway (brain)" classname="healthmon.core" time="0.042">
      <failure message="HTTP 503, expected 200 or 302, blocked by redis" type="status">\
down: HTTP 503, expected 200 or 302, blocked by redis
url       http://127.0.0.1:8001/health
expected  status: 200, 302
met       503
next      Look at redis first: brain depends on it.</failure>
    </testcase>
    <testcase name="Auth (auth)" classname="healthmon.core" time="0.042" />
  </testsuite>
  <testsuite name="infra" tests="1" failures="0" errors="1" skipped="0" time="2.000" timestamp="2026-01-31T12:00:00" \
hostname="127.0.0.1">
    <properties>
      <property name="healthmon" value="0.1.0" />
    </properties>
    <testcase name="Redis (redis)" classname="healthmon.infra" time="2.000">
      <error message="the deadline came first" type="deadline">unknown: the deadline came first
url       http://127.0.0.1:8001/health
met       the deadline came first
why       The deadline of the whole run came before this check had ended, so nothing is known.
next      Give the run more time with `--deadline`, or the check less with `--timeout`.</error>
    </testcase>
  </testsuite>
</testsuites>
"""
    )
    document(run)


def test_a_degraded_service_passes_unless_that_counts() -> None:
    """What is slow is told either way."""
    run = run_of(result(verdict=DEGRADED, cause=Cause.LATENCY, message="HTTP 200, 2.4 s", reasons=(SLOW,)))
    passed = cases(run)["Brain (brain)"]
    assert passed.is_passed
    assert "expected  latency: at most 2 s (warning)\nmet       2.4 s" in str(passed.system_out)
    (failure,) = cases(run, Appearance(strict=True))["Brain (brain)"].result
    assert isinstance(failure, Failure)
    assert (failure.type, failure.message) == ("latency", "HTTP 200, 2.4 s")


def test_suites() -> None:
    """By group; without one by phase; otherwise all together. A dot in a group makes no package."""
    run = run_of(
        result(service=service("a", group="x.y")), result(service=service("b", phase=2)), result(service=service("c"))
    )
    names = [(str(suite.get("name")), str(suite[1].get("classname"))) for suite in document(run)]
    assert names == [
        ("x.y", "healthmon.x_y"),
        ("phase 2", "healthmon.phase 2"),
        ("services", "healthmon.services"),
    ]


def test_a_suite_takes_as_long_as_its_checks_together() -> None:
    """They run at the same time: from the first one's start to the last one's end."""
    run = run_of(result("a", started=10.0, duration=2.0), result("b", started=11.5, duration=1.25), host=None)
    (suite,) = document(run)
    assert (suite.get("time"), suite.get("timestamp"), suite.get("hostname")) == ("2.750", "1970-01-01T00:00:10", None)


def test_waiting_is_told() -> None:
    """What came passes and tells how long it took; what was not well often enough could not be found out."""
    before = result(verdict=DOWN, message="connection refused")
    results = (result("a"), result("b"), result("c", DOWN, message="HTTP 503"))
    waited = {
        "a": Waited(checks=5, reached=12.0, good=3, last_failure=before),
        "b": Waited(checks=1, reached=None, good=1, last_failure=None),
        "c": Waited(checks=9, reached=None, good=0, last_failure=results[2]),
    }
    met = cases(run_of(*results, wait=Wait(Ending.DEADLINE, stable=3), waited=waited))
    assert str(met["A (a)"].system_out) == "up: HTTP 200; healthy after 12 s, 5 checks, before: connection refused"
    (error,) = met["B (b)"].result
    assert isinstance(error, Error)
    assert error.message == "HTTP 200; 1 of 3 good checks in a row within 312 ms, 1 check"
    (failure,) = met["C (c)"].result
    assert isinstance(failure, Failure)
    assert failure.message == "HTTP 503; not healthy within 312 ms, 9 checks"


def test_what_was_to_be_down_passes_when_it_is() -> None:
    """And there is nothing to mend."""
    down, up = result("a", DOWN, cause=Cause.REFUSED, message="connection refused"), result("b")
    waited = {"a": Waited(1, 0.1, 1, None), "b": Waited(9, None, 0, up)}
    met = cases(run_of(down, up, wait=Wait(Ending.DEADLINE, down=True), waited=waited))
    assert str(met["A (a)"].system_out) == "down: connection refused; down after 100 ms, 1 check"
    assert [type(one) for one in met["B (b)"].result] == [Failure]


def test_verbose_adds_timings_and_facts() -> None:
    """Of services that are up, too."""
    run = run_of(result(facts=(Fact("status", 200),), timings=Timings(wait=0.041)))
    assert str(cases(run, Appearance(verbose=True))["Brain (brain)"].system_out) == "wait 41 ms\nstatus=200"


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_breaks_out(text: str) -> None:
    """One suite, one case, one failure, whatever a server says; no control character, and no file to attach."""
    run = run_of(hostile_result(text), hostile_result(text, UP), host=text)
    shown = render(run, Appearance(verbose=True))
    assert "[[ATTACHMENT" not in shown
    assert all(char.isprintable() or char == "\n" for char in shown)
    assert [element.tag for element in document(run, Appearance(verbose=True)).iter()] == [
        "testsuites",
        "testsuite",
        "properties",
        "property",
        "testcase",
        "failure",
        "testcase",
        "system-out",
    ]


@given(runs(), st.booleans(), st.booleans())
def test_any_text_is_valid_and_comes_back(run: Run, verbose: bool, strict: bool) -> None:
    """Read by another program, each case has its name, its kind and its message."""
    appearance = Appearance(verbose=verbose, strict=strict)
    tree = document(run, appearance)
    read = {case.get("name"): case for case in tree.iter("testcase")}
    for one in run.results:
        verdict = standing(one, run, strict=strict)
        case = read[title(one).replace("[[ATTACHMENT", "[ [ATTACHMENT")]
        kinds = {"failure": DOWN, "error": UNKNOWN}
        assert [kinds[child.tag] for child in case if child.tag in kinds] == ([] if verdict.healthy else [verdict])
        for child in case.iterfind("failure"):
            assert child.get("message").replace("[ [ATT", "[[ATT") == message(one, run).replace("[ [ATT", "[[ATT")
    counted = [sum(int(suite.get(name)) for suite in tree) for name in ("tests", "failures", "errors")]
    assert counted == [len(run.results), len(list(tree.iter("failure"))), len(list(tree.iter("error")))]
