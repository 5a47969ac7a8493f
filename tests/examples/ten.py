"""The ten services on one host, and what they stand on: real databases, a real gRPC server, containers of an engine."""

import asyncio
import contextlib
import random
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from msgspec import Struct

from healthmon.demo import SERVICES, running
from healthmon.errors import PortInUse
from tests.campaign.servers import Handler, listening
from tests.examples.place import Place, Scene
from tests.probes.docker_engine import Engine, described, serving
from tests.programs.grpc import grpc_server
from tests.programs.postgres import PASSWORD, cluster
from tests.programs.redis import redis

CONFIG = "config/services.toml"
_DATABASES = ("bizosaas_staging", "saleor_staging")


class Ten(Struct, frozen=True, kw_only=True):
    """What runs, and what is other than it should be.

    Attributes:
        only: The services that are checked; all where there are none.
        faults: The faults of the ten, as the demo has them.
        databases: What PostgreSQL has; None where it does not run.
        redis: Options of Redis; None where it does not run.
        temporal: Whether Temporal's server runs.
        containers: How the containers of services are, where they do not just run; None for none.
        logs: What containers have said.
        engine: Whether the container engine runs.
        password: What the environment has as PostgreSQL's password; None for none.
        timeout: The seconds of `--timeout`.
    """

    only: tuple[str, ...] = ()
    faults: Mapping[str, str] = {}
    databases: Sequence[str] | None = None
    redis: Sequence[str] | None = None
    temporal: bool = False
    containers: Mapping[str, Mapping[str, Any] | None] = {}
    logs: Mapping[str, Sequence[str]] = {}
    engine: bool = True
    password: str | None = PASSWORD
    timeout: float | None = None

    def scene(self) -> Scene:
        """The place of the ten."""

        @asynccontextmanager
        async def made(folder: Path) -> AsyncIterator[Place]:
            async with AsyncExitStack() as stack:
                host = await _ten(self.faults, stack)
                if self.databases is not None:
                    await _forward(stack, host, 5433, await asyncio.to_thread(_postgres, self.databases, stack))
                if self.redis is not None:
                    _, port = stack.enter_context(redis(folder, *self.redis))
                    await _forward(stack, host, 6380, port)
                if self.temporal:
                    await _forward(stack, host, 7233, stack.enter_context(grpc_server(folder)).port)
                # The path of a socket has at most 107 bytes.
                socket = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "docker.sock"
                if self.engine:
                    await stack.enter_async_context(serving(self._engine(), socket))
                password = {} if self.password is None else {"POSTGRES_PASSWORD": self.password}
                yield Place(
                    config=CONFIG,
                    host=host,
                    environ={"DOCKER_HOST": f"unix://{socket}", "DOCKER_SOCKET": str(socket), **password},
                    with_groups=("infrastructure",),
                    only=self.only,
                    timeout=self.timeout,
                    usual={host: "203.0.113.10", str(socket): "/var/run/docker.sock"},
                )

        return made

    def _engine(self) -> Engine:
        usual: dict[str, Any] = {"Health": {"Status": "healthy"}}
        names = {service.id: f"bizosaas-{service.id}-staging" for service in SERVICES}
        states = {name: self.containers.get(id_, {}) for id_, name in names.items()}
        engine = Engine(*(described(name, **{**usual, **state}) for name, state in states.items() if state is not None))
        engine.logs = {name: list(self.logs.get(id_, ["started"])) for id_, name in names.items()}
        return engine


async def _ten(faults: Mapping[str, str], stack: AsyncExitStack) -> str:
    """Run the ten on their own ports, at an address of loopback where these are free."""
    while True:
        host = f"127.{random.randrange(64, 255)}.{random.randrange(255)}.{random.randrange(1, 255)}"
        try:
            await stack.enter_async_context(running(faults=faults, host=host))
        except PortInUse:
            continue
        return host


def _postgres(databases: Sequence[str], stack: AsyncExitStack) -> int:
    """Run PostgreSQL with these databases, and return its port."""
    own = stack.enter_context(cluster())
    _, port = stack.enter_context(own.running())
    own.sql(
        port, f"CREATE ROLE healthmon LOGIN PASSWORD '{PASSWORD}'", *(f"CREATE DATABASE {one}" for one in databases)
    )
    return port


