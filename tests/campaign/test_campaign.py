"""The campaign: each fault has its verdict and its cause, in time, and leaves nothing behind."""

import asyncio
import socket

import pytest

from tests.campaign.conduct import conduct, open_files
from tests.campaign.row import Row
from tests.campaign.table import ROWS

MARGIN = 2.0
"""Seconds beyond its timeout that a check may take on a busy machine."""


def has_ipv6() -> bool:
    """Whether this machine has IPv6 on its loopback."""
    try:
        with socket.socket(socket.AF_INET6) as bound:
            bound.bind(("::1", 0))
    except OSError:
        return False
    return True


@pytest.fixture(scope="module", autouse=True)
def everything_imported() -> None:
    """The first check imports modules, and some of those open files that stay open."""
    plain = next(row for row in ROWS if row.fault == "Two answers")
    encrypted = next(row for row in ROWS if row.fault == "Expired certificate")
    for row in (plain, encrypted):
        asyncio.run(conduct(row))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.fault)
async def test_fault(row: Row) -> None:
    """Verdict and cause are those of the table, in time, and no socket and no task is left behind."""
    if row.ipv6 and not has_ipv6():
        pytest.skip("this machine has no IPv6 on its loopback")
    files, tasks = open_files(), asyncio.all_tasks()

    met = await conduct(row)

    assert (row.verdict, row.cause) == (met.result.verdict, met.result.cause), met.result.message
    assert met.seconds < row.timeout + MARGIN
    assert met.connected == 0
    assert tasks == asyncio.all_tasks()
    assert files == open_files()


def test_every_fault_has_a_name_of_its_own() -> None:
    """Rows are told apart by their faults."""
    faults = [row.fault for row in ROWS]
    assert len(set(faults)) == len(faults)
