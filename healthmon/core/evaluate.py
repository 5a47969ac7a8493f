"""Evaluates expectations on an outcome. What cannot be evaluated fails: none passes because something is absent."""

from collections.abc import Callable, Collection, Iterator
from functools import cached_property
from typing import Any, NamedTuple

import msgspec

from healthmon.core.compare import holds, is_number, matches
from healthmon.core.expectations import BodyRule, BodyTest, Comparison, Expectations, Operator, StatusRange
from healthmon.core.model import Body, Cause, Level, Outcome, Reason, Service
from healthmon.core.safe_text import LIMIT, excerpt
from healthmon.core.units import format_duration
from healthmon.core.wording import body_test_text, comparisons_text, status_texts, value_text

_BODY_SHOWN = 80  # characters
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
    """

    level: Level
    expectation: str
    cause: Cause
    passed: bool
    expected: Callable[[], str]
    met: Callable[[], str]

    @property
    def reason(self) -> Reason:
        """The evaluation in words."""
        return Reason(self.expectation, self.expected(), self.met(), self.level)


def evaluate(service: Service, outcome: Outcome, now: float) -> Iterator[Evaluation]:
    """Evaluate every expectation of a service, `expect` before `warn`, each in the order in which the answer came.

    Args:
        service: The service, with its expectations and secrets.
        outcome: What was seen of it.
        now: The moment from which a certificate's time left is counted, in seconds since the epoch.
    """
    answer = _Answer(outcome, service.secrets)
    yield from _Evaluator(answer, Level.EXPECT, now).evaluate(service.expect)
    yield from _Evaluator(answer, Level.WARN, now).evaluate(service.warn)


class _Answer:
    """An outcome, and its body as text and as JSON, each decoded once and only if an expectation needs it."""

    def __init__(self, outcome: Outcome, secrets: Collection[str]) -> None:
        self.outcome = outcome
        self._secrets = secrets

    def header(self, name: str) -> str | None:
        """The value of a header; one that stands several times is one list (RFC 9110, 5.3)."""
        values = [value for header, value in self.outcome.headers if header.lower() == name.lower()]
        return ", ".join(values) if values else None

    @cached_property
    def problem(self) -> str | None:
        """Why the body cannot be evaluated, or None if it can."""
        body = self.outcome.body
        if body is None:
            return "no body"
        return None if body.complete else "a body that was not read whole"

    @cached_property
    def text(self) -> str:
        """The body as text."""
        return "" if self.outcome.body is None else _text(self.outcome.body)

    @cached_property
    def json(self) -> tuple[str | None, Any]:
        """The body as JSON, or first why it is none."""
        if self.outcome.body is None or self.problem:
            return self.problem, None
        try:
            # A byte order mark is not JSON, but parsers may pass it over (RFC 8259, 8.1).
            return None, msgspec.json.decode(self.outcome.body.content.removeprefix(b"\xef\xbb\xbf"))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return f"not JSON: {self.beginning()}", None

    def quoted(self, value: Any, limit: int = LIMIT) -> str:
        """A value in words. Secrets are masked before it is quoted and cut, for after that they cannot be found."""
        return value_text(excerpt(value, self._secrets, limit) if isinstance(value, str) else value)

    def beginning(self) -> str:
        """The beginning of the body in words."""
        return self.quoted(self.text, _BODY_SHOWN) if self.text else "an empty body"


class _Evaluator:
    """Evaluates the expectations of one level."""

    def __init__(self, answer: _Answer, level: Level, now: float) -> None:
        self._answer = answer
        self._level = level
        self._now = now

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
        for selected in expectations.values:
            name, comparisons = selected.selector, selected.comparisons
            fact = self._answer.outcome.fact(name)
            passed = all(holds(comparison, fact) for comparison in comparisons)
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
        )

    def _json(self, expression: str, comparisons: tuple[Comparison, ...]) -> Evaluation:
        problem, document = self._answer.json
        name = f"json {expression}"
        if problem:
            return Evaluation(
                self._level, name, Cause.JSON, False, lambda: comparisons_text(comparisons), lambda: problem
            )
        value = _search(expression, document)
        passed = all(holds(comparison, value) for comparison in comparisons)
        return self._compared(Cause.JSON, name, comparisons, value, passed=passed)

    def _latency(self, most: float) -> Evaluation:
        met = self._answer.outcome.timings.total
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


def _header_holds(comparison: Comparison, value: Any) -> bool:
    """Whether a header's text meets a comparison: with a number, as the number that it spells."""
    if value is not None and (comparison.operator in _ORDER or is_number(comparison.operand)):
        try:
            value = float(value)
        except ValueError:
            return False
    return holds(comparison, value)


def _body_holds(test: BodyTest, text: str) -> bool:
    literally = test.rule in (BodyRule.CONTAINS, BodyRule.NOT_CONTAINS)
    found = test.text in text if literally else matches(text, test.text)
    return found != (test.rule in (BodyRule.NOT_CONTAINS, BodyRule.NOT_MATCHES))


def _search(expression: str, document: Any) -> Any:
    import jmespath
    from jmespath.exceptions import JMESPathError

    try:
        return jmespath.search(expression, document)
    except (JMESPathError, ArithmeticError, RecursionError, TypeError, ValueError):
        # jmespath's functions let some of Python's own errors through; all mean that there is no value.
        return None


def _text(body: Body) -> str:
    try:
        return body.content.decode(body.charset or "utf-8", "replace")
    except (LookupError, ValueError):  # a character set that nobody knows, or one that is not for texts
        return body.content.decode("utf-8", "replace")
