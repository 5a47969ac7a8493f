"""Evaluates expectations on an outcome. What cannot be evaluated fails: none passes because something is absent."""

import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from msgspec import structs

from healthmon.core.answer import Answer, search
from healthmon.core.compare import fact_holds, holds, is_number, matches
from healthmon.core.expectations import BodyRule, BodyTest, Comparison, Expectations, Operator, StatusRange
from healthmon.core.model import Cause, Level, Outcome, Reason, Service, Timings
from healthmon.core.units import format_duration
from healthmon.core.wording import body_test_text, comparisons_text, status_texts

_UNWANTED = frozenset({BodyRule.NOT_CONTAINS, BodyRule.NOT_MATCHES})
_ORDER = frozenset({Operator.GT, Operator.GE, Operator.LT, Operator.LE})
_AUTHENTICATION_NEEDED = frozenset({401, 407})


class Evaluation(NamedTuple):
    """One expectation and what became of it.

    Attributes:
        level: Whether `expect` or `warn` demands it.
        expectation: Which: ``status``, ``latency``, ``json status``, ``header content-type``, ...
        cause: The cause that it is if it failed.
        passed: Whether what was met is what was expected.
        expected: Puts into words what was expected.
        met: Puts into words what was met, without the service's secrets.
        of_step: Whether it is one of a step, not of the service.
        rule: Which of the tests of a body or a log; None of all others.
    """

    level: Level
    expectation: str
    cause: Cause
    passed: bool
    expected: Callable[[], str]
    met: Callable[[], str]
    of_step: bool = False
    rule: BodyRule | None = None

    @property
    def key(self) -> str:
        """What demands it: ``status``, ``json status``, ``body contains``, ..."""
        return f"{self.expectation} {self.rule}" if self.rule else self.expectation

    @property
    def reason(self) -> Reason:
        """The evaluation in words."""
        return Reason(self.expectation, self.expected(), self.met(), self.level)


def evaluate(service: Service, outcome: Outcome, now: float) -> Iterator[Evaluation]:
    """Evaluate every expectation of a service, `expect` before `warn`, each in the order in which the answer came.

    The answer to a step is measured by what the step demands, the status included; that to the last one then by what
    the service demands beside its status.

    Args:
        service: The service, with its expectations and secrets.
        outcome: What was seen of it.
        now: The moment from which a certificate's time left is counted, in seconds since the epoch.
    """
    answer = Answer(outcome, service.secrets | outcome.secrets)
    step, expect = outcome.step, service.expect
    if step is not None:
        own = _Evaluator(answer, Level.EXPECT, step.began, step.timings)
        yield from (one._replace(of_step=True) for one in own.evaluate(step.expect))
        if not step.last:
            return
        expect = structs.replace(expect, status=())
    yield from _Evaluator(answer, Level.EXPECT, now).evaluate(expect)
    yield from _Evaluator(answer, Level.WARN, now).evaluate(service.warn)


