"""TLS contexts, shared and built when first asked for."""

import asyncio
import ssl
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat

from healthmon.core.model import Cause
from healthmon.core.units import FilePath
from healthmon.net.network import Network
from healthmon.net.reach import ReachOptions
from healthmon.net.stamps import LatestRead
from healthmon.net.tls.contexts import Contexts
from healthmon.net.tls.settings import TlsSettings
from healthmon.net.trace import ProbeFailed, Trace
from tests.campaign.certificates import authority, good, server_context
from tests.campaign.servers import listening
from tests.net.authorities import Signed


@pytest.fixture
def contexts() -> Contexts:
    return Contexts(LatestRead())


def write(path: Path, content: bytes) -> FilePath:
    path.write_bytes(content)
    return FilePath(path)


def test_the_same_settings_share_one_context(contexts: Contexts) -> None:
    one = contexts.get(TlsSettings(verify=False), ())
    assert contexts.get(TlsSettings(verify=False), ()) is one
    assert contexts.get(TlsSettings(verify=False), ("http/1.1",)) is not one
    assert contexts.get(TlsSettings(), ()) is not one


def test_by_default_the_certificate_and_its_name_are_verified_by_the_systems_authorities(contexts: Contexts) -> None:
    context = contexts.get(TlsSettings(), ())
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname


def test_not_to_verify_is_a_choice(contexts: Contexts) -> None:
    context = contexts.get(TlsSettings(verify=False), ())
    assert context.verify_mode is ssl.CERT_NONE
    assert not context.check_hostname


def test_an_own_authority_replaces_the_systems(contexts: Contexts, tmp_path: Path) -> None:
    ca = write(tmp_path / "ca.pem", Signed("Mine", 10).pem())
    (found,) = contexts.get(TlsSettings(ca=ca), ()).get_ca_certs()
    assert "Mine" in str(found["subject"])


def test_a_file_that_was_replaced_is_read_again(contexts: Contexts, tmp_path: Path) -> None:
    ca = write(tmp_path / "ca.pem", Signed("Old", 10).pem())
    old = contexts.get(TlsSettings(ca=ca), ())
    write(tmp_path / "new.pem", Signed("New", 10).pem())
    (tmp_path / "new.pem").replace(ca)
    new = contexts.get(TlsSettings(ca=ca), ())
    assert new is not old
    assert "New" in str(new.get_ca_certs())
    assert contexts.get(TlsSettings(ca=ca), ()) is new


def failing(contexts: Contexts, settings: TlsSettings) -> str:
    """The message of the local fault that asking for a context must end in."""
    with pytest.raises(ProbeFailed) as raised:
        contexts.get(settings, ())
    assert raised.value.cause is Cause.LOCAL
    return raised.value.message


def test_files_that_cannot_be_used_are_local_faults(contexts: Contexts, tmp_path: Path) -> None:
    own, other = Signed("Own", 10), Signed("Other", 10)
    missing = FilePath(tmp_path / "missing.pem")
    text = write(tmp_path / "text.pem", b"not PEM")
    cert = write(tmp_path / "cert.pem", own.pem())
    key = write(tmp_path / "key.pem", own.key_pem())
    other_key = write(tmp_path / "other.pem", other.key_pem())
    locked = write(
        tmp_path / "locked.pem",
        own.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret")),
    )
    for settings, message in (
        (TlsSettings(ca=missing), f"cannot read {missing}: No such file or directory"),
        (TlsSettings(ca=text), f"cannot read certificates from {text}: it is not a PEM file"),
        (TlsSettings(cert=missing), f"cannot read {missing}: No such file or directory"),
        (TlsSettings(cert=cert, key=missing), f"cannot read {missing}: No such file or directory"),
        (TlsSettings(cert=cert), f"cannot read {cert} and its private key: these are not PEM files of them"),
        (TlsSettings(cert=text, key=key), f"cannot read {text} and its private key: these are not PEM files of them"),
        (TlsSettings(cert=cert, key=other_key), f"the private key {other_key} does not belong to {cert}"),
        (TlsSettings(cert=cert, key=locked), f"cannot read {locked}: the private key is encrypted"),
    ):
        assert failing(contexts, settings) == message
    contexts.get(TlsSettings(cert=cert, key=key), ())


async def test_session_tickets_do_not_begin_an_answer() -> None:
    """A TLS 1.3 server sends tickets after the handshake, in reads of their own."""
    asked, may_answer = asyncio.Event(), asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        asked.set()
        await may_answer.wait()
        writer.write(b"!")
        await reader.read()

    network = Network()
    with authority().cert_pem.tempfile() as ca:
        async with listening(answer, tls=server_context(good(authority()))) as port:
            sock = await network.connect("127.0.0.1", port, ReachOptions(), Trace())
            context = network.tls_context(TlsSettings(ca=FilePath(ca)))
            reader, writer = await asyncio.open_connection(sock=sock, ssl=context, server_hostname="127.0.0.1")
            assert sock.handshake is not None
            writer.write(b"?")
            await asked.wait()
            while sock._read is None:  # noqa: ASYNC110 - the tickets come before the request is read, unannounced
                await asyncio.sleep(0)
            assert sock.exchange()[:2] == (None, None)
            may_answer.set()
            assert await reader.read(1) == b"!"
            assert sock.exchange().wait is not None
            assert sock.exchange().transfer == 0
            writer.transport.abort()
    network.close()


def test_a_key_needs_its_certificate() -> None:
    with pytest.raises(ValueError, match="`cert`"):
        TlsSettings(key=FilePath("key.pem"))
