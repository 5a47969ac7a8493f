"""The example configs are right as they stand, and patient as their deployments need it."""

import ipaddress
import json
import re
import tomllib
from pathlib import Path

import pytest
from jsonschema import Draft7Validator

from healthmon.config.load import load
from healthmon.config.schema import Config
from healthmon.core.hosts import is_host
from healthmon.core.model import Cause, Result, Service, Verdict
from healthmon.core.state import Flapping, State, advance
from healthmon.errors import ConfigError
from tests.examples.place import ROOT
from tests.make import result
from tests.shipped import ROLLOUTS, SERVICES

EXAMPLES = [path for path in SERVICES if path.parent.name == "examples"]
by_name = pytest.mark.parametrize("path", EXAMPLES, ids=[path.stem for path in EXAMPLES])
DOCUMENTATION = [ipaddress.ip_network(one) for one in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")]


def wanted(path: Path) -> dict[str, str]:
    """The variables without a default, with values."""
    names = re.findall(r"\$\{(\w+)\}", path.read_text(encoding="utf-8"))
    return {name: "https://deployed.example.com" if name.endswith(_ADDRESSES) else f"s3cret-{name}" for name in names}


_ADDRESSES = ("_URL", "_URI", "_ENDPOINT")


def read(path: Path) -> Config:
    """The config, with what has no default."""
    return load(path, environ=wanted(path))


def named(path: Path, id_: str) -> Service:
    """One of its services."""
    (found,) = (service for service in read(path).services if service.id == id_)
    return found


@by_name
def test_it_is_read_as_it_stands(path: Path) -> None:
    """But for what it has to be told: without that it ends at once, and names all of it."""
    assert read(path).services
    with pytest.raises(ConfigError) as caught:
        load(path, environ={})
    assert set(re.findall(r"environment variable (\w+)", str(caught.value))) == set(wanted(path))


@by_name
def test_what_is_left_out_asks_no_stranger_and_expects_no_old_version(path: Path) -> None:
    """What has a default is on this machine: a server that runs there, or where its programs are."""
    for default in re.findall(r"\$\{\w+:-([^}]*)\}", path.read_text(encoding="utf-8")):
        assert re.match(r"http://127\.0\.0\.1:|/", default), default


@by_name
def test_its_head_names_every_variable(path: Path) -> None:
    """But those that every process has."""
    text = path.read_text(encoding="utf-8")
    head = set(re.findall(r"^#   (?:.*\W)?([A-Z][A-Z_]+)(?= {2,})", text.partition("[defaults]")[0], re.MULTILINE))
    assert set(re.findall(r"\$\{(\w+)", text)) - {"PATH", "HOME"} == head


@by_name
def test_it_is_what_editors_expect(path: Path) -> None:
    """By the schema that its first line names."""
    text = path.read_text(encoding="utf-8")
    line = text.partition("\n")[0]
    schema = json.loads((path.parent / line.removeprefix("#:schema ")).read_text(encoding="utf-8"))
    assert [error.message for error in Draft7Validator(schema).iter_errors(tomllib.loads(text))] == []


@by_name
def test_its_addresses_are_nobodys(path: Path) -> None:
    """Loopback, or of the ranges and names for documentation."""
    hosts = {service.address.host for service in read(path).services if service.address.port}
    for host in hosts:
        if re.fullmatch(r"[\d.]+", host):
            address = ipaddress.ip_address(host)
            assert address.is_loopback or any(address in network for network in DOCUMENTATION)
        else:
            assert is_host(host)
            assert host == "example.com" or host.endswith(".example.com")


@by_name
def test_each_service_says_what_to_do_or_hides_nothing(path: Path) -> None:
    """What fails for want of its own service has a hint on where to look."""
    hints = [service.hint for service in read(path).services if service.depends_on]
    assert hints
    assert sum(hint is None for hint in hints) <= 1


def believed(owner: Service, *, seconds: float, healthy_before: bool) -> Verdict:
    """What the daemon believes of a service that has failed for so long, checked at its interval."""
    state, now = State(), 1000.0
    answers = [Verdict.UP] * (owner.success_threshold if healthy_before else 0)
    for verdict in [*answers, *([Verdict.DOWN] * int(seconds // owner.interval + 1))]:
        one: Result = result(verdict=verdict, service=owner, cause=None if verdict is Verdict.UP else Cause.REFUSED)
        state, _ = advance(state, one, now=now, at=now, in_maintenance=False, flapping=Flapping())
        now += owner.interval
    return state.verdict


@pytest.mark.parametrize("id_", ["assistant", "assistant-root"])
def test_a_slow_start_on_choreo_is_no_failure(id_: str) -> None:
    """Of 90 s, in which it does not answer at all. One that goes on is."""
    service = named(ROOT / "config/examples/choreo.toml", id_)
    assert service.start_period == 90
    assert believed(service, seconds=85, healthy_before=False) is Verdict.UNKNOWN
    assert believed(service, seconds=300, healthy_before=False) is Verdict.DOWN


@pytest.mark.parametrize("id_", ["api", "login", "qdrant"])
def test_the_planned_outage_on_ecs_raises_no_alarm(id_: str) -> None:
    """Of three minutes. One that lasts does."""
    service = named(ROOT / "config/examples/ecs.toml", id_)
    assert believed(service, seconds=180, healthy_before=True) is Verdict.UP
    assert believed(service, seconds=300, healthy_before=True) is Verdict.DOWN


def test_the_load_balancers_patience_is_that_of_the_config() -> None:
    """Checks every 30 s, several passes before it is healthy, several failures before it is not."""
    service = named(ROOT / "config/examples/ecs.toml", "api")
    assert (service.interval, service.success_threshold) == (30, 3)
    assert service.failure_threshold > 1


def test_azure_is_checked_every_ten_seconds_and_answers_within_two() -> None:
    """As the workflow wants it."""
    service = named(ROOT / "config/examples/azure-container-apps.toml", "backend")
    assert (service.interval, service.expect.latency) == (10, 2)


def test_the_documents_lead_to_every_example() -> None:
    """And to no other."""
    text = (ROOT / "docs/config.md").read_text(encoding="utf-8")
    found = set(re.findall(r"\(\.\./config/examples/([\w-]+\.toml)\)", text))
    assert found == {path.name for path in [*EXAMPLES, *ROLLOUTS]}
