"""The TLS of the daemon's own HTTP side."""

import ssl
from pathlib import Path
from typing import NoReturn

from healthmon.config.schema import ServerTls
from healthmon.errors import ConfigError, Fault


def server_context(tls: ServerTls) -> ssl.SSLContext:
    """Read the files anew and make the context for connections to come. TLS 1.2 is the least version.

    Raises:
        ConfigError: A file cannot be used.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    for path in (tls.cert, tls.key, *([] if tls.client_ca is None else [tls.client_ca])):
        _look_at(path)
    _load_identity(context, tls)
    if tls.client_ca is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        try:
            context.load_verify_locations(tls.client_ca)
        except ssl.SSLError as error:
            raise _unusable(tls.client_ca, "it is not a PEM file of certificates, as `client_ca` must be") from error
    return context


def _look_at(path: str) -> None:
    """OpenSSL does not say which file it could not read."""
    try:
        Path(path).open("rb").close()
    except OSError as error:
        raise _unusable(path, f"cannot be read: {error.strerror}") from error


def _load_identity(context: ssl.SSLContext, tls: ServerTls) -> None:
    try:
        context.load_cert_chain(tls.cert, tls.key, password=_refuse)
    except _Encrypted as error:
        message = "the private key is encrypted; `openssl pkey` writes it without a pass phrase"
        raise _unusable(tls.key, message) from error
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            raise _unusable(tls.key, f"the private key does not belong to the certificate {tls.cert}") from error
        message = f"this and the key {tls.key} are not PEM files of a certificate chain and its private key"
        raise _unusable(tls.cert, message) from error


def _unusable(path: str, message: str) -> ConfigError:
    return ConfigError([Fault(path, None, message)])


class _Encrypted(Exception):
    """Raised when OpenSSL wants a pass phrase, for which it would otherwise ask on the terminal."""


def _refuse() -> NoReturn:
    raise _Encrypted
