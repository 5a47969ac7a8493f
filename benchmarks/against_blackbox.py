"""The CPU time of a probe: healthmon's `/probe` beside blackbox_exporter, in one run.

``python -m benchmarks.against_blackbox [ROUNDS] [PROBES]``. In each round each program in turn is asked for so many
probes, one after the other over one connection and with the headers that Prometheus sends. What counts is the user and
system time of all its threads, from ``/proc/PID/stat``, over all rounds but the first, and the ratio within a round.
"""

import contextlib
import gzip
import http.client
import os
import shutil
import socket
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlencode

import trustme

BLACKBOX = shutil.which("prometheus-blackbox-exporter") or shutil.which("blackbox_exporter")

BLACKBOX_CONFIG = """
modules:
  http: {prober: http, http: {preferred_ip_protocol: ip4}}
  https: {prober: http, http: {preferred_ip_protocol: ip4, tls_config: {ca_file: ca.pem}}}
  tcp: {prober: tcp, tcp: {preferred_ip_protocol: ip4}}
"""

HEALTHMON_CONFIG = """
[daemon]
listen = "127.0.0.1:%d"

[modules.http]
probe = "http"
expect.status = "2xx"
allow = ["127.0.0.0/8"]

[modules.https]
probe = "https"
expect.status = "2xx"
tls.ca = "ca.pem"
allow = ["127.0.0.0/8"]

[modules.tcp]
probe = "tcp"
allow = ["127.0.0.0/8"]

[[services]]
name = "Idle"
url = "tcp://127.0.0.1:%d"
interval = "1h"
"""

PROMETHEUS = {
    "Accept": "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
    "Accept-Encoding": "gzip",
    "X-Prometheus-Scrape-Timeout-Seconds": "10",
}


def main(rounds: int = 10, probes: int = 300) -> None:
    """Start the servers and both programs, and measure each kind of probe."""
    if BLACKBOX is None:
        sys.exit("needs blackbox_exporter: apt-get install prometheus-blackbox-exporter")
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        plain = serving(stack, [sys.executable, "-m", "benchmarks.server", "0", "1"])
        secure = serving(stack, [sys.executable, "-m", "benchmarks.against_blackbox", "serve-tls", str(folder)])
        (folder / "blackbox.yml").write_text(BLACKBOX_CONFIG)
        ports = {name: free_port() for name in ("healthmon", "blackbox")}
        (folder / "services.toml").write_text(HEALTHMON_CONFIG % (ports["healthmon"], plain))
        healthmon = [str(Path(sys.executable).with_name("healthmon")), "run", "--config", "services.toml"]
        listen = f"--web.listen-address=127.0.0.1:{ports['blackbox']}"
        commands = {"healthmon": healthmon, "blackbox": [BLACKBOX, "--config.file=blackbox.yml", listen]}
        scrapers = {name: Scraper(stack, command, folder, ports[name]) for name, command in commands.items()}
        targets = {
            "http": f"http://127.0.0.1:{plain}/health",
            "https": f"https://127.0.0.1:{secure}/health",
            "tcp": f"127.0.0.1:{plain}",
        }
        for module, target in targets.items():
            compare(module, target, scrapers, rounds, probes)


def compare(module: str, target: str, scrapers: "dict[str, Scraper]", rounds: int, probes: int) -> None:
    """Measure one kind of probe and print what it costs."""
    path = "/probe?" + urlencode({"module": module, "target": target})
    spent: dict[str, list[float]] = {name: [] for name in scrapers}
    for number in range(rounds + 1):
        for name, scraper in scrapers.items():
            before = scraper.cpu()
            for _ in range(probes):
                scraper.probe(path)
            if number:  # the first round warms up
                spent[name].append((scraper.cpu() - before) / probes)
    ratios = sorted(ours / theirs for ours, theirs in zip(spent["healthmon"], spent["blackbox"], strict=True))
    mine, other = (statistics.fmean(spent[name]) * 1e6 for name in ("healthmon", "blackbox"))
    print(
        f"{module:6} healthmon {mine:5.0f} µs, blackbox {other:5.0f} µs, "
        f"ratio {statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})"
    )


class Scraper:
    """One of the programs, and a connection to it."""

    def __init__(self, stack: contextlib.ExitStack, command: list[str], folder: Path, port: int) -> None:
        process = subprocess.Popen(command, cwd=folder, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        stack.callback(process.wait)
        stack.callback(process.terminate)
        self._stat = Path(f"/proc/{process.pid}/stat")
        self._connection = http.client.HTTPConnection("127.0.0.1", port)
        wait_for(port)

    def cpu(self) -> float:
        """The seconds of CPU time that it has had."""
        fields = self._stat.read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def probe(self, path: str) -> None:
        """Ask for one probe, which must succeed."""
        self._connection.request("GET", path, headers=PROMETHEUS)
        response = self._connection.getresponse()
        body = response.read()
        if response.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        assert response.status == 200, body
        assert b"\nprobe_success 1" in body, body


def serving(stack: contextlib.ExitStack, command: list[str]) -> int:
    """Start a server that prints its port, and return that."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    stack.callback(process.wait)
    stack.callback(process.terminate)
    assert process.stdout
    return int(process.stdout.readline())


def serve_tls(folder: Path) -> None:
    """Answer every request over TLS, with a certificate of the authority that is written to the folder."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    print(listener.getsockname()[1], flush=True)
    while True:
        connection, _ = listener.accept()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with connection, contextlib.suppress(OSError), context.wrap_socket(connection, server_side=True) as secured:
            secured.recv(65536)
            secured.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")


def free_port() -> int:
    """A port that nothing has."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def wait_for(port: int) -> None:
    """Wait until something listens."""
    for _ in range(500):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            time.sleep(0.02)
        else:
            return
    sys.exit(f"nothing listens on port {port}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve-tls"]:
        serve_tls(Path(sys.argv[2]))
    else:
        main(*(int(argument) for argument in sys.argv[1:]))
