"""Evaluates expectations on an outcome. What cannot be evaluated fails: none passes because something is absent.

The functions are told the service's secrets, to mask them in what was met before it is quoted and cut.
"""

from collections.abc import Collection, Iterator
from typing import Any

import msgspec
from msgspec import Struct

from healthmon.core.compare import holds, is_number, matches
from healthmon.core.expectations import BodyRule, BodyTest, Comparison, Expectations, Operator, Selected
from healthmon.core.model import Body, Cause, Level, Outcome, Reason
from healthmon.core.safe_text import LIMIT, excerpt
from healthmon.core.units import format_duration
from healthmon.core.wording import body_test_text, comparisons_text, status_texts, value_text

_BODY_SHOWN = 80  # characters
_ORDER = frozenset({Operator.GT, Operator.GE, Operator.LT, Operator.LE})
_AUTHENTICATION_NEEDED = frozenset({401, 407})


class Finding(Struct, frozen=True):
    """An expectation that failed, and the cause that this is."""

    cause: Cause
    reason: Reason


def header_findings(
    expectations: Expectations, outcome: Outcome, level: Level, now: float, secrets: Collection[str]
) -> Iterator[Finding]:
    """What fails of that which is known before the body: certificate, status, headers."""
    yield from _certificate(expectations, outcome, level, now)
    yield from _status(expectations, outcome, level)
    for selected in expectations.header:
        value = _header(outcome, selected.selector)
        if not all(_header_holds(comparison, value) for comparison in selected.comparisons):
            yield _unmet(Cause.HEADER, f"header {selected.selector}", selected, _met(value, secrets), level)


def body_findings(
    expectations: Expectations, outcome: Outcome, level: Level, secrets: Collection[str]
) -> Iterator[Finding]:
    """What fails of the body, as text and as JSON."""
    if expectations.body:
        yield from _body(expectations, outcome.body, level, secrets)
    if expectations.json:
        yield from _json(expectations, outcome.body, level, secrets)


def closing_findings(
    expectations: Expectations, outcome: Outcome, level: Level, secrets: Collection[str]
) -> Iterator[Finding]:
    """What fails of that which is known only at the end: a probe's own values, and the latency."""
    for selected in expectations.values:
        value = outcome.fact(selected.selector)
        if not all(holds(comparison, value) for comparison in selected.comparisons):
            yield _unmet(Cause.VALUE, selected.selector, selected, _met(value, secrets), level)
    limit, met = expectations.latency, outcome.timings.total
    if limit is not None and met > limit:
        expected = f"at most {format_duration(limit)}"
        yield Finding(Cause.LATENCY, Reason("latency", expected, format_duration(met), level))


def _certificate(expectations: Expectations, outcome: Outcome, level: Level, now: float) -> Iterator[Finding]:
    if expectations.certificate is None:
        return
    expires = outcome.fact("certificate_expires")
    expected = f"at least {format_duration(expectations.certificate)} left"
    if not isinstance(expires, int | float):
        yield Finding(Cause.CERTIFICATE, Reason("certificate", expected, "no certificate", level))
    elif expires - now < expectations.certificate:
        left = expires - now
        actual = f"{format_duration(left)} left" if left >= 0 else f"expired {format_duration(-left)} ago"
        yield Finding(Cause.CERTIFICATE, Reason("certificate", expected, actual, level))


def _status(expectations: Expectations, outcome: Outcome, level: Level) -> Iterator[Finding]:
    if not expectations.status:
        return
    status = outcome.fact("status")
    if isinstance(status, int) and any(one.low <= status <= one.high for one in expectations.status):
        return
    rejected = outcome.credentials_sent and status in _AUTHENTICATION_NEEDED
    expected = ", ".join(status_texts(expectations.status))
    actual = "none" if status is None else str(status)
    yield Finding(Cause.AUTH if rejected else Cause.STATUS, Reason("status", expected, actual, level))


def _header(outcome: Outcome, name: str) -> str | None:
    # A header that stands several times is one list (RFC 9110, 5.3).
    values = [value for header, value in outcome.headers if header.lower() == name.lower()]
    return ", ".join(values) if values else None


def _header_holds(comparison: Comparison, value: Any) -> bool:
    """Whether a header's text meets a comparison: with a number, as the number that it spells."""
    if value is not None and (comparison.operator in _ORDER or is_number(comparison.operand)):
        try:
            value = float(value)
        except ValueError:
            return False
    return holds(comparison, value)


def _unmet(cause: Cause, expectation: str, selected: Selected, actual: str, level: Level) -> Finding:
    return Finding(cause, Reason(expectation, comparisons_text(selected.comparisons), actual, level))


def _body(expectations: Expectations, body: Body | None, level: Level, secrets: Collection[str]) -> Iterator[Finding]:
    problem = _unreadable(body)
    text = "" if body is None else _text(body)
    for test in expectations.body:
        if problem or not _body_holds(test, text):
            actual = problem or _beginning(text, secrets)
            yield Finding(Cause.BODY, Reason("body", body_test_text(test), actual, level))


def _body_holds(test: BodyTest, text: str) -> bool:
    literally = test.rule in (BodyRule.CONTAINS, BodyRule.NOT_CONTAINS)
    found = test.text in text if literally else matches(text, test.text)
    return found != (test.rule in (BodyRule.NOT_CONTAINS, BodyRule.NOT_MATCHES))


def _json(expectations: Expectations, body: Body | None, level: Level, secrets: Collection[str]) -> Iterator[Finding]:
    problem, document = _unreadable(body), None
    if body is not None and not problem:
        problem, document = _decoded(body, secrets)
    for selected in expectations.json:
        value = None if problem else _search(selected.selector, document)
        if problem or not all(holds(comparison, value) for comparison in selected.comparisons):
            yield _unmet(Cause.JSON, f"json {selected.selector}", selected, problem or _met(value, secrets), level)


def _met(value: Any, secrets: Collection[str], limit: int = LIMIT) -> str:
    return value_text(excerpt(value, secrets, limit) if isinstance(value, str) else value)


def _beginning(text: str, secrets: Collection[str]) -> str:
    return _met(text, secrets, _BODY_SHOWN) if text else "an empty body"


def _unreadable(body: Body | None) -> str | None:
    if body is None:
        return "no body"
    return None if body.complete else "a body that was not read whole"


def _decoded(body: Body, secrets: Collection[str]) -> tuple[str | None, Any]:
    try:
        # A byte order mark is not JSON, but parsers may pass it over (RFC 8259, 8.1).
        return None, msgspec.json.decode(body.content.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return f"not JSON: {_beginning(_text(body), secrets)}", None


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
