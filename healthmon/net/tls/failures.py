"""Why a TLS handshake failed: from the errors of OpenSSL to causes and words."""

import ssl
import time
from datetime import UTC, datetime

from healthmon.core.model import Cause
from healthmon.core.wording import named
from healthmon.net.tls.certificate import Certificate
from healthmon.net.trace import ProbeFailed

_NOT_TLS = frozenset({"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "HTTPS_PROXY_REQUEST", "PACKET_LENGTH_TOO_LONG"})

_REFUSED = "the server refused the handshake: nothing in common with it, or it wants a client certificate"

# What OpenSSL (and the server, by an alert of RFC 8446, 6.2) calls it, and what it means.
_REASONS = {
    "SSLV3_ALERT_HANDSHAKE_FAILURE": _REFUSED,
    "SSL/TLS_ALERT_HANDSHAKE_FAILURE": _REFUSED,
    "TLSV1_ALERT_PROTOCOL_VERSION": "the server speaks no TLS version that is still safe",
    "UNSUPPORTED_PROTOCOL": "the server speaks no TLS version that is still safe",
    "TLSV1_ALERT_INSUFFICIENT_SECURITY": "the server wants stronger ciphers",
    "TLSV13_ALERT_CERTIFICATE_REQUIRED": "the server wants a client certificate",
    "SSLV3_ALERT_BAD_CERTIFICATE": "the server does not accept the client certificate",
    "SSLV3_ALERT_CERTIFICATE_EXPIRED": "the server says that the client certificate has expired",
    "SSLV3_ALERT_CERTIFICATE_REVOKED": "the server says that the client certificate is revoked",
    "SSLV3_ALERT_CERTIFICATE_UNKNOWN": "the server does not accept the client certificate",
    "TLSV1_ALERT_UNKNOWN_CA": "the server does not trust the issuer of the client certificate",
    "TLSV1_ALERT_ACCESS_DENIED": "the server denies access to the client certificate",
    "TLSV1_UNRECOGNIZED_NAME": "the server does not know this name",
    "TLSV1_ALERT_INTERNAL_ERROR": "the server had an internal error in the handshake",
    "NO_APPLICATION_PROTOCOL": "the server does not speak the application protocol that was offered",
    "TLSV1_ALERT_NO_APPLICATION_PROTOCOL": "the server does not speak the application protocol that was offered",
    "DH_KEY_TOO_SMALL": "the server's Diffie-Hellman key is too small to be safe",
    "EE_KEY_TOO_SMALL": "the key of the server's certificate is too small to be safe",
    "CA_MD_TOO_WEAK": "a certificate of the server is signed with a digest that is no longer safe",
}

# X509_V_ERR_... of openssl/x509_vfy.h
_NOT_YET_VALID, _EXPIRED = 9, 10
_SELF_SIGNED, _SELF_SIGNED_ROOT = 18, 19
_NO_ISSUER = frozenset({2, 20, 21})
_WRONG_NAME = frozenset({62, 64})

_NAMES_SHOWN = 5


def tls_failure(error: BaseException, name: str, certificate: Certificate | None = None) -> ProbeFailed:
    """Why the handshake failed.

    Args:
        error: What was raised: an `ssl.SSLError`, another `OSError`, or a `ValueError` for an impossible name.
        name: The name that was asked for.
        certificate: What the server showed, if that is known: the message becomes more telling.
    """
    if isinstance(error, ssl.SSLCertVerificationError):
        return ProbeFailed(Cause.CERTIFICATE, _untrusted(error, name, certificate), _symptom(error.verify_code))
    if isinstance(error, ssl.SSLEOFError | ConnectionError):
        return ProbeFailed(Cause.TLS, "connection closed during the TLS handshake")
    if isinstance(error, ssl.SSLError):
        plain = getattr(error, "reason", None) in _NOT_TLS
        return ProbeFailed(Cause.TLS, _reason(error), "tls.plain" if plain else None)
    if isinstance(error, OSError):
        return ProbeFailed(Cause.TLS, f"the TLS handshake failed: {(error.strerror or str(error)).lower()}")
    return ProbeFailed(Cause.TLS, f"not a name that TLS can ask for: {name}")


def _reason(error: ssl.SSLError) -> str:
    reason = getattr(error, "reason", None) or ""  # missing where it was not OpenSSL that raised it
    if reason in _NOT_TLS:
        return "the server does not speak TLS on this port"
    if reason in _REASONS:
        return _REASONS[reason]
    words = reason.replace("_", " ").lower() or str(error)
    return f"the TLS handshake failed: {words}"


def _symptom(code: int) -> str:
    if code in (_EXPIRED, _NOT_YET_VALID):
        return "tls.expired"
    return "tls.other_name" if code in _WRONG_NAME else "tls.untrusted"


def _untrusted(error: ssl.SSLCertVerificationError, name: str, certificate: Certificate | None) -> str:
    code = error.verify_code
    if code in (_EXPIRED, _NOT_YET_VALID):
        return _out_of_time(code, certificate)
    if code == _SELF_SIGNED:
        return "certificate is self-signed"
    if code == _SELF_SIGNED_ROOT:
        return f"certificate is signed by an authority that is not trusted{_issuer(certificate)}"
    if code in _NO_ISSUER:
        return f"certificate's issuer is unknown, or the server does not send the chain{_issuer(certificate)}"
    if code in _WRONG_NAME:
        return f"certificate is not for {name}{_names(certificate)}"
    return f"certificate is not trusted: {error.verify_message}"


def _out_of_time(code: int, certificate: Certificate | None) -> str:
    now = time.time()
    if certificate is not None and certificate.expires <= now:
        return f"certificate expired on {_date(certificate.expires)}"
    if certificate is not None and certificate.begins > now:
        return f"certificate is not valid before {_date(certificate.begins)}"
    return "a certificate of the chain has expired" if code == _EXPIRED else "a certificate is not valid yet"


def _issuer(certificate: Certificate | None) -> str:
    return f": {certificate.issuer}" if certificate is not None and certificate.issuer else ""


def _names(certificate: Certificate | None) -> str:
    if certificate is None:
        return ""
    if not certificate.names:
        return ": it has no names"
    return f", only for {named(certificate.names, _NAMES_SHOWN)}"


def _date(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d %H:%M UTC")
