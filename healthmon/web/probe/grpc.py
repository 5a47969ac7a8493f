"""gRPC by `/probe`, with and without TLS."""

from collections.abc import Iterator

from msgspec import structs

from healthmon.core.model import Cause, Service
from healthmon.web.probe.certificates import measure_tls
from healthmon.web.probe.contract import Kind, Measured, Seen, gauge, one
from healthmon.web.probe.hostname import without_port

_STATUS = gauge("probe_grpc_status_code", "The status of the call; without an answer what a gRPC client makes of that.")
_RESPONSE = gauge("probe_grpc_healthcheck_response", "1 for the health that the server tells.", "serving_status")
_SSL = gauge("probe_grpc_ssl", "Whether the answer came over TLS: 1 yes, 0 no.")
_DURATION = gauge("probe_grpc_duration_seconds", "How long each phase took.", "phase")

_STATUSES = ("UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN")
_DEADLINE_EXCEEDED, _UNAVAILABLE = 4, 14
_TOO_LATE = frozenset({Cause.CONNECT_TIMEOUT, Cause.NO_RESPONSE, Cause.TIMEOUT})


def _measure(seen: Seen) -> Iterator[Measured]:
    status = seen.number("grpc_status")
    times = seen.outcome.timings
    health = seen.text("grpc_health_status") if status == 0 else None
    missing = _DEADLINE_EXCEEDED if seen.result.cause in _TOO_LATE else _UNAVAILABLE
    yield one(_STATUS, float(missing) if status is None else status)
    yield Measured(_RESPONSE, tuple(((name,), float(name == health)) for name in _STATUSES))
    yield one(_SSL, float(status is not None and seen.text("tls_version") is not None))
    check = (times.connect, times.tls, times.wait, times.transfer)
    phases = ((("resolve",), times.resolve or 0.0), (("check",), sum(time or 0.0 for time in check)))
    yield Measured(_DURATION, phases)
    yield from measure_tls(seen)


def _adapt(service: Service, hostname: str | None) -> Service:
    """Ask for a name wherever the target is, unless the module says which."""
    options = service.options
    if hostname is None:
        return service
    tls = structs.replace(options.tls, server_name=options.tls.server_name or without_port(hostname))
    options = structs.replace(options, tls=tls, authority=options.authority or hostname)
    return structs.replace(service, options=options)


GRPC = Kind(_measure, _adapt)
