"""Containers: one by its name, or all that have a label, as their engine tells of them."""

import re
import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from msgspec import Struct

from healthmon.core.model import Address, Body, Cause, Service
from healthmon.core.units import PositiveDuration, format_duration
from healthmon.core.wording import counted
from healthmon.net.docker.endpoint import DEFAULT, endpoint_of
from healthmon.net.network import Network
from healthmon.net.tls.settings import TlsSettings
from healthmon.net.trace import ProbeFailed, Trace
from healthmon.probes.contract import Gauge, Probe

if TYPE_CHECKING:
    from healthmon.net.docker.container import Container, Trouble
    from healthmon.net.docker.engine import Engine

_EXPECTED = (
    'expected the name of a container, such as "docker://web", or labels, such as '
    '"docker://?label=com.docker.compose.project=shop"'
)
_SHOWN = 20  # names


class DockerOptions(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The keys of a container.

    Attributes:
        engine: Where the container engine listens: `unix://PATH`, `tcp://HOST:PORT`, `https://HOST:PORT`.
        tls: How to speak TLS to an engine on `https://`.
        completed: Whether a container may have ended with exit code 0: a job.
        restarts: How often the engine may have restarted a container.
        window: How long after a start it counts that there were more restarts than that.
        log_window: How far back `expect.log` looks, at most to the container's start.
    """

    engine: str = DEFAULT
    tls: TlsSettings = TlsSettings()
    completed: bool = False
    restarts: int = 3
    window: PositiveDuration = PositiveDuration(600)
    log_window: PositiveDuration | None = None

    def __post_init__(self) -> None:
        endpoint_of(self.engine)
        if self.restarts < 0:
            raise ValueError("`restarts` is a whole number, 0 or more")


def _locate(rest: str) -> Address:
    name = rest.removeprefix("//").removesuffix("/")
    if name.startswith("?"):
        labels = _labels(name)
        return Address("docker", f"label {', '.join(labels)}", 0, explicit=False)
    if not rest.startswith("//") or not re.fullmatch(r"[a-zA-Z0-9][\w.-]*", name, re.ASCII):
        raise ValueError(_EXPECTED)
    return Address("docker", name, 0, explicit=False)


def _labels(query: str) -> list[str]:
    pairs = parse_qsl(query.removeprefix("?"), keep_blank_values=True)
    if not pairs or any(key != "label" or not value.partition("=")[0] for key, value in pairs):
        raise ValueError(_EXPECTED)
    return [value for _, value in pairs]


def _query(service: Service) -> str | None:
    """The labels of a service's containers as its URL has them; None of one container."""
    query = service.url.partition(":")[2].removeprefix("//")
    return query if query.startswith("?") else None


async def _run(service: Service, network: Network, trace: Trace) -> None:
    """Ask the engine for the container, or for all that have the labels; for the log if something is demanded of it.

    Recorded of one container: `container`, `image`, `state`, `health`, `started`, `restarts`, `exit_code`. Of several:
    `containers`, `containers_failing`, their names in `failing`, and `restarts` of all together.
    """
    from healthmon.net.docker.engine import Engine

    options = service.options
    within = format_duration(service.timeout)
    trace.failure = ProbeFailed(
        Cause.NO_RESPONSE, f"the container engine did not answer within {within}", "docker.silent"
    )
    engine = Engine(endpoint_of(options.engine), options.tls, network, trace)
    query = _query(service)
    if query is None:
        await _check_one(service, engine, trace)
    else:
        await _check_several(service, _labels(query), engine, trace)


async def _check_one(service: Service, engine: "Engine", trace: Trace) -> None:
    container = await engine.container(service.address.host)
    if container is None:
        raise ProbeFailed(Cause.UNHEALTHY, f"there is no container {service.address.host}", "docker.no_container")
    _record(container, trace)
    found = _trouble(container, service)
    if found is not None:
        raise ProbeFailed(Cause.UNHEALTHY, found.message, found.symptom)
    trace.seen = _well(container)
    if service.expect.log or service.warn.log:
        trace.body = Body(await _log(container, service, engine))


async def _check_several(service: Service, labels: Sequence[str], engine: "Engine", trace: Trace) -> None:
    containers = await engine.labelled(labels)
    if not containers:
        raise ProbeFailed(
            Cause.UNHEALTHY, f"there is no container with the {service.address.host}", "docker.no_container"
        )
    judged = [(container, _trouble(container, service)) for container in containers]
    failing = sorted(
        ((container.title, trouble) for container, trouble in judged if trouble), key=lambda one: one[1].severity
    )
    trace.fact("containers", len(containers))
    trace.fact("containers_failing", len(failing))
    trace.fact("failing", tuple(title for title, _ in failing[:_SHOWN]))
    trace.fact("restarts", sum(container.restart_count for container in containers))
    if failing:
        title, worst = failing[0]
        others = f" (and {len(failing) - 1} more of {len(containers)} containers)" if len(failing) > 1 else ""
        raise ProbeFailed(Cause.UNHEALTHY, f"{title}: {worst.message}{others}", worst.symptom)
    trace.seen = f"{counted(len(containers), 'container')} well"
    if service.expect.log or service.warn.log:
        logs = [_named(container, await _log(container, service, engine)) for container in containers]
        trace.body = Body(b"".join(logs))


def _trouble(container: "Container", service: Service) -> "Trouble | None":
    from healthmon.net.docker.container import Tolerance, trouble

    options = service.options
    tolerance = Tolerance(options.completed, options.restarts, options.window)
    return trouble(container, tolerance, time.time())


def _record(container: "Container", trace: Trace) -> None:
    trace.fact("container", container.title)
    trace.fact("image", container.config.image)
    trace.fact("state", container.status)
    if container.health is not None:
        trace.fact("health", container.health)
    if container.started is not None:
        trace.fact("started", container.started)
    trace.fact("restarts", container.restart_count)
    if container.ended:
        trace.fact("exit_code", container.state.exit_code)


def _well(container: "Container") -> str:
    if container.ended:
        return "completed, exit 0"
    return f"{container.status}, {container.health}" if container.health else container.status


async def _log(container: "Container", service: Service, engine: "Engine") -> bytes:
    """The lines of the log since the container was started, or within the window that the service names."""
    since, window = container.run_began, service.options.log_window
    return await engine.log(container, since if window is None else max(since, time.time() - window))


def _named(container: "Container", log: bytes) -> bytes:
    """The lines of a log with the name of its container before each."""
    prefix = f"{container.title} | ".encode()
    return b"".join(prefix + line + b"\n" for line in log.splitlines())


def _prepare() -> None:
    from healthmon.net.http.lean_import import without_system_certificates

    with without_system_certificates():
        import healthmon.net.docker.engine  # noqa: F401


def _by_hand(service: Service) -> str:
    from shlex import join

    engine, query = service.options.engine, _query(service)
    docker = ["docker"] if engine == DEFAULT else ["docker", "-H", engine]
    if query is None:
        return join([*docker, "inspect", "-f", "{{json .State}}", service.address.host])
    filters = [part for label in _labels(query) for part in ("--filter", f"label={label}")]
    return join([*docker, "ps", "-a", *filters])


def _asks(service: Service) -> Iterator[str]:
    yield f"{service.options.engine} for {service.address.host}"


DOCKER = Probe(
    name="docker",
    default_port=None,
    options=DockerOptions,
    expectations=frozenset({"latency", "log", "restarts", "containers"}),
    run=_run,
    given={"engine": f"${{DOCKER_HOST:-{DEFAULT}}}"},
    prepare=_prepare,
    locate=_locate,
    transport=None,
    by_hand=_by_hand,
    asks=_asks,
    gauges={
        "restarts": Gauge("container_restarts", "How often the engine has restarted the container, or all of them."),
        "started": Gauge("container_start_timestamp_seconds", "When the container was started last."),
        "exit_code": Gauge("exit_code", "The exit code of the command, or of the container that has ended."),
        "containers": Gauge("containers", "How many containers have the labels that the service names."),
        "containers_failing": Gauge("containers_failing", "How many of them are not well."),
    },
)
