"""TLS of the HTTP side, with real certificates and real handshakes."""

import asyncio
import ssl
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp
import pytest
import trustme
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)
from msgspec import structs

from healthmon.config.schema import ServerTls
from healthmon.errors import ConfigError
from healthmon.web.limits import Limits
from healthmon.web.tls import server_context
from tests.unhurried import unqueued
from tests.web.fake import FakeDaemon, FakeMetrics, served
from tests.web.raw import connected, get, until
from tests.web.test_server import BRISK, ENDLESS, SOON


def write(folder: Path, authority: trustme.CA) -> ServerTls:
    """A certificate for 127.0.0.1, in the files of which the settings tell."""
    certificate = authority.issue_cert("127.0.0.1")
    tls = ServerTls(cert=str(folder / "cert.pem"), key=str(folder / "key.pem"))
    Path(tls.cert).write_bytes(b"".join(blob.bytes() for blob in certificate.cert_chain_pems))
    Path(tls.key).write_bytes(certificate.private_key_pem.bytes())
    return tls


def trusting(authority: trustme.CA) -> ssl.SSLContext:
    """A client's context that trusts the authority, and no other."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    authority.configure_trust(context)
    return context


async def ask(url: str, context: ssl.SSLContext) -> int:
    """The status that a new connection is answered with."""
    async with (
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context)) as session,
        session.get(url + "/-/healthy") as answer,
    ):
        return answer.status


async def test_https(tmp_path: Path) -> None:
    """To a client that trusts the certificate."""
    authority = trustme.CA()
    async with served(tls=write(tmp_path, authority)) as server:
        assert await ask(server.url, trusting(authority)) == 200
        with pytest.raises(aiohttp.ClientConnectorCertificateError):
            await ask(server.url, trusting(trustme.CA()))
    assert server.faults == []


async def test_silent_handshakes_keep_nobody_out(tmp_path: Path) -> None:
    """They are connections too."""
    authority = trustme.CA()
    limits = structs.replace(Limits(), connections=3, silence=0.0, handshake=60.0)
    async with served(tls=write(tmp_path, authority), limits=limits) as server, AsyncExitStack() as stack:
        silent = [await stack.enter_async_context(connected(server.port)) for _ in range(3)]
        assert await ask(server.url, trusting(authority)) == 200
        assert await silent[0].rest() == b""
    assert server.faults == []


async def test_old_versions_are_refused(tmp_path: Path) -> None:
    """Below 1.2."""
    context = server_context(write(tmp_path, trustme.CA()))
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2


async def test_a_clients_certificate_is_asked_for(tmp_path: Path) -> None:
    """One of the authority named; there is no way in without, not even to /-/healthy."""
    authority, clients = trustme.CA(), trustme.CA()
    clients.cert_pem.write_to_path(str(tmp_path / "clients.pem"))
    tls = structs.replace(write(tmp_path, authority), client_ca=str(tmp_path / "clients.pem"))
    known, unknown = trusting(authority), trusting(authority)
    clients.issue_cert("scraper.internal").configure_cert(known)
    trustme.CA().issue_cert("scraper.internal").configure_cert(unknown)
    async with served(tls=tls) as server:
        assert await ask(server.url, known) == 200
        for context in (unknown, trusting(authority)):
            with pytest.raises(aiohttp.ClientError):
                await ask(server.url, context)
    assert server.faults == []


async def test_renewed_files_are_read_without_a_restart(tmp_path: Path) -> None:
    """Connections that are open stay; and files that cannot be used change nothing."""
    old, new = trustme.CA(), trustme.CA()
    tls = write(tmp_path, old)
    async with served(tls=tls) as server:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=trusting(old))) as session:
            async with session.get(server.url + "/-/healthy") as answer:
                await answer.read()
            write(tmp_path, new)
            server.serving.renew()
            async with session.get(server.url + "/-/healthy") as answer:
                assert answer.status == 200
        assert await ask(server.url, trusting(new)) == 200
        spoil(tls.key)
        with pytest.raises(ConfigError):
            server.serving.renew()
        assert await ask(server.url, trusting(new)) == 200


async def test_there_is_nothing_to_renew_without_tls() -> None:
    """It is asked at each reload."""
    async with served() as server:
        server.serving.renew()


@pytest.mark.parametrize(
    ("spoil", "fault"),
    [
        (lambda tls: Path(tls.cert).unlink(), "{cert}: cannot be read: No such file or directory"),
        (lambda tls: Path(tls.client_ca).unlink(), "{client_ca}: cannot be read: No such file or directory"),
        (
            lambda tls: Path(tls.cert).write_text("no"),
            "{cert}: this and the key {key} are not PEM files of a certificate chain and its private key",
        ),
        (
            lambda tls: Path(tls.client_ca).write_text("no"),
            "{client_ca}: it is not a PEM file of certificates, as `client_ca` must be",
        ),
        (
            lambda tls: trustme.CA().issue_cert("127.0.0.1").private_key_pem.write_to_path(tls.key),
            "{key}: the private key does not belong to the certificate {cert}",
        ),
        (
            lambda tls: encrypt(Path(tls.key)),
            "{key}: the private key is encrypted; `openssl pkey` writes it without a pass phrase",
        ),
    ],
    ids=["no certificate", "no authorities", "no PEM", "authorities no PEM", "other key", "encrypted"],
)
def test_files_that_cannot_be_used(tmp_path: Path, spoil: object, fault: str) -> None:
    """Each with what is wrong with it; nobody is asked for a pass phrase."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    tls = structs.replace(write(tmp_path, authority), client_ca=str(tmp_path / "ca.pem"))
    spoil(tls)  # type: ignore[operator]
    with pytest.raises(ConfigError) as raised:
        server_context(tls)
    assert str(raised.value) == fault.format(cert=tls.cert, key=tls.key, client_ca=tls.client_ca)


