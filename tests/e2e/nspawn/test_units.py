"""The units as systemd judges them, and what a program may do in their sandbox."""

import re

import pytest

from tests.e2e.nspawn.machine import Machine
from tests.e2e.nspawn.root import ROOT
from tests.e2e.nspawn.watch import CHECK, TIMER, UNIT

SYSTEMD = ROOT / "systemd"


def test_systemd_finds_no_fault_in_the_units(machine: Machine) -> None:
    done = machine.run("systemd-analyze", "verify", UNIT, CHECK, TIMER)
    assert done.stdout + done.stderr == ""


@pytest.mark.parametrize("unit", [UNIT, CHECK])
def test_they_are_hardened(machine: Machine, unit: str) -> None:
    """An exposure of less than 2.0, out of 10."""
    done = machine.run("systemd-analyze", "security", "--threshold=19", unit, check=False)
    assert done.returncode == 0, done.stdout


def sandbox(unit: str) -> list[str]:
    """The lines with which a unit takes rights away, comments aside."""
    lines = (SYSTEMD / unit).read_text(encoding="utf-8").partition("\nCapabilityBoundingSet=")[2].splitlines()
    return [line for line in lines if line.partition("=")[1] and not line.startswith(("#", "WantedBy"))]


def test_both_have_the_same_sandbox() -> None:
    assert sandbox(UNIT) == sandbox(CHECK)
    assert len(sandbox(UNIT)) > 20


def test_the_variables_of_the_installation_are_documented() -> None:
    """Those that the script names at its top, in their order."""
    comment = (SYSTEMD / "install").read_text(encoding="utf-8").partition("\nset -eu")[0]
    table = (ROOT / "docs/systemd.md").read_text(encoding="utf-8")
    assert re.findall(r"^#   ([A-Z]+) ", comment, re.MULTILINE) == re.findall(r"^\| `([A-Z]+)` \|", table, re.MULTILINE)
