"""The real Prometheus scrapes the real daemon over the demo's services while their faults are switched on and off.

The shipped config, rules and dashboard are used. Only times are shorter: `hurried` says which.
"""

import json
import re
import shutil
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from math import isnan
from pathlib import Path
from ssl import PROTOCOL_TLS_SERVER, SSLContext

import pytest
import trustme
import yaml

from healthmon.demo import SERVICES
from healthmon.demo.faults import Fault
from tests.deploy.programs import ROOT, RULES, Daemon, Prometheus, ask, eventually, prometheus
from tests.deploy.switchboard import Switchboard, switchboard

PROMETHEUS = shutil.which("prometheus")
pytestmark = pytest.mark.skipif(PROMETHEUS is None, reason="needs Prometheus: apt-get install prometheus")

DAYS_LEFT = {"cert-later": 90, "cert-soon": 10, "cert-now": 2}
"""How long the certificates of the TLS services are valid."""

MORE = """
[[services]]
id = "{id}"
name = "TLS {id}"
url = "tls://127.0.0.1:{port}"
tls.ca = "ca.pem"
"""

DAEMON = """
[daemon.flapping]
transitions = 3
window = "12s"

[[maintenance]]
services = ["sourcing"]
start = 2020-01-01T00:00:00Z
end = 2120-01-01T00:00:00Z

[modules.http_2xx]
allow = ["http://127.0.0.1:*/*"]
"""


REFUSED = "http://127.0.0.9:1/refused"
"""A target that `allow` lacks."""


class World:
    """All that runs.

    Attributes:
        board: The services' servers.
        daemon: The daemon.
        process: Its process.
        config: Its config file.
        targets: What Prometheus has probed, by the service's id.
        prometheus: Prometheus.
    """

    def __init__(self, board: Switchboard, config: Path, stack: ExitStack) -> None:
        self.board = board
        self.config = config
        self.daemon = Daemon(config)
        self._daemon = stack.enter_context(ExitStack())
        self.process = self._daemon.enter_context(self.daemon.running())
        assert PROMETHEUS
        folder = config.with_name("prometheus")
        folder.mkdir()
        self.targets = {id_: f"http://127.0.0.1:{board.ports[id_]}/health" for id_ in ("auth", "temporal")}
        self.prometheus: Prometheus = stack.enter_context(
            prometheus(PROMETHEUS, self.daemon.address, folder, probe=[*self.targets.values(), REFUSED])
        )

    def restart(self) -> None:
        """Start the daemon again after its end."""
        self._daemon.close()
        self.process = self._daemon.enter_context(self.daemon.running())

    def fires(self, alert: str, service: str | None) -> None:
        """Wait until an alert fires for a service, or, with None, without one."""
        eventually(lambda: service in self.prometheus.firing(alert))

    def resolves(self, alert: str, service: str | None) -> None:
        """Wait until it no longer does."""
        eventually(lambda: service not in self.prometheus.firing(alert))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The ten services and three with TLS, a daemon that checks each four times a second, and Prometheus."""
    folder = tmp_path_factory.mktemp("world")
    with ExitStack() as stack:
        board = stack.enter_context(switchboard())
        text = (ROOT / "config/services.toml").read_text(encoding="utf-8")
        for service in SERVICES:
            text = text.replace(f":{service.port}/", f":{board.ports[service.id]}/")
        text = text.replace('interval = "30s"', 'interval = "250ms"').replace('latency = "2s"', 'latency = "1s"')
        authority = trustme.CA()
        authority.cert_pem.write_to_path(str(folder / "ca.pem"))
        for id_, days in DAYS_LEFT.items():
            context = SSLContext(PROTOCOL_TLS_SERVER)
            not_after = datetime.now(UTC) + timedelta(days=days)
            authority.issue_cert("127.0.0.1", not_after=not_after).configure_cert(context)
            text += MORE.format(id=id_, port=board.serve_tls(context))
        config = folder / "services.toml"
        config.write_text(text + DAEMON, encoding="utf-8")
        yield World(board, config, stack)


def values(world: World, metric: str, by: str = "service") -> dict[str, float]:
    """The value of each service's series, by its id or by another label."""
    return {labels[by]: value for labels, value in world.prometheus.query(metric)}


