"""Watching at a high rate, through every fault there is, costs the same after an hour as after a minute."""

import gzip
import json
import signal
import socket
import ssl
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote
from urllib.request import Request, urlopen

import trustme

from healthmon.demo.faults import Fault
from tests.chaos.victim import Victim, command, demo_service, environment, one_service
from tests.deploy.programs import ask, eventually
from tests.deploy.switchboard import Switchboard, switchboard

_FAULTS = (*Fault, None)
_CHECKS_A_ROUND = 200
_MODULE = '[modules.any]\nprobe = "http"\ntimeout = "250ms"\nallow = ["127.0.0.1"]\n'


class Load(NamedTuple):
    """What the process holds. Each is the least that was found, so that what is under way does not count."""

    checks: int
    blocks: int
    memory: int
    tasks: int
    threads: int
    files: int
    types: Counter[str]


class Soak:
    """A daemon under load.

    Args:
        victim: The daemon.
        board: What it watches.
        config: Its config, which is changed now and then.
        texts: What the config says in turn.
        calm: What it says while the daemon is weighed.
    """

    def __init__(self, victim: Victim, board: Switchboard, config: Path, texts: tuple[str, ...], calm: str) -> None:
        self._victim = victim
        self._board = board
        self._config = config
        self._texts = texts
        self._calm = calm

    def rotate(self) -> None:
        """Have every service go through every fault, the whole time asked by all kinds of clients."""
        for round_ in range(len(_FAULTS)):
            faults = {id_: _FAULTS[(round_ + place) % len(_FAULTS)] for place, id_ in enumerate(self._board.ports)}
            self._board.switch(faults)
            self._put(self._texts[round_ % len(self._texts)])
            goal = self._checks() + _CHECKS_A_ROUND
            for turn in count():
                if self._checks() >= goal:
                    break
                self._ask_around(turn)

    def weigh(self) -> Load:
        """Calm down, with services that begin anew and few checks under way, and take the least of several looks."""
        self._board.switch(dict.fromkeys(self._board.ports))
        self._put(self._calm)
        assert ask(f"{self._victim.url}/-/reload", method="POST")[0] == 200
        victim = self._victim
        eventually(
            lambda: victim.metrics().total("healthmon_service_up") == victim.metrics().total("healthmon_services")
        )
        looks = [self._look() for _ in range(10)]
        types = min(looks, key=lambda look: look.blocks).types
        return Load(
            checks=min(look.checks for look in looks),
            blocks=min(look.blocks for look in looks),
            memory=min(look.memory for look in looks),
            tasks=min(look.tasks for look in looks),
            threads=min(look.threads for look in looks),
            files=min(look.files for look in looks),
            types=types,
        )

    def _look(self) -> Load:
        victim = self._victim
        victim.wait_for_checks(10)
        assert victim.process.stdin
        assert victim.process.stdout
        victim.process.stdin.write(b"\n")
        victim.process.stdin.flush()
        found = json.loads(victim.process.stdout.readline())
        own = found["blocks"], victim.memory(), found["tasks"], victim.threads(), victim.files()
        return Load(self._checks(), *own, Counter(dict(found["types"])))

    def _checks(self) -> int:
        return int(self._victim.metrics().total("healthmon_scheduler_lag_seconds_count"))

    def _put(self, text: str) -> None:
        new = self._config.with_suffix(".new")
        new.write_text(text, encoding="utf-8")
        new.replace(self._config)
        self._victim.signal(signal.SIGHUP)

    def _ask_around(self, turn: int) -> None:
        """What scrapers, people and the careless ask for."""
        url = self._victim.url
        zipped = Request(
            f"{url}/metrics", headers={"Accept-Encoding": "gzip", "Accept": "application/openmetrics-text"}
        )
        with urlopen(zipped, timeout=30) as answer:
            assert gzip.decompress(answer.read()).endswith(b"# EOF\n")
        assert ask(f"{url}/api/v1/services")[0] == 200
        assert ask(f"{url}/api/v1/services/service-that-is-not")[0] == 404
        assert ask(url)[0] == 200
        port = list(self._board.ports.values())[turn % len(self._board.ports)]
        target = quote(f"http://127.0.0.1:{port}/health")
        status, text = ask(f"{url}/probe?module=any&target={target}")
        assert (status, "probe_success" in text) == (200, True), text
        host, _, own_port = url.removeprefix("http://").partition(":")
        for half in (b"", b"GET /metr", b"GET /metrics HTTP/1.1\r\nHost: healthmon\r\n\r\n"):
            # Gone before the answer, or before its own question.
            with socket.create_connection((host, int(own_port))) as careless:
                careless.sendall(half)


@contextmanager
def soaking(folder: Path) -> Iterator[Soak]:
    """Sixty services and more, each checked several times a second, with a timeout that hanging ones reach."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    with switchboard() as board:
        tls = board.serve_tls(context)
        keys: dict[str, Any] = {"interval": "150ms", "timeout": "250ms", "failure_threshold": 2}
        services = [
            demo_service(board, id_, **keys).replace(f'"{id_}"', f'"{id_}-{number}"')
            for id_ in board.ports
            for number in range(6)
        ]
        services += [one_service(f"tls-{number}", f"tls://127.0.0.1:{tls}", **keys, tls={}) for number in range(3)]
        services += [one_service(f"tcp-{number}", f"tcp://127.0.0.1:{tls}", **keys) for number in range(3)]
        text = _MODULE + "".join(services).replace("tls = {}", "tls.verify = false")
        texts = (text, "".join([text.replace('"150ms"', '"160ms"', 9), one_service("more", f"tcp://127.0.0.1:{tls}")]))
        config = folder / "services.toml"
        config.write_text(text, encoding="utf-8")
        log = folder / "healthmon.log"
        started = command(config, "--state", folder, "--log-checks", module="tests.soak.watched")
        with (
            log.open("wb") as sink,
            subprocess.Popen(
                started, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=sink, env=environment()
            ) as process,
        ):
            try:
                yield Soak(Victim(process, log).listening(), board, config, texts, text.replace('"150ms"', '"1s"'))
                process.terminate()
                assert process.wait(timeout=15) == 0
            finally:
                process.kill()


def test_what_it_holds_does_not_grow(tmp_path: Path) -> None:
    """Neither with checks nor with faults, clients and reloads."""
    with soaking(tmp_path) as soak:
        soak.rotate()
        before = soak.weigh()
        soak.rotate()
        soak.rotate()
        after = soak.weigh()

    checks = after.checks - before.checks
    assert checks > 2 * len(_FAULTS) * _CHECKS_A_ROUND
    grown = (after.types - before.types).most_common(10)
    # One object for each check would be four times as much, and a buffer of 4 KiB for each likewise.
    assert after.blocks - before.blocks < checks / 4, grown
    assert after.memory - before.memory < 1000 * checks
    # One for each reload would be twice as much, one for each request or check a hundred times.
    assert after.tasks - before.tasks < len(_FAULTS), grown
    assert after.threads - before.threads < len(_FAULTS)
    assert after.files - before.files < len(_FAULTS)
