"""The log for people, line by line as they read it."""

import pytest

from healthmon.core.model import Cause, Service, Verdict
from healthmon.core.notices import Notice, Severity
from healthmon.core.state import Transition
from healthmon.logs.text import lasting, render
from tests.make import result, service

BRAIN = service("brain", name="Brain AI Gateway", hint="docker logs brain")
AT = 1_769_860_800.9


def transition(after: Verdict, before: Verdict = Verdict.UP, *, owner: Service = BRAIN, **keys: object) -> Transition:
    """A change of what is believed."""
    wanted = {
        "at": AT,
        "lasted": None if before is Verdict.UNKNOWN else 7_512.0,
        "result": result(verdict=after, service=owner),
        "blocked_by": None,
        "flapping": False,
        **keys,
    }
    return Transition(service=owner, before=before, after=after, **wanted)  # type: ignore[arg-type]


def test_an_alarm() -> None:
    """What is wrong, since when, what it means, and what to do."""
    assert render(transition(Verdict.DOWN), 0.0) == (
        "2026-01-31T12:00:00Z DOWN brain (Brain AI Gateway): HTTP 503, expected 200 or 302 [status], after 3 failures "
        "in a row, was up for 2 h 5 min. The service, or a proxy in front of it, says that it cannot serve now: it is "
        "starting, overloaded, or lacks something that it needs. Next: See what it says with "
        "`curl -i http://127.0.0.1:8001/health`. Hint: docker logs brain"
    )


def test_a_recovery() -> None:
    """For how long it was down."""
    line = render(transition(Verdict.UP, Verdict.DOWN, lasted=200.0), 0.0)
    assert line == "2026-01-31T12:00:00Z UP brain (Brain AI Gateway): HTTP 200, was down for 3 min 20 s."


def test_a_recovery_that_took_several_successes() -> None:
    """As many as its threshold says."""
    owner = service("brain", name="brain", success_threshold=2)
    line = render(transition(Verdict.UP, Verdict.DOWN, owner=owner), 0.0)
    assert line == "2026-01-31T12:00:00Z UP brain: HTTP 200, after 2 successes in a row, was down for 2 h 5 min."


def test_the_first_time_it_is_known() -> None:
    """There is nothing that it was before."""
    line = render(transition(Verdict.UP, Verdict.UNKNOWN), 0.0)
    assert line == "2026-01-31T12:00:00Z UP brain (Brain AI Gateway): HTTP 200."


def test_a_blocked_service_leads_to_its_root() -> None:
    """Instead of explaining it again."""
    owner = service("brain", name="brain", failure_threshold=1, runbook="https://wiki.example/brain")
    line = render(transition(Verdict.DOWN, owner=owner, blocked_by="postgres", flapping=True), 0.0)
    assert line == (
        "2026-01-31T12:00:00Z DOWN brain: HTTP 503, expected 200 or 302 [status], blocked by postgres, was up for "
        "2 h 5 min, flapping. Next: Look at postgres first: brain depends on it."
    )


def test_a_service_that_its_root_no_longer_explains() -> None:
    """It was down and stays down, and now it is an alarm of its own."""
    line = render(transition(Verdict.DOWN, Verdict.DOWN), 0.0)
    assert "[status], still down though its root no longer is, was down for 2 h 5 min. " in line
    assert "failures in a row" not in line


def test_a_degraded_service_with_a_runbook() -> None:
    """The runbook stands last."""
    owner = service("brain", name="brain", runbook="https://wiki.example/brain")
    slow = result(verdict=Verdict.DEGRADED, service=owner, cause=Cause.LATENCY, message="2.4 s", facts=())
    line = render(transition(Verdict.DEGRADED, owner=owner, result=slow), 0.0)
    assert line.startswith("2026-01-31T12:00:00Z DEGRADED brain: 2.4 s [latency], was up for 2 h 5 min. The service")
    assert line.endswith(" Runbook: https://wiki.example/brain")


def test_a_long_line_keeps_the_next_step_and_leaves_the_explanation() -> None:
    """What to do matters more than what it means."""
    owner = service("brain", name="brain", hint="x" * 400)
    line = render(transition(Verdict.DOWN, owner=owner), 0.0)
    assert "was up for 2 h 5 min. Next: See what it says" in line
    assert line.endswith("x" * 400)


def test_notices_and_checks() -> None:
    """At the time at which they were told."""
    notice = Notice(Severity.ERROR, "reload_failed", "The config is\nas it was.", {"faults": 2})
    assert render(notice, AT) == "2026-01-31T12:00:00Z ERROR The config is as it was. [reload_failed]"
    assert render(result(service=BRAIN), AT) == (
        "2026-01-31T12:00:00Z CHECK brain (Brain AI Gateway): up, HTTP 200, took 42 ms."
    )
    down = result(service=service("brain", name="brain"), verdict=Verdict.DOWN, blocked_by="postgres")
    assert render(down, AT) == (
        "2026-01-31T12:00:00Z CHECK brain: down, HTTP 503, expected 200 or 302 [status], blocked by postgres, "
        "took 42 ms."
    )


def test_a_cause_that_says_nothing_of_a_status() -> None:
    """An unknown result explains itself, too."""
    offline = result(verdict=Verdict.UNKNOWN, service=BRAIN, cause=Cause.OFFLINE, message="no route")
    line = render(transition(Verdict.UNKNOWN, result=offline), 0.0)
    assert "UNKNOWN brain (Brain AI Gateway): no route [offline], was up for" in line
    assert "Next: Check this machine's network" in line


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5.0, "0 s"),
        (0.2, "0 s"),
        (45.4, "45 s"),
        (60, "1 min"),
        (200, "3 min 20 s"),
        (3600, "1 h"),
        (3659, "1 h"),
        (7_512, "2 h 5 min"),
        (86_399.9, "1 d"),
        (273_600, "3 d 4 h"),
    ],
)
def test_lasting(seconds: float, text: str) -> None:
    """The two largest units, the second where there is any of it."""
    assert lasting(seconds) == text
