"""Certificates whose times and chains are of our choice, which trustme does not make."""

import ssl
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtensionOID, NameOID

NOW = datetime.now(UTC).replace(microsecond=0)


class Signed:
    """A certificate and its key."""

    def __init__(
        self, name: str, days: int, issuer: "Signed | None" = None, host: str | None = None, *, names: bytes = b""
    ) -> None:
        """Sign it.

        Args:
            name: Its common name.
            days: How long it is valid.
            issuer: Who signs it; itself if None.
            host: The host that it is for; None for an authority.
            names: The DER of its alternative names (RFC 5280, 4.2.1.6), in place of the host.
        """
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name(
            [x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Example"), x509.NameAttribute(NameOID.COMMON_NAME, name)]
        )
        self.expires = NOW + timedelta(days=days)
        builder = (
            x509.CertificateBuilder()
            .subject_name(self.name)
            .issuer_name(issuer.name if issuer else self.name)
            .public_key(self.key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(NOW - timedelta(days=100))
            .not_valid_after(self.expires)
            .add_extension(x509.BasicConstraints(ca=host is None, path_length=None), critical=True)
        )
        if names:
            raw = x509.UnrecognizedExtension(ExtensionOID.SUBJECT_ALTERNATIVE_NAME, names)
            builder = builder.add_extension(raw, critical=False)
        elif host is not None:
            builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        self.certificate = builder.sign(issuer.key if issuer else self.key, SHA256())

    def pem(self) -> bytes:
        """The certificate."""
        return self.certificate.public_bytes(Encoding.PEM)

    def key_pem(self) -> bytes:
        """The key."""
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@contextmanager
def chain(
    root_days: int = 1000, intermediate_days: int = 500, leaf_days: int = 30, *, complete: bool = True
) -> Iterator[tuple[ssl.SSLContext, str]]:
    """A server's context with a leaf for localhost and an intermediate, and the file of the root to trust.

    The server sends the intermediate along only where the chain is to be complete.
    """
    root = Signed("Root", root_days)
    intermediate = Signed("Intermediate", intermediate_days, root)
    leaf = Signed("Leaf", leaf_days, intermediate, "localhost")
    with tempfile.TemporaryDirectory() as folder:
        trusted, own = Path(folder, "root.pem"), Path(folder, "own.pem")
        trusted.write_bytes(root.pem())
        own.write_bytes(leaf.key_pem() + leaf.pem() + (intermediate.pem() if complete else b""))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(own)
        yield context, str(trusted)
