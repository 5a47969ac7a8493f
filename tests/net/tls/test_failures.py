"""From the errors of OpenSSL to causes and words."""

import ssl
import time

import pytest

from healthmon.core.model import Cause
from healthmon.net.tls.certificate import Certificate
from healthmon.net.tls.failures import tls_failure

YEAR = 365 * 86400.0
NOW = time.time()
GOOD = Certificate("CN=a.example", "CN=Authority", ("a.example", "b.example"), NOW - YEAR, NOW + YEAR, NOW + YEAR, "")
MANY = GOOD._replace(names=tuple("tuvwxyz"))


def openssl(reason: str) -> ssl.SSLError:
    """An error as OpenSSL names it."""
    error = ssl.SSLError(1, f"[SSL: {reason}] (_ssl.c:1000)")
    error.reason = reason
    return error


def unverified(code: int, message: str = "as OpenSSL says") -> ssl.SSLCertVerificationError:
    """A verification that failed with a code of openssl/x509_vfy.h."""
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_code, error.verify_message = code, message
    return error


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (openssl("WRONG_VERSION_NUMBER"), "the server does not speak TLS on this port"),
        (openssl("HTTP_REQUEST"), "the server does not speak TLS on this port"),
        (openssl("TLSV1_ALERT_PROTOCOL_VERSION"), "the server speaks no TLS version that is still safe"),
        (openssl("TLSV13_ALERT_CERTIFICATE_REQUIRED"), "the server wants a client certificate"),
        (openssl("BAD_ECPOINT"), "the TLS handshake failed: bad ecpoint"),
        (ssl.SSLError(1, "no reason"), "the TLS handshake failed: no reason"),
        (ssl.SSLEOFError(8, "EOF occurred"), "connection closed during the TLS handshake"),
        (ConnectionResetError(104, "Connection reset by peer"), "connection closed during the TLS handshake"),
        (OSError(113, "No route to host"), "the TLS handshake failed: no route to host"),
        (UnicodeError("label too long"), "not a name that TLS can ask for: a.example"),
    ],
)
def test_a_handshake_that_fails(error: Exception, message: str) -> None:
    failure = tls_failure(error, "a.example")
    assert (failure.cause, failure.message) == (Cause.TLS, message)


@pytest.mark.parametrize(
    ("code", "certificate", "message"),
    [
        (10, GOOD._replace(expires=0.0), "certificate expired on 1970-01-01 00:00 UTC"),
        (10, GOOD, "a certificate of the chain has expired"),
        (10, None, "a certificate of the chain has expired"),
        (9, GOOD._replace(begins=4102444800.0), "certificate is not valid before 2100-01-01 00:00 UTC"),
        (9, None, "a certificate is not valid yet"),
        (18, GOOD, "certificate is self-signed"),
        (19, GOOD, "certificate is signed by an authority that is not trusted: CN=Authority"),
        (19, None, "certificate is signed by an authority that is not trusted"),
        (20, GOOD, "certificate's issuer is unknown, or the server does not send the chain: CN=Authority"),
        (62, GOOD, "certificate is not for c.example, only for a.example, b.example"),
        (62, GOOD._replace(names=()), "certificate is not for c.example: it has no names"),
        (62, None, "certificate is not for c.example"),
        (
            64,
            MANY,
            "certificate is not for c.example, only for t, u, v, w, x and 2 more",
        ),
        (23, GOOD, "certificate is not trusted: as OpenSSL says"),
    ],
)
def test_a_certificate_that_does_not_verify(code: int, certificate: Certificate | None, message: str) -> None:
    failure = tls_failure(unverified(code), "c.example", certificate)
    assert (failure.cause, failure.message) == (Cause.CERTIFICATE, message)
