"""Services that are switched while they are watched, and their config."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from healthmon.demo import SERVICES
from healthmon.demo.faults import Fault
from tests.conftest import ROOT
from tests.deploy.switchboard import Switchboard, switchboard


@pytest.fixture(scope="session")
def _board() -> Iterator[Switchboard]:
    with switchboard() as board:
        yield board


@pytest.fixture
def board(_board: Switchboard) -> Switchboard:
    """The ten services, all well."""
    _board.switch(dict[str, Fault | None].fromkeys(service.id for service in SERVICES))
    return _board


@pytest.fixture
def config(board: Switchboard, tmp_path: Path) -> Path:
    """The ten services' config, with their ports."""
    text = (ROOT / "config/services.toml").read_text(encoding="utf-8")
    for service in SERVICES:
        text = text.replace(f":{service.port}/", f":{board.ports[service.id]}/")
    path = tmp_path / "services.toml"
    path.write_text(text, encoding="utf-8")
    return path
