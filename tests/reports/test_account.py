"""What every report tells of one service, in the same words."""

from healthmon.core.model import Level, Reason, Timings, Verdict
from healthmon.reports.account import account, latency
from tests.make import result, service


def test_a_blocked_service_points_at_its_root() -> None:
    """Its own cause is not explained: mending the root comes first."""
    reason = Reason("status", "200", "503", Level.EXPECT)
    lines = list(account(result(verdict=Verdict.DOWN, reasons=(reason,), blocked_by="redis")))
    assert lines == [
        ("expected", "status: 200"),
        ("met", "503"),
        ("next", "Look at redis first: brain depends on it."),
    ]


def test_every_text_is_one_safe_line() -> None:
    """Whoever made the result, and whatever the owner wrote."""
    owner = service(runbook="https://example.com/\nforged s3cret", secrets=frozenset({"s3cret"}))
    reason = Reason("json \x1b[2Ja", "1\n2", "s3cret\u2028", Level.EXPECT)
    lines = list(account(result(service=owner, verdict=Verdict.DOWN, reasons=(reason,))))
    assert all(text.isprintable() and "s3cret" not in text for _, text in lines)
    assert lines[0] == ("expected", "json a: 1 2")


def test_latency_is_that_of_the_answer() -> None:
    """Where there was none, how long the check took."""
    timings = Timings(connect=0.1, wait=0.2)
    assert round(latency(result(timings=timings, duration=1.0)), 3) == 0.3
    assert latency(result(verdict=Verdict.UNKNOWN, timings=timings, duration=1.0)) == 1.0
