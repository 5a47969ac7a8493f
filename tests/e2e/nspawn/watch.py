"""healthmon.service in the machine, as an administrator handles it."""

import json
from typing import Any

from tests.e2e.nspawn.machine import Done, Machine, eventually

UNIT = "healthmon.service"
CHECK = "healthmon-check.service"
TIMER = "healthmon-check.timer"
CONFIG = "/etc/healthmon/services.toml"

DEFAULTS = """
[defaults]
interval = "200ms"
timeout = "5s"
failure_threshold = 1
"""
BRAIN = """
[[services]]
name = "Brain"
url = "http://localhost:8001/health"
expect.json.status = "healthy"
"""
GONE = """
[[services]]
name = "Gone"
url = "tcp://127.0.0.1:9"
"""

_ASK = """
import sys, urllib.error, urllib.request
try:
    answer = urllib.request.urlopen("http://127.0.0.1:9877" + sys.argv[1], timeout=10)
except urllib.error.HTTPError as error:
    answer = error
print(answer.status, answer.read().decode())
"""


class Watch:
    """The daemon with a config of its own, from a clean start."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self._began = machine.cursor()

    def configure(self, *texts: str) -> None:
        """Write the config."""
        self.machine.write(CONFIG, "".join(texts))

    def drop_in(self, text: str, unit: str = UNIT) -> None:
        """Change the unit, as `systemctl edit` does."""
        self.machine.write(f"/etc/systemd/system/{unit}.d/override.conf", text)
        self.machine.run("systemctl", "daemon-reload")

    def systemctl(self, verb: str, unit: str = UNIT, *, check: bool = True) -> Done:
        """Start, stop, reload."""
        done = self.machine.run("systemctl", verb, unit, check=False)
        assert not check or done.returncode == 0, f"{verb} {unit}: {done.stderr}{self.lines(unit=unit)}"
        return done

    def show(self, name: str, unit: str = UNIT) -> str:
        """A property of the unit."""
        return self.machine.show(unit, name)

    def ask(self, path: str) -> tuple[int, str]:
        """The status and the body of what the daemon answers."""
        status, _, body = self.machine.run("/usr/bin/python3", "-c", _ASK, path).stdout.partition(" ")
        return int(status), body.rstrip("\n")

    def state(self, service: str) -> dict[str, Any]:
        """What the daemon believes of a service."""
        document: dict[str, Any] = json.loads(self.ask(f"/api/v1/services/{service}")[1])
        state: dict[str, Any] = document["state"]
        return state

    def until(self, service: str, verdict: str) -> dict[str, Any]:
        """Wait until the daemon believes this of a service; its state then."""
        return eventually(lambda: (state := self.state(service))["verdict"] == verdict and state)  # type: ignore[no-any-return]

    def lines(self, text: str = "", unit: str = UNIT) -> list[tuple[int, str]]:
        """The lines of the log with this text since the test began: priority and message."""
        entries = self.machine.journal(unit, self._began)
        return [(int(entry["PRIORITY"]), entry["MESSAGE"]) for entry in entries if text in entry["MESSAGE"]]

    def kill(self, signal: str) -> None:
        """Send a signal to the daemon itself."""
        self.machine.run("systemctl", "kill", "--kill-whom=main", f"--signal={signal}", UNIT)

    def reset(self) -> None:
        """Leave nothing for the next test."""
        self.machine.run("systemctl", "--quiet", "disable", "--now", TIMER, CHECK, UNIT)
        folders = [f"/etc/systemd/system/{unit}.d" for unit in (UNIT, CHECK, TIMER)]
        self.machine.run("rm", "-rf", "/var/lib/private/healthmon", "/etc/healthmon/secrets", *folders)
        self.machine.run("systemctl", "daemon-reload")
        self.machine.run("systemctl", "reset-failed")
