"""Sockets that note when bytes were sent and arrived."""

import asyncio
import errno
import socket
import time
from collections.abc import Iterator

import pytest

from healthmon.net import stamps
from healthmon.net.stamps import Exchange, LatestRead, Peer, StampedSocket, peer_of
from tests.campaign.servers import listening, silent

CLOCKS = 0.01
"""Seconds by which the kernel's clock, which is set right now and then, may differ from ours."""


@pytest.fixture
def pair() -> Iterator[tuple[StampedSocket, socket.socket]]:
    """A connected client and its server's end."""
    with socket.create_server(("127.0.0.1", 0)) as server, a_socket() as client:
        client.connect(server.getsockname())
        peer, _ = server.accept()
        with peer:
            yield client, peer


def a_socket() -> StampedSocket:
    return StampedSocket(socket.AF_INET, socket.SOCK_STREAM, 0, LatestRead())


def test_before_a_request_there_is_no_exchange(pair: tuple[StampedSocket, socket.socket]) -> None:
    client, peer = pair
    peer.send(b"220 ready")
    client.recv(100)
    assert client.exchange()[:2] == (None, None)


def test_an_answer_begins_with_the_first_read_after_the_request(pair: tuple[StampedSocket, socket.socket]) -> None:
    client, peer = pair
    client.send(b"?")
    assert client.exchange().wait is None
    peer.send(b"!")
    client.recv(100)
    wait = client.exchange().wait
    peer.send(b"!!")
    client.recv_into(bytearray(100))
    exchange = client.exchange()
    assert exchange.wait is not None
    assert exchange.transfer is not None
    assert exchange.clock != "kernel" or wait == exchange.wait


def test_the_end_of_the_stream_is_no_part_of_the_answer(pair: tuple[StampedSocket, socket.socket]) -> None:
    client, peer = pair
    client.send(b"?")
    peer.shutdown(socket.SHUT_WR)
    assert client.recv(100) == b""
    assert client.exchange().wait is None


def test_the_wait_begins_with_the_first_byte_of_the_request(pair: tuple[StampedSocket, socket.socket]) -> None:
    client, peer = pair
    client.send(b"a large")
    time.sleep(0.05)  # the server takes no more
    client.send(b"request")
    peer.send(b"!")
    client.recv(100)
    wait = client.exchange().wait
    assert wait is not None
    assert wait >= 0.05


def test_what_ends_a_handshake_is_no_part_of_the_request(pair: tuple[StampedSocket, socket.socket]) -> None:
    client, peer = pair
    layer = client.note_handshake()
    client.send(b"finished")
    time.sleep(0.3)  # the program is busy elsewhere
    begun = time.monotonic()
    client.note_request()
    client.send(b"request")
    peer.send(b"!")
    client.recv(100)
    client.note_answer(layer)
    took = time.monotonic() - begun
    wait = client.exchange().wait
    assert wait is not None
    assert wait <= took + CLOCKS


def test_the_wait_is_what_the_kernel_saw_although_the_program_was_busy(
    kernel_stamps: None, pair: tuple[StampedSocket, socket.socket]
) -> None:
    client, peer = pair
    begun = time.monotonic()
    client.send(b"?")
    peer.send(b"!")
    took = time.monotonic() - begun
    time.sleep(0.3)  # the program is busy elsewhere
    client.recv(100)
    exchange = client.exchange()
    assert exchange.clock == "kernel"
    assert exchange.wait is not None
    assert exchange.wait <= took + CLOCKS


def test_without_the_kernels_stamps_the_programs_own_time_is_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(stamps, "enable_stamps", lambda sock: False)
    with socket.create_server(("127.0.0.1", 0)) as server, a_socket() as client:
        client.connect(server.getsockname())
        peer, _ = server.accept()
        with peer:
            client.sendmsg([b"?", b"?"])
            peer.send(b"!!")
            client.recv(1)
            client.recv_into(bytearray(9))
    exchange = client.exchange()
    assert exchange.clock == "user"
    assert exchange.wait is not None
    assert exchange.wait > 0


def test_a_reset_makes_room_for_the_next_exchange(pair: tuple[StampedSocket, socket.socket]) -> None:
    client, peer = pair
    client.send(b"?")
    peer.send(b"!")
    client.recv(100)
    client.reset()
    assert client.exchange()[:2] == (None, None)
    client.send(b"?")
    peer.send(b"!")
    client.recv(100)
    assert client.exchange().wait is not None


