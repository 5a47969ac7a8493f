"""What is in the machine: a minimal Debian, and the wheels that healthmon is installed from."""

import configparser
import subprocess
import sys
import tomllib
from pathlib import Path

from tests.e2e.nspawn.cache import kept
from tests.e2e.nspawn.machine import NoMachine

ROOT = Path(__file__).parents[3]

SUITE = "bookworm"
PYTHON = "3.11"
"""What that suite has."""
PACKAGES = ("systemd-sysv", "dbus", "python3-venv", "make")
USELESS = (
    "console-getty.service",
    "systemd-logind.service",
    "apt-daily.timer",
    "apt-daily-upgrade.timer",
    "dpkg-db-backup.timer",
    "e2scrub_all.timer",
)


def debian() -> Path:
    """The root of the machine, not to be written to.

    Raises:
        NoMachine: It cannot be made.
    """
    return kept(f"nspawn-{SUITE}", ["3", *PACKAGES, *USELESS], _debootstrap)


def _debootstrap(folder: Path) -> None:
    include = f"--include={','.join(PACKAGES)}"
    # Whatever becomes of the tests, its processes and its mounts go with them.
    alone = ("setpriv", "--pdeathsig", "KILL", "unshare", "--pid", "--mount-proc", "--fork", "--kill-child")
    _run(*alone, "debootstrap", "--variant=minbase", include, SUITE, folder)
    _run("systemctl", "--quiet", f"--root={folder}", "mask", *USELESS)
    (folder / "etc/hostname").write_text("watch\n")
    (folder / "etc/resolv.conf").write_text("")
    (folder / "etc/hosts").write_text("127.0.0.1 localhost\n::1 localhost\n")
    for archive in (folder / "var/cache/apt/archives").glob("*.deb"):
        archive.unlink()


def wheels() -> Path:
    """The wheels of what healthmon needs, to run and to be built.

    Raises:
        NoMachine: They cannot be had.
    """
    settings = configparser.ConfigParser()
    settings.read(ROOT / "setup.cfg")
    needed = settings["options"]["install_requires"] + settings["options.extras_require"]["all"]
    wanted = [line for line in needed.split("\n") if line and not line.startswith("#")]
    # What redis needs before Python 3.11.3. pip reads such markers for the interpreter that it runs on.
    wanted.append("async-timeout>=4.0.3")
    wanted += tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["build-system"]["requires"]
    return kept("nspawn-wheels", [PYTHON, *wanted], lambda folder: _download(folder, wanted))


def _download(folder: Path, wanted: list[str]) -> None:
    options = ("--quiet", "--only-binary", ":all:", "--python-version", PYTHON, "--dest", str(folder))
    _run(sys.executable, "-m", "pip", "download", *options, *wanted)


def build_wheel(folder: Path) -> Path:
    """Build the wheel of this checkout, from a copy of what it is built from."""
    source = folder / "source"
    source.mkdir()
    _run("cp", "-R", *(ROOT / name for name in ("setup.cfg", "pyproject.toml", "README.md", "LICENSE")), source)
    _run("cp", "-R", ROOT / "healthmon", source)
    _run(sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", folder, source)
    (wheel,) = folder.glob("*.whl")
    return wheel


def _run(*command: str | Path) -> None:
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if done.returncode:
        last = done.stdout.decode(errors="replace").strip()[-2000:]
        raise NoMachine(f"{command[0]} ended with {done.returncode}: {last}")
