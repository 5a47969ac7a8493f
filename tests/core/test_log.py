"""Demands on the lines of a log."""

import pytest

from healthmon.core.expectations import BodyRule, BodyTest, Expectations
from healthmon.core.judge import judge
from healthmon.core.model import Cause, Outcome, Reason, Result, Verdict
from tests.make import outcome, service

LOG = outcome(None, body=b"INFO started\nERROR no database\nINFO retrying\n", seen="running")


def judged(test: BodyTest, seen: Outcome = LOG, *secrets: str) -> Result:
    owner = service(expect=Expectations(log=(test,)), secrets=frozenset(secrets))
    return judge(owner, seen, started=0.0, duration=0.1)


@pytest.mark.parametrize(
    "test",
    [
        BodyTest(BodyRule.CONTAINS, "started"),
        BodyTest(BodyRule.MATCHES, "^INFO retrying$"),
        BodyTest(BodyRule.NOT_CONTAINS, "CRITICAL"),
        BodyTest(BodyRule.NOT_MATCHES, "^database"),
        BodyTest(BodyRule.NOT_MATCHES, "started.ERROR"),
    ],
)
def test_each_line_is_looked_at_alone(test: BodyTest) -> None:
    """So that a pattern may name its beginning and its end."""
    assert judged(test).verdict is Verdict.UP


def test_a_line_that_should_not_be_there_is_shown() -> None:
    """Not the beginning of the log."""
    result = judged(BodyTest(BodyRule.NOT_MATCHES, "ERROR|CRITICAL"))
    assert (result.verdict, result.cause) == (Verdict.DOWN, Cause.VALUE)
    assert result.message == 'running, log: "ERROR no database", expected not to match "ERROR|CRITICAL"'


def test_a_line_that_should_be_there_is_missed() -> None:
    """Among so many."""
    (reason,) = judged(BodyTest(BodyRule.CONTAINS, "listening")).reasons
    assert (reason.expected, reason.actual) == ('to contain "listening"', "no such line among 3")


@pytest.mark.parametrize("rule", BodyRule)
def test_without_a_log_nothing_can_be_said_of_it(rule: BodyRule) -> None:
    """So every demand fails; an empty log is one."""
    found = judged(BodyTest(rule, "x"), outcome(None)).reasons
    assert [reason.actual for reason in found] == ["no log"]
    unwanted = rule in (BodyRule.NOT_CONTAINS, BodyRule.NOT_MATCHES)
    empty = judged(BodyTest(rule, "x"), outcome(None, body=b""))
    assert (empty.verdict is Verdict.UP) == unwanted


def test_the_line_is_shown_without_secrets() -> None:
    """Masked before it is quoted."""
    seen = outcome(None, body=b'ERROR password "ab\\cd" rejected')
    (reason,) = judged(BodyTest(BodyRule.NOT_CONTAINS, "ERROR"), seen, "ab\\cd").reasons
    assert isinstance(reason, Reason)
    assert "cd" not in reason.actual
    assert "***" in reason.actual
