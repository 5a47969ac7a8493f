"""What a user demands of an outcome, as frozen data. `judge` evaluates it; `config` reads it."""

from enum import StrEnum
from typing import Any, Literal

from msgspec import Struct


class Operator(StrEnum):
    """How a value is compared."""

    EQ = "eq"
    NE = "ne"
    GT = "gt"
    GE = "ge"
    LT = "lt"
    LE = "le"
    CONTAINS = "contains"
    MATCHES = "matches"
    EXISTS = "exists"
    ONE_OF = "one_of"


class Comparison(Struct, frozen=True):
    """One operator and what it compares with.

    Attributes:
        operator: The operator.
        operand: Any JSON value for `eq` and `ne`; a number for `gt`, `ge`, `lt`, `le`; any JSON value for
            `contains`; a pattern (RE2 syntax) for `matches`; a boolean for `exists`; a list for `one_of`.
    """

    operator: Operator
    operand: Any


class Selected(Struct, frozen=True):
    """Comparisons that all apply to one value, which a JMESPath, a header's name or a fact's name selects."""

    selector: str
    comparisons: tuple[Comparison, ...]


class StatusRange(Struct, frozen=True):
    """HTTP status codes from `low` to `high`, both included."""

    low: int
    high: int


class BodyRule(StrEnum):
    """How a text is looked for in a body."""

    CONTAINS = "contains"
    MATCHES = "matches"
    NOT_CONTAINS = "not_contains"
    NOT_MATCHES = "not_matches"


class BodyTest(Struct, frozen=True):
    """A text (or, for `matches` and `not_matches`, an RE2 pattern) that a body must or must not hold."""

    rule: BodyRule
    text: str


class Expectations(Struct, frozen=True):
    """What is demanded of one outcome. An empty tuple or None demands nothing.

    Attributes:
        status: Accepted HTTP status codes.
        latency: The longest acceptable latency, in seconds.
        certificate: The least time a certificate must still be valid, in seconds.
        header: Demands on headers; the selector is the header's name, in any case.
        body: Demands on the body's text.
        json: Demands on the body as JSON; the selector is a JMESPath.
        log: Demands on the lines of a log, which is then the outcome's body: that one is such, or that none is.
        values: Demands on what a probe adds; the selector is a fact's name.
        whole: True where the answer must come whole although nothing is demanded of its body.
    """

    status: tuple[StatusRange, ...] = ()
    latency: float | None = None
    certificate: float | None = None
    header: tuple[Selected, ...] = ()
    body: tuple[BodyTest, ...] = ()
    json: tuple[Selected, ...] = ()
    log: tuple[BodyTest, ...] = ()
    values: tuple[Selected, ...] = ()
    whole: Literal[True] | None = None

    @property
    def need_body(self) -> bool:
        """Whether the body must be read to evaluate these."""
        return bool(self.body or self.json or self.whole)
