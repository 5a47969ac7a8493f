"""What each format says of waiting that failed although every last check was good: none of them may call it healthy."""

import json

import pytest
from msgspec import structs

from healthmon.core.model import Cause, Verdict
from healthmon.core.run import Ending, Run, Wait, Waited
from healthmon.reports import REPORTS
from healthmon.reports.contract import Appearance
from healthmon.reports.nagios import exit_status
from tests.make import result

_GOOD = Waited(checks=1, reached=6.0, good=1, last_failure=None, since=6.0)
_UNPROVEN = Waited(checks=4, reached=None, good=2, last_failure=None, since=1.5)
_UNKNOWN = result("brain", Verdict.UNKNOWN, cause=Cause.DEADLINE, message="HTTP 200 when last looked at", facts=())
NO_TIME = Run(
    started=1_769_860_800.0,
    duration=9.0,
    host=None,
    results=(result("saleor"), _UNKNOWN),
    wait=Wait(Ending.DEADLINE),
    waited={"saleor": _GOOD, "brain": _UNPROVEN},
)
"""Both were healthy; brain did not answer any more when it was looked at again."""

_SLOW = result("crm", Verdict.DEGRADED, cause=Cause.LATENCY, message="HTTP 200, 2.4 s, expected at most 2 s")
STRICT = structs.replace(
    NO_TIME,
    results=(result("saleor"), _SLOW),
    wait=Wait(Ending.DEADLINE, degraded=False),
    waited={"saleor": _GOOD, "crm": Waited(4, None, 0, _SLOW)},
)
"""A degraded service does not count, so it was waited for in vain."""


@pytest.mark.parametrize(
    ("name", "told"),
    [
        (
            "text",
            [
                "? UNKNOWN (deadline)  42 ms · healthy after 1.5 s, but not looked at once more in time, 4 checks\n",
                "\nSummary: Healthy: 1/2\nWaited 9 s: the deadline came first; 1 of 2 services was healthy, but ",
                "could not be looked at once more in time: brain.\n",
            ],
        ),
        ("junit", ['<testsuites name="healthmon" tests="2" failures="0" errors="1"', "<error message="]),
        ("tap", ["\nok 1 - Saleor", "\nnot ok 2 - Brain (brain)\n", "severity: error"]),
        (
            "nagios",
            ["HEALTHMON UNKNOWN - 1/2 healthy: brain (not looked at again) |", "1 up, 0 degraded, 0 down, 1 unknown"],
        ),
        (
            "github",
            [
                "::error title=Brain (brain) is unknown%2C and could not be looked at once more in time::",
                "%0AWaited: healthy after 1.5 s, but not looked at once more in time, 4 checks%0AWhy: ",
            ],
        ),
        (
            "markdown",
            ["## ❌ Healthy: 1/2\n", "? UNKNOWN", "| 1.5 s, not looked at once more in time | 4 |", "| 6 s | 1 |"],
        ),
    ],
)
def test_no_time_to_look_again(name: str, told: list[str]) -> None:
    """Whether it still was healthy, nobody knows: that is unknown."""
    report = REPORTS[name](NO_TIME, Appearance())
    assert all(text in report for text in told), report


def test_no_time_to_look_again_for_programs() -> None:
    """Good as often as was asked for, and not reached: unknown there as well."""
    document = json.loads(REPORTS["json"](NO_TIME, Appearance()))
    assert (document["verdict"], document["summary"]["up"], document["summary"]["unknown"]) == ("unknown", 1, 1)
    waits = [one["wait"] for one in document["services"]]
    assert [(one["good"], one["reached"]) for one in waits] == [(1, 6.0), (2, None)]


def test_no_time_to_look_again_whether_all_are_down() -> None:
    """The words turn round; it is no failure of the service."""
    run = structs.replace(NO_TIME, results=(_UNKNOWN,), wait=Wait(Ending.INTERRUPTED, down=True))
    text = REPORTS["text"](run, Appearance())
    assert (
        "Interrupted after 9 s: 1 of 1 service was down, but could not be looked at once more in time: brain." in text
    )
    assert 'failures="0" errors="1"' in REPORTS["junit"](run, Appearance())


def test_several_could_not_be_looked_at_again() -> None:
    """All are named."""
    run = structs.replace(NO_TIME, waited={"saleor": _UNPROVEN, "brain": _UNPROVEN})
    assert "2 of 2 services were healthy, but could not be" in REPORTS["text"](run, Appearance())


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("text", ["Saleor... ✓ OK (HTTP 200)  42 ms\n", "1 of 2 services is not up: crm."]),
        ("junit", ['failures="1" errors="0"', "up: HTTP 200; up after 6 s"]),
        ("tap", ["not ok 2 - Crm", "HTTP 200; up after 6 s"]),
        ("nagios", ["HEALTHMON CRITICAL - 1/2 up: crm (latency) |"]),
        (
            "github",
            ["::error title=Crm (crm) is degraded%2C and was not up within 9 s::", "services is not up: crm.\n"],
        ),
        ("markdown", ["| Up after |", "1 of 2 services is not up: crm"]),
        ("json", ['"for": "up"']),
    ],
)
def test_where_a_degraded_service_does_not_count(name: str, told: list[str]) -> None:
    """It is not up: to call it not healthy would contradict the summary, in which it is."""
    report = REPORTS[name](STRICT, Appearance(strict=True))
    assert all(text in report for text in told), report
    assert "not healthy" not in report


def test_all_are_up() -> None:
    """And so the last line says when they are."""
    run = structs.replace(STRICT, results=STRICT.results[:1], wait=Wait(Ending.REACHED, degraded=False))
    assert "Waited 9 s: the service is up.\n" in REPORTS["text"](run, Appearance(strict=True))


def test_giving_up_is_no_interruption() -> None:
    """Nagios' status is that of what was met, although some checks had not ended."""
    met = result("brain", Verdict.DOWN, cause=Cause.CERTIFICATE)
    cut = result("saleor", Verdict.UNKNOWN, cause=Cause.INTERRUPTED, message="gave up before its first check ended")
    waited = {"brain": Waited(1, None, 0, met), "saleor": Waited(0, None, 0, None)}
    ends = {
        ending: structs.replace(NO_TIME, results=(met, cut), wait=Wait(ending), waited=waited)
        for ending in (Ending.GAVE_UP, Ending.INTERRUPTED)
    }
    assert [exit_status(run, strict=False) for run in ends.values()] == [2, 3]


def test_github_says_how_long_was_waited() -> None:
    """And how often was asked."""
    down = result("brain", Verdict.DOWN)
    run = structs.replace(NO_TIME, results=(down,), waited={"brain": Waited(2, None, 0, down)})
    assert "%0AWaited: not healthy within 9 s, 2 checks%0A" in REPORTS["github"](run, Appearance())
