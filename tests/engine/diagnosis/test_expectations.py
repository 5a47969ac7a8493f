"""Every expectation by itself."""

import pytest

from healthmon.core.judge import judge
from healthmon.core.model import Body, Cause, Fact, Failure, Level, Outcome, Stage, Timings
from healthmon.engine.diagnosis.expectations import Demand, demands
from tests.engine.diagnosis.make import service

ALL = """
expect.status = "2xx"
expect.header = { content-type = { contains = "json" }, x-version = { exists = false } }
expect.body = { contains = "healthy", not_contains = "failed" }
expect.json = { status = "healthy", "checks[0].name" = "redis", "length(checks)" = { ge = 2 } }
expect.certificate = "14d"
warn.latency = "20ms"
"""
ANSWER = Outcome(
    timings=Timings(connect=0.001, wait=0.040),
    facts=(Fact("status", 200), Fact("certificate_expires", 100 * 86400.0)),
    headers=(("Content-Type", "application/json"),),
    body=Body(b'{"status": "healthy", "checks": [{"name": "postgres"}]}'),
)


def test_each_with_what_was_expected_and_what_was_met() -> None:
    body = r'"{\"status\": \"healthy\", \"checks\": [{\"name\": \"postgres\"}]}"'
    assert list(demands(service("https://127.0.0.1:8001/", ALL), ANSWER, now=86400.0)) == [
        Demand(Level.EXPECT, "certificate", "at least 14 d left", "99 d left", passed=True),
        Demand(Level.EXPECT, "status", "2xx", "200", passed=True),
        Demand(
            Level.EXPECT, "header content-type", 'something that contains "json"', '"application/json"', passed=True
        ),
        Demand(Level.EXPECT, "header x-version", "nothing", "nothing", passed=True),
        Demand(Level.EXPECT, "body", 'to contain "healthy"', body, passed=True),
        Demand(Level.EXPECT, "body", 'not to contain "failed"', body, passed=True),
        Demand(Level.EXPECT, "json status", '"healthy"', '"healthy"', passed=True),
        Demand(Level.EXPECT, "json checks[0].name", '"redis"', '"postgres"', passed=False),
        Demand(Level.EXPECT, "json length(checks)", "at least 2", "1", passed=False),
        Demand(Level.WARN, "latency", "at most 20 ms", "41 ms", passed=False),
    ]


def test_those_that_fail_are_those_of_the_judge() -> None:
    """The diagnosis and the check must not disagree."""
    checked = service("https://127.0.0.1:8001/", ALL)
    failed = [
        (demand.expectation, demand.expected, demand.met)
        for demand in demands(checked, ANSWER, now=86400.0)
        if not demand.passed
    ]
    judged = judge(checked, ANSWER, started=86400.0, duration=0.1).reasons
    assert failed == [(reason.expectation, reason.expected, reason.actual) for reason in judged]


@pytest.mark.parametrize(
    ("failure", "status"),
    [
        (Failure(Cause.REFUSED, "refused", Stage.CONNECT), None),
        (Failure(Cause.PROTOCOL, "not HTTP", Stage.TRANSFER), None),
        (Failure(Cause.REDIRECT, "in a loop", Stage.TRANSFER), 302),
    ],
)
def test_without_an_answer_none_is_reached(failure: Failure, status: int | None) -> None:
    facts = () if status is None else (Fact("status", status),)
    outcome = Outcome(failure=failure, facts=facts)
    found = list(demands(service("http://127.0.0.1:8001/", "expect.status = 200"), outcome, now=0.0))
    assert [Demand(Level.EXPECT, "status", "200", None, None)] == found


def test_the_headers_count_although_the_body_broke_off() -> None:
    failure = Failure(Cause.RESET, "closed", Stage.TRANSFER)
    outcome = Outcome(failure=failure, facts=(Fact("status", 200),), body=Body(b"{", complete=False))
    keys = 'expect.status = 200\nexpect.json = { status = "ok" }'
    found = list(demands(service("http://127.0.0.1:8001/", keys), outcome, now=0.0))
    assert [(one.met, one.passed) for one in found] == [("200", True), ("a body that was not read whole", False)]
