"""The config of the ten services, as the deployment describes them."""

import re
from pathlib import Path

import healthmon.config
from healthmon.config.load import load, parse
from healthmon.core.expectations import StatusRange
from healthmon.core.model import Service

ROOT = Path(__file__).parents[2]

TEN = {
    8000: ("saleor", "Saleor E-commerce API", "/health/", 1),
    8001: ("brain", "Brain AI Gateway", "/health", 2),
    8002: ("wagtail", "Wagtail CMS", "/health/", 2),
    8003: ("crm", "Django CRM", "/health/", 3),
    8004: ("directory", "Business Directory", "/health", 3),
    8005: ("coreldove", "CorelDove Backend", "/health", 4),
    8006: ("auth", "Auth Service", "/health", 2),
    8007: ("temporal", "Temporal Integration", "/health", 3),
    8008: ("agents", "AI Agents", "/health", 4),
    8009: ("sourcing", "Amazon Sourcing", "/health", 4),
}
BIZOSAAS = ("postgres-bizosaas", "redis")
NEEDS = {
    "saleor": ("postgres-saleor", "redis"),
    "brain": ("auth", *BIZOSAAS),
    "wagtail": ("auth", *BIZOSAAS),
    "crm": ("auth", *BIZOSAAS),
    "directory": ("auth", *BIZOSAAS),
    "coreldove": ("saleor", *BIZOSAAS),
    "auth": BIZOSAAS,
    "temporal": ("auth", "temporal-server", *BIZOSAAS),
    "agents": ("brain", *BIZOSAAS),
    "sourcing": ("saleor", *BIZOSAAS),
}


def services(*groups: str) -> dict[str, Service]:
    """The services of the shipped config, by id."""
    config = load(ROOT / "config/services.toml", environ={}, host="192.0.2.1", with_groups=groups)
    return {service.id: service for service in config.services}


def test_the_wheel_carries_the_same_config() -> None:
    copy = Path(healthmon.config.__file__).parent / "services.toml"
    assert copy.read_bytes() == (ROOT / "config/services.toml").read_bytes()


def test_ten_are_enabled_and_stand_in_the_order_of_their_ports() -> None:
    found = [service for service in services().values() if service.enabled]

    assert list(TEN.values()) == [
        (service.id, service.name, "/" + service.url.split("/", 3)[3], service.phase) for service in found
    ]
    assert list(TEN) == [service.address.port for service in found]


def test_200_and_302_are_healthy() -> None:
    expected = (StatusRange(200, 200), StatusRange(302, 302))
    assert {expected} == {services()[id_].expect.status for id_ in NEEDS}


def test_each_needs_what_the_deployment_says() -> None:
    """And its container."""
    expected = {id_: {f"container-{id_}", *needs} for id_, needs in NEEDS.items()}
    assert expected == {id_: set(services()[id_].depends_on) for id_ in NEEDS}


def test_each_container_needs_the_stores_of_its_service() -> None:
    """And Docker, whose failure is told once."""
    stores = {"postgres-bizosaas", "postgres-saleor", "redis", "temporal-server"}
    expected = {id_: {"docker", *stores & set(needs)} for id_, needs in NEEDS.items()}
    assert expected == {id_: set(services()[f"container-{id_}"].depends_on) for id_ in NEEDS}


def test_nothing_needs_what_appears_later() -> None:
    """After each phase all services of it and the earlier ones must be healthy, so that their needs must be there."""
    found = services()
    for service in found.values():
        for needed in service.depends_on:
            assert (found[needed].phase or 0) <= (service.phase or 0)


INFRASTRUCTURE = {
    "postgres-bizosaas": "postgres://healthmon:***@192.0.2.1:5433/bizosaas_staging",
    "postgres-saleor": "postgres://healthmon:***@192.0.2.1:5433/saleor_staging",
    "redis": "redis://:***@192.0.2.1:6380/10",
    "temporal-server": "grpc://192.0.2.1:7233/temporal.api.workflowservice.v1.WorkflowService",
    "docker": "unix:///var/run/docker.sock",
    **{f"container-{id_}": f"docker://bizosaas-{id_}-staging" for id_ in NEEDS},
}


def test_a_dead_database_server_is_told_once() -> None:
    """Of its two databases the second hangs on the first."""
    assert services()["postgres-saleor"].depends_on == ("postgres-bizosaas",)


def test_the_infrastructure_takes_part_only_when_asked_for() -> None:
    off = [service for service in services().values() if not service.enabled]

    assert set(INFRASTRUCTURE) == {service.id for service in off}
    assert {"infrastructure"} == {service.group for service in off}
    assert all(service.enabled for service in services("infrastructure").values())


def test_the_infrastructure_is_asked_as_its_clients_ask_it() -> None:
    environ = {"POSTGRES_PASSWORD": "s3cret-one", "REDIS_PASSWORD": "s3cret-two"}
    config = load(ROOT / "config/services.toml", environ=environ, host="192.0.2.1", with_groups=["infrastructure"])
    found = {service.id: service for service in config.services}

    assert {id_: found[id_].shown_url for id_ in INFRASTRUCTURE} == INFRASTRUCTURE
    assert found["postgres-saleor"].options.query == "SELECT 1"


def test_a_container_appears_with_its_service() -> None:
    """What all stand on is there before any of them."""
    found = services()
    assert [found[id_].phase for id_ in NEEDS] == [found[f"container-{id_}"].phase for id_ in NEEDS]
    others = set(INFRASTRUCTURE) - {f"container-{id_}" for id_ in NEEDS}
    assert {0} == {found[id_].phase for id_ in others}


def test_containers_alone_have_logs_to_look_at() -> None:
    assert {id_ for id_, service in services().items() if service.expect.log} == {f"container-{id_}" for id_ in NEEDS}


def test_every_service_follows_the_host_and_says_what_to_do() -> None:
    """What has no host names its container, or itself, in what is said when it fails."""
    for service in services().values():
        if service.address.scheme not in ("docker", "unix"):
            assert (service.uses_host, service.address.host) == (True, "192.0.2.1")
            assert service.hint is not None
            assert service.hint.startswith("docker logs bizosaas-")


def test_the_examples_for_the_daemon_are_right() -> None:
    """With the mark of a comment taken away; the services above them are what they were."""
    text = (ROOT / "config/services.toml").read_text(encoding="utf-8")
    head, examples = text.split("# What is for `healthmon run` only.")
    live = head + re.sub(r"^#(?=\S)", "", examples.partition("\n")[2], flags=re.MULTILINE)

    config = parse(live, environ={"HEALTHMON_PASSWORD": "x"})

    assert config.services == parse(head, environ={}).services
    assert config.daemon.listen == ("0.0.0.0", 9877)
    assert config.daemon.access is not None
    assert [window.cron for window in config.maintenance] == ["0 3 * * sun"]
    assert config.modules["http_2xx"].allow != parse(head, environ={}).modules["http_2xx"].allow
