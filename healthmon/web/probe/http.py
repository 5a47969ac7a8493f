"""HTTP and HTTPS by `/probe`."""

from collections.abc import Iterator
from email.utils import parsedate_to_datetime

from msgspec import structs

from healthmon.core.model import Outcome, Service
from healthmon.web.probe.certificates import measure_tls
from healthmon.web.probe.common import measure_regex
from healthmon.web.probe.contract import Kind, Measured, Refused, Seen, gauge, one
from healthmon.web.probe.hostname import without_port

_STATUS = gauge("probe_http_status_code", "The status code of the last answer; 0 without one.")
_VERSION = gauge("probe_http_version", "The version of HTTP of the last answer; 0 without one.")
_LENGTH = gauge("probe_http_content_length", "The length that the answer declares; -1 where it declares none.")
_BODY_LENGTH = gauge("probe_http_uncompressed_body_length", "How much of the body was read, after decompression.")
_REDIRECTS = gauge("probe_http_redirects", "How many redirects were followed.")
_SSL = gauge("probe_http_ssl", "Whether the last answer came over TLS: 1 yes, 0 no.")
_DURATION = gauge("probe_http_duration_seconds", "How long each phase took, all redirects together.", "phase")
_MODIFIED = gauge(
    "probe_http_last_modified_timestamp_seconds", "When the answer was last modified, in seconds since the epoch."
)

_BODILESS = frozenset({101, 204, 304})


def _measure(seen: Seen) -> Iterator[Measured]:
    status = seen.number("status")
    headers = {name.lower(): value for name, value in seen.outcome.headers}
    yield one(_STATUS, status or 0.0)
    yield one(_VERSION, float(seen.text("http_version") or 0))
    yield one(_LENGTH, 0.0 if status is None else _declared_length(seen, headers))
    yield one(_BODY_LENGTH, seen.number("body_bytes") or 0.0)
    yield one(_REDIRECTS, seen.number("redirects") or 0.0)
    yield one(_SSL, float(status is not None and seen.text("tls_version") is not None))
    yield Measured(_DURATION, tuple(_phases(seen.outcome)))
    modified = _moment(headers.get("last-modified"))
    if modified is not None:
        yield one(_MODIFIED, modified)
    yield measure_regex(seen)
    yield from measure_tls(seen)


def _declared_length(seen: Seen, headers: dict[str, str]) -> float:
    if seen.result.fact("status") in _BODILESS:
        return 0.0
    declared = headers.get("content-length", "")
    if "transfer-encoding" in headers or not (declared.isascii() and declared.isdecimal()):
        return -1.0
    return float(declared)


def _phases(outcome: Outcome) -> Iterator[tuple[tuple[str, ...], float]]:
    times = outcome.timings
    yield ("resolve",), times.resolve or 0.0
    if outcome.fact("ip") is not None:
        yield ("connect",), times.connect or 0.0
        yield ("tls",), times.tls or 0.0
        yield ("processing",), times.wait or 0.0
        yield ("transfer",), times.transfer or 0.0


def _moment(text: str | None) -> float | None:
    """An HTTP date (RFC 9110, 5.6.7) in seconds since the epoch; None for what is none."""
    try:
        return parsedate_to_datetime(text).timestamp() if text else None
    except (ValueError, OverflowError):
        return None


def _adapt(service: Service, hostname: str | None) -> Service:
    """Demand the whole answer, and ask for a host by name wherever the target is.

    The headers alone do not make a success, as they do for a service of which no body is expected: who scrapes this
    has always been told of the body.
    """
    options = service.options
    if hostname is not None:
        host = next((value for name, value in options.headers.items() if name.lower() == "host"), None)
        if host is not None and host != hostname:
            raise Refused(400, "The module sets the header Host, so `hostname` cannot be another one.")
        name = options.tls.server_name or without_port(hostname)
        headers = options.headers if host is not None else {**options.headers, "Host": hostname}
        options = structs.replace(options, headers=headers, tls=structs.replace(options.tls, server_name=name))
    return structs.replace(service, options=options, expect=structs.replace(service.expect, whole=True))


HTTP = Kind(_measure, _adapt)
