"""What a server's certificate says."""

import ssl

import pytest
import trustme

from healthmon.net.tls.certificate import Certificate, peer_certificate, record_certificate
from healthmon.net.trace import Trace
from tests.net.authorities import chain


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


@pytest.mark.parametrize("shown", [None, b"", b"not a certificate"])
def test_what_is_no_certificate_is_none(shown: bytes | None) -> None:
    tls = Shown()
    tls.shown = shown
    assert peer_certificate(tls) is None


def test_its_facts_are_recorded_with_the_first_end_of_the_chain() -> None:
    trace = Trace()
    record_certificate(Certificate("CN=a", "CN=b", ("a.example", "b.example"), 1.0, 3.0, 2.0), trace)
    assert [(fact.name, fact.value) for fact in trace.outcome().facts] == [
        ("certificate_subject", "CN=a"),
        ("certificate_issuer", "CN=b"),
        ("certificate_names", "a.example, b.example"),
        ("certificate_expires", 2.0),
    ]
