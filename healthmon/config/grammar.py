"""The values of `expect` and `warn` that have a grammar of their own. Each type reads itself by `parse`."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Self

from msgspec import Struct

from healthmon.config.convert import convert
from healthmon.config.nearest import did_you_mean
from healthmon.config.texts import Text
from healthmon.core.expectations import Comparison, Operator, StatusRange

_STATUS = re.compile(r"([1-5])xx|([1-5][0-9]{2})(?:-([1-5][0-9]{2}))?", re.IGNORECASE)

_DEEPEST = 100
"""So many parts of a JMESPath expression may stand in each other: each costs Python some calls in a call."""

_TOO_DEEP = f"not a JMESPath expression that can be evaluated: more than {_DEEPEST} parts stand in each other"


class Status(tuple[StatusRange, ...]):
    """Accepted HTTP status codes: ``200``, ``"2xx"``, ``"200-299"``, or a list of these."""

    __slots__ = ()
    description = 'a status such as 200, "2xx", "200-299", or a list of these'

    @classmethod
    def parse(cls, value: object) -> Self:
        """Read the codes.

        Raises:
            ValueError: They are not status codes.
        """
        values = value if isinstance(value, list) else [value]
        if not values:
            raise ValueError("expected at least one status")
        return cls(_status_range(item) for item in values)


def _status_range(value: object) -> StatusRange:
    match = None if isinstance(value, bool) else _STATUS.fullmatch(str(value))
    if match and match[1]:
        return StatusRange(int(match[1]) * 100, int(match[1]) * 100 + 99)
    if match:
        low, high = int(match[2]), int(match[3] or match[2])
        if low <= high:
            return StatusRange(low, high)
    raise ValueError(f"expected {Status.description}")


class Texts(tuple[str, ...]):
    """One text, or a list of texts."""

    __slots__ = ()
    description = "a text, or a list of texts; none of them empty"

    @classmethod
    def parse(cls, value: object) -> Self:
        """Read the texts.

        Raises:
            ValueError: They are not texts, or one is empty.
        """
        values: list[Any] = value if isinstance(value, list) else [value]
        if not values or not all(isinstance(item, str) and item for item in values):
            raise ValueError(f"expected {cls.description}")
        return cls(values)


class Patterns(Texts):
    """One pattern, or a list of patterns, in RE2's syntax."""

    __slots__ = ()
    description = "a pattern in RE2's syntax, or a list of patterns; none of them empty"

    @classmethod
    def parse(cls, value: object) -> Self:
        """Read the patterns.

        Raises:
            ValueError: They are not texts, or RE2 does not take one.
        """
        patterns = super().parse(value)
        for pattern in patterns:
            check_pattern(pattern)
        return patterns


class Pattern(Text):
    """A pattern in RE2's syntax."""

    __slots__ = ()
    description = "a pattern in RE2's syntax"

    @classmethod
    def checked(cls, text: str) -> str:
        """The pattern itself.

        Raises:
            ValueError: RE2 does not take it.
        """
        check_pattern(text)
        return text


class Operators(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of operators: all must hold.

    Attributes:
        eq: The value is equal to this one, and of its type.
        ne: The value is not equal to this one.
        gt: The value is a number greater than this one.
        ge: The value is a number greater than this one, or equal.
        lt: The value is a number less than this one.
        le: The value is a number less than this one, or equal.
        contains: The text holds this text, or the list this value.
        matches: The text matches this pattern somewhere (RE2's syntax).
        exists: Whether there is a value.
        one_of: The value is one of these.
    """

    eq: Any = None
    ne: Any = None
    gt: int | float | None = None
    ge: int | float | None = None
    lt: int | float | None = None
    le: int | float | None = None
    contains: Any = None
    matches: Pattern | None = None
    exists: bool | None = None
    one_of: list[Any] | None = None


class Demand(tuple[Comparison, ...]):
    """What is demanded of one value: a value to be equal to, or a table of operators."""

    __slots__ = ()
    description = "a value to be equal to, or a table of operators"

    table = Operators
    """The type of its table form, for whoever lists its faults one by one."""

    @classmethod
    def parse(cls, value: object) -> Self:
        """Read the demand.

        Raises:
            ValueError: It is a table of something else than operators, or an operand has the wrong type.
        """
        if not isinstance(value, dict):
            return cls((Comparison(Operator.EQ, value),))
        if not value or not value.keys() & set(Operator):
            raise ValueError(
                "a table holds operators (eq, ne, gt, ge, lt, le, contains, matches, exists, one_of);"
                " to compare with a table, write { eq = { ... } }"
            )
        convert(value, Operators)
        return cls(Comparison(Operator(name), operand) for name, operand in value.items())


def check_pattern(pattern: str) -> None:
    """Check that RE2 takes a pattern.

    Raises:
        ValueError: It does not.
    """
    import re2  # Few configs have patterns.

    options = re2.Options()
    options.log_errors = False
    try:
        re2.compile(pattern, options=options)
    except re2.error as error:
        text = error.args[0].decode() if isinstance(error.args[0], bytes) else str(error)
        raise ValueError(f"not a pattern in RE2's syntax: {text}") from None


def check_jmespath(expression: str) -> None:
    """Check that an expression is JMESPath.

    Raises:
        ValueError: It is not.
    """
    import jmespath  # Few configs have expressions.
    from jmespath.exceptions import JMESPathError
    from jmespath.functions import Functions

    try:
        parsed = jmespath.compile(expression).parsed
    except JMESPathError as error:
        what = (
            str(error).splitlines()[0].removeprefix("Invalid jmespath expression: ").removesuffix(", for expression:")
        )
        raise ValueError(f"not a JMESPath expression: {what.rstrip(':')}") from None
    except RecursionError:
        raise ValueError(_TOO_DEEP) from None
    except ValueError:  # Python reads no decimal number of more than 4,300 digits.
        raise ValueError("not a JMESPath expression: a number in it is too large") from None
    functions = Functions.FUNCTION_TABLE
    for name in _called(parsed):
        if name not in functions:
            raise ValueError(f"JMESPath has no function {name}{did_you_mean(name, functions)}")


def _called(parsed: Mapping[str, Any]) -> Iterator[str]:
    """The names of the functions that a parsed expression calls.

    Raises:
        ValueError: It is nested deeper than can be evaluated wherever a check needs it.
    """
    left = [(parsed, 1)]
    while left:
        node, depth = left.pop(0)
        if depth > _DEEPEST:
            raise ValueError(_TOO_DEEP)
        if node["type"] == "function_expression":
            yield node["value"]
        left[:0] = [(child, depth + 1) for child in node["children"] if isinstance(child, dict)]
