"""Many clients at once, slow ones, and those that say nothing."""

import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.chaos.victim import Victim, daemon, one_service
from tests.deploy.programs import ask, eventually
from tests.deploy.switchboard import switchboard

_SERVICES = 2_000
_SCRAPERS = 50


def _connect(victim: Victim, *, buffer: int | None = None) -> socket.socket:
    host, _, port = victim.url.removeprefix("http://").partition(":")
    made = socket.socket()
    if buffer is not None:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
    made.settimeout(60)
    made.connect((host, int(port)))
    return made


@contextmanager
def storm(victim: Victim, done: list[int]) -> Iterator[None]:
    """Fifty who scrape again and again for as long as the block lasts, each as soon as it has its answer.

    Args:
        victim: Who is scraped.
        done: Is given the size of every page that was read to its end.
    """
    over = threading.Event()

    def scrape() -> None:
        while not over.is_set():
            status, text = ask(f"{victim.url}/metrics")
            if status == 200 and text.count("healthmon_service_up{") == _SERVICES:
                done.append(len(text))

    threads = [threading.Thread(target=scrape) for _ in range(_SCRAPERS)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()


def _late(victim: Victim) -> tuple[int, int]:
    """How many checks have begun, and how many of them more than a second late."""
    found = victim.metrics()
    begun = found.total("healthmon_scheduler_lag_seconds_bucket", le="+Inf")
    return int(begun), int(begun - found.total("healthmon_scheduler_lag_seconds_bucket", le="1.0"))


def test_scrapers_take_turns_with_the_checks(tmp_path: Path) -> None:
    """With 2,000 services: fifty at once, some that take a few bytes and no more, and some that never ask."""
    with switchboard() as board:
        url = f"http://127.0.0.1:{board.ports['brain']}/health"
        config = tmp_path / "services.toml"
        services = (one_service(f"service-{number}", url, interval="10s") for number in range(_SERVICES))
        config.write_text("".join(services), encoding="utf-8")
        with daemon(config) as victim, ExitStack() as clients:
            eventually(lambda: ask(f"{victim.url}/-/ready")[0] == 200, within=60)
            assert ask(f"{victim.url}/metrics")[0] == 200
            memory = victim.memory()
            begun, late = _late(victim)

            for _ in range(8):
                clients.enter_context(_connect(victim))
            for _ in range(8):
                slow = clients.enter_context(_connect(victim, buffer=4096))
                slow.sendall(b"GET /metrics HTTP/1.1\r\nHost: healthmon\r\n\r\n")
                assert slow.recv(12) == b"HTTP/1.1 200"
            pages: list[int] = []
            with storm(victim, pages):
                eventually(lambda: len(pages) >= 2 * _SCRAPERS, within=120)
                victim.wait_for_checks(400, within=60)
            assert len(pages) >= 2 * _SCRAPERS
            page = sum(pages) / len(pages)
            assert page > 4e6
            # Kept whole for every client they would be twice as much.
            assert victim.memory() - memory < page * _SCRAPERS / 3 + 50e6

            now, now_late = _late(victim)
            assert now - begun >= 400
            # A scraper that held up the loop for its whole page would make every check late.
            assert now_late - late <= 0.05 * (now - begun)
            found = victim.metrics()
            assert found.checks(verdict="up") == found.checks()
            # No turn is lost to the storm: a service that is checked every ten seconds is never still under way.
            assert found.total("healthmon_checks_skipped_total") == 0
            assert victim.stop() == 0
