"""A real Redis, on loopback."""

import shutil
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import trustme

from tests.ports import free_port
from tests.programs.background import Background, running

needs_redis = pytest.mark.skipif(not shutil.which("redis-server"), reason="needs Redis (Debian's redis-server)")


@contextmanager
def redis(folder: Path, *options: str, ready: str = "Ready to accept connections") -> Iterator[tuple[Background, int]]:
    """Run it with options on a free port, and yield it and the port."""
    port = free_port()
    command = ["redis-server", "--bind", "127.0.0.1", "--dir", str(folder), "--save", ""]
    command += ["--tls-port" if "--tls-cert-file" in options else "--port", str(port), *options]
    with running(command, ready, ends=signal.SIGKILL) as program:
        yield program, port


def certified(folder: Path, leaf: trustme.LeafCert, ca: trustme.CA) -> list[str]:
    """Options with which it speaks TLS alone, and shows a certificate."""
    chain, key, root = folder / "chain.pem", folder / "key.pem", folder / "ca.pem"
    chain.write_bytes(b"".join(pem.bytes() for pem in leaf.cert_chain_pems))
    key.write_bytes(leaf.private_key_pem.bytes())
    root.write_bytes(ca.cert_pem.bytes())
    files = {"--tls-cert-file": chain, "--tls-key-file": key, "--tls-ca-cert-file": root}
    return ["--port", "0", "--tls-auth-clients", "no", *(word for pair in files.items() for word in map(str, pair))]


def say(port: int, *commands: str) -> bytes:
    """Send commands, a line each, and return the beginning of the answer."""
    with socket.create_connection(("127.0.0.1", port), 30) as sock:
        sock.sendall("".join(f"{command}\r\n" for command in commands).encode())
        return sock.recv(65536)
