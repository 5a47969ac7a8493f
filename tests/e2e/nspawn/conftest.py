"""The machine, with healthmon installed in it and the demo services running."""

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from typing import NoReturn

import pytest

from tests.e2e.nspawn.machine import Machine, NoMachine, booted, eventually
from tests.e2e.nspawn.root import ROOT, build_wheel, debian, wheels
from tests.e2e.nspawn.watch import Watch

_PROGRAMS = ("debootstrap", "systemd-nspawn", "systemctl", "nsenter", "setpriv", "unshare")


@pytest.fixture(scope="package")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """Boot one machine for all tests; install healthmon in it as docs/systemd.md says."""
    if os.geteuid() != 0:
        _impossible("only root can boot a machine with systemd-nspawn")
    if missing := [name for name in _PROGRAMS if shutil.which(name) is None]:
        _impossible(f"needs {', '.join(missing)}: apt-get install debootstrap systemd-container")
    folder = tmp_path_factory.mktemp("nspawn")
    wheel = build_wheel(folder)
    with ExitStack() as stack:
        try:
            mounts = {wheels(): "/mnt/wheels", folder: "/mnt/dist", ROOT: "/mnt/checkout"}
            made = stack.enter_context(booted(debian(), folder, mounts=mounts))
        except NoMachine as error:
            _impossible(str(error))
        made.run("make", "-C", "/mnt/checkout", "install-systemd", f"PACKAGE=/mnt/dist/{wheel.name}")
        program = "/opt/healthmon/bin/healthmon"
        made.run("systemd-run", "--quiet", "--unit=demo", program, "demo", "--fail", "auth=hang")
        eventually(lambda: made.run(program, "check", "--skip", "auth", check=False).returncode == 0)
        yield made


@pytest.fixture
def watch(machine: Machine) -> Iterator[Watch]:
    """The daemon, not started yet, with nothing left of other tests."""
    made = Watch(machine)
    yield made
    made.reset()


def _impossible(reason: str) -> NoReturn:
    """Continuous integration may skip nothing."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)
