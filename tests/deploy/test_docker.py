"""The image and the compose file: read as Docker reads them, and what runs in the image run as it runs there."""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import trustme
import yaml

from tests.deploy.programs import ROOT, eventually, process
from tests.ports import free_port

DOCKER = ROOT / "deploy/docker"
DOCKERFILE = (DOCKER / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
BIN = Path(sys.executable).parent


def instructions(name: str) -> list[str]:
    """What follows an instruction's name, in order."""
    return [rest.strip() for rest in re.findall(rf"^\s*{name} (.+)$", DOCKERFILE, re.MULTILINE)]


def environment() -> dict[str, str]:
    """The variables that the image sets."""
    (line,) = instructions("ENV")
    return dict(pair.partition("=")[::2] for pair in shlex.split(line))


def tool(name: str) -> Path:
    """A program that a test's package brings; the test is skipped where that package has none."""
    path = BIN / name
    if not path.exists():
        pytest.skip(f"there is no {name} for this kind of machine")
    return path


def run(*arguments: str | Path, **environ: str) -> "subprocess.CompletedProcess[str]":
    """Run a program in a bare environment."""
    return subprocess.run(
        arguments,
        capture_output=True,
        encoding="utf-8",
        env={"PATH": os.environ["PATH"], **environ},
        check=False,
        timeout=60,
    )


def test_a_linter_finds_nothing_in_the_dockerfile() -> None:
    """Not even a matter of style."""
    done = run(tool("hadolint"), "--failure-threshold", "style", DOCKER / "Dockerfile")
    assert (done.returncode, done.stdout) == (0, "")


def test_what_the_dockerfile_copies_is_let_into_the_build() -> None:
    """Each exists, and `.dockerignore` has an exception for it and for nothing else."""
    sources = {source for line in instructions("COPY") if not line.startswith("--from") for source in line.split()[:-1]}
    ignore = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert {line.removeprefix("!") for line in ignore if line.startswith("!")} == sources
    assert "*" in ignore
    assert all((ROOT / source).exists() for source in sources)


def test_the_image_is_not_root_and_its_port_is_one() -> None:
    """The user is a number; the port that is set, the one that is exposed and the one that is scraped are the same."""
    (user,) = instructions("USER")
    assert re.fullmatch(r"[1-9]\d*:\d+", user)
    (port,) = instructions("EXPOSE")
    assert environment()["PORT"] == port
    scraped = yaml.safe_load((DOCKER / "prometheus.yml").read_text(encoding="utf-8"))
    assert scraped["scrape_configs"][0]["static_configs"] == [{"targets": [f"healthmon:{port}"]}]


def test_the_compose_file_fits_the_image() -> None:
    """As Compose itself resolves it: what is mounted exists, images have versions, ports are not open to all."""
    resolved = compose("config", "--format", "json", GRAFANA_PASSWORD="secret")
    assert resolved.returncode == 0, resolved.stderr
    services: dict[str, Any] = json.loads(resolved.stdout)["services"]
    assert set(services) == {"healthmon", "prometheus", "grafana"}
    for name, service in services.items():
        for volume in service["volumes"]:
            assert volume["type"] == "volume" or Path(volume["source"]).exists(), volume
        assert "build" in service or re.search(r":v?\d+\.\d+\.\d+$", service["image"]), name
        assert {port["host_ip"] for port in service["ports"]} == {"127.0.0.1"}
    healthmon = services["healthmon"]
    assert Path(healthmon["build"]["context"]) == ROOT
    assert (ROOT / healthmon["build"]["dockerfile"]).exists()
    targets = {volume["target"] for volume in healthmon["volumes"]}
    assert targets == {environment()["HEALTHMON_CONFIG"], environment()["STATE_DIRECTORY"]}
    assert [port["target"] for port in healthmon["ports"]] == [int(environment()["PORT"])]


def test_grafana_gets_no_well_known_password() -> None:
    """Compose refuses to start without one."""
    refused = compose("config", "--quiet")
    assert refused.returncode != 0
    assert "GRAFANA_PASSWORD" in refused.stderr


def compose(*arguments: str, **environ: str) -> "subprocess.CompletedProcess[str]":
    """Run Compose on the compose file."""
    return run(tool("docker-compose"), "-f", DOCKER / "compose.yml", *arguments, **environ)


def test_the_composed_prometheus_is_the_shipped_one() -> None:
    """But for its target; and its rules are mounted where it looks for them."""
    shipped = yaml.safe_load((ROOT / "deploy/prometheus/prometheus.yml").read_text(encoding="utf-8"))
    composed = yaml.safe_load((DOCKER / "prometheus.yml").read_text(encoding="utf-8"))
    shipped["scrape_configs"][0]["static_configs"] = composed["scrape_configs"][0]["static_configs"]
    assert composed == shipped
    service = yaml.safe_load((DOCKER / "compose.yml").read_text(encoding="utf-8"))["services"]["prometheus"]
    mounted = {volume.split(":")[1] for volume in service["volumes"]}
    assert {
        "/etc/prometheus/prometheus.yml",
        *(f"/etc/prometheus/{name}" for name in composed["rule_files"]),
    } <= mounted


def test_grafana_finds_prometheus_and_the_dashboard() -> None:
    """By the names of the compose file."""
    services = yaml.safe_load((DOCKER / "compose.yml").read_text(encoding="utf-8"))["services"]
    provisioning = ROOT / "deploy/grafana/provisioning"
    (source,) = yaml.safe_load((provisioning / "datasources/prometheus.yml").read_text())["datasources"]
    assert source["url"] == "http://prometheus:9090"
    assert services["prometheus"]["ports"] == ["127.0.0.1:9090:9090"]
    (provider,) = yaml.safe_load((provisioning / "dashboards/healthmon.yml").read_text())["providers"]
    mounted = {volume.split(":")[1]: volume.split(":")[0] for volume in services["grafana"]["volumes"]}
    assert mounted[f"{provider['options']['path']}/healthmon.json"] == "../grafana/healthmon.json"
    assert mounted["/etc/grafana/provisioning"] == "../grafana/provisioning"


SERVICE = '[[services]]\nname = "Closed"\nurl = "tcp://127.0.0.1:{port}"\n'
"""A service that is down: the daemon is healthy all the same."""


@contextmanager
def as_in_the_image(folder: Path, daemon: str = "") -> Iterator[tuple["subprocess.Popen[bytes]", Mapping[str, str]]]:
    """What the image starts, with the variables that it sets, in a folder of ours and on a port that is free."""
    entry, command = (json.loads(instructions(name)[-1]) for name in ("ENTRYPOINT", "CMD"))
    config = folder / "services.toml"
    config.write_text(SERVICE.format(port=free_port()) + daemon, encoding="utf-8")
    environ = {
        "PATH": f"{BIN}:{os.environ['PATH']}",
        "PORT": str(free_port()),
        "HEALTHMON_CONFIG": str(config),
        "STATE_DIRECTORY": str(folder),
    }
    assert environ.keys() == environment().keys()
    with process(*entry, *command, log=folder / "healthmon.log", environ=environ) as started:
        yield started, environ


def healthcheck(environ: Mapping[str, str]) -> "subprocess.CompletedProcess[str]":
    """Run the image's health check, with the script that is copied to where it looks for it."""
    (line,) = instructions("HEALTHCHECK")
    python, script = json.loads(line.partition("CMD ")[2])
    assert python == "/opt/healthmon/bin/python"
    (source,) = (copied.split()[0] for copied in instructions("COPY") if copied.endswith(f" {script}"))
    return run(sys.executable, ROOT / source, **environ)


DOOR = """
[daemon]
auth.bearer = "a-long-secret-token"
[daemon.tls]
cert = "chain.pem"
key = "key.pem"
"""


@pytest.mark.parametrize("daemon", ["", DOOR], ids=["plain", "TLS and a token"])
def test_the_health_check_of_the_real_daemon(tmp_path: Path, daemon: str) -> None:
    """Healthy while it runs, not while it is stopped, not after its end; SIGTERM ends it with 0."""
    identity = trustme.CA().issue_cert("monitor.test")
    identity.private_key_pem.write_to_path(str(tmp_path / "key.pem"))
    for blob in identity.cert_chain_pems:
        blob.write_to_path(str(tmp_path / "chain.pem"), append=True)
    with as_in_the_image(tmp_path, daemon) as (started, environ):
        eventually(lambda: healthcheck(environ).returncode == 0)
        assert (tmp_path / "healthmon.log").read_text().count(f"0.0.0.0:{environ['PORT']}") > 0
        started.send_signal(signal.SIGSTOP)
        hung = healthcheck(environ)
        started.send_signal(signal.SIGCONT)
        assert (hung.returncode, hung.stderr) == (1, f"no answer on port {environ['PORT']}: timed out\n")
        started.send_signal(signal.SIGTERM)
        assert started.wait(timeout=10) == 0
        gone = healthcheck(environ)
        assert gone.returncode == 1
        assert "refused" in gone.stderr


def test_the_page_says_what_the_image_has() -> None:
    """Port, paths and user."""
    page = (ROOT / "docs/docker.md").read_text(encoding="utf-8")
    user, _, group = instructions("USER")[0].partition(":")
    for said in (f"`PORT`, {environment()['PORT']} where", f"{user}, group {group}."):
        assert said in page
    for name in ("HEALTHMON_CONFIG", "STATE_DIRECTORY"):
        assert f"`{environment()[name]}`" in page
