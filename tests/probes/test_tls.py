"""TLS: whether a handshake succeeds, and how long the certificate is still valid."""

import asyncio
from collections.abc import Iterator

import pytest

from healthmon.config.load import parse
from healthmon.core.model import Address, Cause, Service, Stage
from healthmon.core.units import FilePath
from healthmon.engine.check import check
from healthmon.net.network import Network
from healthmon.net.tls.settings import TlsSettings
from healthmon.net.trace import ProbeFailed, Trace
from healthmon.probes.tls import TLS, TlsOptions
from tests.campaign.certificates import authority, expired, good, server_context
from tests.campaign.servers import listening, silent
from tests.make import service
from tests.net.descriptors import leaving_no_socket


@pytest.fixture
def trusting() -> Iterator[TlsOptions]:
    """Options that trust the authority of the tests."""
    with authority().cert_pem.tempfile() as ca:
        yield TlsOptions(tls=TlsSettings(ca=FilePath(ca)))


def at(port: int, options: TlsOptions) -> Service:
    """A service on a port of this machine."""
    return service("mail", address=Address("tls", "127.0.0.1", port, explicit=True), options=options)


async def test_a_handshake_tells_version_cipher_and_certificate(network: Network, trusting: TlsOptions) -> None:
    trace = Trace()
    async with leaving_no_socket(), listening(silent, tls=server_context(good(authority()))) as port:
        await TLS.run(at(port, trusting), network, trace)
    outcome = trace.outcome()
    assert [fact.name for fact in outcome.facts] == [
        "ip",
        "clock",
        "certificate_subject",
        "certificate_issuer",
        "certificate_names",
        "certificate_expires",
        "certificate_sha256",
        "tls_version",
        "tls_cipher",
    ]
    assert None not in (outcome.timings.connect, outcome.timings.tls)
    assert outcome.timings.wait is None


async def test_an_expired_certificate_is_a_failure_that_keeps_its_facts(network: Network, trusting: TlsOptions) -> None:
    trace = Trace()
    async with leaving_no_socket(), listening(silent, tls=server_context(expired(authority()))) as port:
        with pytest.raises(ProbeFailed) as raised:
            await TLS.run(at(port, trusting), network, trace)
    assert raised.value.cause is Cause.CERTIFICATE
    expires = trace.outcome().fact("certificate_expires")
    assert isinstance(expires, float)


async def test_a_plain_server_stalls_the_handshake(network: Network, trusting: TlsOptions) -> None:
    trace = Trace()
    async with leaving_no_socket(), listening(silent) as port:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await TLS.run(at(port, trusting), network, trace)
    assert trace.stage is Stage.TLS


async def test_a_handshake_that_is_not_answered_is_a_fault_of_tls(network: Network) -> None:
    async with leaving_no_socket(), listening(silent) as port:
        (one,) = parse(f'[[services]]\nname = "A"\nurl = "tls://127.0.0.1:{port}"\ntimeout = "100ms"\n').services
        result = await check(one, probe=TLS, network=network)
    assert (result.cause, result.message) == (Cause.TLS, "the TLS handshake did not end within 0.1 s")


def test_the_certificate_and_the_latency_can_be_demanded() -> None:
    assert TLS.default_port == 443
    assert TLS.expectations == {"latency", "certificate"}
