"""How waiting went, in words."""

import pytest
from msgspec import structs

from healthmon.core.model import Cause, Result, Verdict
from healthmon.core.run import Ending, Run, Wait, Waited
from healthmon.reports import REPORTS
from healthmon.reports.contract import Appearance
from healthmon.reports.text import render
from healthmon.reports.waiting import closing, how_long
from tests.make import result

REFUSED = result("brain", Verdict.DOWN, cause=Cause.REFUSED, message="connection refused", facts=())
EXPIRED = result("brain", Verdict.DOWN, cause=Cause.CERTIFICATE, message="the certificate has expired", facts=())


def run(wait: Wait | None, *waited: tuple[Result, Waited]) -> Run:
    """A run of two minutes."""
    return Run(
        started=1_769_860_800.0,
        duration=120.0,
        host=None,
        results=tuple(one for one, _ in waited),
        wait=wait,
        waited={one.service.id: went for one, went in waited},
    )


def went(checks: int, reached: float | None = None, good: int = 0, last_failure: Result | None = None) -> Waited:
    """How the waiting for a service went."""
    return Waited(checks=checks, reached=reached, good=good, last_failure=last_failure)


@pytest.mark.parametrize(
    ("wait", "waited", "told"),
    [
        (Wait(Ending.REACHED), went(1, 0.013, 1), "healthy after 13 ms, 1 check"),
        (
            Wait(Ending.REACHED),
            went(5, 12.3, 1, REFUSED),
            "healthy after 12 s, 5 checks, before: connection refused",
        ),
        (Wait(Ending.REACHED, down=True), went(4, 3.2, 1, result()), "down after 3.2 s, 4 checks, before: HTTP 200"),
        (Wait(Ending.DEADLINE), went(40, None, 0, REFUSED), "not healthy within 2 min, 40 checks"),
        (
            Wait(Ending.DEADLINE, stable=3),
            went(40, None, 2, REFUSED),
            "2 of 3 good checks in a row within 2 min, 40 checks, before: connection refused",
        ),
        (Wait(Ending.DEADLINE), went(0), ""),
        (None, went(1, 0.1, 1), ""),
    ],
)
def test_how_long_a_service_was_waited_for(wait: Wait | None, waited: Waited, told: str) -> None:
    """Beside its result: nothing where nothing is known."""
    assert how_long(REFUSED, run(wait, (REFUSED, waited))) == told


def test_what_was_before_is_told_shortly() -> None:
    """A long message does not push the line apart."""
    long = result("brain", Verdict.DOWN, message="x" * 200)
    told = how_long(result(), run(Wait(Ending.REACHED), (result(), went(2, 1.0, 1, long))))
    assert told == f"healthy after 1 s, 2 checks, before: {'x' * 79}…"


def test_a_service_that_was_not_waited_for() -> None:
    """Has nothing to tell."""
    assert how_long(REFUSED, run(Wait(Ending.REACHED), (result("auth"), went(1, 0.1, 1)))) == ""


UP = (result("saleor"), went(1, 0.1, 1))
BAD = (REFUSED, went(40, None, 0, REFUSED))


@pytest.mark.parametrize(
    ("made", "told"),
    [
        (run(Wait(Ending.REACHED), UP), "Waited 2 min: the service is healthy."),
        (
            run(Wait(Ending.REACHED, stable=3), UP, (result(), went(3, 1.0, 3))),
            "Waited 2 min: all 2 services are healthy 3 times in a row.",
        ),
        (run(Wait(Ending.REACHED, down=True), (REFUSED, went(1, 0.1, 1))), "Waited 2 min: the service is down."),
        (
            run(Wait(Ending.DEADLINE), UP, BAD),
            "Waited 2 min: the deadline came first; 1 of 2 services is not healthy: brain.",
        ),
        (
            run(Wait(Ending.DEADLINE, stable=2), (result("auth"), went(9, None, 1)), BAD),
            (
                "Waited 2 min: the deadline came first; 1 of 2 services is not healthy: brain; "
                "1 was not found healthy 2 times in a row: auth (1 so far)."
            ),
        ),
        (
            run(Wait(Ending.DEADLINE, down=True), (result(), went(9))),
            "Waited 2 min: the deadline came first; 1 of 1 service is not down: brain.",
        ),
        (
            run(Wait(Ending.GAVE_UP), UP, (EXPIRED, went(1, None, 0, EXPIRED))),
            "Gave up after 2 min: waiting rarely cures brain (the certificate has expired).",
        ),
        (
            run(Wait(Ending.DEADLINE, stable=5), (result("auth"), went(4, None, 4)), (result(), went(9, None, 2))),
            (
                "Waited 2 min: the deadline came first; 2 of 2 services were not found healthy 5 times in a row: "
                "auth (4 so far), brain (2 so far)."
            ),
        ),
        (
            run(Wait(Ending.INTERRUPTED), UP, (result("crm", Verdict.UNKNOWN), went(0)), BAD),
            ("Interrupted after 2 min: 1 of 3 services is not healthy: brain; 1 was not checked to the end: crm."),
        ),
        (
            run(
                Wait(Ending.DEADLINE),
                (result("crm", Verdict.UNKNOWN), went(0)),
                (result("a", Verdict.UNKNOWN), went(0)),
            ),
            "Waited 2 min: the deadline came first; 2 of 2 services were not checked to the end: crm, a.",
        ),
        (run(Wait(Ending.INTERRUPTED), UP, BAD), "Interrupted after 2 min: 1 of 2 services is not healthy: brain."),
        (run(None, UP), ""),
    ],
)
def test_how_it_ended(made: Run, told: str) -> None:
    """In one line, with the ids of those that are missing."""
    assert closing(made) == told


