"""Starts the real gRPC server."""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import trustme

from tests.programs.running import started

_PROGRAM = Path(__file__).with_name("grpc_server.py")


class Server(NamedTuple):
    """Where it listens, and its process' number."""

    port: int
    pid: int


@contextmanager
def grpc_server(folder: Path, kind: str = "health", leaf: trustme.LeafCert | None = None) -> Iterator[Server]:
    """A gRPC server in a process of its own, with the health service (``health``) or without (``bare``)."""
    # Safe path: this file must not pass for the library of the same name.
    command = [sys.executable, "-P", str(_PROGRAM), kind]
    if leaf is not None:
        cert, key = folder / "cert.pem", folder / "key.pem"
        leaf.cert_chain_pems[0].write_to_path(cert)
        leaf.private_key_pem.write_to_path(key)
        command += [str(cert), str(key)]

    def port() -> re.Match[str] | None:
        return re.search(r"^port (\d+)$", (folder / "output").read_text(), re.MULTILINE)

    with started(command, folder=folder, ready=lambda: port() is not None) as process:
        found = port()
        assert found
        yield Server(int(found[1]), process.pid)
