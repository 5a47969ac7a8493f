"""The real Pushgateway takes what is pushed, and forgets what is gone."""

import json
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from tests.conftest import Demo, Healthmon

PUSHGATEWAY = shutil.which("prometheus-pushgateway") or shutil.which("pushgateway")
pytestmark = pytest.mark.skipif(
    PUSHGATEWAY is None, reason="needs a Pushgateway: apt-get install prometheus-pushgateway"
)


@pytest.fixture
def gateway() -> Iterator[str]:
    """Run one, and yield its URL."""
    assert PUSHGATEWAY
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        place = f"127.0.0.1:{server.getsockname()[1]}"
    process = subprocess.Popen([PUSHGATEWAY, f"--web.listen-address={place}"], stderr=subprocess.DEVNULL)
    try:
        wait_until_ready(process, f"http://{place}/-/ready")
        yield f"http://{place}"
    finally:
        process.terminate()
        process.wait(timeout=10)


def wait_until_ready(process: "subprocess.Popen[bytes]", url: str) -> None:
    """By asking; it fails only if the program ends or takes too long."""
    deadline = time.monotonic() + 30
    while True:
        try:
            with urllib.request.urlopen(url, timeout=10):
                return
        except OSError:
            assert process.poll() is None, "the Pushgateway has ended"
            assert time.monotonic() < deadline


def groups(url: str) -> list[dict[str, Any]]:
    """All groups that it holds."""
    with urllib.request.urlopen(f"{url}/api/v1/metrics", timeout=10) as answer:
        found: list[dict[str, Any]] = json.load(answer)["data"]
    return found


def values(group: dict[str, Any], name: str) -> dict[str, str]:
    """The samples of a family, by service."""
    return {one["labels"]["service"]: one["value"] for one in group[name]["metrics"]}


def test_what_it_holds(gateway: str, demo: Demo, healthmon: Healthmon) -> None:
    """The last run of each group, whole."""
    staging = f"{gateway}/metrics/job/healthmon/env/staging"
    with demo(auth="404") as config:
        for to, selection in ((gateway, ()), (staging, ()), (gateway, ("--only", "auth", "--only", "crm"))):
            done = healthmon("check", "127.0.0.1", "--config", config, *selection, "--push-gateway", to)
            assert (done.returncode, done.stderr) == (1, "")
    held = {tuple(sorted(group["labels"])): group for group in groups(gateway)}
    assert set(held) == {("instance", "job"), ("env", "job")}
    assert values(held["instance", "job"], "healthmon_service_up") == {"auth": "0", "crm": "1"}
    assert values(held["instance", "job"], "healthmon_check_http_status_code")["auth"] == "404"
    assert len(values(held["env", "job"], "healthmon_service_up")) == 10
    assert all(group["last_push_successful"] for group in held.values())
    assert held["env", "job"]["healthmon_check_last_duration_seconds"]["type"] == "GAUGE"


def test_what_it_refuses(gateway: str, demo: Demo, healthmon: Healthmon) -> None:
    """In its own words, and in one line."""
    with demo() as config:
        done = healthmon("check", "127.0.0.1", "--config", config, "--push-gateway", f"{gateway}/elsewhere")
    assert (done.returncode, done.stderr.count("\n")) == (70, 1)
    assert f"could not be pushed to {gateway}/elsewhere: HTTP 404 Not Found, 404 page not found" in done.stderr
