"""Who listens on this machine, as the kernel tells it in ``/proc`` (proc_net(5), proc_pid_fd(5))."""

import ipaddress
import sys
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

from healthmon.core.safe_text import clean

_LISTEN = "0A"
_PROC = Path("/proc")


class Listener(Struct, frozen=True):
    """A TCP socket that waits for connections.

    Attributes:
        address: The local address; ``0.0.0.0`` or ``::`` when it takes connections on all of them.
        port: The local port.
        uid: The user who opened it.
        inode: What the kernel calls the socket; `find_processes` finds its process by it.
    """

    address: str
    port: int
    uid: int
    inode: int

    @property
    def wildcard(self) -> bool:
        """Whether it takes connections on every address of its family."""
        return ipaddress.ip_address(self.address).is_unspecified

    @property
    def loopback(self) -> bool:
        """Whether only this machine itself can reach it."""
        return ipaddress.ip_address(self.address).is_loopback

    def takes(self, address: str) -> bool:
        """Whether connections to this address reach it. `::` takes IPv4 too, as is the default of Linux (ipv6(7))."""
        if self.wildcard:
            return self.address == "::" or ":" not in address
        return self.address == address

    def __str__(self) -> str:
        """Address and port, an IPv6 address in brackets."""
        return f"[{self.address}]:{self.port}" if ":" in self.address else f"{self.address}:{self.port}"


class Process(Struct, frozen=True):
    """A running program."""

    pid: int
    name: str

    def __str__(self) -> str:
        """Name and number, as people look for them."""
        return f"{self.name} (pid {self.pid})"


def parse_listeners(table: str) -> tuple[Listener, ...]:
    """Read the listening sockets out of the text of ``/proc/net/tcp`` or ``/proc/net/tcp6``."""
    rows = (line.split() for line in table.splitlines()[1:])
    return tuple(_listener(row) for row in rows if len(row) > 9 and row[3] == _LISTEN)


def _listener(row: list[str]) -> Listener:
    address, port = row[1].split(":")
    return Listener(_address(address), int(port, 16), uid=int(row[7]), inode=int(row[9]))


def _address(digits: str) -> str:
    # The kernel prints each group of four bytes as one number of the machine's own byte order.
    words = (int(digits[start : start + 8], 16) for start in range(0, len(digits), 8))
    address = ipaddress.ip_address(b"".join(word.to_bytes(4, sys.byteorder) for word in words))
    # An IPv6 socket that takes IPv4 only: its address is ::ffff:127.0.0.1 (RFC 4291, section 2.5.5.2).
    return str(getattr(address, "ipv4_mapped", None) or address)


def read_listeners(proc: Path = _PROC) -> tuple[Listener, ...] | None:
    """List the sockets that listen here, in order of port; None where the system does not tell."""
    tables = []
    for name in ("tcp", "tcp6"):
        with suppress(OSError):  # There is no tcp6 where IPv6 is disabled.
            tables.append((proc / "net" / name).read_text("ascii"))
    if not tables:
        return None
    found = [listener for table in tables for listener in parse_listeners(table)]
    return tuple(sorted(found, key=lambda listener: (listener.port, listener.address)))


def find_processes(inodes: Collection[int], proc: Path = _PROC) -> dict[int, Process]:
    """Find the processes that hold these sockets, as far as this user may look.

    A socket shared by several processes is told of the oldest, which is the master of its workers.
    """
    wanted = {f"socket:[{inode}]": inode for inode in inodes}
    found: dict[int, Process] = {}
    if not wanted:
        return found
    for pid in sorted(int(entry.name) for entry in proc.iterdir() if entry.name.isdigit()):
        for inode in _sockets(proc / str(pid) / "fd", wanted):
            if inode not in found:
                found[inode] = Process(pid, _name(proc / str(pid)))
    return found


def _sockets(folder: Path, wanted: dict[str, int]) -> set[int]:
    try:
        links = list(folder.iterdir())
    except OSError:  # another user's process, or it has just ended
        return set()
    held = set()
    for link in links:
        try:
            target = str(link.readlink())
        except OSError:
            continue
        if target in wanted:
            held.add(wanted[target])
    return held


def _name(folder: Path) -> str:
    try:
        return clean((folder / "comm").read_text("utf-8", "replace")) or "a process"
    except OSError:
        return "a process"


def describe_owner(listener: Listener, processes: dict[int, Process]) -> str:
    """Name who listens: the process, or at least its user where the process may not be seen."""
    process = processes.get(listener.inode)
    return str(process) if process else f"a process of {_user(listener.uid)}"


def _user(uid: int) -> str:
    import pwd

    try:
        return f"the user {pwd.getpwuid(uid).pw_name}"
    except KeyError:
        return f"the user {uid}"
