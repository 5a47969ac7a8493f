"""The DNS server is gone. In a network of the test's own, with a DNS server of the test's own."""

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.chaos.places import as_root, ip, own_network
from tests.chaos.victim import daemon, demo_service, one_service
from tests.deploy.programs import eventually
from tests.deploy.switchboard import switchboard

_A, _IN = 1, 1


class NameServer:
    """Knows one address, 127.0.0.1, for every name, or says nothing.

    Attributes:
        silent: Whether it drops what it is asked.
    """

    def __init__(self, socket_: socket.socket) -> None:
        self.silent = False
        self._socket = socket_

    def serve(self) -> None:
        """Answer until an empty datagram comes (RFC 1035, section 4)."""
        while True:
            query, client = self._socket.recvfrom(512)
            if not query:
                return
            if not self.silent:
                self._socket.sendto(_answer(query), client)


def _answer(query: bytes) -> bytes:
    end = query.index(b"\0", 12) + 5
    (type_,) = struct.unpack_from("!H", query, end - 4)
    known = type_ == _A
    head = query[:2] + struct.pack("!HHHHH", 0x8180, 1, known, 0, 0)
    record = struct.pack("!HHHIH4s", 0xC00C, _A, _IN, 0, 4, socket.inet_aton("127.0.0.1"))
    return head + query[12:end] + (record if known else b"")


@contextmanager
def name_server() -> Iterator[NameServer]:
    """A DNS server on 127.0.0.1:53 of this thread's network."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as bound:
        bound.bind(("127.0.0.1", 53))
        server = NameServer(bound)
        thread = threading.Thread(target=server.serve)
        thread.start()
        try:
            yield server
        finally:
            bound.sendto(b"", bound.getsockname())
            thread.join()


def resolver(folder: Path) -> tuple[str, ...]:
    """The command that starts a program for which names are known to /etc/hosts and to 127.0.0.1:53 alone."""
    (folder / "resolv.conf").write_text("nameserver 127.0.0.1\noptions timeout:2 attempts:1\n", encoding="ascii")
    (folder / "nsswitch.conf").write_text("hosts: files dns\n", encoding="ascii")
    script = (
        'mount --bind "$0/resolv.conf" /etc/resolv.conf && mount --bind "$0/nsswitch.conf" /etc/nsswitch.conf '
        '&& exec "$@"'
    )
    return "unshare", "--mount", "sh", "-c", script, str(folder)


@as_root
def test_names_that_nobody_resolves_disturb_no_others(tmp_path: Path) -> None:
    """They are down, cause `dns`, in time; the lookups that hang keep a bounded number of threads."""
    names = [f"brain-{number}" for number in range(50)]
    with own_network(), name_server() as server, switchboard() as board:
        # A way out, through which nothing is sent: without one, names cannot be blamed on anybody.
        ip("route", "add", "default", "dev", "lo")
        config = tmp_path / "services.toml"
        lines = [
            one_service(name, f"http://{name}.test:{board.ports['brain']}/health", timeout="80ms", failure_threshold=2)
            for name in names
        ]
        config.write_text("".join([*lines, demo_service(board)]), encoding="utf-8")
        with daemon(config, prefix=resolver(tmp_path)) as victim:
            eventually(lambda: victim.metrics().total("healthmon_service_up") == len(names) + 1)
            assert victim.threads() < 150

            server.silent = True
            eventually(lambda: victim.metrics().total("healthmon_service_up") == 1)
            assert victim.service(names[0])["last_result"]["cause"] in ("dns", "local")
            # On a busy machine one of them may have been down for a moment before.
            last = [victim.events("transition", service=name)[-1] for name in names]
            assert {transition["after"] for transition in last} == {"down"}
            assert [transition["cause"] for transition in last].count("dns") > len(names) / 2
            # Each lookup hangs for two seconds, and 500 begin in each: sooner or later there are no more threads.
            eventually(lambda: victim.metrics().total("healthmon_check_failures_total", cause="local") > 0)
            assert victim.threads() < 1010
            before = victim.metrics()
            eventually(lambda: victim.metrics().checks("saleor") >= before.checks("saleor") + 10)
            assert before.causes("saleor") == victim.metrics().causes("saleor") == {}

            server.silent = False
            eventually(lambda: victim.metrics().total("healthmon_service_up") == len(names) + 1)
            eventually(lambda: victim.threads() < 150)
            assert victim.turned("saleor") == ["up"]

            server.silent = True
            eventually(lambda: victim.threads() > 150)
            # Nor do lookups that hang hold up its end.
            assert victim.stop(within=5.0) == 0
