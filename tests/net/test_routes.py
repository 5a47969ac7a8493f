"""Which way an address is reached."""

import pytest

from healthmon.net.routes import Way, find_way, is_own
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