def test_of_many_that_are_missing_ten_are_named() -> None:
    """The lines above name all."""
    many = [(result(f"s{number}", Verdict.DOWN), went(1)) for number in range(12)]
    assert closing(run(Wait(Ending.DEADLINE), *many)).endswith(
        "12 of 12 services are not healthy: s0, s1, s2, s3, s4, s5, s6, s7, s8, s9 and 2 more."
    )


def test_in_the_report_for_people() -> None:
    """Behind the latency, so that the lines that log searches know begin as ever, and below the summary."""
    shown = render(
        run(Wait(Ending.DEADLINE), (result("saleor"), went(5, 12.3, 1, REFUSED)), BAD), Appearance()
    ).splitlines()
    assert shown[1:5] == [
        "Testing 8001 - Saleor... ✓ OK (HTTP 200)  42 ms · healthy after 12 s, 5 checks, before: connection refused",
        "Testing 8001 - Brain... ✗ FAILED (connection refused)  42 ms · not healthy within 2 min, 40 checks",
        "Summary: Healthy: 1/2",
        "Waited 2 min: the deadline came first; 1 of 2 services is not healthy: brain.",
    ]
    assert shown[6].startswith("✗ Brain (brain)")


def test_of_what_was_healthy_at_once_nothing_is_said() -> None:
    """Unless it was to be so several times in a row: that was waited for."""
    at_once = (result("saleor"), went(2, 0.017, 1))
    lines = render(run(Wait(Ending.REACHED), at_once), Appearance()).splitlines()
    assert lines[1] == "Testing 8001 - Saleor... ✓ OK (HTTP 200)  42 ms"
    lines = render(run(Wait(Ending.REACHED, stable=2), at_once), Appearance()).splitlines()
    assert lines[1].endswith(" · healthy after 17 ms, 2 checks")


def test_with_the_time_before_each_line_the_heading_has_none() -> None:
    """Only the host, and without one there is no heading."""
    whole = run(Wait(Ending.REACHED), (result("saleor"), went(1, 0.017, 1)))
    for host, first in (("203.0.113.10", "host 203.0.113.10"), (None, "Testing 8001 - Saleor... ✓ OK")):
        shown = render(structs.replace(whole, host=host), Appearance(stamped=True))
        assert shown.startswith(first)


def test_who_is_down_as_it_should_be_is_not_to_be_mended() -> None:
    """Only what is still in the way is explained."""
    wrong = result("auth", Verdict.DOWN, cause=Cause.JSON)
    shown = render(run(Wait(Ending.DEADLINE, down=True), (REFUSED, went(1, 0.1, 1)), (wrong, went(9))), Appearance())
    assert "✗ Auth (auth)" in shown
    assert "✗ Brain (brain)" not in shown


def test_what_hangs_on_such_a_service_stands_alone() -> None:
    """Its root is not explained, so it is."""
    hangs_on = result("auth", Verdict.DOWN, cause=Cause.JSON, blocked_by="brain")
    made = run(Wait(Ending.DEADLINE, down=True), (REFUSED, went(1, 0.1, 1)), (hangs_on, went(9)))
    assert "\n✗ Auth (auth)" in render(made, Appearance())


def test_what_is_down_as_wanted_looks_well() -> None:
    """And what is healthy although it was to be down does not; what is down for another reason is a failure."""
    answers, wrong = result("crm", Verdict.UP), result("auth", Verdict.DOWN, cause=Cause.JSON, message="json: old")
    made = run(Wait(Ending.DEADLINE, down=True), (REFUSED, went(1, 0.1, 1)), (answers, went(9)), (wrong, went(9)))
    lines = render(made, Appearance(colour=True)).splitlines()
    assert "... \x1b[32m✓ DOWN\x1b[0m (connection refused)" in lines[1]
    assert "... \x1b[31m✗ STILL HEALTHY\x1b[0m (HTTP 200)" in lines[2]
    assert "... \x1b[31m✗ FAILED\x1b[0m (json: old)" in lines[3]
    assert "Summary: Healthy: 1/3, down as wanted: 1/3" in lines[4]
    for name in ("github", "markdown"):
        shown = REPORTS[name](made, Appearance())
        assert "✓ DOWN" in shown
        assert "✗ STILL HEALTHY" in shown
        assert "Healthy: 1/3, down as wanted: 1/3" in shown
