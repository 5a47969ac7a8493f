"""The contract of a probe: all that a new protocol has to fulfil.

A probe is one file that ends in one `Probe`, and one line in the table of `healthmon.probes`.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, Literal
from urllib.parse import SplitResult

from msgspec import Struct

from healthmon.core.model import Address, Service
from healthmon.net.network import Network
from healthmon.net.trace import Trace

Run = Callable[[Service, Network, Trace], Awaitable[None]]
"""Speaks the protocol to a service once and records in the trace what it sees.

It returns after a complete answer, or raises `healthmon.net.trace.ProbeFailed`. It is cancelled when the service's
timeout is over: the trace then tells how far it came. It never judges, logs, retries, or enforces a timeout, and it
leaves no socket behind, however it ends.
"""


class Gauge(Struct, frozen=True):
    """A fact that is worth a metric.

    Attributes:
        metric: The metric's name without its beginning ``healthmon_check_``, with its unit.
        help: What it says, in a sentence.
    """

    metric: str
    help: str


def nothing_by_hand(service: Service) -> None:
    """There is no command with which a person asks the same."""
    del service


def anything_goes(parts: SplitResult) -> None:
    """Accept whatever follows host and port."""
    del parts


class Probe(Struct, frozen=True):
    """One protocol.

    Attributes:
        name: The probe's name in reports and metrics.
        default_port: The port where the URL names none; None where it must.
        options: The type of the service's keys that belong to this probe: a frozen, keyword-only
            `msgspec.Struct` that forbids unknown fields, every field with a default and a docstring entry.
        expectations: The keys that `expect` and `warn` may have: names of fields of `Expectations`.
        run: The coroutine function that does it.
        expect: What `expect` demands where neither the service nor the defaults say.
        given: What the probe's own keys are where neither the service nor the defaults say, if that depends on the
            environment: it may hold placeholders such as ``${NAME:-value}``.
        prepare: Imports what `run` needs, so that no check is charged for it; called before the first one.
        path: Whether a URL may hold more than host and port: a user, a path, a query.
        check_url: Raises ValueError with what is wrong with what a URL holds beside host and port.
        locate: Of a scheme that leads to no host and port, reads what stands after ``SCHEME:`` in its URL; raises
            ValueError with what is expected instead. Such a URL may go without slashes (``exec:``).
        transport: What carries it over the network: ``tcp``, ``udp``, ``icmp``; None where it goes over no network.
        tls: Whether it always speaks TLS.
        extra: The extra of healthmon's package that has the libraries which the probe needs; None if it needs none.
        libraries: What that extra installs: names of packages, as pip knows them, and of their modules.
        by_hand: The command line, quoted for a shell and without secrets, with which a person asks the same.
        asks: What is sent, in parts for people, for `healthmon diagnose`; None where nothing is sent.
        gauges: The facts that are worth a metric, by name. Their values are numbers, or true and false.
    """

    name: str
    default_port: int | None
    options: type[Any]
    expectations: frozenset[str]
    run: Run
    expect: Mapping[str, Any] = {}
    given: Mapping[str, Any] = {}
    prepare: Callable[[], None] = lambda: None
    path: bool = True
    check_url: Callable[[SplitResult], None] = anything_goes
    locate: Callable[[str], Address] | None = None
    transport: Literal["tcp", "udp", "icmp"] | None = "tcp"
    tls: bool = False
    extra: str | None = None
    libraries: Mapping[str, str] = {}
    by_hand: Callable[[Service], str | None] = nothing_by_hand
    asks: Callable[[Service], Iterable[str]] | None = None
    gauges: Mapping[str, Gauge] = {}
