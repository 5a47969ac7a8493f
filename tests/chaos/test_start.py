"""What keeps the daemon from its start is told in one line, with an exit code of its own.

A port that is taken, a state file that is locked and a PORT that is none are tried in tests/cli/test_run.py.
"""

import os
import subprocess
from pathlib import Path

from tests.chaos.places import as_root, own_network
from tests.chaos.victim import command, daemon, environment, one_service
from tests.conftest import Healthmon


def _config(folder: Path) -> Path:
    config = folder / "services.toml"
    config.write_text(one_service("brain", "http://127.0.0.1:1/"), encoding="utf-8")
    return config


def test_an_address_of_another_machine_is_refused(healthmon: Healthmon, tmp_path: Path) -> None:
    """One for documentation, which no machine has. Nothing is sent to it."""
    ended = healthmon("run", "--config", _config(tmp_path), "--listen", "192.0.2.1:9877")
    assert (ended.returncode, ended.stdout, ended.stderr.count("\n")) == (75, "", 1)
    assert "192.0.2.1:9877: this machine does not have the address" in ended.stderr


def test_a_state_file_where_there_can_be_none_is_refused(healthmon: Healthmon, tmp_path: Path) -> None:
    """In a folder that is not there, or in place of a device."""
    for place, says in (
        (tmp_path / "missing" / "state", "No such file or directory"),
        (Path(os.devnull), "not a file"),
    ):
        ended = healthmon("run", "--config", _config(tmp_path), "--listen", "127.0.0.1:0", "--state", place)
        assert (ended.returncode, ended.stdout, ended.stderr.count("\n")) == (2, "", 1)
        assert says in ended.stderr


def test_too_few_files_for_anything_are_told(tmp_path: Path) -> None:
    """No traceback, and no daemon that looks alive."""
    ended = subprocess.run(
        ["prlimit", "--nofile=6", *command(_config(tmp_path))],
        capture_output=True,
        encoding="utf-8",
        env=environment(),
        timeout=60,
        check=False,
    )
    assert ended.returncode not in (0, 143)
    assert "Too many open files" in ended.stderr
    assert "Traceback" not in ended.stderr


@as_root
def test_without_any_network_it_starts(tmp_path: Path) -> None:
    """Not even loopback is up: the port can be had all the same."""
    with own_network(loopback=False), daemon(_config(tmp_path), "--state", tmp_path) as victim:
        assert victim.stop() == 0
