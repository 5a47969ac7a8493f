"""The gate of each deployment: it waits through what is usual there, and passes when the new code is live."""

import asyncio
from pathlib import Path

import pytest
from msgspec import structs

from healthmon.app.gate import wait_all
from healthmon.config.load import load
from healthmon.core.run import Ending, Run
from healthmon.core.waiting import Goal, Pace
from healthmon.engine.waiting import WaitLimits
from tests.conftest import Demo, Healthmon
from tests.examples import azure, choreo, ecs
from tests.examples.answers import Routes
from tests.examples.deployment import Deployment, Fault, Site
from tests.examples.place import ROOT
from tests.probes.http_server import Asked, Talk

PACE = Pace(interval=0.05, longest=0.1)


def late(site: Site, fault: Fault, name: str, after: int) -> Site:
    """A site that has the fault until its health path has been asked so many times."""
    asked = 0

    def switching(route: str, then: Talk) -> Talk:
        first = fault.routes[name].get(route, then)

        async def talk(request: Asked, writer: asyncio.StreamWriter) -> None:
            nonlocal asked
            asked += route in ("GET /health", "GET /api/health")
            await (first if asked <= after else then)(request, writer)

        return talk

    routes: Routes = {route: switching(route, talk) for route, talk in site.routes.items()}
    return structs.replace(site, routes=routes)


async def gate(
    deployment: Deployment, folder: Path, goal: Goal, with_groups: tuple[str, ...] = ()
) -> tuple[Run, Ending]:
    """Wait for a deployment, as ``healthmon wait`` does."""
    async with deployment.scene(Fault())(folder) as place:
        config = load(ROOT / place.config, environ=dict(place.environ), with_groups=list(with_groups))
        services = tuple(service for service in config.services if service.enabled)
        run, ending, _ = await wait_all(services, host=None, goal=goal, pace=PACE, limits=WaitLimits(deadline=30))
    return run, ending


@pytest.mark.parametrize(
    ("deployment", "name", "fault", "goal", "service", "before"),
    [
        (choreo.HEALTHY, "ASSISTANT_URL", choreo.FAULTS["wrong-port"], Goal(), "assistant", "HTTP 504"),
        (choreo.HEALTHY, "ASSISTANT_URL", choreo.FAULTS["still-starting"], Goal(), "assistant", "json status"),
        (azure.HEALTHY, "APP_URL", azure.FAULTS["old-version"], Goal(stable=3), "backend", "json version"),
        (azure.HEALTHY, "APP_URL", azure.FAULTS["new-revision-not-ready"], Goal(), "backend", "HTTP 503"),
        (ecs.HEALTHY, "API_URL", ecs.FAULTS["planned-outage"], Goal(stable=3), "api", "HTTP 503"),
    ],
    ids=["choreo starts", "choreo loads", "azure is old", "azure is not ready", "ecs stops first"],
)
async def test_it_waits_through_what_is_usual(
    deployment: Deployment, name: str, fault: Fault, goal: Goal, service: str, before: str, tmp_path: Path
) -> None:
    """And remembers what was before."""
    site = late(deployment.sites[name], fault, name, after=4)
    deployment = structs.replace(deployment, sites={**deployment.sites, name: site})
    run, ending = await gate(deployment, tmp_path, goal, fault.with_groups)
    assert (ending, run.healthy) == (Ending.REACHED, len(run.results))
    waited = run.waited[service]
    assert waited.checks >= 4 + goal.stable
    assert waited.good >= goal.stable
    assert waited.last_failure
    assert before in waited.last_failure.message


def test_after_each_phase(demo: Demo, healthmon: Healthmon) -> None:
    """All services of this and the earlier phases; a later one that is not there yet is no matter."""
    later = dict.fromkeys(("crm", "directory", "temporal", "agents", "sourcing", "coreldove"), "closed")
    with demo(**later) as config:
        done = healthmon("wait", "127.0.0.1", "--config", config, "--phase", "2", "--stable", "2", "--interval", "0.1s")
        early = healthmon("wait", "127.0.0.1", "--config", config, "--phase", "3", "--deadline", "0.3s", "-q")
    assert (done.returncode, "Summary: Healthy: 4/4" in done.stdout.splitlines()) == (0, True)
    assert (early.returncode, "Summary: Healthy: 4/7" in early.stdout.splitlines()) == (124, True)
    assert "the deadline came first; 3 of 7 services are not healthy: crm, directory, temporal." in early.stdout
