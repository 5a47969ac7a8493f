"""Runs the command line against real servers."""

import asyncio
import os
import shlex
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from healthmon.demo import SERVICES, running
from tests.ports import release
from tests.unhurried import UnhurriedPolicy

ROOT = Path(__file__).parents[1]

PROGRAM = shlex.join(["env", f"PYTHONPATH={ROOT}", sys.executable, "-m", "healthmon"])
"""How a shell starts healthmon from here."""

# How long an example takes says more about the machine than about what is tested.
settings.register_profile("healthmon", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("healthmon")

# Nor is a server of a test slow because the machine is.
asyncio.set_event_loop_policy(UnhurriedPolicy())

Demo = Callable[..., AbstractContextManager[Path]]
Healthmon = Callable[..., "subprocess.CompletedProcess[str]"]


def pytest_configure() -> None:
    """Run as a program does that was started in a terminal with a direct way to this machine, whatever started this.

    In the background of a script, or below nohup(1), signals are ignored, and what is started from here would inherit
    that. A proxy for the way to the world knows nothing of the servers of these tests.
    """
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGQUIT, signal.SIGTERM):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler if number is signal.SIGINT else signal.SIG_DFL)
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        del os.environ[name]


@contextmanager
def _servers(faults: dict[str, str]) -> Iterator[dict[str, int]]:
    """The ten services on free ports, in a thread of their own."""
    loop = asyncio.new_event_loop()
    ports: dict[str, int] = {}
    ready, stop = threading.Event(), asyncio.Event()

    async def serve() -> None:
        try:
            async with running(faults=faults, ports="free") as started:
                ports.update(started)
                ready.set()
                await stop.wait()
        finally:
            ready.set()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    ready.wait()
    try:
        yield ports
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()


@pytest.fixture
def demo(tmp_path: Path) -> Demo:
    """Start the ten services, with faults to order, and write the ten services' config with their ports."""

    @contextmanager
    def start(**faults: str) -> Iterator[Path]:
        with _servers(faults) as ports:
            text = (ROOT / "config/services.toml").read_text(encoding="utf-8")
            for service in SERVICES:
                text = text.replace(f":{service.port}/", f":{ports[service.id]}/")
            path = tmp_path / "services.toml"
            path.write_text(text, encoding="utf-8")
            yield path

    return start


@pytest.fixture
def healthmon(tmp_path: Path) -> Healthmon:
    """Run healthmon as a process of its own, by default as cron would: with a bare environment."""

    def run(*arguments: str | Path, **environ: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "healthmon", *map(str, arguments)],
            capture_output=True,
            encoding="utf-8",
            env={"PATH": "/usr/bin:/bin", "HOME": "/", "PYTHONPATH": str(ROOT), **environ},
            cwd=tmp_path,
            timeout=60,
            check=False,
            stdin=subprocess.DEVNULL,
        )

    return run


@pytest.fixture(scope="session", autouse=True)
def _ports() -> Iterator[None]:
    """Those that were held for the tests are let go."""
    yield
    release()


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What the developer's shell sets must not change what is tested."""
    for name in os.environ:
        if name.startswith("HEALTHMON_") or name in ("NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE"):
            monkeypatch.delenv(name)
    before = os.umask(0o022)
    yield
    os.umask(before)
