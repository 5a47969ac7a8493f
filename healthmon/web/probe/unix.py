"""HTTP over a socket file by `/probe`: a module can be for it, and no `allow` can hold a file."""

from msgspec import structs

from healthmon.core.model import Service
from healthmon.web.probe.contract import Kind
from healthmon.web.probe.http import HTTP


def _adapt(service: Service, hostname: str | None) -> Service:
    """Demand the whole answer, as of HTTP, and ask for a host by name."""
    options = service.options
    if hostname is not None:
        others = {name: value for name, value in options.headers.items() if name.lower() != "host"}
        options = structs.replace(options, headers={**others, "Host": hostname})
    return structs.replace(service, options=options, expect=structs.replace(service.expect, whole=True))


UNIX = Kind(HTTP.measure, _adapt)
