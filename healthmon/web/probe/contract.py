"""What `/probe` must know of a protocol: one file that ends in one `Kind`, one line in `healthmon.web.probe.kinds`."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from msgspec import Struct

from healthmon.core.model import FactValue, Outcome, Result, Service


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


class Seen:
    """What a check saw and what was made of it.

    Attributes:
        outcome: The outcome of the last attempt, as the server made it: not fit to be shown.
        result: The judged check, fit to be shown.
        facts: The values of the result's facts, by name.
    """

    def __init__(self, outcome: Outcome, result: Result) -> None:
        self.outcome = outcome
        self.result = result
        self.facts: dict[str, FactValue] = {fact.name: fact.value for fact in result.facts}

    def number(self, name: str) -> float | None:
        """The value of a fact that is a number."""
        value = self.facts.get(name)
        return float(value) if isinstance(value, int | float) else None

    def text(self, name: str) -> str | None:
        """The value of a fact that is a text."""
        value = self.facts.get(name)
        return value if isinstance(value, str) else None


class Gauge(Struct, frozen=True):
    """A metric family; all of `/probe` are gauges.

    Attributes:
        name: Its name.
        labels: Its labels, in the order in which they are written.
        header: The lines that precede its samples, in either format.
    """

    name: str
    labels: tuple[str, ...]
    header: str


class Measured(NamedTuple):
    """The samples of one family: the values of its labels, in their order, and the sample's."""

    gauge: Gauge
    samples: tuple[tuple[tuple[str, ...], float], ...]


def gauge(name: str, help_: str, *labels: str) -> Gauge:
    """A family. Its explanation holds nothing that would have to be escaped."""
    return Gauge(name, labels, f"# HELP {name} {help_}\n# TYPE {name} gauge\n")


def one(family: Gauge, value: float) -> Measured:
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
