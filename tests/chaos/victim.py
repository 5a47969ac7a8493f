"""The daemon as a process of its own, which things are done to, and how it takes them."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from healthmon.demo import SERVICES
from tests.deploy.programs import ROOT, ask, eventually
from tests.deploy.switchboard import Switchboard

_SAMPLE = re.compile(r"^(\w+)(?:\{(.*)\})? (\S+)$", re.MULTILINE)
_LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


class Samples:
    """What `/metrics` said at one moment.

    Args:
        text: The page.
    """

    def __init__(self, text: str) -> None:
        self._found = [
            (name, dict(_LABEL.findall(labels)), float(value)) for name, labels, value in _SAMPLE.findall(text)
        ]

    def total(self, name: str, **labels: str) -> float:
        """The sum of a metric's samples that have these labels; 0 where there is none."""
        return sum(value for found, has, value in self._found if found == name and labels.items() <= has.items())

    def checks(self, service: str | None = None, verdict: str | None = None) -> int:
        """How many checks there have been, of one service or of one verdict or of all."""
        labels = {"service": service, "verdict": verdict}
        return int(self.total("healthmon_checks_total", **{name: value for name, value in labels.items() if value}))

    def causes(self, service: str) -> dict[str, int]:
        """How many checks of a service failed, by cause."""
        return {
            has["cause"]: int(value)
            for name, has, value in self._found
            if name == "healthmon_check_failures_total" and has["service"] == service
        }


class Victim:
    """A daemon at work.

    Args:
        process: Its process.
        log: The file that its log goes to, in JSON.
        begin: Where in it its own lines begin.

    Attributes:
        process: Its process.
        url: Where it answers, without a slash at its end.
    """

    def __init__(self, process: "subprocess.Popen[bytes]", log: Path, begin: int = 0) -> None:
        self.process = process
        self.url = ""
        self._log = log
        self._begin = begin

    # What it says.

    def events(self, event: str | None = None, **keys: Any) -> list[dict[str, Any]]:
        """The complete lines of the log so far that are of this event and have these keys."""
        lines = self._log.read_bytes()[self._begin :].split(b"\n")[:-1]
        told: list[dict[str, Any]] = [json.loads(line) for line in lines if line.startswith(b"{")]
        wanted = {**keys, **({"event": event} if event else {})}
        return [one for one in told if wanted.items() <= one.items()]

    def said(self) -> str:
        """Everything in its log so far."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    def wait_for(self, event: str, count: int = 1, **keys: Any) -> dict[str, Any]:
        """Wait until it has said something so many times, and return the last one."""

        def has_said() -> bool:
            assert len(self.events(event, **keys)) >= count or self._dead(), f"no {event} {keys}:\n{self.said()}"
            return True

        eventually(has_said)
        found = self.events(event, **keys)
        assert len(found) >= count, f"it has ended without {event} {keys}:\n{self.said()}"
        return found[-1]

    def metrics(self) -> Samples:
        """What its metrics say."""
        status, text = ask(f"{self.url}/metrics")
        assert status == 200, (status, text, self._dead() and self.said())
        return Samples(text)

    def service(self, service: str) -> dict[str, Any]:
        """What its API says of a service."""
        status, text = ask(f"{self.url}/api/v1/services/{service}")
        assert status == 200, (status, text, self._dead() and self.said())
        document: dict[str, Any] = json.loads(text)
        return document

    def turned(self, service: str) -> list[str]:
        """What a service has become, in order."""
        return [one["after"] for one in self.events("transition", service=service)]

    def wait_for_checks(self, count: int, service: str | None = None, *, within: float = 30.0) -> None:
        """Wait until so many more checks are done, of one service or of all."""
        goal: int | None = None

        def are_done() -> bool:
            nonlocal goal
            done = self.metrics().checks(service)
            goal = done + count if goal is None else goal
            return done >= goal

        eventually(are_done, within=within)

    # How it is, as the kernel tells.

    def cpu(self) -> float:
        """The seconds of CPU time that it has had."""
        text = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="ascii")
        user, system = text.rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    def files(self) -> int:
        """How many files it has open."""
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))  # noqa: PTH208 - only their number

    def threads(self) -> int:
        """How many threads it has."""
        return len(os.listdir(f"/proc/{self.process.pid}/task"))  # noqa: PTH208 - only their number

    def memory(self) -> int:
        """The bytes of memory that are its own: those it shares with the files they come from do not count."""
        rollup = Path(f"/proc/{self.process.pid}/smaps_rollup").read_text(encoding="ascii")
        found = re.search(r"^Anonymous: +(\d+) kB$", rollup, re.MULTILINE)
        assert found, rollup
        return int(found[1]) * 1024

    # What is done to it.

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        self.process.send_signal(number)

    def stop(self, *, within: float = 15.0) -> int:
        """Have it end as systemd would, and return the exit code."""
        self.signal(signal.SIGTERM)
        return self.process.wait(timeout=within)

    def _dead(self) -> bool:
        return self.process.poll() is not None

    def listening(self) -> Self:
        """Wait until it says where it answers."""
        place = re.compile(r"https?://[^/\s]+(?=/$)")
        message = self.wait_for("started")["message"]
        found = place.search(message)
        assert found, message
        self.url = found[0]
        return self


def command(config: Path, *arguments: str | Path, module: str = "healthmon") -> list[str]:
    """The daemon's command line: any free port, and a log for programs."""
    fixed = ("-m", module, "run", "--listen", "127.0.0.1:0", "--log-format", "json", "--config")
    return [sys.executable, *fixed, str(config), *map(str, arguments)]


def environment() -> dict[str, str]:
    """A bare environment."""
    return {"PATH": os.environ["PATH"], "HOME": "/", "PYTHONPATH": str(ROOT)}


@contextmanager
def daemon(config: Path, *arguments: str | Path, prefix: Sequence[str] = ()) -> Iterator[Victim]:
    """The daemon, listening, for as long as the block lasts.

    Args:
        config: Its config file. The log is written beside it.
        arguments: More arguments.
        prefix: A command that starts the daemon in its own place, and becomes it.
    """
    log = config.with_name("healthmon.log")
    begin = log.stat().st_size if log.exists() else 0
    with (
        log.open("ab") as sink,
        subprocess.Popen(
            [*prefix, *command(config, *arguments)], stdin=subprocess.DEVNULL, stderr=sink, env=environment()
        ) as process,
    ):
        victim = Victim(process, log, begin)
        try:
            yield victim.listening()
        finally:
            # It may have been stopped, which only SIGKILL ends.
            process.kill()


def one_service(name: str, url: str, *, interval: str = "100ms", **keys: Any) -> str:
    """The lines of a config that define a service."""
    more = "".join(f"{key} = {json.dumps(value)}\n" for key, value in keys.items())
    return f'[[services]]\nname = "{name}"\nid = "{name}"\nurl = "{url}"\ninterval = "{interval}"\n{more}'


def demo_service(board: Switchboard, id_: str = "saleor", *, interval: str = "100ms", **keys: Any) -> str:
    """The lines of a config that define one of the demo's services, whose faults can be switched."""
    path = next(service.path for service in SERVICES if service.id == id_)
    return one_service(id_, f"http://127.0.0.1:{board.ports[id_]}{path}", interval=interval, **keys)
