"""The table of the demo's services."""

import tomllib
from http import HTTPStatus
from pathlib import Path

import pytest

from healthmon.demo import SERVICES, DemoService, select_phase
from healthmon.demo.answers import DJANGO

_CONFIG = Path(__file__).parents[2] / "config" / "services.toml"


def test_the_table_is_that_of_the_config() -> None:
    """Otherwise the demo would show services that nobody checks."""
    config = tomllib.loads(_CONFIG.read_text(encoding="utf-8"))
    enabled = [service for service in config["services"] if service.get("enabled", True)]
    configured = {
        (service["id"], service["name"], service["phase"], service["url"].removeprefix("http://{host}:"))
        for service in enabled
    }
    assert configured == {
        (service.id, service.name, service.phase, f"{service.port}{service.path}") for service in SERVICES
    }


def test_ports_and_ids_are_unique() -> None:
    assert len(SERVICES) == 10
    assert {service.port for service in SERVICES} == set(range(8000, 8010))
    assert len({service.id for service in SERVICES}) == 10


@pytest.mark.parametrize(("phase", "count"), [(1, 1), (2, 4), (3, 7), (4, 10), (None, 10)])
def test_a_phase_includes_the_earlier_ones(phase: int | None, count: int) -> None:
    """As the summary of the rollout counts: 1, 4, 7, 10."""
    assert count == len(select_phase(phase))


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.id)
def test_every_service_is_healthy_by_itself(service: DemoService) -> None:
    """200, or 302 from Django."""
    accepted = {HTTPStatus.OK, HTTPStatus.FOUND} if service.framework is DJANGO else {HTTPStatus.OK}
    assert service.answer.status in accepted
    assert 0.005 <= service.delay <= 0.060


def test_one_health_path_redirects_to_a_login() -> None:
    """A Django service whose paths all want a login is healthy with 302."""
    redirecting = [service for service in SERVICES if service.answer.status == 302]
    assert [service.id for service in redirecting] == ["crm"]
    location = dict(redirecting[0].answer.headers)["Location"]
    assert location.partition("?")[0] in redirecting[0].pages
