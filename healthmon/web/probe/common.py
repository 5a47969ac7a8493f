"""The metrics of every probe."""

from collections.abc import Iterator
from ipaddress import ip_address

from healthmon.core.model import Cause
from healthmon.web.probe.contract import Measured, Seen, gauge, one

_SUCCESS = gauge("probe_success", "Whether the target met all that is expected: 1 yes, 0 no.")
_DURATION = gauge("probe_duration_seconds", "How long the probe took, all attempts together.")
_LOOKUP = gauge("probe_dns_lookup_time_seconds", "How long the lookup of names took; 0 where the host is an address.")
_PROTOCOL = gauge("probe_ip_protocol", "The version of IP: 4 or 6; 0 where no address was tried.")
_ADDRESS_HASH = gauge("probe_ip_addr_hash", "A hash of the address; another one means another address.")
_REGEX = gauge(
    "probe_failed_due_to_regex", "Whether the first thing that went wrong is what was expected of a header or the body."
)

_FNV_OFFSET, _FNV_PRIME = 0x811C9DC5, 0x01000193


def measure_all(seen: Seen) -> Iterator[Measured]:
    """What every probe measures."""
    result = seen.result
    yield one(_SUCCESS, float(result.verdict.healthy))
    yield one(_DURATION, result.duration)
    yield one(_LOOKUP, result.timings.resolve or 0.0)
    ip = seen.text("ip")
    packed = b"" if ip is None else ip_address(ip.partition("%")[0]).packed
    yield one(_PROTOCOL, {0: 0.0, 4: 4.0, 16: 6.0}[len(packed)])
    yield one(_ADDRESS_HASH, float(_fnv1a(packed)) if packed else 0.0)


def measure_regex(seen: Seen, *others: Cause) -> Measured:
    """Whether it was the content that was not as expected: a header, the body, or what has one of the other causes."""
    content = (Cause.HEADER, Cause.BODY, *others)
    return one(_REGEX, float(seen.result.cause in content and not seen.result.verdict.healthy))


def _fnv1a(data: bytes) -> int:
    """The hash that blackbox_exporter takes, 32-bit FNV-1a, so that a series goes on as it was."""
    value = _FNV_OFFSET
    for byte in data:
        value = (value ^ byte) * _FNV_PRIME & 0xFFFFFFFF
    return value
