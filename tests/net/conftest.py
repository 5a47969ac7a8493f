"""A network that is closed after the test, and a kernel that stamps."""

import socket
from collections.abc import Iterator

import pytest

from healthmon.net.network import Network
from healthmon.net.stamps import LatestRead, StampedSocket, keep_stamping


@pytest.fixture
def network() -> Iterator[Network]:
    """The network as the program uses it, with this machine's resolver."""
    made = Network()
    yield made
    made.close()


@pytest.fixture(scope="session")
def kernel_stamps() -> Iterator[None]:
    """A kernel that has begun to stamp, which it does a moment after it was asked to."""
    stop = keep_stamping()
    with socket.create_server(("127.0.0.1", 0)) as server:
        for _ in range(1000):
            if _one_answer(server) == "kernel":
                break
        else:
            pytest.skip("this kernel stamps no TCP packets")
        yield
    stop()


def _one_answer(server: socket.socket) -> str:
    with StampedSocket(socket.AF_INET, socket.SOCK_STREAM, 0, LatestRead()) as client:
        client.connect(server.getsockname())
        client.send(b"?")
        peer, _ = server.accept()
        with peer:
            peer.send(b"!")
            client.recv(1)
        return client.exchange().clock
