"""How `/probe` treats socket files, datagrams, pings and WebSockets: metrics, and the parameter `hostname`."""

from typing import Any

from healthmon.core.model import Cause, Stage, Timings, Verdict
from healthmon.probes.udp import UdpOptions
from healthmon.probes.unix import UnixOptions
from healthmon.probes.ws import WsOptions
from healthmon.web.probe.kinds import KINDS
from tests.make import failed, outcome, service
from tests.web.probe.asking import names
from tests.web.probe.test_kinds import COMMON, HTTP, facts, measured, value


def adapted(scheme: str, options: Any, hostname: str | None) -> Any:
    """The service that is really checked."""
    return KINDS[scheme].adapt(service(options=options), hostname)


def test_a_ping_has_three_phases_and_perhaps_a_hop_limit() -> None:
    seen = outcome(None, facts=facts(ip="127.0.0.1", hop_limit=64), timings=Timings(connect=0.001, wait=0.25))
    found = measured("icmp", seen)
    assert names(found) == COMMON | {"probe_icmp_duration_seconds", "probe_icmp_reply_hop_limit"}
    assert value(found, "probe_icmp_reply_hop_limit") == 64
    phases = {dict(labels)["phase"]: number for (_, labels), number in found.items() if labels}
    assert phases == {"resolve": 0, "setup": 0.001, "rtt": 0.25}
    lost = measured("icmp", failed(Cause.NO_RESPONSE, stage=Stage.WAIT), Verdict.DOWN, cause=Cause.NO_RESPONSE)
    assert names(lost) == COMMON | {"probe_icmp_duration_seconds"}


def test_a_datagram_has_what_all_have() -> None:
    found = measured("udp", outcome(None, facts=facts(ip="127.0.0.1")), options=UdpOptions(send="x"))
    assert names(found) == COMMON | {"probe_failed_due_to_regex"}


def test_a_banner_that_is_not_as_expected_is_content() -> None:
    for scheme in ("tcp", "smtp"):
        found = measured(scheme, outcome(None), Verdict.DOWN, cause=Cause.VALUE)
        assert value(found, "probe_failed_due_to_regex") == 1


def test_a_socket_file_is_asked_by_name() -> None:
    plain = adapted("unix", UnixOptions(), None)
    assert (plain.options, plain.expect.whole) == (UnixOptions(), True)
    named = adapted("unix", UnixOptions(headers={"host": "a", "X": "1"}), "b.example")
    assert named.options.headers == {"X": "1", "Host": "b.example"}
    assert names(measured("unix", outcome(200), options=UnixOptions())) == HTTP


def test_a_websocket_is_asked_by_name() -> None:
    assert adapted("ws", WsOptions(), None).options == WsOptions()
    named = adapted("wss", WsOptions(headers={"Origin": "https://a.example"}), "b.example:8443").options
    assert named.headers == {"Origin": "https://a.example", "Host": "b.example:8443"}
    assert named.tls.server_name == "b.example"


def test_a_websocket_without_an_answer() -> None:
    found = measured("ws", failed(Cause.REFUSED), Verdict.DOWN, cause=Cause.REFUSED, options=WsOptions())
    assert names(found) == COMMON | {"probe_websocket_status_code", "probe_websocket_connection_upgraded"}
    assert (value(found, "probe_websocket_status_code"), value(found, "probe_websocket_connection_upgraded")) == (0, 0)
