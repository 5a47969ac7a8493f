"""The record that a probe keeps while it works."""

import pytest

from healthmon.core.model import Cause, Fact, Failure, Stage, Timings
from healthmon.net.trace import ProbeFailed, Trace


def test_the_times_of_a_stage_add_up_over_the_hops_of_a_check() -> None:
    trace = Trace()
    trace.spent(Stage.WAIT, 0.25)
    trace.spent(Stage.WAIT, 0.5)
    trace.spent(Stage.CONNECT, -0.1)  # a clock that was set back
    assert trace.outcome().timings == Timings(wait=0.75, connect=0.0)


def test_a_fact_that_is_replaced_keeps_its_place() -> None:
    trace = Trace()
    trace.fact("ip", "::1")
    trace.fact("status", 302)
    trace.fact("ip", "127.0.0.1")
    assert trace.outcome().facts == (Fact("ip", "127.0.0.1"), Fact("status", 302))


def test_a_failure_has_the_stage_in_which_it_happened() -> None:
    trace = Trace()
    trace.enter(Stage.TLS)
    outcome = trace.outcome(ProbeFailed(Cause.TLS, "no"))
    assert outcome.failure == Failure(Cause.TLS, "no", Stage.TLS)


@pytest.mark.parametrize(
    ("stage", "cause"),
    [
        (Stage.RESOLVE, Cause.DNS),
        (Stage.CONNECT, Cause.CONNECT_TIMEOUT),
        (Stage.TLS, Cause.TLS),
        (Stage.WAIT, Cause.NO_RESPONSE),
        (Stage.TRANSFER, Cause.TIMEOUT),
    ],
)
def test_the_stage_that_was_reached_tells_why_the_time_was_over(stage: Stage, cause: Cause) -> None:
    trace = Trace()
    trace.enter(stage)
    failure = trace.timed_out(2.5).failure
    assert failure is not None
    assert (failure.cause, failure.stage) == (cause, stage)
    assert failure.message.endswith(" within 2.5 s")
    assert failure.symptom == ("name.no_answer" if stage is Stage.RESOLVE else None)


def test_what_had_gone_wrong_before_the_time_was_over_stands() -> None:
    trace = Trace()
    trace.enter(Stage.TLS)
    trace.failure = ProbeFailed(Cause.CERTIFICATE, "certificate is self-signed")
    assert trace.timed_out(1).failure == Failure(Cause.CERTIFICATE, "certificate is self-signed", Stage.TLS)
