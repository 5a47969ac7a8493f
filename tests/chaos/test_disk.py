"""The disk is full."""

from pathlib import Path

from healthmon.demo.faults import Fault
from tests.chaos.places import as_root, fill_disk, small_disk
from tests.chaos.victim import daemon, demo_service
from tests.deploy.programs import eventually
from tests.deploy.switchboard import switchboard


@as_root
def test_a_full_disk_is_told_once_and_holds_up_nothing(tmp_path: Path) -> None:
    """When there is space again, the state file is right again: a restart neither repeats nor loses a transition."""
    with switchboard() as board, small_disk(tmp_path / "disk", "64k") as disk:
        config = tmp_path / "services.toml"
        config.write_text(demo_service(board, failure_threshold=1), encoding="utf-8")
        with daemon(config, "--state", disk) as victim:
            victim.wait_for("transition", after="up")
            fill_disk(disk / "other")
            # Until the last page of the file is full too, what is appended still fits.
            for number in range(1, 40):
                board.switch({"saleor": Fault.UNAVAILABLE if number % 2 else None})
                victim.wait_for("transition", after="down" if number % 2 else "up", count=(number + 2) // 2)
                if victim.events("state_failed"):
                    break
            failed = victim.wait_for("state_failed")
            assert "No space left on device" in failed["message"]
            assert "free some space" in failed["message"]
            board.switch({"saleor": Fault.UNAVAILABLE})
            eventually(lambda: victim.service("saleor")["state"]["verdict"] == "down")
            victim.wait_for_checks(20, "saleor")
            assert len(victim.events("state_failed")) == 1

            (disk / "other").unlink()
            victim.wait_for("state_recovered")
            since = victim.service("saleor")["state"]["since"]
            # No chance to write anything more.
            victim.process.kill()
            victim.process.wait()
        with daemon(config, "--state", disk) as again:
            again.wait_for_checks(5, "saleor")
            assert again.service("saleor")["state"]["since"] == since
            assert again.turned("saleor") == []
            assert again.stop() == 0
