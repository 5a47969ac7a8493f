"""What is shipped: the wheel and the sdist, built, installed and used without the checkout."""

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build both from a copy of what git knows, so that nothing else can slip in."""
    source, target = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("dist")
    files = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\0")
    for name in filter(None, files):
        if (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes((ROOT / name).read_bytes())
    subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", target, source],
        check=True,
        capture_output=True,
    )
    return target


@pytest.fixture(scope="module")
def installed(dist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel installed; its dependencies are this environment's."""
    target = tmp_path_factory.mktemp("installed")
    (wheel,) = dist.glob("*.whl")
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", target, wheel],
        check=True,
        capture_output=True,
    )
    return target


def test_the_wheel_holds_the_package_and_nothing_else(dist: Path) -> None:
    """The config's copy, the type marker and the man pages are in, the tests are not."""
    (wheel,) = dist.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert {"healthmon/config/services.toml", "healthmon/py.typed", "healthmon/cli/check.py"} <= set(names)
    assert {name.split("/")[0].split("-")[0] for name in names} == {"healthmon"}
    pages = {name.partition(".data/data/share/man/man1/")[2] for name in names}
    assert pages - {""} == {path.name for path in (ROOT / "man").iterdir()}


def test_the_sdist_can_be_built_from(dist: Path) -> None:
    """It holds what the build needs."""
    (sdist,) = dist.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"setup.cfg", "pyproject.toml", "README.md", "LICENSE", "healthmon/config/services.toml"} <= names
    assert "man/healthmon.1" in names


def test_an_installed_wheel_does_the_main_job(installed: Path, tmp_path: Path) -> None:
    """In an empty folder, without a config: demo servers on a loopback address of their own, and a check of them."""
    command = installed / "bin" / "healthmon"
    done = subprocess.run(
        [command, "demo", "--host", "127.11.7.3", "--", command, "check", "127.11.7.3"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(installed)},
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "Summary: Healthy: 10/10"), done.stderr


def test_it_is_the_wheel_that_runs(installed: Path, tmp_path: Path) -> None:
    """Not the checkout."""
    done = subprocess.run(
        [sys.executable, "-c", "import healthmon; print(healthmon.__file__)"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert Path(done.stdout.strip()).is_relative_to(installed)
