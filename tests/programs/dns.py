"""Real DNS servers on loopback: bind9 with zones of our own, and dnsmasq."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests import ports
from tests.programs.running import needed, started

_OPTIONS = """
options {{
    directory "{folder}";
    listen-on port {port} {{ 127.0.0.1; }};
    listen-on-v6 {{ none; }};
    pid-file none;
    session-keyfile none;
    managed-keys-directory "{folder}";
    recursion no;
    dnssec-validation no;
    empty-zones-enable no;
    notify no;
}};
controls {{ }};
zone "good.example" {{ type primary; file "good.zone"; }};
zone "2.0.192.in-addr.arpa" {{ type primary; file "reverse.zone"; }};
zone "broken.example" {{ type primary; file "no-such.zone"; }};
zone "private.example" {{ type primary; file "good.zone"; allow-query {{ none; }}; }};
"""

_ZONE = """$TTL 300
@ IN SOA ns.good.example. admin.good.example. 2026013101 3600 600 86400 60
@ IN NS ns.good.example.
@ IN MX 10 mail
@ 60 IN TXT "v=spf1 ip4:192.0.2.0/24 " "-all"
@ IN CAA 0 issue "ca.example"
ns IN A 192.0.2.53
mail IN A 192.0.2.25
www IN A 192.0.2.2
www IN A 192.0.2.1
www IN AAAA 2001:db8::1
shop 30 IN CNAME www
_sip._tcp IN SRV 10 5 5060 www
xn--bcher-kva IN A 192.0.2.3
"""

_REVERSE = """$TTL 300
@ IN SOA ns.good.example. admin.good.example. 1 3600 600 86400 60
@ IN NS ns.good.example.
1 IN PTR www.good.example.
"""


def free_port() -> int:
    """A port that is free for TCP and UDP, and is held for TCP."""
    while True:
        port = ports.free_port()
        with socket.socket(type=socket.SOCK_DGRAM) as udp:
            try:
                udp.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


@contextmanager
def named(folder: Path) -> Iterator[tuple[int, int]]:
    """A running bind9: its port and its process' number. `big.good.example` has more TXT than fits into UDP."""
    port = free_port()
    big = "".join(f'big IN TXT "{index:02}{"x" * 200}"\n' for index in range(20))
    (folder / "named.conf").write_text(_OPTIONS.format(folder=folder, port=port))
    (folder / "good.zone").write_text(_ZONE + big)
    (folder / "reverse.zone").write_text(_REVERSE)
    command = [needed("named", "bind9"), "-g", "-n", "1", "-c", str(folder / "named.conf")]

    def ready() -> bool:
        return "running" in (folder / "output").read_text(errors="replace") and _answers(port)

    with started(command, folder=folder, ready=ready) as process:
        yield port, process.pid


@contextmanager
def dnsmasq(folder: Path) -> Iterator[int]:
    """A running dnsmasq's port: it knows `good.example` and nothing beyond, and asks nobody."""
    port = free_port()
    command = [
        needed("dnsmasq", "dnsmasq-base"),
        "--no-daemon",
        "--conf-file=/dev/null",
        "--pid-file=",
        "--user=root",
        "--no-resolv",
        "--no-hosts",
        f"--port={port}",
        "--listen-address=127.0.0.1",
        "--bind-interfaces",
        "--local=/good.example/",
        "--host-record=www.good.example,192.0.2.1",
        "--host-record=www.good.example,192.0.2.2",
        "--mx-host=good.example,mail.good.example,10",
    ]
    with started(command, folder=folder, ready=lambda: _answers(port)):
        yield port