def spoil(path: str) -> None:
    """Leave half a file, as while it is being written."""
    Path(path).write_text("-----BEGIN PRIVATE KEY-----\nMII", encoding="ascii")


def encrypt(path: Path) -> None:
    """Write the key anew, with a pass phrase."""
    key = load_pem_private_key(path.read_bytes(), None)
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret")))


@pytest.mark.parametrize("sent", [b"", b"\x16\x03\x01\x02\x00", b"GET / HTTP/1.1\r\n\r\n"])
async def test_a_client_that_does_not_finish_its_handshake_is_dropped(tmp_path: Path, sent: bytes) -> None:
    """Silence, half a greeting, or plain HTTP."""
    async with served(tls=write(tmp_path, trustme.CA()), limits=BRISK) as server, connected(server.port) as client:
        await client.send(sent)
        await client.rest()
    assert server.faults == []


async def test_handshakes_count_as_connections(tmp_path: Path) -> None:
    """Who never ends one takes no more files than another."""
    authority = trustme.CA()
    limits = structs.replace(Limits(), connections=1)
    async with served(tls=write(tmp_path, authority), limits=limits) as server, connected(server.port):
        with pytest.raises(aiohttp.ClientError):
            await ask(server.url, trusting(authority))
    assert server.faults == []


async def test_the_end_waits_for_no_client(tmp_path: Path) -> None:
    """One in its handshake, and one that has stopped reading."""
    authority, metrics = trustme.CA(), FakeMetrics(chunks=ENDLESS, size=2**16)
    tasks = asyncio.all_tasks()
    async with served(FakeDaemon(), metrics, tls=write(tmp_path, authority)) as server, connected(server.port):
        _, writer = await asyncio.open_connection("127.0.0.1", server.port, ssl=trusting(authority), limit=1)
        writer.write(get("/metrics"))
        await until(lambda: metrics.made > 2)
        began = unqueued()
    assert unqueued() - began < SOON
    writer.transport.abort()
    await until(lambda: asyncio.all_tasks() == tasks)
    assert server.faults == []
