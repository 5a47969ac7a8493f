"""Every expectation of a service, one by one, with what was met. Pure."""

from collections.abc import Collection, Iterator
from math import inf

from msgspec import Struct

from healthmon.core.expectations import BodyRule, BodyTest, Comparison, Expectations, Operator, Selected, StatusRange
from healthmon.core.findings import Finding, body_findings, closing_findings, header_findings
from healthmon.core.model import Cause, Level, Outcome, Service, Stage
from healthmon.core.units import format_duration
from healthmon.core.wording import body_test_text, comparisons_text, status_texts


class Demand(Struct, frozen=True):
    """One expectation.

    Attributes:
        level: Whether `expect` or `warn` demands it.
        expectation: Which: ``status``, ``json status``, ...
        expected: What is demanded, as text.
        met: What was met, as text; None if it was not reached.
        passed: Whether that is what is demanded; None if it was not reached.
    """

    level: Level
    expectation: str
    expected: str
    met: str | None = None
    passed: bool | None = None


class _One(Struct, frozen=True):
    """An expectation by itself, and one for the same value that nothing meets, which so tells the value."""

    name: str
    expected: str
    itself: Expectations
    unmeetable: Expectations


def demands(service: Service, outcome: Outcome, now: float) -> Iterator[Demand]:
    """The expectations in the order in which the answer comes, `expect` before `warn`.

    Args:
        service: The service.
        outcome: What was seen of it.
        now: The moment from which a certificate's time left is counted, in seconds since the epoch.
    """
    answered = _answered(outcome)
    for expectations, level in ((service.expect, Level.EXPECT), (service.warn, Level.WARN)):
        for one in _split(expectations):
            if not answered:
                yield Demand(level, one.name, one.expected)
                continue
            finding = _first(one.itself, outcome, level, now, service.secrets)
            met = finding or _first(one.unmeetable, outcome, level, now, service.secrets)
            yield Demand(level, one.name, one.expected, met.reason.actual if met else "nothing", finding is None)


def _answered(outcome: Outcome) -> bool:
    """Whether the headers of the final answer came: only then is an expectation met or not."""
    failure = outcome.failure
    if failure is None:
        return True
    has_status = outcome.fact("status") is not None
    return has_status and failure.stage is Stage.TRANSFER and failure.cause is not Cause.REDIRECT


def _first(
    expectations: Expectations, outcome: Outcome, level: Level, now: float, secrets: Collection[str]
) -> Finding | None:
    for findings in (
        header_findings(expectations, outcome, level, now, secrets),
        body_findings(expectations, outcome, level, secrets),
        closing_findings(expectations, outcome, level, secrets),
    ):
        for finding in findings:
            return finding
    return None


def _split(whole: Expectations) -> Iterator[_One]:
    if whole.certificate is not None:
        expected = f"at least {format_duration(whole.certificate)} left"
        itself = Expectations(certificate=whole.certificate)
        yield _One("certificate", expected, itself, Expectations(certificate=inf))
    if whole.status:
        nothing = Expectations(status=(StatusRange(0, 0),))
        yield _One("status", ", ".join(status_texts(whole.status)), Expectations(status=whole.status), nothing)
    for header in whole.header:
        unmeetable = Expectations(header=(_absent(header),))
        yield _One(f"header {header.selector}", _text(header), Expectations(header=(header,)), unmeetable)
    for test in whole.body:
        unmeetable = Expectations(body=(BodyTest(BodyRule.NOT_CONTAINS, ""),))
        yield _One("body", body_test_text(test), Expectations(body=(test,)), unmeetable)
    for selected in whole.json:
        unmeetable = Expectations(json=(_absent(selected),))
        yield _One(f"json {selected.selector}", _text(selected), Expectations(json=(selected,)), unmeetable)
    for value in whole.values:
        unmeetable = Expectations(values=(_absent(value),))
        yield _One(value.selector, _text(value), Expectations(values=(value,)), unmeetable)
    if whole.latency is not None:
        expected = f"at most {format_duration(whole.latency)}"
        yield _One("latency", expected, Expectations(latency=whole.latency), Expectations(latency=-1.0))


def _absent(selected: Selected) -> Selected:
    # Fails on every value that is there; where none is, there is nothing to tell.
    return Selected(selected.selector, (Comparison(Operator.EXISTS, operand=False),))


def _text(selected: Selected) -> str:
    return comparisons_text(selected.comparisons)
