"""Containers and commands by `/probe`."""

from pathlib import Path

import pytest

from healthmon.core.model import Verdict
from healthmon.engine.check import check
from healthmon.net.network import Network
from healthmon.probes.docker import DOCKER
from healthmon.web.probe.asked import Asked
from healthmon.web.probe.contract import Refused
from healthmon.web.probe.targets import Targets
from tests.probes.docker_engine import Engine, described, serving
from tests.web.probe.asking import modules


async def test_a_container_is_asked_for_where_its_url_is_allowed(tmp_path: Path) -> None:
    """The engine is the choice of who wrote the config."""
    path = tmp_path / "s"
    table = f'[modules.containers]\nprobe = "docker"\nengine = "unix://{path}"\n'
    allowing = modules(f'{table}allow = ["docker://web-*:*"]\n')
    target = Targets().find(allowing, Asked(target="web-1", module="containers"))
    network = Network()
    try:
        async with serving(Engine(described("web-1")), path):
            result = await check(target.service, probe=DOCKER, network=network.guarded(target.guard))
            assert (result.verdict, result.message) == (Verdict.UP, "running")
            # A socket file is in no network.
            inside = Targets().find(
                modules(f'{table}allow = ["127.0.0.0/8"]\n'), Asked(target="web-1", module="containers")
            )
            refused = await check(inside.service, probe=DOCKER, network=network.guarded(inside.guard))
            assert refused.verdict is Verdict.UNKNOWN
            assert "allow list" in refused.message
    finally:
        network.close()
    with pytest.raises(Refused) as raised:
        Targets().find(allowing, Asked(target="db-1", module="containers"))
    assert raised.value.status == 403


def test_no_command_is_run_on_request() -> None:
    """Whatever the module allows."""
    module = modules('[modules.job]\nprobe = "exec"\ncommand = ["true"]\nallow = ["0.0.0.0/0", "::/0"]\n')
    with pytest.raises(Refused, match="Commands are not run on request") as raised:
        Targets().find(module, Asked(target="exec://", module="job"))
    assert raised.value.status == 403
