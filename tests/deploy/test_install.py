"""What `systemd/install` and `systemd/uninstall` refuse and leave. Whole installations: tests/e2e/nspawn."""

import os
import subprocess
from pathlib import Path

import pytest

from healthmon.cli import main
from tests.conftest import ROOT


def run(script: str, **environ: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a script with these variables."""
    known = {"PATH": os.environ["PATH"], **{name: str(value) for name, value in environ.items()}}
    command = ["sh", str(ROOT / "systemd" / script)]
    return subprocess.run(command, env=known, capture_output=True, encoding="utf-8", check=False, timeout=60)


def interpreter(place: Path, says: str) -> Path:
    """A program that answers all questions with this."""
    place.write_text(f"#!/bin/sh\necho '{says}'\n", encoding="utf-8")
    place.chmod(0o755)
    return place


@pytest.mark.parametrize(
    ("says", "reason"),
    [
        ("False /usr/bin/python3.9", "healthmon needs Python 3.11 or newer."),
        (
            "True /root/.pyenv/versions/3.12.1/bin/python3.12",
            "the service sees no home folders, and there is /root/.py",
        ),
        ("True /home/me/python", "the service sees no home folders, and there is /home/me/python. Name another: "),
    ],
)
def test_an_interpreter_that_will_not_do(tmp_path: Path, says: str, reason: str) -> None:
    """Nothing is written."""
    python = interpreter(tmp_path / "python", says)

    done = run("install", DESTDIR=tmp_path / "root", PYTHON=python)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"PYTHON={python}: {reason}")
    assert not (tmp_path / "root").exists()


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"DESTDIR": "root"}, "DESTDIR=root: expected an absolute path.\n"),
        ({"UNITDIR": "units"}, "UNITDIR=units: expected an absolute path.\n"),
        ({"MANDIR": "man"}, "MANDIR=man: expected an absolute path.\n"),
        ({"PREFIX": "opt"}, "PREFIX=opt: expected an absolute path.\n"),
        ({"PYTHON": "no-such-python"}, "PYTHON=no-such-python: there is no such program.\n"),
    ],
)
def test_what_cannot_be_is_said_before_anything_is_written(
    tmp_path: Path, variables: dict[str, str], message: str
) -> None:
    """Whatever it is."""
    done = run("install", **{"DESTDIR": str(tmp_path / "root"), **variables})

    assert (done.returncode, done.stdout, done.stderr) == (1, "", message)
    assert not (tmp_path / "root").exists()
    assert not (ROOT / "root").exists()


def installed(root: Path) -> Path:
    """What an installation leaves in the root of a package, as far as removing it goes. Returns the config."""
    for unit in (ROOT / "systemd").glob("healthmon*"):
        place = root / "usr/lib/systemd/system" / unit.name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(unit.read_bytes())
    for page in (ROOT / "man").iterdir():
        place = root / "usr/share/man/man1" / page.name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(page.read_bytes())
    (root / "opt/healthmon/bin").mkdir(parents=True)
    (root / "opt/healthmon/.installed-by-healthmon").touch()
    (root / "etc/healthmon").mkdir(parents=True)
    config = root / "etc/healthmon/services.toml"
    assert main(["init", str(config)]) == 0
    return config


def test_what_was_installed_into_a_package_is_removed(tmp_path: Path) -> None:
    """The starter config and empty folders too; what is another's is left."""
    installed(tmp_path)
    (tmp_path / "etc/hosts").touch()

    done = run("uninstall", DESTDIR=tmp_path)

    assert (done.returncode, done.stderr) == (0, "")
    assert [path.name for path in tmp_path.rglob("*")] == ["etc", "hosts"]


def test_a_config_that_was_changed_is_left(tmp_path: Path) -> None:
    """And said to be."""
    config = installed(tmp_path)
    config.write_text("mine", encoding="utf-8")

    done = run("uninstall", DESTDIR=tmp_path)

    assert done.stdout == f"{config} is not as it was installed, and is left.\n"
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [config]


def test_a_package_is_removed_by_its_absolute_path() -> None:
    """As it was made."""
    assert run("uninstall", DESTDIR="root").stderr == "DESTDIR=root: expected an absolute path.\n"
