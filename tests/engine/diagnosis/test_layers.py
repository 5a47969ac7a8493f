"""From what was seen to the layers, where real sockets cannot show it."""

from healthmon.core.judge import judge
from healthmon.core.model import Cause, Failure, Outcome, Stage, Timings
from healthmon.engine.diagnosis.evidence import Attempt, Evidence, find_place
from healthmon.engine.diagnosis.layers import Layer, find_layers
from healthmon.net.routes import Way
from healthmon.probes import PROBES
from tests.engine.diagnosis.make import service


def evidence(*attempts: Attempt, failure: Failure | None = None, url: str = "tcp://www.example.com:8001") -> Evidence:
    """What was seen of a service."""
    checked = service(url)
    outcome = Outcome(timings=Timings(resolve=0.012), failure=failure)
    result = judge(checked, outcome, started=0.0, duration=0.1)
    return Evidence(PROBES[checked.address.scheme], result, outcome, find_place(checked), 0.012, attempts, None)


def test_another_machine_is_reached_from_an_address_of_this_one() -> None:
    seen = evidence(Attempt("203.0.113.10", Way(source="192.0.2.7"), 0.024))
    assert list(find_layers(seen, now=0.0)) == [
        Layer("name", passed=True, seconds=0.012, detail="www.example.com is 203.0.113.10"),
        Layer("route", passed=True, seconds=None, detail="leaves from 192.0.2.7"),
        Layer("port", passed=True, seconds=0.024, detail="203.0.113.10:8001 accepts connections"),
    ]


def test_a_missing_route_is_a_layer_of_its_own() -> None:
    failure = Failure(Cause.UNREACHABLE, "network unreachable", Stage.CONNECT)
    attempt = Attempt("2001:db8::7", Way(problem="network is unreachable"), 0.001, "network unreachable")
    layers = list(find_layers(evidence(attempt, failure=failure), now=0.0))
    assert layers[1:] == [
        Layer("route", passed=False, seconds=None, detail="no route: network is unreachable"),
        Layer("port", passed=False, seconds=0.001, detail="[2001:db8::7]:8001: network unreachable"),
    ]


def test_tls_is_not_reached_behind_a_closed_port() -> None:
    failure = Failure(Cause.REFUSED, "connection refused", Stage.CONNECT)
    attempt = Attempt("203.0.113.10", Way(source="192.0.2.7"), 0.001, "connection refused")
    layers = list(find_layers(evidence(attempt, failure=failure, url="tls://www.example.com:8001"), now=0.0))
    assert layers[-1] == Layer("tls", passed=None, seconds=None, detail="not reached")


def test_a_long_certificate_is_cut() -> None:
    """A server decides how long its texts are; the diagnosis keeps one line a layer."""
    seen = evidence(Attempt("203.0.113.10", Way(problem="x" * 10_000), None, "y\n" * 10_000))
    assert all(len(layer.detail) <= 400 and "\n" not in layer.detail for layer in find_layers(seen, now=0.0))
