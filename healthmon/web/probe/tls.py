"""TLS by `/probe`: what blackbox_exporter calls tcp with tls."""

from collections.abc import Iterator

from msgspec import structs

from healthmon.core.model import Service
from healthmon.web.probe.certificates import measure_tls
from healthmon.web.probe.common import measure_regex
from healthmon.web.probe.contract import Kind, Measured, Seen
from healthmon.web.probe.hostname import without_port


def _measure(seen: Seen) -> Iterator[Measured]:
    yield measure_regex(seen)
    yield from measure_tls(seen)


def _adapt(service: Service, hostname: str | None) -> Service:
    """Ask for a name wherever the target is, unless the module says which."""
    options = service.options
    if hostname is None or options.tls.server_name is not None:
        return service
    settings = structs.replace(options.tls, server_name=without_port(hostname))
    return structs.replace(service, options=structs.replace(options, tls=settings))


TLS = Kind(_measure, _adapt)
