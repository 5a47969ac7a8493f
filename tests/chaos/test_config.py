"""The config is deleted, written half, replaced or made unreadable while the daemon runs; and reloaded all the time."""

import os
import random
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.chaos.victim import Victim, daemon, demo_service
from tests.deploy.programs import ask, eventually
from tests.deploy.switchboard import switchboard


def _delete(config: Path) -> None:
    config.unlink()


def _write_half(config: Path) -> None:
    text = config.read_text(encoding="utf-8")
    config.write_text(text[: text.index('"', text.index("url")) + 4], encoding="utf-8")


def _make_a_folder(config: Path) -> None:
    config.unlink()
    config.mkdir()


def _make_unreadable(config: Path) -> None:
    config.chmod(0)


def _empty(config: Path) -> None:
    config.write_bytes(b"")


def _garble(config: Path) -> None:
    config.write_bytes(b"\x00\xff\xfe" * 100)


def _loop(config: Path) -> None:
    config.unlink()
    config.symlink_to(config)


def _restore(config: Path, text: str) -> None:
    if config.is_dir():
        config.rmdir()
    elif config.is_symlink():
        config.unlink()
    elif config.exists():
        config.chmod(0o644)
    config.write_text(text, encoding="utf-8")


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A daemon that outlives all that is done to its config."""
    config = tmp_path_factory.mktemp("config") / "services.toml"
    with switchboard() as board:
        config.write_text(demo_service(board), encoding="utf-8")
        # As root, without root's leave to read every file.
        bound = ("setpriv", "--bounding-set=-dac_override,-dac_read_search") if os.geteuid() == 0 else ()
        with daemon(config, prefix=bound) as victim:
            victim.wait_for("transition", service="saleor", after="up")
            yield victim, config
            assert victim.turned("saleor") == ["up"]
            assert victim.stop() == 0


@pytest.mark.parametrize(
    ("harm", "says"),
    [
        (_delete, "No such file"),
        (_write_half, "services.toml:4"),
        (_make_a_folder, "directory"),
        (_make_unreadable, "Permission denied"),
        (_empty, "services.toml"),
        (_garble, "services.toml"),
        (_loop, "symbolic links"),
    ],
)
def test_a_config_that_is_lost_is_told_and_the_one_before_goes_on(
    watched: tuple[Victim, Path], harm: Any, says: str
) -> None:
    """The log says so, and the metric, and the reply; restored, the next reload says that."""
    victim, config = watched
    text = config.read_text(encoding="utf-8")
    failures, successes = len(victim.events("reload_failed")), len(victim.events("reloaded"))
    harm(config)
    try:
        victim.signal(signal.SIGHUP)
        assert says in victim.wait_for("reload_failed", count=failures + 1)["message"]
        assert victim.metrics().total("healthmon_config_last_reload_successful") == 0
        status, reply = ask(f"{victim.url}/-/reload", method="POST")
        assert status == 422
        assert says in reply
        victim.wait_for_checks(5, "saleor")
    finally:
        _restore(config, text)
    victim.signal(signal.SIGHUP)
    victim.wait_for("reloaded", count=successes + 1)
    assert victim.metrics().total("healthmon_config_last_reload_successful") == 1


def test_200_reloads_at_random_lose_nothing(tmp_path: Path) -> None:
    """With configs that change in between, some of them invalid: services that stay keep all that is known of them."""
    dice = random.Random(200)
    with switchboard() as board:
        stay = [id_ for id_ in board.ports if id_ != "saleor"][:6]
        staying = "".join(demo_service(board, id_, interval="50ms") for id_ in stay)
        visitor = demo_service(board, "saleor", interval="50ms")
        configs = {
            "one more": staying + visitor,
            "one less": staying,
            "another": staying + visitor.replace('"50ms"', '"60ms"'),
            "in words": staying + visitor + 'hint = "see the runbook"\n',
            "invalid": staying + visitor + 'intervall = "1s"\n',
            "half": staying + visitor[:-20],
        }
        good = [name for name in configs if name not in ("invalid", "half")]
        config = tmp_path / "services.toml"
        new = config.with_suffix(".new")

        def write(name: str) -> None:
            new.write_text(configs[name], encoding="utf-8")
            new.replace(config)

        write("one less")
        with daemon(config, "--state", tmp_path / "state.jsonl") as victim:
            eventually(lambda: victim.metrics().total("healthmon_service_up") == len(stay))
            before = victim.metrics()
            seen = {id_: before.checks(id_) for id_ in stay}
            for number in range(200):
                write(dice.choice(list(configs)))
                victim.signal(signal.SIGHUP)
                if number % 20 == 0:
                    # Half of them follow each other at once, half of them come while checks are under way.
                    victim.wait_for_checks(20)
                    found = victim.metrics()
                    now = {id_: found.checks(id_) for id_ in stay}
                    assert all(now[id_] >= seen[id_] for id_ in stay), "counters go on"
                    seen = now
            for name in ("invalid", dice.choice(good)):
                write(name)
                assert ask(f"{victim.url}/-/reload", method="POST")[0] == (422 if name == "invalid" else 200)
            write("one more")
            assert ask(f"{victim.url}/-/reload", method="POST")[0] == 200
            eventually(lambda: victim.metrics().checks("saleor", "up") > 0)

            found = victim.metrics()
            assert victim.events("reload_failed")
            assert victim.events("reloaded")
            assert found.total("healthmon_config_last_reload_successful") == 1
            assert found.total("healthmon_services") == len(stay) + 1
            began = before.total("process_start_time_seconds")
            assert found.total("process_start_time_seconds") == began
            # Services at a fixed rate have had equally many turns, whether or not each was taken.
            for id_ in stay:
                assert victim.turned(id_) == ["up"]
                assert found.checks(id_, "up") == found.checks(id_)
            assert victim.events("internal") == []
            assert victim.stop() == 0