def test_what_is_scraped_is_what_the_api_says(world: World) -> None:
    """State and since when, for all services; of the last check what stays the same from check to check."""

    def equal() -> bool:
        said = {each["id"]: each for each in world.daemon.services()}
        states = {id_: each["state"] for id_, each in said.items()}
        facts = {id_: each["last_result"]["facts"] for id_, each in said.items()}
        assert len(said) == 13
        assert values(world, "healthmon_service_up") == {
            id_: float(state["verdict"] in {"up", "degraded"})
            for id_, state in states.items()
            if state["verdict"] != "unknown"
        }
        assert {
            (labels["service"], labels["state"])
            for labels, value in world.prometheus.query("healthmon_service_state")
            if value == 1
        } == {(id_, state["verdict"]) for id_, state in states.items()}
        since = {
            id_: datetime.fromisoformat(state["since"]).timestamp() for id_, state in states.items() if state["since"]
        }
        # Both are given to the millisecond; one is rounded, the other cut.
        assert values(world, "healthmon_service_last_transition_timestamp_seconds") == pytest.approx(since, abs=0.0015)
        for name in ("flapping", "in_maintenance"):
            assert values(world, f"healthmon_service_{name}") == {id_: state[name] for id_, state in states.items()}
        for metric, fact in (
            ("http_status_code", "status"),
            ("certificate_expiry_timestamp_seconds", "certificate_expires"),
        ):
            assert values(world, f"healthmon_check_{metric}") == {
                id_: found[fact] for id_, found in facts.items() if fact in found
            }
        assert {
            (labels["service"], labels["name"], labels["url"], labels["group"], labels["phase"])
            for labels, _ in world.prometheus.query("healthmon_service_info{phase!=''}")
        } == {
            (id_, each["name"], each["url"], each["group"], str(each["phase"]))
            for id_, each in said.items()
            if each["phase"] is not None
        }
        return True

    eventually(equal)


def test_down_is_told_of_the_root_alone(world: World) -> None:
    """Each service that is down because of it is known to be so, and has no alert; all is well again afterwards."""
    world.board.switch({"auth": Fault.UNAVAILABLE, "brain": Fault.UNAVAILABLE, "agents": Fault.SERVER_ERROR})
    world.fires("HealthmonServiceDown", "auth")
    eventually(lambda: values(world, "healthmon_service_blocked", "root").keys() == {"auth"})
    eventually(lambda: values(world, "healthmon_service_blocked").keys() == {"brain", "agents"})
    world.fires("HealthmonErrorBudgetBurnsFast", "auth")
    # Whatever alert there ever was, from the first moment on.
    ever = world.prometheus.query(
        'count by (service) (count_over_time(ALERTS{severity="critical",service=~"auth|brain|agents"}[5m]))'
    )
    assert [labels["service"] for labels, _ in ever] == ["auth"]
    (alert,) = (
        each
        for each in world.prometheus.api("alerts")["alerts"]
        if each["labels"]["alertname"] == "HealthmonServiceDown"
    )
    assert alert["labels"] == {
        "alertname": "HealthmonServiceDown",
        "severity": "critical",
        "service": "auth",
        "group": "core",
        "instance": world.daemon.address,
        "job": "healthmon",
    }
    port = world.board.ports["auth"]
    assert alert["annotations"]["description"].startswith(
        f"Auth Service at http://127.0.0.1:{port}/health is down. Cause: status. Down because of it: "
    )
    (url,) = re.findall(r"^curl -s (http://\S+), ", alert["annotations"]["next_step"])
    assert json.loads(ask(url)[1])["last_result"]["next_step"].startswith("See what it says with `curl -i ")
    world.board.switch(dict.fromkeys(("auth", "brain", "agents")))
    world.resolves("HealthmonServiceDown", "auth")
    eventually(lambda: not values(world, "healthmon_service_blocked"))


