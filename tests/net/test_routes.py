"""Which way an address is reached."""

import subprocess
import sys

import pytest

from healthmon.net.routes import Way, find_way, has_way, is_own
from tests.conftest import ROOT
from tests.loopback import needs_ipv6


@pytest.mark.parametrize("address", ["127.0.0.1", pytest.param("::1", marks=needs_ipv6)])
def test_loopback_is_reached_from_itself(address: str) -> None:
    way = find_way(address)
    assert Way(source=address) == way
    assert is_own(address, way)


def test_any_loopback_address_is_this_machine() -> None:
    """Although the kernel speaks to 127.0.0.2 from 127.0.0.1."""
    assert is_own("127.0.0.2", find_way("127.0.0.2"))


def test_an_address_without_a_way_has_a_problem() -> None:
    """A link-local address without its zone leads nowhere (RFC 4007)."""
    way = find_way("fe80::1")
    assert way.source is None
    assert way.problem


def test_what_is_no_address_has_a_problem() -> None:
    way = find_way("fe80::1%nowhere")
    assert way.source is None
    assert way.problem


@pytest.mark.parametrize(
    ("address", "source", "own"),
    [
        ("192.0.2.7", "192.0.2.7", True),
        ("192.0.2.8", "192.0.2.7", False),
        ("192.0.2.8", None, False),
        ("fe80::1%eth0", "fe80::1%eth0", True),
    ],
)
def test_own_is_what_is_reached_from_itself(address: str, source: str | None, *, own: bool) -> None:
    assert own == is_own(address, Way(source=source))


@pytest.mark.parametrize(
    ("address", "leads"),
    [
        ("127.0.0.1", True),
        # Without its zone the kernel cannot say (EINVAL), which is no sign of a lost network.
        ("fe80::1", True),
        pytest.param("2001:db8::1%nowhere", True, id="not an address"),
    ],
)
def test_a_way_is_missing_only_where_the_kernel_says_so(address: str, leads: bool) -> None:
    assert has_way(address) is leads


def test_a_machine_without_a_network_has_no_way_outside() -> None:
    """In a network namespace of its own, which has nothing but a loopback interface that is down."""
    script = (
        "from healthmon.net.routes import has_way; print(has_way(None), has_way('192.0.2.1'), has_way('2001:db8::1'))"
    )
    ended = subprocess.run(
        ["unshare", "--net", "--map-root-user", sys.executable, "-c", script],
        capture_output=True,
        text=True,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT)},
        check=False,
    )
    if "unshare:" in ended.stderr:
        pytest.skip(f"needs a network namespace: {ended.stderr.strip()}")
    assert (ended.stdout, ended.stderr) == ("False False False\n", "")
