"""SMTP by `/probe`: what blackbox_exporter calls tcp with query_response and starttls."""

from collections.abc import Iterator

from healthmon.core.model import Cause
from healthmon.web.probe.certificates import measure_tls
from healthmon.web.probe.common import measure_regex
from healthmon.web.probe.contract import Kind, Measured, Seen
from healthmon.web.probe.tls import TLS


def _measure(seen: Seen) -> Iterator[Measured]:
    yield measure_regex(seen, Cause.VALUE)
    yield from measure_tls(seen)


SMTP = Kind(_measure, TLS.adapt)
