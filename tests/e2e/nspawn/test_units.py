"""The units as systemd judges them, and what a program may do in their sandbox."""

import pytest

from tests.e2e.nspawn.machine import Machine
from tests.e2e.nspawn.watch import CHECK, TIMER, UNIT

SERVERS = """
import http.server, ssl, sys
server = http.server.HTTPServer(("127.0.0.1", 8443), http.server.SimpleHTTPRequestHandler)
context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
context.load_cert_chain("/root/server.pem")
server.socket = context.wrap_socket(server.socket, server_side=True)
server.serve_forever()
"""


def test_systemd_finds_no_fault_in_the_units(machine: Machine) -> None:
    done = machine.run("systemd-analyze", "verify", UNIT, CHECK, TIMER)
    assert done.stdout + done.stderr == ""


@pytest.mark.parametrize("unit", [UNIT, CHECK])
def test_they_are_hardened(machine: Machine, unit: str) -> None:
    """An exposure of less than 2.0, out of 10."""
    done = machine.run("systemd-analyze", "security", "--threshold=19", unit, check=False)
    assert done.returncode == 0, done.stdout
