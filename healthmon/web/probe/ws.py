"""WebSockets by `/probe`, with the names that newer versions of blackbox_exporter have."""

from collections.abc import Iterator

from msgspec import structs

from healthmon.core.model import Cause, Service
from healthmon.web.probe.certificates import measure_tls
from healthmon.web.probe.contract import Kind, Measured, Seen, gauge, one
from healthmon.web.probe.hostname import without_port

_STATUS = gauge("probe_websocket_status_code", "The status of the answer to the upgrade; 0 without one.")
_UPGRADED = gauge("probe_websocket_connection_upgraded", "Whether there was an upgrade: 1 yes, 0 no.")
_REGEX = gauge(
    "probe_websocket_failed_due_to_regex", "Whether the first thing that went wrong is what the message held."
)


def _measure(seen: Seen) -> Iterator[Measured]:
    status = seen.number("status") or 0.0
    yield one(_STATUS, status)
    yield one(_UPGRADED, float(seen.outcome.seen == "upgraded"))
    if seen.result.service.need_body:
        failed = seen.result.cause in (Cause.BODY, Cause.JSON) and not seen.result.verdict.healthy
        yield one(_REGEX, float(failed))
    yield from measure_tls(seen)


def _adapt(service: Service, hostname: str | None) -> Service:
    """Ask for a host by name wherever the target is."""
    if hostname is None:
        return service
    options = service.options
    others = {name: value for name, value in options.headers.items() if name.lower() != "host"}
    tls = structs.replace(options.tls, server_name=options.tls.server_name or without_port(hostname))
    return structs.replace(service, options=structs.replace(options, headers={**others, "Host": hostname}, tls=tls))


WS = Kind(_measure, _adapt)
