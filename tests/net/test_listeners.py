"""Who listens on this machine."""

import os
import socket
import sys
from pathlib import Path

import pytest

from healthmon.net.listeners import (
    Listener,
    Process,
    describe_owner,
    find_processes,
    parse_listeners,
    read_listeners,
)
from tests.loopback import needs_ipv6

_TCP = """\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F41 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4242 1 0000000000000000 100
   1: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 17 1 0000000000000000 100 0
   2: 0100007F:1F41 0100007F:C350 01 00000000:00000000 00:00000000 00000000  1000        0 4243 1 0000000000000000 20
"""
_TCP6 = """\
  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when
   0: 00000000000000000000000000000000:1F40 00000000000000000000000000000000:0000 0A 0:0 00:0 0 0 0 99 1 0 100
   1: 00000000000000000000000001000000:1F42 00000000000000000000000000000000:0000 0A 0:0 00:0 0 0 0 98 1 0 100
"""

little_endian = pytest.mark.skipif(sys.byteorder == "big", reason="the sample comes from a little-endian machine")


@little_endian
def test_reads_the_kernels_table() -> None:
    """Connections (state 01) are not listeners."""
    assert (
        Listener("127.0.0.1", 8001, uid=1000, inode=4242),
        Listener("0.0.0.0", 22, uid=0, inode=17),
    ) == parse_listeners(_TCP)


@little_endian
def test_reads_ipv6_addresses() -> None:
    anywhere, here = parse_listeners(_TCP6)
    assert (anywhere.address, anywhere.port, str(anywhere)) == ("::", 8000, "[::]:8000")
    assert (here.address, here.port, str(here)) == ("::1", 8002, "[::1]:8002")
    assert anywhere.wildcard
    assert here.loopback


@little_endian
def test_an_ipv4_address_in_ipv6_clothes_is_ipv4() -> None:
    """As Java's servers have it."""
    mapped = parse_listeners(_TCP6.replace("00000000000000000000000001000000", "0000000000000000FFFF00000100007F"))[1]
    assert mapped.address == "127.0.0.1"


@pytest.mark.parametrize(
    ("listening", "address", "taken"),
    [
        ("127.0.0.1", "127.0.0.1", True),
        ("127.0.0.1", "127.0.0.2", False),
        ("0.0.0.0", "127.0.0.2", True),
        ("0.0.0.0", "::1", False),
        ("::", "::1", True),
        ("::", "127.0.0.1", True),
        ("::1", "127.0.0.1", False),
    ],
)
def test_which_connections_reach_a_listener(listening: str, address: str, *, taken: bool) -> None:
    assert taken == Listener(listening, 8001, uid=0, inode=1).takes(address)


def test_an_empty_or_cut_table_has_none() -> None:
    assert parse_listeners("") == ()
    assert parse_listeners("  sl  local_address\n   0: 0100007F:1F41 0000") == ()


@pytest.mark.parametrize(
    ("family", "address"),
    [
        (socket.AF_INET, "127.0.0.1"),
        (socket.AF_INET, "0.0.0.0"),
        pytest.param(socket.AF_INET6, "::1", marks=needs_ipv6),
    ],
)
def test_finds_a_real_listener_and_its_process(family: socket.AddressFamily, address: str) -> None:
    with socket.create_server((address, 0), family=family) as server:
        port = server.getsockname()[1]
        found = [listener for listener in read_listeners() or () if listener.port == port]
        assert [address] == [listener.address for listener in found]
        assert os.getuid() == found[0].uid
        processes = find_processes({found[0].inode})
        assert os.getpid() == processes[found[0].inode].pid
        assert f"(pid {os.getpid()})" in describe_owner(found[0], processes)


def test_a_bound_socket_that_does_not_listen_is_none() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port = bound.getsockname()[1]
        assert port not in {listener.port for listener in read_listeners() or ()}


def test_without_the_tables_there_is_nothing_to_tell(tmp_path: Path) -> None:
    """As on systems without a Linux kernel."""
    assert read_listeners(tmp_path) is None


def _process(proc: Path, pid: int, name: str, *links: str) -> None:
    (proc / str(pid) / "fd").mkdir(parents=True)
    (proc / str(pid) / "comm").write_text(f"{name}\n")
    for number, link in enumerate(links):
        (proc / str(pid) / "fd" / str(number)).symlink_to(link)


def test_a_shared_socket_is_told_of_the_oldest_process(tmp_path: Path) -> None:
    """A master and its workers hold the same socket."""
    _process(tmp_path, 900, "gunicorn", "/dev/null", "socket:[77]")
    _process(tmp_path, 88, "gunicorn", "socket:[77]", "socket:[78]")
    (tmp_path / "self").mkdir()
    assert {77: Process(88, "gunicorn")} == find_processes({77, 79}, tmp_path)


def test_a_process_that_ends_meanwhile_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "5").mkdir()
    _process(tmp_path, 6, "nginx", "socket:[77]")
    (tmp_path / "6" / "comm").unlink()
    assert {77: Process(6, "a process")} == find_processes({77}, tmp_path)


def test_a_process_cannot_write_to_the_terminal_by_its_name(tmp_path: Path) -> None:
    _process(tmp_path, 6, "\x1b[31mred\x1b[0m", "socket:[77]")
    assert str(find_processes({77}, tmp_path)[77]) == "red (pid 6)"


def test_an_unseen_process_is_told_by_its_user() -> None:
    assert describe_owner(Listener("0.0.0.0", 80, uid=0, inode=1), {}) == "a process of the user root"
    assert describe_owner(Listener("0.0.0.0", 80, uid=4123456, inode=1), {}) == "a process of the user 4123456"
