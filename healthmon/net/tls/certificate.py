"""What a server's certificate says, whether or not it can be trusted."""

import contextlib
import hashlib
import ssl
import warnings
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, NamedTuple

from healthmon.net.trace import Trace

if TYPE_CHECKING:
    from cryptography import x509

_SHORT = {
    "commonName": "CN",
    "organizationName": "O",
    "organizationalUnitName": "OU",
    "countryName": "C",
    "stateOrProvinceName": "ST",
    "localityName": "L",
    "domainComponent": "DC",
}

# The kinds of names that hosts have, as `ssl` calls them; it writes IPv6 addresses in full.
_READERS: dict[str, Callable[[str], str]] = {"DNS": str, "IP Address": lambda text: str(ip_address(text.strip()))}


class Certificate(NamedTuple):
    """A certificate (RFC 5280).

    Attributes:
        subject: Whose it is, such as ``CN=example.com, O=Example``.
        issuer: Who signed it.
        names: The host names and addresses that it is for.
        begins: When its time begins, in seconds since the epoch.
        expires: When its time ends, in seconds since the epoch.
        chain_expires: When the first certificate of its chain expires; the same as `expires` if the chain is not known.
        sha256: Its fingerprint, in hexadecimal.
    """

    subject: str
    issuer: str
    names: tuple[str, ...]
    begins: float
    expires: float
    chain_expires: float
    sha256: str


def peer_certificate(tls: ssl.SSLObject) -> Certificate | None:
    """The certificate that the other side showed in a handshake that succeeded; None if it cannot be read.

    OpenSSL trusts certificates of which a part is malformed. Such a part is left out.
    """
    der = tls.getpeercert(binary_form=True)
    if not der:
        return None
    sha256 = hashlib.sha256(der).hexdigest()
    try:
        verified = tls.getpeercert()
        if verified:
            return _from_dict(verified, _chain_expiry(tls), sha256)
    except (ssl.SSLError, ValueError):
        pass  # The other reader may be able to.
    return _from_der(der, sha256)


def record_tls(tls: ssl.SSLObject, trace: Trace) -> None:
    """Record what a handshake agreed on: `tls_version`, `tls_cipher`, and the certificate's facts."""
    certificate = peer_certificate(tls)
    if certificate is not None:
        record_certificate(certificate, trace)
    cipher = tls.cipher()
    trace.fact("tls_version", tls.version())
    trace.fact("tls_cipher", cipher and cipher[0])


def record_certificate(certificate: Certificate, trace: Trace) -> None:
    """Record the certificate's facts.

    They are `certificate_subject`, `certificate_issuer`, `certificate_names` (joined by commas),
    `certificate_expires`: seconds since the epoch, the earliest of the chain where that is known, and
    `certificate_sha256`, the fingerprint.
    """
    trace.fact("certificate_subject", certificate.subject)
    trace.fact("certificate_issuer", certificate.issuer)
    trace.fact("certificate_names", ", ".join(certificate.names))
    trace.fact("certificate_expires", min(certificate.expires, certificate.chain_expires))
    trace.fact("certificate_sha256", certificate.sha256)


def _from_dict(found: dict[str, Any], chain_expires: float | None, sha256: str) -> Certificate:
    expires = _seconds(found["notAfter"])
    return Certificate(
        subject=_name(pair for part in found.get("subject", ()) for pair in part),
        issuer=_name(pair for part in found.get("issuer", ()) for pair in part),
        names=tuple(_names(found.get("subjectAltName", ()))),
        begins=float(_seconds(found["notBefore"])),
        expires=float(expires),
        chain_expires=float(expires if chain_expires is None else chain_expires),
        sha256=sha256,
    )


@lru_cache(maxsize=1024)
def _seconds(text: str) -> int:
    """The time of a certificate in seconds since the epoch. Reading one takes longer than all else about it."""
    return ssl.cert_time_to_seconds(text)


def _names(found: Iterable[tuple[str, str]]) -> Iterator[str]:
    for kind, value in found:
        with contextlib.suppress(ValueError):  # OpenSSL calls a malformed address "<invalid>"
            if kind in _READERS:
                yield _READERS[kind](value)


def _chain_expiry(tls: ssl.SSLObject) -> float | None:
    """When the first certificate of the verified chain expires."""
    # The public way exists since Python 3.13 only, and hands out DER, which would have to be parsed for each check.
    chain: list[Any] | None = getattr(getattr(tls, "_sslobj", None), "get_verified_chain", list)()
    return min((_seconds(link.get_info()["notAfter"]) for link in chain or ()), default=None)


def _from_der(der: bytes, sha256: str) -> Certificate | None:
    from cryptography import x509

    try:
        # What the library finds odd about a certificate is no concern of the user's terminal.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _from_x509(x509.load_der_x509_certificate(der), sha256)
    except (ValueError, x509.InvalidVersion):
        return None


def _from_x509(found: "x509.Certificate", sha256: str) -> Certificate:
    expires = found.not_valid_after_utc.timestamp()
    return Certificate(
        subject=_name((part.rfc4514_attribute_name, str(part.value)) for part in found.subject),
        issuer=_name((part.rfc4514_attribute_name, str(part.value)) for part in found.issuer),
        names=_alternative_names(found),
        begins=found.not_valid_before_utc.timestamp(),
        expires=expires,
        chain_expires=expires,
        sha256=sha256,
    )


def _alternative_names(found: "x509.Certificate") -> tuple[str, ...]:
    from cryptography import x509

    try:
        names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (ValueError, x509.DuplicateExtension, x509.ExtensionNotFound, x509.UnsupportedGeneralNameType):
        return ()
    return tuple(str(name.value) for name in names if isinstance(name, x509.DNSName | x509.IPAddress))


def _name(parts: Iterable[tuple[str, str]]) -> str:
    """A distinguished name, the most telling part first, as in RFC 4514."""
    return ", ".join(f"{_SHORT.get(key, key)}={value}" for key, value in reversed(list(parts)))
