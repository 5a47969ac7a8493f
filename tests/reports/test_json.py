"""The report for programs: schema 1 of the design, key by key."""

import json
import re
from typing import Any

from healthmon import __version__
from healthmon.core.model import Cause, Fact, Level, Reason, Timings, Verdict
from healthmon.core.run import Ending, Run, Wait, Waited
from healthmon.reports import REPORTS
from healthmon.reports.contract import Appearance
from tests.conftest import ROOT
from tests.make import result, service

RESULTS = (ROOT / "docs/results.md").read_text(encoding="utf-8")


def document(**keys: Any) -> Any:
    """The document of a run with one service that is up and one with these keys."""
    results = (result("saleor"), result(**keys))
    run = Run(started=1_769_860_800.1234, duration=0.31, host="127.0.0.1", results=results)
    text = REPORTS["json"](run, Appearance(colour=True, verbose=True))
    assert text.endswith("}\n")
    return json.loads(text)


def test_schema_1() -> None:
    """Names, types and values."""
    met = document(
        service=service("brain", name="Brain AI Gateway", group="core", phase=2, hint="docker logs brain"),
        verdict=Verdict.DOWN,
        reasons=(Reason("status", "200, 302", "503", Level.EXPECT),),
        facts=(Fact("status", 503), Fact("ip", "127.0.0.1")),
        timings=Timings(connect=0.0003, wait=0.040, transfer=0.0001),
    )
    services = met.pop("services")
    assert met == {
        "schema": 1,
        "version": __version__,
        "started": "2026-01-31T12:00:00.123Z",
        "duration": 0.31,
        "host": "127.0.0.1",
        "verdict": "down",
        "summary": {"total": 2, "up": 1, "degraded": 0, "down": 1, "unknown": 0},
    }
    assert services[1] == {
        "id": "brain",
        "name": "Brain AI Gateway",
        "group": "core",
        "phase": 2,
        "url": "http://127.0.0.1:8001/health",
        "verdict": "down",
        "cause": "status",
        "message": "HTTP 503, expected 200 or 302",
        "started": "2026-01-31T12:00:00.000Z",
        "duration": 0.0415,
        "timings": {"resolve": None, "connect": 0.0003, "tls": None, "wait": 0.04, "transfer": 0.0001},
        "attempts": 1,
        "facts": {"status": 503, "ip": "127.0.0.1"},
        "reasons": [{"expectation": "status", "expected": "200, 302", "actual": "503", "level": "expect"}],
        "blocked_by": None,
        "next_step": "See what it says with `curl -i http://127.0.0.1:8001/health`. Hint: docker logs brain",
    }


def test_what_is_up_has_no_cause() -> None:
    """Null, not absent."""
    up = document()["services"][0]
    assert (up["cause"], up["next_step"], up["reasons"], up["group"]) == (None, None, [], None)


def test_secrets_in_the_url_are_not_shown() -> None:
    """Only the masked URL is."""
    owner = service(url="http://u:s3cret@127.0.0.1/", shown_url="http://u:***@127.0.0.1/")
    assert "s3cret" not in json.dumps(document(service=owner))


def test_how_waiting_went() -> None:
    """For each service and for the whole; the keys are those that the documentation lists."""
    refused = result("brain", Verdict.DOWN, cause=Cause.REFUSED, message="connection refused")
    run = Run(
        started=1_769_860_800.0,
        duration=12.0,
        host=None,
        results=(result("saleor"), refused),
        wait=Wait(Ending.DEADLINE, stable=2),
        waited={
            "saleor": Waited(checks=2, reached=1.25, good=2, last_failure=None),
            "brain": Waited(checks=7, reached=None, good=0, last_failure=refused),
        },
    )
    met = json.loads(REPORTS["json"](run, Appearance()))
    assert met["wait"] == {"ending": "deadline", "for": "healthy", "stable": 2}
    assert [one["wait"] for one in met["services"]] == [
        {"checks": 2, "reached": 1.25, "good": 2, "last_failure": None},
        {
            "checks": 7,
            "reached": None,
            "good": 0,
            "last_failure": {
                "verdict": "down",
                "cause": "refused",
                "message": "connection refused",
                "started": "2026-01-31T12:00:00.000Z",
            },
        },
    ]
    section = RESULTS.partition("[waited for](wait.md)")[2]
    documented = re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)
    assert documented == [*met["wait"], *met["services"][0]["wait"]]
    assert set(re.findall(r"`(\w+)`", section.partition("`ending` | ")[2].partition("|")[0])) == set(Ending)


def test_a_run_that_did_not_wait_says_nothing_of_it() -> None:
    """Neither as a whole nor of a service."""
    met = document()
    assert "wait" not in met
    assert all("wait" not in one for one in met["services"])