async def _forward(stack: AsyncExitStack, host: str, port: int, to: int) -> None:
    """Lead what connects to the port that a config names to that of the program."""
    await stack.enter_async_context(listening(_leading(to), host, port=port))


def _leading(to: int) -> Handler:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        from_program, to_program = await asyncio.open_connection("127.0.0.1", to)
        upward = asyncio.create_task(_pass_on(reader, to_program))
        try:
            await _pass_on(from_program, writer)
        finally:
            upward.cancel()
            to_program.transport.abort()

    return handler


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.write_eof()


_ALL: dict[str, Any] = {"databases": _DATABASES, "redis": (), "temporal": True}
_STORES = ("postgres-*", "redis", "temporal-server")
_EVERYTHING_FAILS = {service.id: "503" for service in SERVICES}


def _ended(code: int, minutes: int, **state: Any) -> dict[str, Any]:
    """The state of a container that has ended some minutes ago."""
    moment = datetime.now(UTC) - timedelta(minutes=minutes, seconds=20)
    return {"status": "exited", "ExitCode": code, "FinishedAt": moment.isoformat(), "Health": None, **state}


CASES: Mapping[str, Ten] = {
    "healthy": Ten(**_ALL),
    "postgres-stopped": Ten(**{**_ALL, "databases": None}, faults=_EVERYTHING_FAILS),
    "postgres-password-rejected": Ten(only=_STORES, **_ALL, password="yesterdays-password"),
    "postgres-password-missing": Ten(only=("postgres-*",), databases=_DATABASES, password=None),
    "postgres-database-missing": Ten(only=("postgres-*", "saleor"), databases=_DATABASES[:1], faults={"saleor": "500"}),
    "redis-wants-a-password": Ten(only=("redis",), redis=("--requirepass", "right-password")),
    "redis-has-too-few-databases": Ten(only=("redis",), redis=("--databases", "4")),
    "temporal-stopped": Ten(only=("temporal*", "container-temporal"), faults={"temporal": "503"}),
    "container-exited": Ten(
        only=("brain", "container-brain", "agents"),
        faults={"brain": "closed", "agents": "503"},
        containers={"brain": _ended(1, 3)},
    ),
    "container-out-of-memory": Ten(
        only=("agents", "container-agents"),
        faults={"agents": "closed"},
        containers={"agents": _ended(137, 12, OOMKilled=True)},
    ),
    "container-in-a-restart-loop": Ten(
        only=("wagtail", "container-wagtail"),
        faults={"wagtail": "closed"},
        containers={"wagtail": {"status": "restarting", "restarts": 14, "ExitCode": 1, "Health": None}},
    ),
    "container-port-in-use": Ten(
        only=("crm", "container-crm"),
        faults={"crm": "garbage"},
        containers={
            "crm": {
                "status": "created",
                "StartedAt": "0001-01-01T00:00:00Z",
                "ExitCode": 128,
                "Error": "driver failed programming external connectivity on endpoint bizosaas-crm-staging: Bind for "
                "0.0.0.0:8003 failed: port is already allocated",
                "Health": None,
            }
        },
    ),
    "container-unhealthy": Ten(
        only=("auth", "container-auth"),
        faults={"auth": "hang"},
        containers={
            "auth": {
                "Health": {"Status": "unhealthy", "FailingStreak": 7, "Log": [{"Output": "curl: (28) timed out\n"}]}
            }
        },
        timeout=1.0,
    ),
    "container-never-built": Ten(
        only=("directory", "container-directory"), faults={"directory": "closed"}, containers={"directory": None}
    ),
    "critical-error-in-a-log": Ten(
        only=("sourcing", "container-sourcing"),
        logs={"sourcing": ["INFO ready", "CRITICAL cannot refresh the token of the marketplace"]},
    ),
    "docker-gone": Ten(only=("docker", "container-*"), engine=False),
    "wrong-health-path": Ten(only=("directory",), faults={"directory": "404"}),
    "brain-not-well": Ten(only=("brain", "agents"), faults={"brain": "wrong-json"}),
}
