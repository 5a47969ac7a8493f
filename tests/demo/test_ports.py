"""Taking the demo's ports."""

import socket

import pytest

from healthmon.demo.ports import bind_all, explain_taken
from healthmon.net.listeners import Listener
from tests.loopback import needs_ipv6


def test_an_address_that_is_not_ours_is_not_called_in_use() -> None:
    """The remedy for a port in use would mislead."""
    with pytest.raises(OSError, match="Cannot assign"):
        bind_all("203.0.113.1", {"brain": 8001})


@needs_ipv6
def test_ipv6() -> None:
    bound = bind_all("::1", {"brain": 0})
    with bound["brain"] as listener:
        assert listener.family == socket.AF_INET6


def test_one_on_all_addresses_is_in_the_way_of_every_address() -> None:
    """So another address is no remedy, and its unseen owner is told by the user."""
    listener = Listener("0.0.0.0", 8000, uid=0, inode=-1)
    assert explain_taken("127.0.0.1", [8000], (listener,)).splitlines() == [
        "Port 8000 on 127.0.0.1 is already in use by a process of the user root.",
        "To see what has it: sudo ss -ltnp 'sport = :8000'",
        "Stop what has it and try again.",
    ]


def test_several_ports_are_all_named() -> None:
    text = explain_taken("127.0.0.1", [8000, 8001], (Listener("127.0.0.9", 8000, uid=0, inode=-1),))
    assert text.splitlines() == [
        "Port 8000 on 127.0.0.1 is already in use.",
        "Port 8001 on 127.0.0.1 is already in use.",
        "Stop what has them and try again, or start the demo with --host 127.0.0.2.",
    ]
