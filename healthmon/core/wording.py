"""Puts expectations, values and signals into words."""

import re
from collections.abc import Sequence
from signal import Signals
from typing import Any

import msgspec

from healthmon.core.expectations import BodyRule, BodyTest, Comparison, Operator, StatusRange
from healthmon.core.safe_text import escaped

_OPERATORS = {
    Operator.EQ: "{}",
    Operator.NE: "not {}",
    Operator.GT: "more than {}",
    Operator.GE: "at least {}",
    Operator.LT: "less than {}",
    Operator.LE: "at most {}",
    Operator.CONTAINS: "something that contains {}",
    Operator.MATCHES: "something that matches {}",
    Operator.ONE_OF: "one of {}",
}
_BODY = {
    BodyRule.CONTAINS: "to contain {}",
    BodyRule.MATCHES: "to match {}",
    BodyRule.NOT_CONTAINS: "not to contain {}",
    BodyRule.NOT_MATCHES: "not to match {}",
}


_IN_JSON = str.maketrans({'"': r"\"", "\\": r"\\", "\b": r"\b", "\f": r"\f", "\n": r"\n", "\r": r"\r", "\t": r"\t"})
"""JSON's short escapes (RFC 8259, 7)."""


def counted(count: int, noun: str, plural: str | None = None) -> str:
    """So many of something, such as ``1 service`` or ``2 services``; a plural that is not so regular is given."""
    return f"{count} {noun}" if count == 1 else f"{count} {plural or noun + 's'}"


def signal_name(number: int) -> str | None:
    """The name of a signal, such as ``SIGTERM``; None where it has none (most real-time signals) or is no signal."""
    try:
        return Signals(number).name
    except ValueError:
        return None


def listed(texts: Sequence[str], word: str) -> str:
    """Texts as a sentence lists them: with the word ``and``, or ``or``, before the last: ``a, b or c``."""
    return f" {word} ".join(part for part in (", ".join(texts[:-1]), *texts[-1:]) if part)


def named(texts: Sequence[str], most: int) -> str:
    """The first of some texts, and how many there are besides: ``a, b and 3 more``."""
    more = f" and {len(texts) - most} more" if len(texts) > most else ""
    return ", ".join(texts[:most]) + more


def value_text(value: Any) -> str:
    """A JSON value as compact JSON; None, which stands for what is not there, as ``nothing``.

    Two that differ do not read the same: what cannot be seen, and each further one of several spaces, is escaped.
    """
    if value is None:
        return "nothing"
    if isinstance(value, str):  # It may hold what no encoding can write.
        text = f'"{value.translate(_IN_JSON)}"'
    else:
        text = msgspec.json.encode(value, enc_hook=repr).decode()
    return re.sub("(?<= ) ", r"\\u0020", escaped(text))


def comparisons_text(comparisons: tuple[Comparison, ...]) -> str:
    """What comparisons demand: ``at least 1 and less than 10``."""
    return " and ".join(_comparison_text(comparison) for comparison in comparisons)


def _comparison_text(comparison: Comparison) -> str:
    if comparison.operator is Operator.EXISTS:
        return "anything" if comparison.operand else "nothing"
    return _OPERATORS[comparison.operator].format(value_text(comparison.operand))


def body_test_text(test: BodyTest) -> str:
    """What is demanded of a body: ``to contain "ok"``."""
    return _BODY[test.rule].format(value_text(test.text))


def status_texts(ranges: tuple[StatusRange, ...]) -> list[str]:
    """Accepted status codes, as written in the config: ``200``, ``2xx``, ``200-204``."""
    return [_status_text(one) for one in ranges]


def _status_text(one: StatusRange) -> str:
    if one.low == one.high:
        return str(one.low)
    if one.low % 100 == 0 and one.high == one.low + 99:
        return f"{one.low // 100}xx"
    return f"{one.low}-{one.high}"
