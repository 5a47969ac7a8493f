"""`make install-systemd` and `make uninstall-systemd`."""

from collections.abc import Iterator

import pytest

from tests.e2e.nspawn.machine import Done, Machine
from tests.e2e.nspawn.watch import CONFIG, DEFAULTS, GONE, UNIT, Watch

LOST = ("cli/validate.py", "config/services.toml")


def make(machine: Machine, target: str, *variables: str, check: bool = True) -> Done:
    """Run a target in the checkout, which it may not write to."""
    return machine.run("make", "-s", "-C", "/mnt/checkout", target, *variables, check=check)


def wheel(machine: Machine) -> str:
    """To install the wheel that was built already, which is faster."""
    return f"PACKAGE={machine.run('sh', '-c', 'echo /mnt/dist/*.whl').stdout.strip()}"


def test_a_second_time_it_renews_the_program_and_keeps_the_config(watch: Watch) -> None:
    """What it installs, if not told otherwise, is the checkout."""
    watch.configure(DEFAULTS, GONE)
    watch.machine.run("rm", *(f"/opt/healthmon/lib/python3.11/site-packages/healthmon/{name}" for name in LOST))
    make(watch.machine, "install-systemd")
    watch.machine.run("/opt/healthmon/bin/healthmon", "validate")
    assert watch.machine.run("cat", CONFIG).stdout == DEFAULTS + GONE
    watch.machine.run("systemd-analyze", "verify", UNIT)


def test_the_first_config_is_a_good_one(machine: Machine) -> None:
    machine.run("rm", "-f", CONFIG)
    done = make(machine, "install-systemd", wheel(machine))
    machine.run("/opt/healthmon/bin/healthmon", "validate", "--config", CONFIG)
    assert "systemctl enable --now healthmon" in done.stdout


@pytest.fixture
def elsewhere(machine: Machine) -> Iterator[str]:
    """A folder that becomes the root of another system."""
    yield "/tmp/elsewhere"
    machine.run("rm", "-rf", "/tmp/elsewhere")


def test_another_root_and_another_prefix(machine: Machine, elsewhere: str) -> None:
    """As for a package. Nothing in it names the folder in which it was made; what is removed is what was installed."""
    variables = (f"DESTDIR={elsewhere}", "PREFIX=/srv/health-1.0")
    make(machine, "install-systemd", wheel(machine), *variables)
    units = f"{elsewhere}/usr/lib/systemd/system"
    for unit in ("healthmon.service", "healthmon-check.service"):
        text = machine.run("cat", f"{units}/{unit}").stdout
        assert "ExecStart=/srv/health-1.0/bin/healthmon " in text
        assert "/opt/" not in text
    machine.run("test", "-e", f"{elsewhere}{CONFIG}")
    machine.run("test", "-e", f"{elsewhere}/usr/share/man/man1/healthmon-check.1")
    named = machine.run("grep", "-rlI", elsewhere, elsewhere, check=False)
    assert (named.returncode, named.stdout) == (1, "")
    machine.run("mv", f"{elsewhere}/srv/health-1.0", "/srv/health-1.0")
    try:
        machine.run("/srv/health-1.0/bin/healthmon", "--version")
    finally:
        machine.run("mv", "/srv/health-1.0", f"{elsewhere}/srv/health-1.0")
    make(machine, "uninstall-systemd", *variables)
    left = machine.run("find", elsewhere, "!", "-type", "d").stdout
    assert left == ""
    assert machine.run("find", elsewhere).stdout == f"{elsewhere}\n"


def test_an_interpreter_that_is_gone_is_replaced(machine: Machine, elsewhere: str) -> None:
    """As after an upgrade of the system. The folder was made by an earlier installation, so it may be made anew."""
    venv = f"{elsewhere}/opt/healthmon"
    machine.run("install", "-D", "/dev/null", f"{venv}/.installed-by-healthmon")
    machine.run("install", "-d", f"{venv}/bin")
    machine.run("ln", "-s", "/usr/bin/python3.9", f"{venv}/bin/python")
    make(machine, "install-systemd", wheel(machine), f"DESTDIR={elsewhere}")
    assert machine.run(f"{venv}/bin/python", "-m", "healthmon", "--version").stdout.startswith("healthmon ")


def test_an_interpreter_that_the_service_cannot_see(machine: Machine, elsewhere: str) -> None:
    """Nothing is installed."""
    machine.run("cp", "/usr/bin/python3.11", "/root/python")
    done = make(machine, "install-systemd", f"DESTDIR={elsewhere}", "PYTHON=/root/python", check=False)
    assert done.returncode == 2
    assert "the service sees no home folders, and there is /root/python" in done.stderr.lower()
    machine.run("test", "!", "-e", elsewhere)
    machine.run("rm", "/root/python")


@pytest.mark.parametrize(
    ("prefix", "reason"),
    [
        ("/usr", "/usr holds something else."),
        ("/home/me/healthmon", "the service sees no home folders"),
        ("healthmon", "expected an absolute path"),
        ("/", "expected an absolute path"),
        ("/srv/a b", "expected letters, digits"),
    ],
)
def test_a_prefix_that_cannot_be(machine: Machine, prefix: str, reason: str) -> None:
    """Nothing is installed."""
    done = make(machine, "install-systemd", f"PREFIX={prefix}", check=False)
    assert done.returncode == 2
    assert reason in done.stderr
    assert done.stdout == ""


def test_uninstalling_leaves_what_is_not_its_own(machine: Machine) -> None:
    make(machine, "uninstall-systemd", "PREFIX=/usr", "UNITDIR=/srv")
    machine.run("test", "-x", "/usr/bin/python3")
