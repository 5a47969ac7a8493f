"""The daemon is stopped for a while, or its machine sleeps."""

import os
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.chaos.victim import daemon, demo_service, one_service
from tests.deploy.programs import eventually
from tests.deploy.switchboard import switchboard


@contextmanager
def stopped(pid: int) -> Iterator[None]:
    """A process that is given no time."""
    os.kill(pid, signal.SIGSTOP)
    try:
        _, status = os.waitpid(pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status)
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def test_what_it_missed_is_counted_and_blamed_on_no_service(tmp_path: Path) -> None:
    """Stopped far beyond the timeouts, with checks under way: no transition, and each service goes on once."""
    with switchboard() as board, socket.create_server(("127.0.0.1", 0)) as silent:
        config = tmp_path / "services.toml"
        slow = one_service("silent", f"http://127.0.0.1:{silent.getsockname()[1]}/", timeout="2s")
        quick = [demo_service(board, id_, timeout="200ms", failure_threshold=1) for id_ in ("saleor", "brain")]
        config.write_text(slow + "".join(quick), encoding="utf-8")
        with daemon(config, "--log-checks") as victim:
            # Somebody is there, so that the check is under way for certain.
            connection, _ = silent.accept()
            with connection, stopped(victim.process.pid):
                began = time.monotonic()
                # More than the timeout, and the second by which a program may be late.
                eventually(lambda: time.monotonic() - began > 3.5)
            first = victim.wait_for("check", service="silent")
            assert first["cause"] == "local"
            assert "did not let the program run" in first["message"]
            # Of 35 turns each of three services.
            assert victim.metrics().total("healthmon_checks_skipped_total", reason="missed") >= 3 * 30
            for id_ in ("saleor", "brain"):
                victim.wait_for_checks(10, id_)
                assert victim.turned(id_) == ["up"]
            assert victim.stop() == 0
