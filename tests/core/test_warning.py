"""What an answer says of itself that is not well, and not a failure."""

from msgspec import structs

from healthmon.core.expectations import BodyRule, BodyTest, Expectations
from healthmon.core.judge import judge
from healthmon.core.model import Cause, Failure, Level, Outcome, Result, Stage, Verdict
from tests.make import outcome, service

LOAD = Failure(Cause.PROCESS, "WARNING - load average: 7", Stage.TRANSFER, "exec.load")


def judged(seen: Outcome, **levels: Expectations) -> Result:
    return judge(structs.replace(service(expect=Expectations()), **levels), seen, started=0.0, duration=0.1)


def test_a_warning_makes_degraded() -> None:
    """In its own words."""
    result = judged(outcome(None, warning=LOAD))
    assert (result.verdict, result.cause) == (Verdict.DEGRADED, Cause.PROCESS)
    assert (result.message, result.symptom, result.reasons) == (LOAD.message, LOAD.symptom, ())


def test_what_is_expected_comes_first() -> None:
    """What makes down outweighs what makes degraded."""
    expect = Expectations(body=(BodyTest(BodyRule.CONTAINS, "fine"),))
    result = judged(outcome(None, body=b"load", warning=LOAD), expect=expect)
    assert (result.verdict, result.cause) == (Verdict.DOWN, Cause.BODY)


def test_a_warning_comes_before_those_of_the_services_owner() -> None:
    """Which are told as reasons."""
    warn = Expectations(latency=0.001)
    result = judged(outcome(None, warning=LOAD), warn=warn)
    assert (result.verdict, result.cause) == (Verdict.DEGRADED, Cause.PROCESS)
    assert [(one.expectation, one.level) for one in result.reasons] == [("latency", Level.WARN)]


def test_a_failure_outweighs_a_warning() -> None:
    """Whatever the answer said before."""
    failure = Failure(Cause.TOO_LARGE, "too large", Stage.TRANSFER)
    result = judged(outcome(None, warning=LOAD, failure=failure))
    assert (result.verdict, result.cause) == (Verdict.DOWN, Cause.TOO_LARGE)
