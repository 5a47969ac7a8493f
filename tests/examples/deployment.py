"""A deployment of web servers and programs, healthy or with a fault."""

import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from unittest import mock

from msgspec import Struct

from tests.campaign.certificates import authority
from tests.examples.answers import Routes, routed
from tests.examples.place import Place, Scene
from tests.ports import free_port
from tests.probes.http_server import talking


class Site(Struct, frozen=True):
    """A web server.

    Attributes:
        port: The port that it has in snapshots.
        routes: What it answers.
        tls: Its TLS settings; None for plain HTTP.
    """

    port: int
    routes: Routes
    tls: Callable[[], ssl.SSLContext] | None = None


class Fault(Struct, frozen=True, kw_only=True):
    """What is other than in a healthy deployment.

    Attributes:
        routes: What is answered instead, by site.
        closed: The sites that do not listen.
        tls: Other TLS settings, by site.
        programs: Other programs, by name; None for one that is not there.
        environ: Other variables.
        with_groups: The groups of `--with`.
        timeout: The seconds of `--timeout`.
    """

    routes: Mapping[str, Routes] = {}
    closed: frozenset[str] = frozenset()
    tls: Mapping[str, Callable[[], ssl.SSLContext]] = {}
    programs: Mapping[str, str | None] = {}
    environ: Mapping[str, str] = {}
    with_groups: tuple[str, ...] = ()
    timeout: float | None = None


class Deployment(Struct, frozen=True, kw_only=True):
    """A healthy deployment.

    Attributes:
        config: Its config file, relative to the repository.
        sites: Its web servers, by the variable that has their URL.
        programs: Scripts for the shell, by the name of the program that they stand for.
        environ: More variables.
    """

    config: str
    sites: Mapping[str, Site]
    programs: Mapping[str, str] = {}
    environ: Mapping[str, str] = {}

    def scene(self, fault: Fault) -> Scene:
        """The deployment with a fault."""

        @asynccontextmanager
        async def made(folder: Path) -> AsyncIterator[Place]:
            async with AsyncExitStack() as stack:
                ports = {name: await self._start(name, fault, stack) for name in self.sites}
                schemes = {name: "https" if site.tls else "http" for name, site in self.sites.items()}
                trusted = stack.enter_context(authority().cert_pem.tempfile())
                # Where OpenSSL looks for the authorities of the system.
                stack.enter_context(mock.patch.dict("os.environ", {"SSL_CERT_FILE": trusted}))
                yield Place(
                    config=self.config,
                    environ={
                        **{name: f"{schemes[name]}://127.0.0.1:{port}" for name, port in ports.items()},
                        "PATH": str(_programs(folder, {**self.programs, **fault.programs})),
                        "HOME": str(folder),
                        **self.environ,
                        **fault.environ,
                    },
                    with_groups=fault.with_groups,
                    timeout=fault.timeout,
                    usual={
                        str(folder): "/home/runner",
                        **{str(port): str(self.sites[name].port) for name, port in ports.items()},
                    },
                )

        return made

    async def _start(self, name: str, fault: Fault, stack: AsyncExitStack) -> int:
        if name in fault.closed:
            return free_port()
        site = self.sites[name]
        settings = fault.tls.get(name, site.tls)
        talk = routed({**site.routes, **fault.routes.get(name, {})})
        server = await stack.enter_async_context(talking(talk, tls=settings() if settings else None))
        return server.port


def everything(talk: object, site: Site) -> Routes:
    """What a proxy answers to whatever is asked when nothing behind it answers."""
    return dict.fromkeys([*site.routes, "*"], talk)  # type: ignore[arg-type]


def _programs(folder: Path, programs: Mapping[str, str | None]) -> Path:
    there = folder / "bin"
    there.mkdir()
    for name, script in programs.items():
        if script is not None:
            path = there / name
            path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
            path.chmod(0o755)
    return there
