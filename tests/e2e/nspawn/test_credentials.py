"""Secrets by LoadCredential=."""

from collections.abc import Iterator

import pytest

from tests.e2e.nspawn.machine import Machine
from tests.e2e.nspawn.watch import CHECK, DEFAULTS, UNIT, Watch

SECRET = "c4Ll-m3-1shmael"
PRIVATE = """
[[services]]
name = "Private"
url = "http://127.0.0.1:8090/"
headers.X-Token = "${credential:token}"
"""
LOAD = "[Service]\nLoadCredential=token:/etc/healthmon/secrets/token\n"
SERVER = f"""
import http.server
class Private(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.headers["X-Token"] == "{SECRET}" else 401)
        self.end_headers()
http.server.HTTPServer(("127.0.0.1", 8090), Private).serve_forever()
"""


@pytest.fixture
def private(machine: Machine) -> Iterator[None]:
    """A server that wants the secret, which only root may read."""
    machine.write("/etc/healthmon/secrets/token", SECRET + "\n", mode="600")
    with machine.serving("private", 8090, "/usr/bin/python3", "-c", SERVER):
        yield


def test_the_daemon_has_the_secret(watch: Watch, private: None) -> None:
    """And `systemctl reload` has it when it looks at the new config. Nothing tells it."""
    watch.configure(DEFAULTS, PRIVATE)
    watch.drop_in(LOAD, UNIT)
    watch.systemctl("start")
    watch.until("private", "up")
    watch.systemctl("reload")
    assert watch.show("ActiveState") == "active"
    assert watch.lines()
    assert watch.lines(SECRET) == []


def test_the_check_has_the_secret(watch: Watch, private: None) -> None:
    watch.configure(DEFAULTS, PRIVATE)
    watch.drop_in(LOAD, CHECK)
    watch.systemctl("start", CHECK)


def test_without_the_credential_the_config_is_wrong(watch: Watch) -> None:
    """Which is said, and is not tried again."""
    watch.configure(DEFAULTS, PRIVATE)
    assert watch.systemctl("start", check=False).returncode == 1
    assert (watch.show("ActiveState"), watch.show("ExecMainStatus")) == ("failed", "78")
    assert watch.lines("${credential:token}")
