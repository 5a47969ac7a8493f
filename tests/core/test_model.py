"""The types' own small logic."""

import pytest

from healthmon.core.expectations import BodyRule, BodyTest, Comparison, Expectations, Operator, Selected
from healthmon.core.model import Address, Cause, Result, Timings, Verdict
from healthmon.core.run import Run
from tests.make import outcome, result, service

UP, DEGRADED, DOWN, UNKNOWN = Verdict.UP, Verdict.DEGRADED, Verdict.DOWN, Verdict.UNKNOWN


def run(*verdicts: Verdict) -> Run:
    """A run with these verdicts."""
    results: list[Result] = [result(str(number), verdict) for number, verdict in enumerate(verdicts)]
    return Run(started=0.0, duration=1.0, host=None, results=tuple(results))


@pytest.mark.parametrize(
    ("verdicts", "worst", "healthy"),
    [
        ([], UP, 0),
        ([UP, UP], UP, 2),
        ([UP, DEGRADED], DEGRADED, 2),
        ([UP, DEGRADED, UNKNOWN], UNKNOWN, 2),
        ([UNKNOWN, DOWN, UP], DOWN, 1),
    ],
)
def test_a_run_has_its_worst_verdict(verdicts: list[Verdict], worst: Verdict, healthy: int) -> None:
    """And unknown is never healthy."""
    assert (worst, healthy) == (run(*verdicts).verdict, run(*verdicts).healthy)


def test_causes_that_leave_the_service_unknown() -> None:
    """All others make it down."""
    unknown = {cause for cause in Cause if cause.verdict is UNKNOWN}
    assert unknown == {Cause.DEADLINE, Cause.INTERRUPTED, Cause.OFFLINE, Cause.LOCAL, Cause.INTERNAL}


def test_latency_is_the_sum_of_the_stages() -> None:
    """Those that do not apply count nothing."""
    assert Timings().total == 0
    assert Timings(resolve=0.5, wait=0.25).total == 0.75


@pytest.mark.parametrize(
    ("address", "text"),
    [
        (Address("http", "127.0.0.1", 80, explicit=False), "127.0.0.1:80"),
        (Address("http", "::1", 8000, explicit=True), "[::1]:8000"),
    ],
)
def test_address_text(address: Address, text: str) -> None:
    """As it stands in a URL."""
    assert text == str(address)


def test_a_service_hides_its_secrets() -> None:
    """Its representation appears in tracebacks."""
    hidden = service(
        url="http://u:s3cret@127.0.0.1/", shown_url="http://u:***@127.0.0.1/", secrets=frozenset({"s3cret"})
    )
    assert repr(hidden) == "<Service brain http://u:***@127.0.0.1/>"


def test_which_expectations_need_the_body() -> None:
    """The others are decided by the headers."""
    json = Expectations(json=(Selected("a", (Comparison(Operator.EQ, 1),)),))
    body = Expectations(body=(BodyTest(BodyRule.CONTAINS, "a"),))
    assert [service().need_body, service(expect=body).need_body, service(warn=json).need_body] == [False, True, True]


def test_facts_by_name() -> None:
    """None where there is none."""
    assert (outcome(204).fact("status"), outcome(204).fact("ip")) == (204, None)
    assert (result().fact("status"), result().fact("ip")) == (200, None)