def test_recv_into_fills_no_more_than_was_asked_for(pair: tuple[StampedSocket, socket.socket]) -> None:
    client, peer = pair
    peer.send(b"abcdef")
    buffer = bytearray(6)
    assert client.recv_into(buffer, 2) == 2
    assert buffer == b"ab\0\0\0\0"


def test_a_layer_above_tells_what_begins_an_answer(pair: tuple[StampedSocket, socket.socket]) -> None:
    client, peer = pair
    client.send(b"client hello")
    peer.send(b"server hello")
    client.recv(100)
    outer = client.note_handshake()
    assert client.handshake is not None
    client.send(b"client hello")
    peer.send(b"server hello")
    client.recv(100)
    inner = client.note_handshake()
    client.send(b"request")
    peer.send(b"ticket")
    client.recv(100)
    client.note_answer(outer)
    assert client.exchange().wait is None
    peer.send(b"answer")
    client.recv(100)
    client.note_answer(inner)
    assert client.exchange().wait is not None


def test_an_answer_nobody_asked_for_has_a_transfer_only(pair: tuple[StampedSocket, socket.socket]) -> None:
    client, peer = pair
    layer = client.note_handshake()
    peer.send(b"early")
    client.recv(100)
    client.note_answer(layer)
    assert Exchange(None, 0.0, client.exchange().clock) == client.exchange()


def test_connecting_again_to_the_same_peer_does_nothing(pair: tuple[StampedSocket, socket.socket]) -> None:
    client, peer = pair
    began = client.connect_began
    client.connect(peer.getsockname())
    assert began == client.connect_began


def test_connecting_again_to_another_peer_is_an_error(pair: tuple[StampedSocket, socket.socket]) -> None:
    client, _ = pair
    with pytest.raises(OSError, match="another address") as raised:
        client.connect(("127.0.0.1", 1))
    assert raised.value.errno == errno.EISCONN


async def test_a_library_may_be_handed_a_connected_socket() -> None:
    async with listening(silent) as port:
        loop = asyncio.get_running_loop()
        with a_socket() as client:
            client.setblocking(False)
            await loop.sock_connect(client, ("127.0.0.1", port))
            assert Peer("127.0.0.1", port) == client.peer
            await loop.sock_connect(client, ("127.0.0.1", port))


async def test_the_time_of_connecting_is_known() -> None:
    async with listening(silent) as port:
        with a_socket() as client:
            client.setblocking(False)
            await asyncio.get_running_loop().sock_connect(client, ("127.0.0.1", port))
            assert client.connect_time is not None
            assert 0 < client.connect_time < 10


def test_a_refused_connection_keeps_its_error() -> None:
    with socket.socket() as unused, a_socket() as client:
        unused.bind(("127.0.0.1", 0))
        with pytest.raises(ConnectionRefusedError):
            client.connect(unused.getsockname())
        assert client.connect_error == errno.ECONNREFUSED
        assert client.peer is None


def test_options_can_be_read_as_bytes_too(pair: tuple[StampedSocket, socket.socket]) -> None:
    client, _ = pair
    assert len(client.getsockopt(socket.SOL_SOCKET, socket.SO_TYPE, 4)) == 4
    assert client.getsockopt(socket.SOL_SOCKET, socket.SO_TYPE) == socket.SOCK_STREAM


async def test_the_stock_loop_uses_the_stamps(kernel_stamps: None) -> None:
    """The transports of asyncio call recv and send of the very socket they were given."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"!")

    async with listening(answer) as port:
        client = a_socket()
        client.setblocking(False)
        await asyncio.get_running_loop().sock_connect(client, ("127.0.0.1", port))
        reader, writer = await asyncio.open_connection(sock=client)
        writer.write(b"?")
        assert await reader.read(1) == b"!"
        exchange = client.exchange()
        writer.transport.abort()
    assert exchange.clock == "kernel"
    assert exchange.wait is not None


@pytest.mark.parametrize(
    ("address", "peer"),
    [
        (("127.0.0.1", 80), Peer("127.0.0.1", 80)),
        (("::1", 80, 0, 0), Peer("::1", 80)),
        (("fe80::1", 80, 0, 2), Peer("fe80::1%2", 80)),
        (("fe80::1%2", 80, 0, 2), Peer("fe80::1%2", 80)),
    ],
)
def test_a_peer_shows_its_zone(address: tuple[object, ...], peer: Peer) -> None:
    assert peer == peer_of(address)
