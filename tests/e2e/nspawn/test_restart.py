"""What systemd does when the daemon hangs or dies, and what the daemon remembers then."""

from tests.e2e.nspawn.machine import eventually
from tests.e2e.nspawn.watch import BRAIN, DEFAULTS, GONE, UNIT, Watch

SOON = "[Service]\nRestartSec=100ms\n"
SHORT = SOON + "WatchdogSec=4s\n"
RARELY = DEFAULTS.replace("200ms", "1h")
LOOK_UP = (
    *("busctl", "call", "org.freedesktop.systemd1", "/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager"),
    *("LookupDynamicUserByName", "s", "healthmon"),
)
STATE = "/var/lib/private/healthmon/state.jsonl"


def test_one_that_hangs_is_started_again(watch: Watch) -> None:
    """SIGSTOP stops it in the middle of whatever it does."""
    watch.configure(DEFAULTS, BRAIN)
    watch.drop_in(SHORT)
    watch.systemctl("start")
    watch.until("brain", "up")
    process = watch.show("MainPID")
    watch.kill("STOP")
    eventually(lambda: watch.show("NRestarts") == "1" and watch.show("ActiveState") == "active")
    assert watch.show("MainPID") != process
    assert watch.state("brain")["verdict"] == "up"
    watched = watch.machine.run("journalctl", "--quiet", f"--unit={UNIT}").stdout
    assert "Watchdog timeout" in watched


def test_one_that_has_little_to_do_is_left_alone(watch: Watch) -> None:
    """It tells systemd that it lives, although an hour lies between two checks, and systemd replaces itself."""
    watch.configure(RARELY, BRAIN)
    watch.drop_in(SHORT)
    watch.systemctl("start")
    began = int(watch.show("ExecMainStartTimestampMonotonic"))
    watch.machine.run("systemctl", "daemon-reexec")
    eventually(lambda: int(watch.show("WatchdogTimestampMonotonic")) - began > 4_500_000)
    assert watch.show("NRestarts") == "0"


def test_one_that_is_killed_is_started_again_and_remembers(watch: Watch) -> None:
    """What was down is down since the same moment, and is not told a second time."""
    watch.configure(DEFAULTS, BRAIN, GONE)
    watch.drop_in(SOON)
    watch.systemctl("start")
    watch.until("brain", "up")
    gone = watch.until("gone", "down")
    eventually(lambda: '"gone"' in watch.machine.run("cat", STATE, check=False).stdout)
    watch.kill("KILL")
    eventually(lambda: watch.show("NRestarts") == "1" and watch.show("ActiveState") == "active")
    assert watch.state("gone")["since"] == gone["since"]
    eventually(lambda: watch.ask("/-/ready")[0] == 200)
    assert watch.state("gone") == gone
    assert len(watch.lines("DOWN gone")) == 1
    assert len(watch.lines("UP brain")) == 1


def test_after_a_stop_it_remembers_too(watch: Watch) -> None:
    """The user under which it runs may be another one each time; the folder is given to it."""
    watch.configure(DEFAULTS, GONE)
    watch.systemctl("start")
    gone = watch.until("gone", "down")
    watch.systemctl("stop")
    watch.systemctl("start")
    assert watch.state("gone") == gone
    assert len(watch.lines("DOWN gone")) == 1


def test_only_its_own_user_reads_its_state(watch: Watch) -> None:
    """A user who exists only while it runs."""
    watch.configure(DEFAULTS, GONE)
    watch.systemctl("start")
    watch.until("gone", "down")
    user = watch.machine.run("stat", "--format=%u", f"/proc/{watch.show('MainPID')}").stdout.strip()
    assert 61184 <= int(user) <= 65519  # systemd's dynamic users
    shown = watch.machine.run("stat", "--format=%a %u", "/var/lib/private/healthmon", STATE).stdout
    assert shown == f"700 {user}\n600 {user}\n"
    assert watch.machine.run(*LOOK_UP).stdout == f"u {user}\n"
    watch.systemctl("stop")
    assert watch.machine.run(*LOOK_UP, check=False).returncode == 1
