"""healthmon and Prometheus as processes of their own, asked over HTTP."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import yaml

from tests.ports import free_port

ROOT = Path(__file__).parents[2]
RULES = ROOT / "deploy/prometheus"


def eventually(condition: Callable[[], object], *, within: float = 60.0) -> None:
    """Ask again and again until it holds.

    Args:
        condition: Holds when it returns something true; one that raises AssertionError does not hold.
        within: Seconds after which the test fails, with what was found last.
    """
    deadline = time.monotonic() + within
    while True:
        found: object = None
        try:
            found = condition()
        except AssertionError as error:
            found = error
        if found and not isinstance(found, AssertionError):
            return
        if time.monotonic() > deadline:
            raise found if isinstance(found, AssertionError) else AssertionError(f"still not so: {found!r}")
        time.sleep(0.05)


def ask(url: str, *, method: str = "GET") -> tuple[int, str]:
    """The status and the text of an answer; status 0 where nothing answers."""
    try:
        with urlopen(Request(url, method=method), timeout=10) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as error:
        with error:
            return error.code, error.read().decode()
    except (URLError, ConnectionError, TimeoutError):
        return 0, ""


@contextmanager
def process(*arguments: str | Path, log: Path, environ: Mapping[str, str]) -> Iterator["subprocess.Popen[bytes]"]:
    """A program, for as long as the block lasts; what it says goes into a file."""
    with log.open("ab") as sink, subprocess.Popen(arguments, stdout=sink, stderr=sink, env=dict(environ)) as started:
        try:
            yield started
        finally:
            if started.poll() is None:
                started.terminate()
            try:
                started.wait(timeout=15)
            except subprocess.TimeoutExpired:
                started.kill()


class Daemon:
    """``healthmon run`` on a port that stays the same when it is started again.

    Args:
        config: The config file.

    Attributes:
        url: Where it answers, without a slash at its end.
        address: Host and port.
    """

    def __init__(self, config: Path) -> None:
        self._config = config
        self.address = f"127.0.0.1:{free_port()}"
        self.url = f"http://{self.address}"

    @contextmanager
    def running(self) -> Iterator["subprocess.Popen[bytes]"]:
        """The daemon, ready, for as long as the block lasts."""
        with process(
            *(sys.executable, "-m", "healthmon", "run", "--listen", self.address, "--config", self._config),
            log=self._config.with_name("healthmon.log"),
            environ={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
        ) as started:
            eventually(lambda: self.ready(started))
            yield started

    def ready(self, started: "subprocess.Popen[bytes]") -> bool:
        """Whether every service has had its first check."""
        said = self._config.with_name("healthmon.log")
        if started.poll() is not None:
            raise RuntimeError(said.read_text())
        return ask(f"{self.url}/-/ready")[0] == 200

    def services(self) -> list[dict[str, Any]]:
        """What the API says."""
        status, text = ask(f"{self.url}/api/v1/services")
        assert status == 200, text
        services: list[dict[str, Any]] = json.loads(text)["services"]
        return services


class Prometheus:
    """A running Prometheus.

    Attributes:
        url: Where it answers, without a slash at its end.
    """

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"

    def api(self, path: str, **parameters: str) -> Any:
        """The data of an answer of its API."""
        status, text = ask(f"{self.url}/api/v1/{path}?{urlencode(parameters)}")
        assert status == 200, text
        return json.loads(text)["data"]

    def query(self, expression: str) -> list[tuple[dict[str, str], float]]:
        """The labels and values of an instant query."""
        data = self.api("query", query=expression)
        if data["resultType"] == "scalar":
            return [({}, float(data["result"][1]))]
        return [(each["metric"], float(each["value"][1])) for each in data["result"]]

    def firing(self, alert: str) -> set[str | None]:
        """The services for which an alert fires; None stands for one that is of no service."""
        return {
            each["labels"].get("service")
            for each in self.api("alerts")["alerts"]
            if each["labels"]["alertname"] == alert and each["state"] == "firing"
        }


def hurried(rules: str) -> str:
    """Rules as shipped, but for two things: every group is evaluated twice a second, and `for` is half a second.

    All expressions, with their windows, stay as they are: they see as much of their window as there is.
    """
    rules = re.sub(r"^    interval: \w+$", "    interval: 500ms", rules, flags=re.MULTILINE)
    return re.sub(r"^        for: \w+$", "        for: 500ms", rules, flags=re.MULTILINE)


def hurried_config(target: str, probe: Sequence[str]) -> str:
    """The shipped configs in one: the daemon, and `/probe` with other targets, both asked five times a second."""
    config, probing = (
        yaml.safe_load((RULES / name).read_text(encoding="utf-8")) for name in ("prometheus.yml", "probe.yml")
    )
    config["global"] = {"scrape_interval": "200ms", "evaluation_interval": "500ms"}
    (daemon,), (prober,) = config["scrape_configs"], probing["scrape_configs"]
    daemon["static_configs"] = [{"targets": [target]}]
    prober["static_configs"] = [{"targets": list(probe)}]
    prober["relabel_configs"][-1]["replacement"] = target
    config["scrape_configs"].append(prober)
    return str(yaml.safe_dump(config))


@contextmanager
def prometheus(binary: str, target: str, folder: Path, probe: Sequence[str]) -> Iterator[Prometheus]:
    """Prometheus with the shipped configs and rules, hurried.

    Args:
        binary: Its path.
        target: The daemon's host and port.
        folder: Where its files go.
        probe: What it has the daemon probe.
    """
    for name in ("alerts.yml", "recording.yml"):
        (folder / name).write_text(hurried((RULES / name).read_text(encoding="utf-8")), encoding="utf-8")
    (folder / "prometheus.yml").write_text(hurried_config(target, probe), encoding="utf-8")
    made = Prometheus(free_port())
    with process(
        *(binary, f"--config.file={folder / 'prometheus.yml'}", f"--storage.tsdb.path={folder / 'data'}"),
        *(f"--web.listen-address={made.url.removeprefix('http://')}", "--log.level=warn"),
        log=folder / "prometheus.log",
        environ={"PATH": os.environ["PATH"]},
    ) as started:

        def ready() -> bool:
            if started.poll() is not None:
                raise RuntimeError((folder / "prometheus.log").read_text())
            return ask(f"{made.url}/-/ready")[0] == 200

        eventually(ready)
        yield made