class _Evaluator:
    """Evaluates the expectations of one level."""

    def __init__(self, answer: Answer, level: Level, now: float, timings: Timings | None = None) -> None:
        self._answer = answer
        self._level = level
        self._now = now
        self._timings = timings or answer.outcome.timings

    def evaluate(self, expectations: Expectations) -> Iterator[Evaluation]:
        if expectations.certificate is not None:
            yield self._certificate(expectations.certificate)
        if expectations.status:
            yield self._status(expectations.status)
        for selected in expectations.header:
            name, comparisons = selected.selector, selected.comparisons
            value = self._answer.header(name)
            passed = all(_header_holds(comparison, value) for comparison in comparisons)
            yield self._compared(Cause.HEADER, f"header {name}", comparisons, value, passed=passed)
        for test in expectations.body:
            yield self._body(test)
        for selected in expectations.json:
            yield self._json(selected.selector, selected.comparisons)
        for test in expectations.log:
            yield self._log(test)
        for selected in expectations.values:
            name, comparisons = selected.selector, selected.comparisons
            met = self._answer.outcome.fact(name)
            fact = list(met) if isinstance(met, tuple) else met
            passed = all(fact_holds(comparison, met) for comparison in comparisons)
            yield self._compared(Cause.VALUE, name, comparisons, fact, passed=passed)
        if expectations.latency is not None:
            yield self._latency(expectations.latency)

    def _certificate(self, least: float) -> Evaluation:
        expires = self._answer.outcome.fact("certificate_expires")
        left = expires - self._now if isinstance(expires, int | float) else None

        def met() -> str:
            if left is None:
                return "no certificate"
            return f"{format_duration(left)} left" if left >= 0 else f"expired {format_duration(-left)} ago"

        passed = left is not None and left >= least
        return Evaluation(
            self._level,
            "certificate",
            Cause.CERTIFICATE,
            passed,
            lambda: f"at least {format_duration(least)} left",
            met,
        )

    def _status(self, accepted: tuple[StatusRange, ...]) -> Evaluation:
        outcome = self._answer.outcome
        status = outcome.fact("status")
        passed = isinstance(status, int) and any(one.low <= status <= one.high for one in accepted)
        rejected = outcome.credentials_sent and status in _AUTHENTICATION_NEEDED
        return Evaluation(
            self._level,
            "status",
            Cause.AUTH if rejected else Cause.STATUS,
            passed,
            lambda: ", ".join(status_texts(accepted)),
            lambda: "none" if status is None else str(status),
        )

    def _body(self, test: BodyTest) -> Evaluation:
        answer = self._answer
        return Evaluation(
            self._level,
            "body",
            Cause.BODY,
            not answer.problem and _body_holds(test, answer.text),
            lambda: body_test_text(test),
            lambda: answer.problem or answer.beginning(),
            rule=test.rule,
        )

    def _log(self, test: BodyTest) -> Evaluation:
        answer = self._answer
        lines = None if answer.outcome.body is None else answer.text.splitlines()
        found = next((line for line in lines or () if _found(test, line)), None)
        unwanted = test.rule in _UNWANTED

        def met() -> str:
            if lines is None:
                return "no log"
            return answer.quoted(found) if found is not None else f"no such line among {len(lines)}"

        passed = lines is not None and (found is None) == unwanted
        return Evaluation(self._level, "log", Cause.VALUE, passed, lambda: body_test_text(test), met, rule=test.rule)

    def _json(self, expression: str, comparisons: tuple[Comparison, ...]) -> Evaluation:
        problem, document = self._answer.json
        name = f"json {expression}"
        if problem:
            return Evaluation(
                self._level, name, Cause.JSON, False, lambda: comparisons_text(comparisons), lambda: problem
            )
        value = search(expression, document)
        passed = all(holds(comparison, value) for comparison in comparisons)
        return self._compared(Cause.JSON, name, comparisons, value, passed=passed)

    def _latency(self, most: float) -> Evaluation:
        met = self._timings.total
        return Evaluation(
            self._level,
            "latency",
            Cause.LATENCY,
            met <= most,
            lambda: f"at most {format_duration(most)}",
            lambda: format_duration(met),
        )

    def _compared(
        self, cause: Cause, expectation: str, comparisons: tuple[Comparison, ...], value: Any, *, passed: bool
    ) -> Evaluation:
        quoted = self._answer.quoted
        return Evaluation(
            self._level, expectation, cause, passed, lambda: comparisons_text(comparisons), lambda: quoted(value)
        )


def _header_holds(comparison: Comparison, value: str | None) -> bool:
    """Whether a header's text meets a comparison: with a number, as the number that it spells."""
    if value is None:
        return holds(comparison, None)
    number = _number(value)
    if comparison.operator in _ORDER or is_number(comparison.operand):
        return number is not None and holds(comparison, number)
    one_of = comparison.operator is Operator.ONE_OF
    return holds(comparison, value) or (one_of and number is not None and holds(comparison, number))


def _number(text: str) -> int | float | None:
    """The number that a text spells in plain decimal notation; Python would also read `nan`, `1_0` and `1e999`."""
    if not re.fullmatch(r"[+-]?[0-9]+(\.[0-9]+)?", text):
        return None
    return float(text) if "." in text else int(text)


def _body_holds(test: BodyTest, text: str) -> bool:
    return _found(test, text) != (test.rule in _UNWANTED)


def _found(test: BodyTest, text: str) -> bool:
    """Whether what a test names, wanted or not, is in a text."""
    literally = test.rule in (BodyRule.CONTAINS, BodyRule.NOT_CONTAINS)
    return test.text in text if literally else matches(text, test.text)