def test_a_service_in_maintenance_may_be_down(world: World) -> None:
    """It is, for more checks than its threshold, and nobody is told."""
    failures = 'healthmon_check_failures_total{cause="status"}'
    before = values(world, failures).get("sourcing", 0.0)
    world.board.switch({"sourcing": Fault.UNAVAILABLE})
    eventually(lambda: values(world, failures).get("sourcing", 0.0) > before + 5)
    world.board.switch({"sourcing": None})
    eventually(lambda: values(world, "healthmon_check_success")["sourcing"] == 1)
    assert not world.prometheus.query('max_over_time(ALERTS{service="sourcing"}[10m])')


def test_degraded(world: World) -> None:
    """Slower than `warn` allows."""
    world.board.switch({"wagtail": Fault.SLOW})
    world.fires("HealthmonServiceDegraded", "wagtail")
    assert "wagtail" not in world.prometheus.firing("HealthmonServiceDown")
    world.board.switch({"wagtail": None})
    world.resolves("HealthmonServiceDegraded", "wagtail")


def test_flapping(world: World) -> None:
    """Up and down until it is said, and quiet until it is no longer."""
    flap(world, "saleor", until="HealthmonServiceFlapping")
    world.resolves("HealthmonServiceFlapping", "saleor")


def flap(world: World, service: str, *, until: str) -> None:
    """Turn a service on and off, each time when the daemon has seen it, until an alert fires.

    It must be one that depends on nothing that is down: flapping because of its root, it is not told.
    """
    faulty = False

    def fires() -> bool:
        nonlocal faulty
        (state,) = (each["state"] for each in world.daemon.services() if each["id"] == service)
        if (state["verdict"] == "down") == faulty:
            faulty = not faulty
            world.board.switch({service: Fault.UNAVAILABLE if faulty else None})
        return service in world.prometheus.firing(until)

    eventually(fires)
    world.board.switch({service: None})


def test_certificates(world: World) -> None:
    """By the time that they are valid."""

    def told() -> dict[str, str]:
        return {
            each["labels"]["service"]: each["labels"]["severity"]
            for each in world.prometheus.api("alerts")["alerts"]
            if each["labels"]["alertname"] == "HealthmonCertificateExpiresSoon" and each["state"] == "firing"
        }

    eventually(lambda: told() == {"cert-soon": "warning", "cert-now": "critical"})


def test_targets_that_prometheus_chooses(world: World) -> None:
    """By the shipped relabelling: each target's series have its URL as their instance."""
    both = world.targets.values()
    eventually(lambda: values(world, "probe_success", "instance") == dict.fromkeys(both, 1.0))
    assert values(world, "probe_http_status_code", "instance") == dict.fromkeys(both, 200.0)
    world.board.switch({"temporal": Fault.UNAVAILABLE})
    eventually(
        lambda: (
            values(world, "probe_success", "instance") == {world.targets["auth"]: 1.0, world.targets["temporal"]: 0.0}
        )
    )
    world.board.switch({"temporal": None})
    eventually(lambda: values(world, "probe_success", "instance") == dict.fromkeys(both, 1.0))


def test_a_target_that_is_refused(world: World) -> None:
    """Nothing is known of it, and that is told."""
    world.fires("HealthmonProbeRefused", None)
    assert values(world, 'up{job="probe"} == 0', "instance") == {REFUSED: 0.0}
    assert REFUSED not in values(world, "probe_success", "instance")


