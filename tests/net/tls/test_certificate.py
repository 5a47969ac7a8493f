"""What a server's certificate says."""

import ssl
from pathlib import Path

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from healthmon.net.tls.certificate import Certificate, peer_certificate, record_certificate
from healthmon.net.trace import Trace
from tests.net.authorities import NOW, Signed, chain


def shaken(server: ssl.SSLContext, client: ssl.SSLContext, name: str = "localhost") -> ssl.SSLObject:
    """The client's side of a handshake in memory."""
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    ours = client.wrap_bio(to_client, to_server, server_hostname=name)
    theirs = server.wrap_bio(to_server, to_client, server_side=True)
    for side in (ours, theirs, ours, theirs):
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            continue
    return ours


def unverifying() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


@pytest.mark.parametrize(("days", "first"), [((1000, 500, 30), 30), ((1000, 3, 30), 3), ((2, 500, 30), 2)])
def test_the_first_of_a_verified_chain_to_expire_counts(days: tuple[int, int, int], first: int) -> None:
    with chain(*days) as (server, trusted):
        certificate = peer_certificate(shaken(server, ssl.create_default_context(cafile=trusted)))
    assert certificate is not None
    assert certificate.subject == "CN=Leaf, O=Example"
    assert certificate.issuer == "CN=Intermediate, O=Example"
    assert certificate.names == ("localhost",)
    assert certificate.chain_expires == certificate.expires - (days[2] - first) * 86400


def test_verified_or_not_the_facts_of_a_certificate_are_the_same() -> None:
    with chain() as (server, trusted):
        verified = peer_certificate(shaken(server, ssl.create_default_context(cafile=trusted)))
        unverified = peer_certificate(shaken(server, unverifying()))
    assert unverified == verified


def test_addresses_are_names_too() -> None:
    ca, server = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("127.0.0.1", "localhost", "::1").configure_cert(server)
    trusting = ssl.create_default_context()
    ca.configure_trust(trusting)
    unverified, verified = peer_certificate(shaken(server, unverifying())), peer_certificate(shaken(server, trusting))
    assert unverified is not None
    assert verified is not None
    assert unverified.names == ("127.0.0.1", "localhost", "::1")
    assert verified.names == ("127.0.0.1", "localhost", "::1")


class Shown(ssl.SSLObject):
    """A handshake in which the server showed these bytes, which did not verify."""

    shown: bytes | None = None

    def __init__(self) -> None:
        pass

    def getpeercert(self, binary_form: bool = False) -> object:  # type: ignore[override]
        """As after a handshake."""
        return self.shown if binary_form else {}


LOCALHOST = b"\x82\x09localhost"


def leaf(tmp_path: Path, names: bytes) -> tuple[ssl.SSLContext, str, Signed]:
    """A server whose certificate has these names (DER), the file of its authority, and the certificate."""
    root = Signed("Root", 30)
    signed = Signed("Leaf", 30, root, "localhost", names=b"\x30" + bytes([len(names)]) + names)
    (tmp_path / "root.pem").write_bytes(root.pem())
    (tmp_path / "own.pem").write_bytes(signed.key_pem() + signed.pem())
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(tmp_path / "own.pem")
    return server, str(tmp_path / "root.pem"), signed


def test_a_malformed_address_is_left_out(tmp_path: Path) -> None:
    """OpenSSL trusts the certificate all the same."""
    server, trusted, signed = leaf(tmp_path, LOCALHOST + b"\x87\x03\x7f\0\0")
    certificate = peer_certificate(shaken(server, ssl.create_default_context(cafile=trusted)))
    assert certificate is not None
    assert (("localhost",), signed.expires.timestamp()) == (certificate.names, certificate.expires)


@pytest.mark.parametrize("name", [b"\x87\x03\x7f\0\0", b"\xa3\x00"], ids=["malformed address", "X.400 address"])
def test_names_that_cannot_be_read_hide_nothing_else(tmp_path: Path, name: bytes) -> None:
    """An unverified certificate is read by another library, which gives up on all names at once."""
    server, _, signed = leaf(tmp_path, LOCALHOST + name)
    certificate = peer_certificate(shaken(server, unverifying()))
    assert certificate is not None
    assert ((), signed.expires.timestamp()) == (certificate.names, certificate.expires)


def test_an_extension_that_comes_twice_hides_nothing_else() -> None:
    """The library refuses all extensions then."""
    builder = x509.CertificateBuilder(
        issuer_name=x509.Name([]),
        subject_name=x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Twice")]),
        public_key=(key := ec.generate_private_key(ec.SECP256R1())).public_key(),
        serial_number=1,
        not_valid_before=NOW,
        not_valid_after=NOW,
    )
    names = [x509.DNSName("localhost")]
    builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    builder = builder.add_extension(x509.IssuerAlternativeName(names), critical=False)
    tls = Shown()
    tls.shown = builder.sign(key, SHA256()).public_bytes(Encoding.DER).replace(b"\x55\x1d\x12", b"\x55\x1d\x11")
    certificate = peer_certificate(tls)
    assert certificate is not None
    assert (certificate.subject, certificate.names) == ("CN=Twice", ())


@pytest.mark.parametrize("shown", [None, b"", b"not a certificate"])
def test_what_is_no_certificate_is_none(shown: bytes | None) -> None:
    tls = Shown()
    tls.shown = shown
    assert peer_certificate(tls) is None


def test_its_facts_are_recorded_with_the_first_end_of_the_chain() -> None:
    trace = Trace()
    record_certificate(Certificate("CN=a", "CN=b", ("a.example", "b.example"), 1.0, 3.0, 2.0, "ab"), trace)
    assert [(fact.name, fact.value) for fact in trace.outcome().facts] == [
        ("certificate_subject", "CN=a"),
        ("certificate_issuer", "CN=b"),
        ("certificate_names", "a.example, b.example"),
        ("certificate_expires", 2.0),
        ("certificate_sha256", "ab"),
    ]
