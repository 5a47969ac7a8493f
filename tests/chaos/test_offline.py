"""This machine has no way to the network. In a network of the test's own, in which nothing can leave."""

from pathlib import Path

from healthmon.demo.faults import Fault
from tests.chaos.places import as_root, ip, own_network
from tests.chaos.victim import daemon, demo_service, one_service
from tests.deploy.switchboard import switchboard

_FAR = "192.0.2.1"


@as_root
def test_a_machine_without_a_network_calls_nothing_down(tmp_path: Path) -> None:
    """What is far is unknown, what is on the machine itself is judged as always, and both ends are told once."""
    with own_network(), switchboard() as board:
        config = tmp_path / "services.toml"
        # The same server, which listens on the loopback address alone, stands for the far one once it can be reached.
        far = one_service("far", f"http://{_FAR}:{board.ports['brain']}/health", failure_threshold=2)
        config.write_text(far + demo_service(board, failure_threshold=2), encoding="utf-8")
        with daemon(config) as victim:
            victim.wait_for("offline")
            victim.wait_for("transition", service="saleor", after="up")
            victim.wait_for_checks(10, "far")
            found = victim.metrics()
            assert found.causes("far") == {"offline": found.checks("far")}
            assert victim.service("far")["state"]["verdict"] == "unknown"

            board.switch({"saleor": Fault.UNAVAILABLE})
            victim.wait_for("transition", service="saleor", after="down")
            board.switch({"saleor": None})
            victim.wait_for("transition", service="saleor", after="up", count=2)

            ip("address", "add", f"{_FAR}/32", "dev", "lo")
            victim.wait_for("online")
            # There is a way now, and nothing listens at its end.
            victim.wait_for("transition", service="far", after="down", cause="refused")
            assert (len(victim.events("offline")), len(victim.events("online"))) == (1, 1)
            assert victim.turned("far") == ["down"]

            ip("address", "delete", f"{_FAR}/32", "dev", "lo")
            victim.wait_for("offline", count=2)
            assert victim.stop() == 0
            assert victim.turned("saleor") == ["up", "down", "up"]
