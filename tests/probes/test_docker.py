"""Containers, of an engine that answers as Docker's does. Those of a real one are in `test_docker_podman`."""

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from healthmon.config.load import parse
from healthmon.core.advice.advise import explain
from healthmon.core.model import Cause, Result, Service, Verdict
from healthmon.engine.check import check
from healthmon.errors import ConfigError
from healthmon.net.docker.engine import LOG_BYTES, LOG_LINES
from healthmon.net.network import Network
from healthmon.probes.docker import DOCKER
from tests.net.descriptors import leaving_no_socket
from tests.probes.docker_engine import PROJECT, Engine, described, serving

SHOP = f"docker://?label={PROJECT}=shop"


def service(url: str, path: Path | str, **keys: str) -> Service:
    """A service of an engine on a socket file; the keys are written as in the config."""
    engine = path if isinstance(path, str) else f"unix://{path}"
    more = "".join(f"{key.replace('__', '.')} = {value}\n" for key, value in keys.items())
    text = f'[[services]]\nname = "Web"\nurl = "{url}"\nengine = "{engine}"\n{more}'
    (found,) = parse(text, environ={}).services
    return found


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the engine listens."""
    return tmp_path / "s"


async def checked(network: Network, engine: Engine, path: Path, url: str = "docker://web", **keys: str) -> Result:
    async with serving(engine, path), leaving_no_socket():
        return await check(service(url, path, **keys), probe=DOCKER, network=network)


async def test_one_that_runs(network: Network, path: Path) -> None:
    """With what the engine tells of it."""
    result = await checked(network, Engine(described("web", Health={"Status": "healthy"}), described("db")), path)
    assert (result.verdict, result.message) == (Verdict.UP, "running, healthy")
    assert {fact.name: fact.value for fact in result.facts} == {
        "container": "web",
        "image": "shop/web:1",
        "state": "running",
        "health": "healthy",
        "started": pytest.approx(1577836801.123457),
        "restarts": 0,
    }
    assert result.timings.resolve is None
    assert result.timings.connect is not None
    assert result.timings.wait is not None


async def test_one_that_has_ended(network: Network, path: Path) -> None:
    """With its last words."""
    result = await checked(network, Engine(described("web", status="exited", ExitCode=137, OOMKilled=True)), path)
    assert (result.verdict, result.cause, result.symptom) == (
        Verdict.DOWN,
        Cause.UNHEALTHY,
        "docker.out_of_memory",
    )
    assert result.message == "exited with 137, killed for lack of memory"
    assert result.fact("exit_code") == 137
    advice = explain(result)
    assert advice
    assert f"docker -H unix://{path} stats --no-stream web" in advice.next_step


async def test_a_job_that_has_ended_well(network: Network, path: Path) -> None:
    """Where the config says that it is one."""
    result = await checked(network, Engine(described("web", status="exited")), path, completed="true")
    assert (result.verdict, result.message, result.fact("exit_code")) == (Verdict.UP, "completed, exit 0", 0)


async def test_one_that_is_not_there(network: Network, path: Path) -> None:
    """As when its build failed."""
    result = await checked(network, Engine(described("db")), path)
    assert (result.verdict, result.cause, result.symptom) == (Verdict.DOWN, Cause.UNHEALTHY, "docker.no_container")
    assert result.message == "there is no container web"


async def test_of_a_project_the_worst_decides(network: Network, path: Path) -> None:
    """And is named."""
    engine = Engine(
        described("db"),
        described("cache", Health={"Status": "unhealthy", "FailingStreak": 2}, restarts=2),
        described("web", status="exited", ExitCode=1, restarts=1),
        described("worker"),
    )
    engine.containers[3]["Config"]["Labels"] = {PROJECT: "other"}
    result = await checked(network, engine, path, SHOP)
    assert (result.verdict, result.symptom) == (Verdict.DOWN, "docker.exited")
    assert result.message == "web: exited with 1, after 1 restart (and 1 more of 3 containers)"
    assert {fact.name: fact.value for fact in result.facts} == {
        "containers": 3,
        "containers_failing": 2,
        "failing": ("web", "cache"),
        "restarts": 3,
    }


async def test_a_project_that_is_well(network: Network, path: Path) -> None:
    """With the number of its containers, which can be demanded."""
    engine = Engine(described("web"), described("db"), described("old"))
    engine.gone.add("old")
    result = await checked(network, engine, path, f"{SHOP}&label=tier", expect__containers="2")
    assert (result.verdict, result.message) == (Verdict.UP, "2 containers well")
    assert result.fact("failing") == ()
    engine.gone.add("db")
    result = await checked(network, engine, path, SHOP, expect__containers="2")
    assert (result.verdict, result.cause) == (Verdict.DOWN, Cause.VALUE)
    assert result.message == "1 container well, containers: 1, expected 2"


async def test_a_project_without_containers(network: Network, path: Path) -> None:
    """Whose build failed."""
    result = await checked(network, Engine(), path, SHOP)
    assert (result.verdict, result.symptom) == (Verdict.DOWN, "docker.no_container")
    assert result.message == f"there is no container with the label {PROJECT}=shop"


async def test_a_line_of_the_log_that_should_not_be_there(network: Network, path: Path) -> None:
    """Since the run before has ended."""
    engine = Engine(described("web", FinishedAt="2020-01-01T00:00:00.25Z", restarts=1))
    engine.logs["web"] = ["started", "CRITICAL no database", "retrying"]
    result = await checked(network, engine, path, expect__log__not_matches='"^CRITICAL"')
    assert (result.verdict, result.cause) == (Verdict.DOWN, Cause.VALUE)
    assert result.message == 'running, log: "CRITICAL no database", expected not to match "^CRITICAL"'
    asked = {"stdout": "1", "stderr": "1", "tail": str(LOG_LINES), "since": "1577836800.250000000"}
    assert engine.asked[-1] == ("/containers/id-web/logs", asked)


async def test_the_log_is_asked_for_only_if_something_is_demanded_of_it(network: Network, path: Path) -> None:
    """By `warn` too, and within a window."""
    engine = Engine(described("web"))
    engine.logs["web"] = ["deprecated"]
    await checked(network, engine, path)
    assert len(engine.asked) == 1
    result = await checked(network, engine, path, warn__log__not_contains='"deprecated"', log_window='"15m"')
    assert (result.verdict, result.cause) == (Verdict.DEGRADED, Cause.VALUE)
    assert result.started - 905 < float(engine.asked[-1][1]["since"]) < result.started - 895


async def test_of_a_project_each_line_has_its_container(network: Network, path: Path) -> None:
    """So that it can be found."""
    engine = Engine(described("web"), described("db"))
    engine.logs |= {"web": ["fine"], "db": ["fine", "PANIC"]}
    result = await checked(network, engine, path, SHOP, expect__log__not_contains='"PANIC"')
    assert result.message == '2 containers well, log: "db | PANIC", expected not to contain "PANIC"'


async def test_of_a_long_log_the_end_is_looked_at(network: Network, path: Path) -> None:
    """As much as there is room for, the last line in any case."""
    engine = Engine(described("web"))
    engine.logs["web"] = [f"{number} {'x' * (LOG_BYTES // 500)}" for number in range(LOG_LINES)] + ["PANIC"]
    result = await checked(network, engine, path, expect__log__not_contains='"PANIC"', timeout='"30s"')
    assert result.message == 'running, log: "PANIC", expected not to contain "PANIC"'
    assert 0 < int(engine.asked[-1][1]["tail"]) < 500


async def test_a_log_that_cannot_be_read(network: Network, path: Path) -> None:
    """Says nothing good."""
    result = await checked(network, Engine(described("web")), path, expect__log__not_contains='"PANIC"')
    assert (result.verdict, result.cause, result.symptom) == (Verdict.DOWN, Cause.PROTOCOL, "docker.engine")
    assert result.message.endswith("HTTP 501: configured logging driver does not support reading")


@pytest.mark.parametrize(
    ("status", "body", "cause", "symptom", "message"),
    [
        (500, b'{"message":"database is locked"}', Cause.PROTOCOL, "docker.engine", "HTTP 500: database is locked"),
        (403, b'{"message":"denied by plugin"}', Cause.LOCAL, "docker.permission", "HTTP 403: denied by plugin"),
        (404, b"<html>", Cause.PROTOCOL, "docker.engine", "HTTP 404"),
        (404, b"[]", Cause.PROTOCOL, "docker.engine", "HTTP 404"),
        (200, b"<html>", Cause.PROTOCOL, "docker.engine", "is not what it should be"),
        (200, b"{}", Cause.PROTOCOL, "docker.engine", "is not what it should be"),
        (200, b"[" * 5000, Cause.PROTOCOL, "docker.engine", "is not what it should be"),
    ],
)
async def test_an_engine_in_trouble(
    network: Network, path: Path, status: int, body: bytes, cause: Cause, symptom: str, message: str
) -> None:
    """Or something else that listens there."""
    engine = Engine()
    engine.status, engine.body = status, body
    result = await checked(network, engine, path)
    assert (result.cause, result.symptom) == (cause, symptom)
    assert result.message.startswith("the container engine")
    assert result.message.endswith(message)


async def test_an_engine_that_is_not_there(network: Network, path: Path) -> None:
    """No socket, or a left-over one."""
    result = await check(service("docker://web", path), probe=DOCKER, network=network)
    assert (result.cause, result.symptom) == (Cause.REFUSED, "docker.no_engine")
    assert result.message == f"the container engine: there is no socket {path}"
    with socket.socket(socket.AF_UNIX) as left_over:
        left_over.bind(str(path))
    result = await check(service("docker://web", path), probe=DOCKER, network=network)
    assert (result.cause, result.symptom) == (Cause.REFUSED, "docker.no_engine")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
async def test_an_engine_that_is_for_others(network: Network, path: Path) -> None:
    """Tells nothing."""
    async with serving(Engine(described("web")), path):
        os.chmod(path, 0o600)  # noqa: PTH101
        os.seteuid(65534)
        try:
            result = await check(service("docker://web", path), probe=DOCKER, network=network)
        finally:
            os.seteuid(0)
    assert (result.verdict, result.cause, result.symptom) == (Verdict.UNKNOWN, Cause.LOCAL, "docker.permission")


async def _talking(
    path: Path, talk: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Any]
) -> AsyncIterator[None]:
    server = await asyncio.start_unix_server(talk, str(path))
    async with server:
        yield


async def test_an_engine_that_is_silent(network: Network, path: Path) -> None:
    """Is waited for until the check's time is over."""
    connections: list[asyncio.StreamWriter] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append(writer)
        await reader.read()
        writer.close()

    async with contextlib.asynccontextmanager(_talking)(path, talk):
        result = await check(service("docker://web", path, timeout='"200ms"'), probe=DOCKER, network=network)
        for writer in connections:
            await writer.wait_closed()
    assert (result.cause, result.symptom) == (Cause.NO_RESPONSE, "docker.silent")
    assert result.message == "the container engine did not answer within 200 ms"


