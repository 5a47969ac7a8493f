"""What TLS and the certificate say, in words. Pure."""

from collections.abc import Iterator
from datetime import UTC, datetime

from healthmon.core.model import Outcome, Service
from healthmon.core.units import format_duration


def tls_texts(outcome: Outcome, service: Service, now: float) -> Iterator[str]:
    """Version, cipher, and the certificate's names, expiry and trust, as far as they are known."""
    version, cipher = outcome.fact("tls_version"), outcome.fact("tls_cipher")
    if version:
        yield f"{version} {cipher}" if cipher else str(version)
    subject = outcome.fact("certificate_subject")
    names = outcome.fact("certificate_names")
    if names or subject:
        yield f"certificate for {names or subject}"
    expires = outcome.fact("certificate_expires")
    if isinstance(expires, int | float):
        day = datetime.fromtimestamp(expires, UTC).strftime("%Y-%m-%d")
        left = expires - now
        yield f"until {day} ({format_duration(left)} left)" if left > 0 else f"expired {day}"
    if version:
        yield "trusted" if service.options.tls.verify else "not verified (tls.verify is false)"
