"""Starts and stops servers as deploy and rollback commands do. Run as a program, without any package.

::

    phased.py up FOLDER NAME PORT...   serve 200 on these ports, $DELAY seconds late, by a process of its own: NAME
    phased.py down FOLDER NAME         stop it, if it runs

A file FOLDER/NAME.pid tells which process it is.
"""

import os
import select
import signal
import sys
import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class _Well(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        """Say that all is well."""
        time.sleep(float(os.environ.get("DELAY", "0")))
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


def up(folder: Path, name: str, ports: list[int]) -> None:
    """Start a process that serves, when it listens on all ports; one of the same name is stopped first."""
    down(folder, name)
    servers = [ThreadingHTTPServer(("127.0.0.1", port), _Well) for port in ports]
    sys.stdout.flush()
    child = os.fork()
    if child:
        (folder / f"{name}.pid").write_text(str(child))
        sys.stdout.write(f"{name} serves on {', '.join(map(str, ports))}\n")
        return
    os.setsid()
    for stream in (0, 1, 2):
        os.dup2(os.open(os.devnull, os.O_RDWR), stream)
    for server in servers[1:]:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    servers[0].serve_forever()


def down(folder: Path, name: str) -> None:
    """Stop a process, and wait until it is gone."""
    file = folder / f"{name}.pid"
    if not file.exists():
        return
    with suppress(ProcessLookupError):
        watch = os.pidfd_open(int(file.read_text()))
        signal.pidfd_send_signal(watch, signal.SIGKILL)
        poller = select.poll()
        poller.register(watch, select.POLLIN)
        poller.poll()
    file.unlink()
    sys.stdout.write(f"{name} stopped\n")


if __name__ == "__main__":
    if sys.argv[1] == "up":
        up(Path(sys.argv[2]), sys.argv[3], [int(port) for port in sys.argv[4:]])
    else:
        down(Path(sys.argv[2]), sys.argv[3])