async def test_an_engine_that_breaks_off(network: Network, path: Path) -> None:
    """In the middle of its answer."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
        writer.close()

    async with contextlib.asynccontextmanager(_talking)(path, talk):
        result = await check(service("docker://web", path), probe=DOCKER, network=network)
    assert (result.cause, result.symptom) == (Cause.RESET, "docker.engine")


async def test_an_engine_on_a_port(network: Network) -> None:
    """That nothing listens on."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        engine = f"tcp://127.0.0.1:{closed.getsockname()[1]}"
        result = await check(service("docker://web", engine), probe=DOCKER, network=network)
    assert (result.cause, result.symptom) == (Cause.REFUSED, "docker.no_engine")
    assert result.message == "the container engine: connection refused"


def _engine(text: str, **environ: str) -> str:
    (found,) = parse(f'[[services]]\nname = "Web"\nurl = "docker://web"\n{text}', environ=environ).services
    return str(found.options.engine)


def test_the_environment_says_where_the_engine_is() -> None:
    """Where the config does not; it is read with the config."""
    assert _engine("") == "unix:///var/run/docker.sock"
    assert _engine("", DOCKER_HOST="") == "unix:///var/run/docker.sock"
    assert _engine("", DOCKER_HOST="tcp://127.0.0.1:2375") == "tcp://127.0.0.1:2375"
    assert _engine('engine = "unix:///a"', DOCKER_HOST="tcp://127.0.0.1:2375") == "unix:///a"
    defaults = '[defaults]\nengine = "unix:///b"\n[[services]]\nname = "Web"\nurl = "docker://web"\n'
    (found,) = parse(defaults, environ={"DOCKER_HOST": "unix:///a"}).services
    assert found.options.engine == "unix:///b"


