"""How `/probe` treats each protocol: the metrics of outcomes, and the parameter `hostname`."""

from typing import Any

import pytest

from healthmon.core.model import Address, Cause, Fact, Outcome, Stage, Timings, Verdict
from healthmon.net.tls.settings import TlsSettings
from healthmon.probes import PROBES
from healthmon.probes.http import HttpOptions
from healthmon.probes.postgres import PostgresOptions
from healthmon.probes.redis import RedissOptions
from healthmon.probes.tls import TlsOptions
from healthmon.web.probe.common import measure_all
from healthmon.web.probe.contract import Refused, Seen
from healthmon.web.probe.exposition import render
from healthmon.web.probe.hostname import url_by_name
from healthmon.web.probe.kinds import KINDS
from tests.make import failed, outcome, result, service
from tests.web.probe.asking import Samples, names, samples

COMMON = {
    "probe_success",
    "probe_duration_seconds",
    "probe_dns_lookup_time_seconds",
    "probe_ip_protocol",
    "probe_ip_addr_hash",
}
HTTP = COMMON | {
    "probe_failed_due_to_regex",
    "probe_http_status_code",
    "probe_http_version",
    "probe_http_content_length",
    "probe_http_uncompressed_body_length",
    "probe_http_redirects",
    "probe_http_ssl",
    "probe_http_duration_seconds",
}
TLS = {
    "probe_ssl_earliest_cert_expiry",
    "probe_ssl_last_chain_expiry_timestamp_seconds",
    "probe_ssl_last_chain_info",
    "probe_tls_version_info",
}
CERTIFICATE: dict[str, Any] = {
    "certificate_subject": "CN=a.example, O=Example",
    "certificate_issuer": "CN=Authority",
    "certificate_names": "a.example, 192.0.2.1, b.example, 2001:db8::1",
    "certificate_expires": 4e9,
    "certificate_sha256": "ab12",
}
HANDSHAKE = {**CERTIFICATE, "tls_version": "TLSv1.3", "tls_cipher": "TLS_AES_256_GCM_SHA384"}


def facts(**values: Any) -> tuple[Fact, ...]:
    """Facts by name."""
    return tuple(Fact(name, value) for name, value in values.items())


def measured(
    scheme: str,
    seen: Outcome,
    verdict: Verdict = Verdict.UP,
    *,
    cause: Cause | None = None,
    options: Any = None,
) -> Samples:
    """The samples of what was seen."""
    judged = result(
        verdict=verdict,
        cause=cause,
        service=service(options=options or HttpOptions()),
        facts=seen.facts,
        timings=seen.timings,
        duration=0.5,
    )
    found = Seen(seen, judged)
    return samples(render([*measure_all(found), *KINDS[scheme].measure(found)], openmetrics=False))


def value(found: Samples, name: str, **labels: str) -> float:
    """The value of one sample."""
    return found[name, tuple(sorted(labels.items()))]


def test_every_probe_has_its_kind() -> None:
    assert KINDS.keys() == PROBES.keys()


def test_a_good_answer() -> None:
    seen = outcome(
        None,
        facts=facts(ip="127.0.0.1", status=200, http_version="1.1", body_bytes=5),
        headers=(("Content-Length", "7"), ("Last-Modified", "Tue, 01 Jan 2019 00:00:00 GMT")),
        timings=Timings(connect=0.001, wait=0.25, transfer=0.002),
    )
    found = measured("http", seen)
    assert names(found) == HTTP | {"probe_http_last_modified_timestamp_seconds"}
    assert {name: number for (name, labels), number in found.items() if not labels} == {
        "probe_success": 1,
        "probe_duration_seconds": 0.5,
        "probe_dns_lookup_time_seconds": 0,
        "probe_ip_protocol": 4,
        "probe_ip_addr_hash": 3668918509,
        "probe_failed_due_to_regex": 0,
        "probe_http_status_code": 200,
        "probe_http_version": 1.1,
        "probe_http_content_length": 7,
        "probe_http_uncompressed_body_length": 5,
        "probe_http_redirects": 0,
        "probe_http_ssl": 0,
        "probe_http_last_modified_timestamp_seconds": 1546300800,
    }
    phases = {dict(labels)["phase"]: number for (_, labels), number in found.items() if labels}
    assert phases == {"resolve": 0, "connect": 0.001, "tls": 0, "processing": 0.25, "transfer": 0.002}


