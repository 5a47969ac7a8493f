"""The check as a unit, and its timer."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from tests.e2e.nspawn.machine import Machine, eventually
from tests.e2e.nspawn.watch import BRAIN, CHECK, DEFAULTS, GONE, TIMER, Watch

OFTEN = """
[Timer]
OnCalendar=
OnCalendar=*:*:*
RandomizedDelaySec=0
AccuracySec=10ms
"""
ALL_KINDS = """
[[services]]
name = "Pattern"
url = "http://localhost:8002/health/"
expect.body.not_matches = "^(a+)+$"

[[services]]
name = "Not trusted"
url = "https://localhost:8443/"
expect.certificate = "1d"
"""
TLS_SERVER = """
import http.server, ssl
server = http.server.HTTPServer(("127.0.0.1", 8443), http.server.SimpleHTTPRequestHandler)
context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
context.load_cert_chain("/run/tls.pem")
server.socket = context.wrap_socket(server.socket, server_side=True)
server.serve_forever()
"""


def test_all_is_well(watch: Watch) -> None:
    """Quietly."""
    watch.configure(DEFAULTS, BRAIN)
    watch.systemctl("start", CHECK)
    assert watch.lines(unit=CHECK) == []


def test_a_service_that_is_down_makes_the_unit_fail(watch: Watch) -> None:
    """The report is in the journal; the unit fails until a check succeeds."""
    watch.configure(DEFAULTS, BRAIN, GONE)
    assert watch.systemctl("start", CHECK, check=False).returncode == 1
    assert (watch.show("ActiveState", CHECK), watch.show("ExecMainStatus", CHECK)) == ("failed", "1")
    assert CHECK in watch.machine.run("systemctl", "--failed", "--plain").stdout
    assert watch.lines("Testing 9 - Gone... ✗ FAILED (connection refused)", CHECK)
    assert {priority for priority, _ in watch.lines(unit=CHECK)} == {3}
    assert watch.lines("Summary: Healthy: 1/2", CHECK)
    watch.configure(DEFAULTS, BRAIN)
    watch.systemctl("start", CHECK)
    assert watch.show("ActiveState", CHECK) == "inactive"


def test_the_timer_fires(watch: Watch) -> None:
    """Again and again. Every second here."""
    watch.configure(DEFAULTS, BRAIN)
    watch.drop_in(OFTEN, TIMER)
    watch.systemctl("start", TIMER)
    first = eventually(lambda: watch.show("InvocationID", CHECK))
    eventually(lambda: watch.show("InvocationID", CHECK) not in ("", first))
    assert watch.show("Result", CHECK) == "success"


def test_the_timer_as_it_is_shipped(watch: Watch) -> None:
    """Every five minutes, and each machine at a moment of its own; one that was missed is made up for."""
    watch.machine.run("systemctl", "--quiet", "enable", "--now", TIMER)
    assert watch.machine.run("systemctl", "is-enabled", TIMER).stdout == "enabled\n"
    assert "OnCalendar=*-*-* *:00/5:00 " in watch.show("TimersCalendar", TIMER)
    shown = [watch.show(name, TIMER) for name in ("Persistent", "RandomizedDelayUSec", "FixedRandomDelay", "Unit")]
    assert shown == ["yes", "30s", "yes", CHECK]
    assert TIMER in watch.machine.run("systemctl", "list-timers", "--all").stdout


@pytest.fixture
def tls_server(machine: Machine, tmp_path: Path) -> Iterator[None]:
    """A server with a certificate that nobody trusts."""
    identity = trustme.CA().issue_cert("localhost")
    identity.private_key_and_cert_chain_pem.write_to_path(str(tmp_path / "tls.pem"))
    machine.write("/run/tls.pem", (tmp_path / "tls.pem").read_text(), mode="600")
    with machine.serving("tls", 8443, "/usr/bin/python3", "-c", TLS_SERVER):
        yield


def test_the_sandbox_hinders_no_check(watch: Watch, tls_server: None) -> None:
    """Names are resolved, patterns compiled and certificates read in it: libraries in C, C++ and Rust."""
    watch.configure(DEFAULTS, BRAIN, ALL_KINDS)
    assert watch.systemctl("start", CHECK, check=False).returncode == 1
    assert watch.lines("Testing 8001 - Brain... ✓ OK (HTTP 200)", CHECK)
    assert watch.lines("Testing 8002 - Pattern... ✓ OK (HTTP 200)", CHECK)
    assert watch.lines("Testing 8443 - Not trusted... ✗ FAILED (certificate", CHECK)
    assert not watch.lines("internal", CHECK)
