"""Containers of a real engine: Podman, which answers as Docker does, and sometimes a little otherwise."""

from collections.abc import Iterator
from functools import partial

import pytest

from healthmon.core.model import Cause, Result, Verdict
from healthmon.engine.check import check
from healthmon.net.network import Network
from healthmon.probes.docker import DOCKER
from tests.net.descriptors import leaving_no_socket
from tests.probes.podman import Podman, needs_podman, podman
from tests.probes.test_docker import service

pytestmark = needs_podman
FOREVER = ("--", "sleep", "1000")


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Podman]:
    """One for all tests: each has containers of its own."""
    with podman(tmp_path_factory.mktemp("p")) as started:
        yield started


async def checked(network: Network, engine: Podman, url: str, **keys: str) -> Result:
    async with leaving_no_socket():
        return await check(service(url, engine.socket, **keys), probe=DOCKER, network=network)


def ended(engine: Podman, name: str) -> bool:
    return engine("inspect", "-f", "{{.State.Status}}", name) == "exited"


async def test_one_that_runs(network: Network, engine: Podman) -> None:
    """With what is known of it; its log is read as it was written."""
    engine.run("up", "--", "sh", "-c", "echo started; echo CRITICAL >&2; exec sleep 1000")
    engine.await_(lambda: "CRITICAL" in engine.log("up"))
    result = await checked(network, engine, "docker://up", expect__log__matches='["^started$", "^CRITICAL$"]')
    assert (result.verdict, result.message) == (Verdict.UP, "running")
    assert result.fact("image") == "localhost/healthmon-test:latest"
    assert (result.fact("state"), result.fact("restarts"), result.fact("health")) == ("running", 0, None)
    started = result.fact("started")
    assert isinstance(started, float)
    assert 0 <= result.started - started < 60
    result = await checked(network, engine, "docker://up", expect__log__not_matches='"CRITICAL"')
    assert result.message == 'running, log: "CRITICAL", expected not to match "CRITICAL"'
    engine("pause", "up")
    assert (await checked(network, engine, "docker://up")).symptom == "docker.paused"


async def test_the_log_of_a_terminal(network: Network, engine: Podman) -> None:
    """Is not in frames."""
    engine.run("tty", "--tty", "--", "sh", "-c", "echo started; exec sleep 1000")
    engine.await_(lambda: "started" in engine.log("tty"))
    result = await checked(network, engine, "docker://tty", expect__log__matches='"^started$"')
    assert result.verdict is Verdict.UP


async def test_one_that_has_ended(network: Network, engine: Podman) -> None:
    """With its exit code; a job may end."""
    engine.run("job", "--", "sh", "-c", "exit 0")
    engine.run("bad", "--", "sh", "-c", "exit 3")
    for name in ("job", "bad"):
        engine.await_(partial(ended, engine, name))
    result = await checked(network, engine, "docker://bad")
    assert (result.verdict, result.cause, result.symptom) == (Verdict.DOWN, Cause.UNHEALTHY, "docker.exited")
    assert result.message.startswith("exited with 3, ")
    assert result.fact("exit_code") == 3
    assert (await checked(network, engine, "docker://job")).message.startswith("exited with 0, ")
    assert (await checked(network, engine, "docker://job", completed="true")).verdict is Verdict.UP


async def test_one_that_was_killed(network: Network, engine: Podman) -> None:
    """As by the kernel for lack of memory, of which Podman 4 does not tell."""
    engine.run("killed", *FOREVER)
    engine("kill", "--signal=KILL", "killed")
    engine.await_(lambda: ended(engine, "killed"))
    result = await checked(network, engine, "docker://killed")
    assert result.symptom in ("docker.killed", "docker.out_of_memory")
    assert result.message.startswith("exited with 137")


async def test_one_that_is_unhealthy(network: Network, engine: Podman) -> None:
    """By its own health check, whose last words are shown."""
    check_ = ("--health-cmd", "sh -c 'echo no database; cat /healthy'", "--health-interval=disable")
    engine.run("sick", *check_, "--health-retries=1", *FOREVER)
    result = await checked(network, engine, "docker://sick")
    assert (result.verdict, result.symptom) == (Verdict.DOWN, "docker.starting")
    engine("healthcheck", "run", "sick", expected=(0, 1))
    result = await checked(network, engine, "docker://sick")
    assert (result.cause, result.symptom) == (Cause.UNHEALTHY, "docker.unhealthy")
    assert result.message.startswith("unhealthy: ")
    assert result.fact("health") == "unhealthy"
    engine("exec", "sick", "sh", "-c", "echo > /healthy")
    engine("healthcheck", "run", "sick")
    assert (await checked(network, engine, "docker://sick")).message == "running, healthy"


async def test_one_that_is_started_again_and_again(network: Network, engine: Podman) -> None:
    """Whether it runs at the moment or not."""
    engine.run("loop", "--restart=always", "--", "sh", "-c", "sleep 0.3; exit 1")
    engine.await_(lambda: int(engine("inspect", "-f", "{{.RestartCount}}", "loop")) > 3)
    result = await checked(network, engine, "docker://loop")
    assert (result.verdict, result.cause, result.symptom) == (Verdict.DOWN, Cause.UNHEALTHY, "docker.restart_loop")
    assert isinstance(result.fact("restarts"), int)
    engine.remove("loop")


async def test_one_that_was_never_started(network: Network, engine: Podman) -> None:
    """Or never created."""
    engine("create", "--name=fresh", "--network=host", "localhost/healthmon-test", "sleep", "1")
    assert (await checked(network, engine, "docker://fresh")).symptom == "docker.not_started"
    result = await checked(network, engine, "docker://no-such-container")
    assert (result.cause, result.symptom) == (Cause.UNHEALTHY, "docker.no_container")


async def test_all_of_a_project(network: Network, engine: Podman) -> None:
    """By their label."""
    project = "com.docker.compose.project=shop"
    url = f"docker://?label={project}"
    assert (await checked(network, engine, url)).symptom == "docker.no_container"
    engine.run("shop-web", f"--label={project}", "--", "sh", "-c", "echo PANIC; exec sleep 1000")
    engine.run("shop-db", f"--label={project}", *FOREVER)
    result = await checked(network, engine, url, expect__containers="2")
    assert (result.verdict, result.message) == (Verdict.UP, "2 containers well")
    engine.await_(lambda: "PANIC" in engine.log("shop-web"))
    result = await checked(network, engine, url, expect__log__not_contains='"PANIC"')
    assert 'log: "shop-web | PANIC"' in result.message
    engine("kill", "--signal=TERM", "shop-db", expected=(0, 125))
    engine("stop", "--time=0", "shop-db")
    engine.await_(lambda: ended(engine, "shop-db"))
    result = await checked(network, engine, url)
    assert result.verdict is Verdict.DOWN
    assert result.message.startswith("shop-db: exited with 1")


async def test_an_engine_that_is_stopped(network: Network, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Answers before, and not after."""
    engine = Podman(tmp_path_factory.mktemp("p"))
    with engine.serving():
        assert (await checked(network, engine, "docker://web")).symptom == "docker.no_container"
    assert (await checked(network, engine, "docker://web")).symptom == "docker.no_engine"