def test_an_answer_over_tls_after_redirects() -> None:
    seen = outcome(None, facts=facts(ip="::1", status=404, http_version="1.0", redirects=2, **HANDSHAKE))
    found = measured("https", seen, Verdict.DOWN, cause=Cause.STATUS)
    assert names(found) == HTTP | TLS
    assert value(found, "probe_success") == 0
    assert value(found, "probe_ip_protocol") == 6
    assert value(found, "probe_ip_addr_hash") == 1751717746
    assert value(found, "probe_http_redirects") == 2
    assert value(found, "probe_http_ssl") == 1
    assert value(found, "probe_ssl_earliest_cert_expiry") == 4e9
    assert value(found, "probe_ssl_last_chain_expiry_timestamp_seconds") == 4e9
    assert value(found, "probe_tls_version_info", version="TLS 1.3") == 1
    labels = {
        "fingerprint_sha256": "ab12",
        "issuer": "CN=Authority",
        "subject": "CN=a.example,O=Example",
        "subjectalternative": "a.example,b.example",
    }
    assert value(found, "probe_ssl_last_chain_info", **labels) == 1


def test_a_chain_that_was_not_verified_has_no_end() -> None:
    seen = outcome(None, facts=facts(ip="127.0.0.1", **HANDSHAKE))
    found = measured("tls", seen, options=TlsOptions(tls=TlsSettings(verify=False)))
    unverified = TLS - {"probe_ssl_last_chain_expiry_timestamp_seconds"}
    assert names(found) == COMMON | {"probe_failed_due_to_regex"} | unverified


def test_a_certificate_that_did_not_verify_is_still_shown() -> None:
    """An alert that it expires goes on when it has."""
    seen = failed(Cause.CERTIFICATE, stage=Stage.TLS, facts=facts(ip="127.0.0.1", **CERTIFICATE))
    found = measured("https", seen, Verdict.DOWN, cause=Cause.CERTIFICATE)
    assert names(found) == HTTP | {"probe_ssl_earliest_cert_expiry", "probe_ssl_last_chain_info"}
    assert (value(found, "probe_http_ssl"), value(found, "probe_http_status_code")) == (0, 0)


def test_without_an_address_there_is_only_the_lookup() -> None:
    seen = failed(Cause.DNS, stage=Stage.RESOLVE, timings=Timings(resolve=0.125))
    found = measured("http", seen, Verdict.DOWN, cause=Cause.DNS)
    assert names(found) == HTTP
    assert [dict(labels) for name, labels in found if name == "probe_http_duration_seconds"] == [{"phase": "resolve"}]
    assert value(found, "probe_dns_lookup_time_seconds") == 0.125
    assert (value(found, "probe_ip_protocol"), value(found, "probe_ip_addr_hash")) == (0, 0)


@pytest.mark.parametrize("scheme", ["tcp", "tls"])
def test_a_port_that_refuses(scheme: str) -> None:
    found = measured(scheme, failed(Cause.REFUSED, facts=facts(ip="fe80::1%2")), Verdict.DOWN, cause=Cause.REFUSED)
    assert names(found) == COMMON | {"probe_failed_due_to_regex"}
    assert (value(found, "probe_success"), value(found, "probe_ip_protocol")) == (0, 6)


@pytest.mark.parametrize(
    ("verdict", "cause", "success", "regex"),
    [
        (Verdict.UP, None, 1, 0),
        (Verdict.DEGRADED, Cause.BODY, 1, 0),
        (Verdict.DOWN, Cause.BODY, 0, 1),
        (Verdict.DOWN, Cause.HEADER, 0, 1),
        (Verdict.DOWN, Cause.STATUS, 0, 0),
        (Verdict.UNKNOWN, Cause.LOCAL, 0, 0),
    ],
)
def test_success_and_content(verdict: Verdict, cause: Cause | None, success: int, regex: int) -> None:
    found = measured("http", outcome(200), verdict, cause=cause)
    assert (value(found, "probe_success"), value(found, "probe_failed_due_to_regex")) == (success, regex)