def test_an_environment_that_names_no_engine_is_a_fault() -> None:
    """Told when the config is read."""
    with pytest.raises(ConfigError, match="`engine` is the socket of a container engine"):
        _engine("", DOCKER_HOST="ssh://engine")
    with pytest.raises(ConfigError, match="`restarts` is a whole number"):
        _engine("restarts = -1")


@pytest.mark.parametrize(
    "url", ["docker:", "docker:web", "docker://", "docker://a/b", "docker://-a", "docker://?name=a", "docker://?label="]
)
def test_urls_that_name_nothing(url: str) -> None:
    """Are refused with what to write."""
    with pytest.raises(ConfigError, match="expected the name of a container"):
        parse(f'[[services]]\nname = "Web"\nurl = "{url}"\n', environ={})


def test_a_person_asks_with_docker() -> None:
    """The same engine for the same."""
    by_hand = service("docker://web/", "unix:///var/run/docker.sock").by_hand
    assert by_hand == "docker inspect -f '{{json .State}}' web"
    several = service(f"{SHOP}&label=tier", "tcp://127.0.0.1:2375")
    assert several.by_hand == (
        f"docker -H tcp://127.0.0.1:2375 ps -a --filter label={PROJECT}=shop --filter label=tier"
    )
    assert DOCKER.asks
    assert list(DOCKER.asks(several)) == [f"tcp://127.0.0.1:2375 for label {PROJECT}=shop, tier"]
