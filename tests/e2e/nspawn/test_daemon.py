"""The daemon under systemd: start, status, reload, stop."""

import time

from tests.e2e.nspawn.machine import eventually
from tests.e2e.nspawn.watch import BRAIN, DEFAULTS, GONE, UNIT, Watch

AUTH = """
[[services]]
name = "Auth"
url = "http://127.0.0.1:8006/health"
timeout = "1m"
"""


def test_when_it_is_started_it_answers(watch: Watch) -> None:
    """At the first question, although a check of the first round hangs: then it lives, but is not ready."""
    watch.configure(DEFAULTS, AUTH)
    watch.systemctl("start")
    assert watch.ask("/-/healthy")[0] == 200
    assert watch.ask("/-/ready")[0] == 503
    assert watch.show("ActiveState") == "active"


def test_after_the_first_round_it_is_ready(watch: Watch) -> None:
    watch.configure(DEFAULTS, BRAIN, GONE)
    watch.systemctl("start")
    eventually(lambda: watch.ask("/-/ready")[0] == 200)
    assert watch.state("brain")["verdict"] == "up"
    assert watch.state("gone")["verdict"] == "down"


def test_what_cannot_listen_never_counts_as_started(watch: Watch) -> None:
    """And is tried again: the port may become free."""
    watch.configure(DEFAULTS, BRAIN)
    watch.drop_in("[Service]\nRestartSec=100ms\n")
    was_active = watch.show("ActiveEnterTimestampMonotonic")
    with watch.machine.serving(
        "squatter", 9877, "/usr/bin/python3", "-m", "http.server", "--bind", "127.0.0.1", "9877"
    ):
        assert watch.systemctl("start", check=False).returncode == 1
        eventually(lambda: int(watch.show("NRestarts")) > 0)
        assert watch.show("ActiveEnterTimestampMonotonic") == was_active
    eventually(lambda: watch.show("ActiveState") == "active")


def test_a_wrong_config_is_not_tried_again(watch: Watch) -> None:
    watch.configure(BRAIN.replace("url", "ur"))
    assert watch.systemctl("start", check=False).returncode == 1
    assert (watch.show("ActiveState"), watch.show("ExecMainStatus")) == ("failed", "78")
    assert watch.show("NRestarts") == "0"
    assert [priority for priority, _ in watch.lines("unknown key")] == [3]


def test_the_status_says_how_the_services_are(watch: Watch) -> None:
    """As `systemctl status` shows it."""
    watch.configure(DEFAULTS, BRAIN, GONE)
    watch.systemctl("start")
    eventually(lambda: watch.show("StatusText") == "1 of 2 healthy; down: gone")
    assert 'Status: "1 of 2 healthy; down: gone"' in watch.systemctl("status").stdout
    watch.configure(DEFAULTS, BRAIN)
    watch.systemctl("reload")
    eventually(lambda: watch.show("StatusText") == "1 of 1 healthy")


def test_a_reload_takes_the_new_config_and_keeps_the_process(watch: Watch) -> None:
    watch.configure(DEFAULTS, BRAIN)
    watch.systemctl("start")
    brain, process = watch.until("brain", "up"), watch.show("MainPID")
    watch.configure(DEFAULTS, BRAIN, GONE)
    watch.systemctl("reload")
    eventually(lambda: watch.ask("/api/v1/services/gone")[0] == 200)
    watch.until("gone", "down")
    assert (watch.state("brain"), watch.show("MainPID")) == (brain, process)
    assert watch.show("ActiveState") == "active"


def test_a_reload_with_a_bad_config_fails_and_changes_nothing(watch: Watch) -> None:
    watch.configure(DEFAULTS, BRAIN)
    watch.systemctl("start")
    brain, process = watch.until("brain", "up"), watch.show("MainPID")
    watch.configure(DEFAULTS, BRAIN, GONE, 'colour = "green"\n')
    assert watch.systemctl("reload", check=False).returncode == 1
    eventually(lambda: "\nhealthmon_config_last_reload_successful 0.0\n" in watch.ask("/metrics")[1])
    assert watch.lines("colour")
    assert watch.ask("/api/v1/services/gone")[0] == 404
    assert (watch.state("brain"), watch.show("MainPID")) == (brain, process)
    assert watch.show("ActiveState") == "active"


def test_it_stops_within_five_seconds_whatever_hangs(watch: Watch) -> None:
    watch.configure(DEFAULTS, BRAIN, AUTH)
    # systemd forgets how a unit ended that is neither running nor wanted by another.
    watch.machine.run("systemctl", "--quiet", "enable", UNIT)
    watch.systemctl("start")
    watch.until("brain", "up")
    began = time.monotonic()
    watch.systemctl("stop")
    assert time.monotonic() - began < 5
    assert (watch.show("Result"), watch.show("ExecMainCode"), watch.show("ExecMainStatus")) == ("success", "1", "0")


def test_the_journal_knows_how_much_each_line_matters(watch: Watch) -> None:
    """An alarm is an error, the first time that a service is well is information (syslog(3)). No prefix is left."""
    watch.configure(DEFAULTS, BRAIN, GONE)
    watch.systemctl("start")
    watch.until("gone", "down")
    watch.until("brain", "up")
    ((priority, line),) = watch.lines("DOWN gone")
    assert (priority, line[:9]) == (3, "DOWN gone")
    assert [(priority, line[:8]) for priority, line in watch.lines("UP brain")] == [(6, "UP brain")]
    assert {priority for priority, _ in watch.lines("[started]")} == {6}
    watch.systemctl("reload")
    assert len([priority for priority, _ in watch.lines() if priority == 3]) == 1