@pytest.mark.parametrize(
    ("status", "headers", "length"),
    [
        (200, (("content-length", "12"),), 12),
        (200, (), -1),
        (200, (("Transfer-Encoding", "chunked"),), -1),
        (200, (("Content-Length", "12"), ("Transfer-Encoding", "chunked")), -1),
        (200, (("Content-Length", "-12"),), -1),
        (200, (("Content-Length", "²"),), -1),
        (101, (), 0),
        (204, (), 0),
        (304, (("Content-Length", "12"),), 0),
    ],
)
def test_the_declared_length(status: int, headers: Any, length: int) -> None:
    assert value(measured("http", outcome(status, headers=headers)), "probe_http_content_length") == length


@pytest.mark.parametrize(
    "text", ["", "yesterday", "Tue, 99 Jan 2019 00:00:00 GMT", "0", "Tue, 01 Jan 99999 00:00:00 GMT"]
)
def test_what_is_no_date_is_no_metric(text: str) -> None:
    found = measured("http", outcome(200, headers=(("Last-Modified", text),)))
    assert "probe_http_last_modified_timestamp_seconds" not in names(found)


def adapted(scheme: str, options: Any, hostname: str | None) -> Any:
    """The options of what is really checked."""
    return KINDS[scheme].adapt(service(options=options), hostname).options


def test_a_hostname_is_the_header_host_and_the_name_for_tls() -> None:
    options = adapted("https", HttpOptions(headers={"X-Key": "1"}), "a.example:8443")
    assert options.headers == {"X-Key": "1", "Host": "a.example:8443"}
    assert options.tls.server_name == "a.example"
    assert adapted("https", HttpOptions(), "[::1]:8443").tls.server_name == "::1"
    assert adapted("tls", TlsOptions(), "a.example").tls.server_name == "a.example"


def test_what_the_module_sets_stays() -> None:
    settings = TlsSettings(server_name="b.example")
    options = adapted("https", HttpOptions(headers={"host": "a.example"}, tls=settings), "a.example")
    assert (options.headers, options.tls) == ({"host": "a.example"}, settings)
    assert adapted("tls", TlsOptions(tls=settings), "a.example").tls == settings
    with pytest.raises(Refused) as raised:
        adapted("http", HttpOptions(headers={"host": "a.example"}), "b.example")
    assert raised.value.status == 400
    assert raised.value.sentence == "The module sets the header Host, so `hostname` cannot be another one."


def test_without_a_hostname_nothing_changes_but_that_the_answer_must_come_whole() -> None:
    plain = service(options=HttpOptions())
    adapted_ = KINDS["http"].adapt(plain, None)
    assert adapted_.options is plain.options
    assert (plain.need_body, adapted_.need_body) == (False, True)
    for scheme in ("tcp", "tls"):
        tested = service(options=TlsOptions())
        assert KINDS[scheme].adapt(tested, None) is tested


def test_the_url_by_another_name() -> None:
    web = service(
        url="https://user:word@127.0.0.1:8443/path?a=1", address=Address("https", "127.0.0.1", 8443, explicit=True)
    )
    assert url_by_name(web, "a.example") == "https://a.example/path?a=1"
    assert url_by_name(web, "a.example:444") == "https://a.example:444/path?a=1"
    mail = service(url="tls://127.0.0.1:465", address=Address("tls", "127.0.0.1", 465, explicit=True))
    assert url_by_name(mail, "a.example") == "tls://a.example:465"


@pytest.mark.parametrize(
    ("scheme", "options", "chain"),
    [
        ("rediss", RedissOptions(), True),
        ("postgres", PostgresOptions(tls=TlsSettings()), True),
        # `sslmode=prefer` encrypts and verifies nothing.
        ("postgres", PostgresOptions(), False),
    ],
)
def test_a_database_over_tls(scheme: str, options: Any, chain: bool) -> None:
    """Its certificate, and the chain's end only where it was verified."""
    seen = outcome(None, facts=facts(ip="127.0.0.1", tls_version="TLSv1.3", certificate_expires=2e9))
    found = measured(scheme, seen, options=options)
    assert value(found, "probe_ssl_earliest_cert_expiry") == 2e9
    assert ("probe_ssl_last_chain_expiry_timestamp_seconds" in {name for name, _ in found}) is chain
    plain = measured(scheme, outcome(None, facts=facts(ip="127.0.0.1")), options=options)
    assert not any(name.startswith(("probe_ssl", "probe_tls")) for name, _ in plain)
