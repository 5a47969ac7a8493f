"""DNS and gRPC by `/probe`, beside what runs with blackbox_exporter: names to ask for, and what has no answer."""

from typing import Any

import pytest

from healthmon.core.model import Address, Cause, Fact, Service, Timings, Verdict
from healthmon.net.tls.settings import TlsSettings
from healthmon.probes.dns import DnsOptions
from healthmon.probes.grpc import GrpcOptions
from healthmon.web.probe.contract import Seen
from healthmon.web.probe.exposition import render
from healthmon.web.probe.kinds import KINDS
from tests.make import outcome, result, service
from tests.web.probe.asking import Samples, samples


def asked(scheme: str, options: Any) -> Service:
    """A target of the scheme."""
    url = f"{scheme}://127.0.0.1:5353"
    return service(url=url, shown_url=url, address=Address(scheme, "127.0.0.1", 5353, explicit=True), options=options)


def measured(tested: Service, cause: Cause | None, **facts: Any) -> Samples:
    """What is said of a check with these facts."""
    found = tuple(Fact(name, value) for name, value in facts.items())
    seen = outcome(None, facts=found, timings=Timings(resolve=0.5, connect=0.25, tls=1.0, wait=2.0, transfer=4.0))
    verdict = Verdict.UP if cause is None else Verdict.DOWN
    judged = result(verdict=verdict, service=tested, cause=cause, facts=found)
    return samples(render(KINDS[tested.address.scheme].measure(Seen(seen, judged)), openmetrics=False))


@pytest.mark.parametrize(
    ("cause", "status"),
    [
        (Cause.REFUSED, 14),
        (Cause.TLS, 14),
        (Cause.CONNECT_TIMEOUT, 4),
        (Cause.NO_RESPONSE, 4),
        (Cause.TIMEOUT, 4),
    ],
)
def test_a_call_without_an_answer_has_the_status_that_a_client_gives_it(cause: Cause, status: int) -> None:
    found = measured(asked("grpcs", GrpcOptions()), cause, tls_version="TLSv1.3")
    assert found["probe_grpc_status_code", ()] == status
    assert found["probe_grpc_ssl", ()] == 0


def test_the_phases_of_a_call() -> None:
    found = measured(asked("grpcs", GrpcOptions()), None, grpc_status=0, grpc_health_status="SERVING")
    assert found["probe_grpc_duration_seconds", (("phase", "resolve"),)] == 0.5
    assert found["probe_grpc_duration_seconds", (("phase", "check"),)] == 7.25
    assert found["probe_grpc_healthcheck_response", (("serving_status", "SERVING"),)] == 1


def test_the_phases_of_a_query() -> None:
    found = measured(asked("dns", DnsOptions(query_type="SOA")), None, rcode="NOERROR", serial=7, answers=1)
    phases = {dict(labels)["phase"]: value for (_, labels), value in found.items() if labels}
    assert phases == {"resolve": 0.5, "connect": 0.25, "request": 6.0}
    assert found["probe_dns_serial", ()] == 7
    assert found["probe_dns_query_succeeded", ()] == 1


def test_a_name_to_ask_a_grpc_server_for() -> None:
    """By TLS without the port; a module's own names stay."""
    adapt = KINDS["grpcs"].adapt
    tested = asked("grpcs", GrpcOptions())
    assert adapt(tested, None) is tested
    named = adapt(tested, "api.example.com:8443").options
    assert (named.authority, named.tls.server_name) == ("api.example.com:8443", "api.example.com")
    own = GrpcOptions(authority="own.example.com", tls=TlsSettings(server_name="tls.example.com"))
    assert adapt(asked("grpcs", own), "api.example.com").options == own
