"""No more files: the limit of open files is reached."""

import http.client
import resource
import signal
import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

from tests.chaos.victim import Samples, Victim, daemon, demo_service
from tests.deploy.programs import eventually
from tests.deploy.switchboard import switchboard


@contextmanager
def files_limited(victim: Victim, limit: int) -> Iterator[None]:
    """Allow the daemon no file with a number from this one on."""
    pid = victim.process.pid
    soft, hard = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (limit, hard))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (soft, hard))


class Kept:
    """A connection to the daemon's HTTP side that is there already when no other can be had."""

    def __init__(self, victim: Victim) -> None:
        self._connection = http.client.HTTPConnection(victim.url.removeprefix("http://"), timeout=10)

    def get(self, path: str) -> str:
        """The text of an answer."""
        self._connection.request("GET", path)
        with self._connection.getresponse() as answer:
            return answer.read().decode()

    def metrics(self) -> Samples:
        """What the metrics say."""
        return Samples(self.get("/metrics"))

    def close(self) -> None:
        """Close it."""
        self._connection.close()


def test_without_a_file_to_spare_nothing_is_down(tmp_path: Path) -> None:
    """Checks that cannot open a socket are unknown, cause `local`; who connects waits, and costs no CPU time."""
    with switchboard() as board:
        config = tmp_path / "services.toml"
        config.write_text(demo_service(board, failure_threshold=1), encoding="utf-8")
        with daemon(config, "--state", tmp_path / "state.jsonl") as victim, closing(Kept(victim)) as kept:
            victim.wait_for("transition", after="up")
            kept.get("/-/healthy")
            host, _, port = victim.url.removeprefix("http://").partition(":")
            with ExitStack() as clients, files_limited(victim, 3):
                for _ in range(30):
                    clients.enter_context(socket.create_connection((host, int(port))))
                victim.wait_for("internal", message="cannot take connections on the HTTP side: Too many open files")
                before, began = kept.metrics().checks(verdict="unknown"), victim.cpu()
                eventually(lambda: kept.metrics().checks(verdict="unknown") >= before + 20)
                # One that asked the kernel for a connection without pause would take what there is: some 50 ms
                # from one check to the next, even if it had to share two processors with several others.
                assert (victim.cpu() - began) / 20 < 0.03
                victim.signal(signal.SIGHUP)
                refused = victim.wait_for("reload_failed")["message"]
                assert "Too many open files" in refused
            eventually(lambda: victim.service("saleor")["last_result"]["verdict"] == "up")
            found = victim.metrics()
            assert found.causes("saleor").keys() == {"local"}
            assert victim.turned("saleor") == ["up"]
            assert len(victim.events("internal")) == 1
            assert victim.stop() == 0


def test_clients_do_not_take_the_files_that_checks_need(tmp_path: Path) -> None:
    """With a limit of 64, and more than so many clients that say nothing."""
    with switchboard() as board:
        config = tmp_path / "services.toml"
        config.write_text(demo_service(board), encoding="utf-8")
        with daemon(config, prefix=("prlimit", "--nofile=64")) as victim:
            victim.wait_for("transition", after="up")
            host, _, port = victim.url.removeprefix("http://").partition(":")
            with ExitStack() as clients:
                for _ in range(100):
                    clients.enter_context(socket.create_connection((host, int(port))))
                # Who asks for something is answered all the same.
                victim.wait_for_checks(20, "saleor")
                assert victim.metrics().causes("saleor") == {}
            eventually(lambda: victim.service("saleor")["state"]["verdict"] == "up")
            assert victim.stop() == 0
