"""TLS settings, and contexts that are shared by all services with the same settings."""

from msgspec import Struct

from healthmon.core.hosts import is_host
from healthmon.core.units import FilePath


class TlsSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How to speak TLS to a service.

    Attributes:
        verify: Whether the certificate must be trusted and bear the right name.
        ca: A file of PEM certificates to trust instead of the system's.
        cert: The client's certificate chain, a PEM file.
        key: The client's private key, a PEM file; by default it is in `cert`.
        server_name: The name to ask for (SNI) and to verify, instead of the URL's host.
    """

    verify: bool = True
    ca: FilePath | None = None
    cert: FilePath | None = None
    key: FilePath | None = None
    server_name: str | None = None

    def __post_init__(self) -> None:
        if self.key is not None and self.cert is None:
            raise ValueError("`key` is the private key of a certificate: `cert` must name its file")
        if self.server_name is not None and not is_host(self.server_name):
            raise ValueError("`tls.server_name` is a host's name or address")
