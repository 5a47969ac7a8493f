"""Every expectation by itself, passed or not, in words."""

import pytest

from healthmon.core.evaluate import evaluate
from healthmon.core.judge import judge
from healthmon.core.model import Body, Cause, Fact, Failure, Level, Outcome, Reason, Stage, Timings
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
    """In the order in which the answer came, `expect` before `warn`."""
    body = r'"{\"status\": \"healthy\", \"checks\": [{\"name\": \"postgres\"}]}"'
    json_type = 'something that contains "json"'
    evaluated = list(evaluate(service("https://127.0.0.1:8001/", ALL), ANSWER, now=86400.0))
    assert [(one.reason, one.passed) for one in evaluated] == [
        (Reason("certificate", "at least 14 d left", "99 d left", Level.EXPECT), True),
        (Reason("status", "2xx", "200", Level.EXPECT), True),
        (Reason("header content-type", json_type, '"application/json"', Level.EXPECT), True),
        (Reason("header x-version", "nothing", "nothing", Level.EXPECT), True),
        (Reason("body", 'to contain "healthy"', body, Level.EXPECT), True),
        (Reason("body", 'not to contain "failed"', body, Level.EXPECT), True),
        (Reason("json status", '"healthy"', '"healthy"', Level.EXPECT), True),
        (Reason("json checks[0].name", '"redis"', '"postgres"', Level.EXPECT), False),
        (Reason("json length(checks)", "at least 2", "1", Level.EXPECT), False),
        (Reason("latency", "at most 20 ms", "41 ms", Level.WARN), False),
    ]


def test_those_that_fail_are_the_judges_reasons() -> None:
    """A diagnosis and a check must not disagree."""
    checked = service("https://127.0.0.1:8001/", ALL)
    failed = [one.reason for one in evaluate(checked, ANSWER, now=86400.0) if not one.passed]
    assert tuple(failed) == judge(checked, ANSWER, started=86400.0, duration=0.1).reasons


@pytest.mark.parametrize(
    ("failure", "status", "answered"),
    [
        (None, None, True),
        (Failure(Cause.REFUSED, "refused", Stage.CONNECT), None, False),
        (Failure(Cause.PROTOCOL, "not HTTP", Stage.TRANSFER), None, False),
        (Failure(Cause.REDIRECT, "in a loop", Stage.TRANSFER), 302, False),
        (Failure(Cause.RESET, "closed", Stage.TRANSFER), 200, True),
    ],
)
def test_when_there_is_an_answer_to_evaluate(failure: Failure | None, status: int | None, answered: bool) -> None:
    """With the headers of the final answer, whether or not its body came."""
    facts = () if status is None else (Fact("status", status),)
    assert answered is Outcome(failure=failure, facts=facts).answered


def test_the_headers_count_although_the_body_broke_off() -> None:
    """And what needs the body fails."""
    failure = Failure(Cause.RESET, "closed", Stage.TRANSFER)
    outcome = Outcome(failure=failure, facts=(Fact("status", 200),), body=Body(b"{", complete=False))
    keys = 'expect.status = 200\nexpect.json = { status = "ok" }'
    found = list(evaluate(service("http://127.0.0.1:8001/", keys), outcome, now=0.0))
    assert [(one.met(), one.passed) for one in found] == [("200", True), ("a body that was not read whole", False)]
