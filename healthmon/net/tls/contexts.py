"""TLS contexts, built once for each set of settings: loading the system's certificates takes 30 ms."""

import ssl
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from healthmon.core.model import Cause
from healthmon.net.stamps import LatestRead, StampedSocket
from healthmon.net.tls.settings import TlsSettings
from healthmon.net.trace import ProbeFailed

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_Key = tuple[TlsSettings, tuple[str, ...]]
_Versions = tuple[tuple[int, int] | None, ...]


class Contexts:
    """The contexts in use. One is built anew when one of its files has changed."""

    def __init__(self, latest: LatestRead) -> None:
        self._ssl_object = stamped_ssl_object(latest)
        self._built: dict[_Key, tuple[_Versions, ssl.SSLContext]] = {}

    def get(self, settings: TlsSettings, protocols: tuple[str, ...]) -> ssl.SSLContext:
        """The context for these settings, offering these protocols by ALPN (RFC 7301).

        Raises:
            ProbeFailed: One of the files cannot be used (`local`).
        """
        key = (settings, protocols)
        versions = tuple(_version(path) for path in (settings.ca, settings.cert, settings.key))
        known = self._built.get(key)
        if known is not None and known[0] == versions:
            return known[1]
        context = _build(settings)
        context.sslobject_class = self._ssl_object
        if protocols:
            context.set_alpn_protocols(list(protocols))
        self._built[key] = versions, context
        return context


def stamped_ssl_object(latest: LatestRead) -> type[ssl.SSLObject]:
    """Make the class of SSL objects that tell the socket beneath them what its bytes were.

    TLS 1.3 sends session tickets in reads of their own before the answer, so only the side that decrypts knows which
    read began it. For `ssl.SSLContext.sslobject_class`.
    """

    class StampedSSLObject(ssl.SSLObject):
        _socket: StampedSocket | None = None
        _layer = 0

        def do_handshake(self) -> None:
            super().do_handshake()
            self._socket = latest.socket
            if self._socket is not None:
                self._layer = self._socket.note_handshake()

        def read(self, len: int = 1024, buffer: "WriteableBuffer | None" = None) -> bytes:  # noqa: A002 - inherited
            data = super().read(len, buffer)
            if data and self._socket is not None:
                self._socket.note_answer(self._layer)
            return data

    return StampedSSLObject


def _version(path: str | None) -> tuple[int, int] | None:
    """What changes when a file is replaced. A missing file shows when it is loaded."""
    try:
        status = Path(path or "").stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_ino


def _build(settings: TlsSettings) -> ssl.SSLContext:
    if settings.verify:
        context = _trusting(settings.ca)
    else:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if settings.cert is not None:
        _load_identity(context, settings.cert, settings.key)
    return context


def _trusting(ca: str | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca)
    except ssl.SSLError as error:
        raise ProbeFailed(Cause.LOCAL, f"cannot read certificates from {ca}: it is not a PEM file") from error
    except OSError as error:
        raise ProbeFailed(Cause.LOCAL, f"cannot read {ca}: {error.strerror}") from error


def _load_identity(context: ssl.SSLContext, cert: str, key: str | None) -> None:
    for path in (cert, key or cert):
        try:
            Path(path).open("rb").close()
        except OSError as error:
            raise ProbeFailed(Cause.LOCAL, f"cannot read {path}: {error.strerror}") from error
    try:
        context.load_cert_chain(cert, key, password=_refuse)
    except _Encrypted as error:
        raise ProbeFailed(Cause.LOCAL, f"cannot read {key or cert}: the private key is encrypted") from error
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            raise ProbeFailed(Cause.LOCAL, f"the private key {key or cert} does not belong to {cert}") from error
        raise ProbeFailed(
            Cause.LOCAL, f"cannot read {cert} and its private key: these are not PEM files of them"
        ) from error


class _Encrypted(Exception):
    """Raised when OpenSSL wants a pass phrase, for which it would otherwise ask on the terminal."""


def _refuse() -> NoReturn:
    raise _Encrypted
