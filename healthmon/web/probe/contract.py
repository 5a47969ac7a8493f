"""What `/probe` must know of a protocol: one file that ends in one `Kind`, one line in `healthmon.web.probe.kinds`."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from msgspec import Struct

from healthmon.core.model import Outcome, Result, Scalar, Service
from healthmon.web.metrics.families import Family


class Refused(Exception):
    """Raised when a request is not granted.

    Attributes:
        status: The HTTP status that says so.
        sentence: Why, and what to do about it.
    """

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence


class Seen(NamedTuple):
    """What a check saw and what was made of it.

    Attributes:
        outcome: The outcome of the last attempt, as the server made it: not fit to be shown.
        result: The judged check, fit to be shown.
    """

    outcome: Outcome
    result: Result

    def number(self, name: str) -> float | None:
        """The value of a fact that is a number."""
        value: Scalar = self.result.fact(name)
        return float(value) if isinstance(value, int | float) else None

    def text(self, name: str) -> str | None:
        """The value of a fact that is a text."""
        value: Scalar = self.result.fact(name)
        return value if isinstance(value, str) else None


class Measured(NamedTuple):
    """The samples of one family: the values of its labels, in their order, and the sample's."""

    family: Family
    samples: tuple[tuple[tuple[str, ...], float], ...]


def gauge(name: str, help_: str, *labels: str) -> Family:
    """A family of `/probe`."""
    return Family(name, "gauge", help_, labels)


def one(family: Family, value: float) -> Measured:
    """The only sample of a family without labels."""
    return Measured(family, (((), value),))


class Kind(Struct, frozen=True):
    """How `/probe` treats a protocol.

    Attributes:
        measure: The metrics of a check beside those that all checks have.
        adapt: The service that is really checked, with the parameter `hostname` where the request has one. Raises
            `Refused`.
    """

    measure: Callable[[Seen], Iterable[Measured]]
    adapt: Callable[[Service, str | None], Service] = lambda service, _: service
