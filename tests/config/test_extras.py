"""Libraries that are not installed are told before anything runs."""

import configparser
import re
from pathlib import Path

import pytest
from msgspec import structs

from healthmon.config.extras import missing
from healthmon.config.load import parse
from healthmon.probes import PROBES
from tests.config.texts import faults
from tests.conftest import ROOT, Healthmon


def test_what_is_missing_is_named_with_the_command_that_installs_it() -> None:
    """All of it in one line; nothing is said where nothing is missing."""
    libraries = {"msgspec": "msgspec", "no-such-library": "no_such_library", "its-part": "no_such.part"}
    probe = structs.replace(PROBES["tcp"], extra="dns", libraries=libraries)
    assert missing(probe) == (
        "tcp:// needs no-such-library and its-part, which is not installed; run pip install 'healthmon[dns]'"
    )
    assert missing(PROBES["tcp"]) is None


def test_a_missing_library_is_a_fault_of_the_service_that_needs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not of one that is disabled."""
    needy = structs.replace(PROBES["tcp"], extra="dns", libraries={"no-such-library": "no_such_library"})
    monkeypatch.setitem(PROBES, "tcp", needy)
    text = '[[services]]\nname = "A"\nurl = "tcp://127.0.0.1:1"\n'

    assert faults(text) == ["3: tcp:// needs no-such-library, which is not installed; run pip install 'healthmon[dns]'"]
    assert parse(text + "enabled = false\n").services[0].id == "a"


def test_nothing_runs_without_it(healthmon: Healthmon, tmp_path: Path) -> None:
    """The config is wrong for this machine, and the exit code says so."""
    (tmp_path / "sitecustomize.py").write_text(
        "import sys\n"
        "class Hidden:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.partition('.')[0] == 'asyncpg':\n"
        "            raise ModuleNotFoundError(name)\n"
        "sys.meta_path.insert(0, Hidden())\n",
        encoding="utf-8",
    )
    (tmp_path / "services.toml").write_text('[[services]]\nname = "A"\nurl = "postgres://127.0.0.1:1/a"\n')
    ended = healthmon("check", PYTHONPATH=f"{tmp_path}:{ROOT}")
    assert (ended.returncode, ended.stdout) == (78, "")
    assert ended.stderr == (
        "services.toml:3: postgres:// needs asyncpg, which is not installed; run pip install 'healthmon[postgres]'\n"
    )


def test_what_a_probe_needs_is_what_its_extra_installs() -> None:
    """Packages go by the names that pip knows: dnspython, not dns."""
    settings = configparser.ConfigParser()
    settings.read(ROOT / "setup.cfg")
    extras = settings["options.extras_require"]
    for probe in PROBES.values():
        lines = extras[probe.extra].splitlines() if probe.extra else []
        assert list(probe.libraries) == [re.split("[^a-z0-9]", line)[0] for line in lines if line[:1] not in {"", "#"}]


def test_the_extra_all_has_what_every_probe_needs() -> None:
    """No more and no less, in the same versions."""
    settings = configparser.ConfigParser()
    settings.read(ROOT / "setup.cfg")
    extras = {
        name: {line for line in text.splitlines() if line and not line.startswith("#")}
        for name, text in settings["options.extras_require"].items()
    }
    named = {probe.extra for probe in PROBES.values() if probe.extra is not None}
    assert extras["all"] == set().union(*(extras[name] for name in named))
