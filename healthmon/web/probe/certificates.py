"""The metrics of a TLS handshake."""

from collections.abc import Iterator
from ipaddress import ip_address

from healthmon.web.probe.contract import Measured, Seen, gauge, one

_EARLIEST = gauge("probe_ssl_earliest_cert_expiry", "When the first certificate ends, in seconds since the epoch.")
_CHAIN_EXPIRY = gauge(
    "probe_ssl_last_chain_expiry_timestamp_seconds", "When the verified chain ends, in seconds since the epoch."
)
_CHAIN_INFO = gauge(
    "probe_ssl_last_chain_info",
    "The server's certificate.",
    "fingerprint_sha256",
    "issuer",
    "subject",
    "subjectalternative",
)
_VERSION = gauge("probe_tls_version_info", "The version of TLS.", "version")


def measure_tls(seen: Seen) -> Iterator[Measured]:
    """What a handshake shows: nothing where there was none, and only the certificate where that did not verify."""
    version, expires = seen.text("tls_version"), seen.number("certificate_expires")
    if expires is not None:
        yield one(_EARLIEST, expires)
        settings = seen.result.service.options.tls
        if version is not None and settings is not None and settings.verify:
            yield one(_CHAIN_EXPIRY, expires)
        yield Measured(_CHAIN_INFO, ((tuple(_described(seen)), 1.0),))
    if version is not None:
        yield Measured(_VERSION, (((version.replace("v", " ", 1),), 1.0),))


def _described(seen: Seen) -> Iterator[str]:
    """The certificate in the words of blackbox_exporter: joined without spaces, and of the names no addresses."""
    for fact in ("certificate_sha256", "certificate_issuer", "certificate_subject"):
        yield (seen.text(fact) or "").replace(", ", ",")
    names = (seen.text("certificate_names") or "").split(", ")
    yield ",".join(name for name in names if not _is_address(name))


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