@pytest.mark.parametrize("way", ["signal", "request"])
def test_a_config_that_is_refused(world: World, way: str) -> None:
    """It goes on with the one that it had, and says so, until the file is mended."""

    def reload() -> int:
        if way == "signal":
            world.process.send_signal(signal.SIGHUP)
            return 0
        return ask(f"{world.daemon.url}/-/reload", method="POST")[0]

    good = world.config.read_text(encoding="utf-8")
    try:
        world.config.write_text(good.replace("[[services]]", "[[service]]"), encoding="utf-8")
        assert reload() < 600
        world.fires("HealthmonReloadFailed", None)
        assert len(world.daemon.services()) == 13
    finally:
        world.config.write_text(good, encoding="utf-8")
    assert reload() in {0, 200}
    world.resolves("HealthmonReloadFailed", None)


def test_every_recording_rule_yields_data(world: World) -> None:
    """With the labels of a service where it is of one."""
    document = yaml.safe_load((RULES / "recording.yml").read_text(encoding="utf-8"))
    names = [rule["record"] for group in document["groups"] for rule in group["rules"]]

    def all_there() -> bool:
        missing = [name for name in names if not world.prometheus.query(name)]
        assert not missing
        return True

    # Causes are recorded where checks fail.
    world.board.switch({"temporal": Fault.UNAVAILABLE})
    eventually(all_there)
    world.board.switch({"temporal": None})
    for name in names:
        for labels, value in world.prometheus.query(name):
            assert not isnan(value), name
            assert ("service" in labels) == name.startswith("service:"), name


def test_the_pages_query_yields_data(world: World) -> None:
    """The one by checks, of `docs/prometheus.md`."""
    (query,) = re.findall(r"```\n(sum without.*?)```", (ROOT / "docs/prometheus.md").read_text(), re.DOTALL)
    eventually(lambda: len(values(world, query)) == 13)


def test_all_rules_are_evaluated(world: World) -> None:
    """None has an error, whatever the data."""
    groups = world.prometheus.api("rules")["groups"]
    assert {rule["name"] for group in groups for rule in group["rules"] if rule.get("lastError")} == set()


def test_the_dashboards_queries_yield_data(world: World) -> None:
    """Each of them, while something is down, blocked, degraded, flapping and in maintenance."""
    world.board.switch({"auth": Fault.UNAVAILABLE, "brain": Fault.UNAVAILABLE, "wagtail": Fault.SLOW})
    world.fires("HealthmonServiceDown", "auth")
    world.fires("HealthmonServiceDegraded", "wagtail")
    flap(world, "saleor", until="HealthmonServiceFlapping")
    document = json.loads((ROOT / "deploy/grafana/healthmon.json").read_text(encoding="utf-8"))
    queries = [target["expr"] for panel in document["panels"] for target in panel.get("targets", ())]
    assert len(queries) > 30

    def all_there() -> bool:
        empty = [query for query in queries if not world.prometheus.query(substituted(query))]
        assert not empty
        return True

    eventually(all_there)
    for variable in document["templating"]["list"]:
        if variable["type"] == "query":
            asked = re.fullmatch(r"label_values\((.+), (\w+)\)", variable["query"]["query"])
            assert asked
            found = world.prometheus.api(f"label/{asked[2]}/values", **{"match[]": substituted(asked[1])})
            assert found, variable["name"]
    world.board.switch(dict.fromkeys(("auth", "brain", "wagtail")))
    world.resolves("HealthmonServiceDown", "auth")


def substituted(query: str) -> str:
    """A query as Grafana sends it with everything chosen."""
    query = query.replace("$__rate_interval", "10s")
    for name in ("instance", "group", "service"):
        query = query.replace(f"${name}", ".*")
    assert "$" not in query
    return query


def test_gone(world: World) -> None:
    """After its end, and no more when it is back."""
    world.process.send_signal(signal.SIGTERM)
    assert world.process.wait(timeout=10) == 0
    world.fires("HealthmonGone", None)
    assert world.prometheus.firing("HealthmonServiceDown") == set()
    world.restart()
    world.resolves("HealthmonGone", None)
