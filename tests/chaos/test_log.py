"""The log goes nowhere: it is closed, its reader has gone, or its reader does not read. And then the end comes."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from healthmon.demo.faults import Fault
from tests.chaos.places import as_root, fill_disk, small_disk
from tests.chaos.victim import Victim, command, demo_service, environment
from tests.deploy.programs import ask, eventually
from tests.deploy.switchboard import switchboard
from tests.ports import free_port


def fill_pipe(writer: int) -> None:
    """Fill a pipe to its last byte, without making it non-blocking for those who have it."""
    again = os.open(f"/proc/self/fd/{writer}", os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        for size in (2**12, 1):
            with suppress(BlockingIOError):
                while True:
                    os.write(again, b"x" * size)
    finally:
        os.close(again)


@contextmanager
def silent(config: Path, *arguments: str | Path, stderr: int | None) -> Iterator[Victim]:
    """The daemon, with this descriptor for its log; None for none at all."""
    url = f"127.0.0.1:{free_port()}"
    started = command(config, "--listen", url, *arguments)
    if stderr is None:
        started = ["sh", "-c", 'exec "$@" 2>&-', "sh", *started]
    with subprocess.Popen(started, stdin=subprocess.DEVNULL, stderr=stderr, env=environment()) as process:
        try:
            victim = Victim(process, Path(os.devnull))
            victim.url = f"http://{url}"
            eventually(lambda: process.poll() is not None or ask(f"{victim.url}/-/ready")[0] == 200)
            yield victim
        finally:
            process.kill()


def _goes_on(victim: Victim) -> None:
    """Checks take place, and cost what they cost: some milliseconds, not the time from one to the next."""
    before, began = victim.metrics().checks(), victim.cpu()
    eventually(lambda: victim.metrics().checks() >= before + 12)
    assert (victim.cpu() - began) / 12 < 0.03


def test_without_stderr_it_watches(tmp_path: Path) -> None:
    """As a program may be started that wants to hear nothing."""
    with switchboard() as board:
        config = tmp_path / "services.toml"
        config.write_text(demo_service(board), encoding="utf-8")
        with silent(config, "--log-checks", stderr=None) as victim:
            _goes_on(victim)
            assert victim.stop() == 0


def test_a_reader_of_the_log_that_has_gone_is_not_waited_for(tmp_path: Path) -> None:
    """SIGPIPE does not end it, and what cannot be written costs nothing."""
    with switchboard() as board:
        config = tmp_path / "services.toml"
        config.write_text(demo_service(board), encoding="utf-8")
        reader, writer = os.pipe()
        with ExitStack() as ends:
            ends.callback(os.close, writer)
            with silent(config, "--log-checks", stderr=writer) as victim:
                os.close(reader)
                _goes_on(victim)
                victim.signal(signal.SIGHUP)
                _goes_on(victim)
                assert victim.stop() == 0


def test_a_log_that_nobody_reads_holds_up_nothing(tmp_path: Path) -> None:
    """Neither the checks nor the end."""
    with switchboard() as board:
        config = tmp_path / "services.toml"
        config.write_text(demo_service(board), encoding="utf-8")
        reader, writer = os.pipe()
        with ExitStack() as ends:
            ends.callback(os.close, reader)
            ends.callback(os.close, writer)
            with silent(config, "--log-checks", stderr=writer) as victim:
                fill_pipe(writer)
                _goes_on(victim)
                began = time.monotonic()
                assert victim.stop() == 0
                assert time.monotonic() - began < 5


@as_root
def test_it_ends_in_five_seconds_whatever_is_wrong_at_once(tmp_path: Path) -> None:
    """Probes hang, clients take nothing, the log is full, the disk is full."""
    with switchboard() as board, small_disk(tmp_path / "disk", "64k") as disk, ExitStack() as things:
        config = tmp_path / "services.toml"
        # A page of /metrics that is larger than what the kernel keeps for who does not read it.
        many = [
            demo_service(board, "brain", interval="2s").replace('"brain"', f'"brain-{number}"') for number in range(300)
        ]
        hanging = demo_service(board, "saleor", timeout="60s") + demo_service(board, "auth", timeout="60s")
        config.write_text("".join([*many, hanging]), encoding="utf-8")
        reader, writer = os.pipe()
        things.callback(os.close, reader)
        things.callback(os.close, writer)
        with silent(config, "--log-checks", "--state", disk, stderr=writer) as victim:
            board.switch({"saleor": Fault.HANG, "auth": Fault.HANG})
            eventually(lambda: victim.metrics().total("healthmon_checks_skipped_total", reason="running") >= 10)
            fill_pipe(writer)
            fill_disk(disk / "other")
            host, _, port = victim.url.removeprefix("http://").partition(":")
            for path in (b"/metrics", b"/api/v1/services"):
                client = things.enter_context(socket.socket())
                client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                client.settimeout(30)
                client.connect((host, int(port)))
                client.sendall(b"GET " + path + b" HTTP/1.1\r\nHost: healthmon\r\n\r\n")
                assert client.recv(12) == b"HTTP/1.1 200"
            things.enter_context(socket.create_connection((host, int(port))))
            began = time.monotonic()
            assert victim.stop() == 0
            assert time.monotonic() - began < 5
