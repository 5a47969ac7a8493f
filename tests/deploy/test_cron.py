"""The files for cron and logrotate, with Debian's own programs."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.conftest import PROGRAM, ROOT, Demo
from tests.deploy.programs import eventually

CRONTAB = ROOT / "deploy/cron/healthmon"
LOGROTATE = ROOT / "deploy/cron/logrotate"
PATH = f"{os.environ['PATH']}:/usr/sbin:/sbin"
BARE = {"PATH": PATH}
NAMESPACE = ("unshare", "--mount", "--pid", "--fork", "--mount-proc", "--kill-child")
SPEED = 100
"""So many times faster is cron's clock: five of its minutes are three seconds."""


def need(*programs: str) -> None:
    """Skip a test that cannot run here."""
    if lacking := [program for program in programs if shutil.which(program, path=PATH) is None]:
        pytest.skip(f"not installed: {', '.join(lacking)}")
    tried = subprocess.run([*NAMESPACE, "mount", "-t", "tmpfs", "none", "/run"], capture_output=True, check=False)
    if tried.returncode != 0:
        pytest.skip(f"no namespaces: {tried.stderr.decode().strip()}")


@pytest.fixture
def users(tmp_path: Path) -> str:
    """Shell commands after which there is the user of the example, in a namespace of their own."""
    if os.geteuid() != 0:
        pytest.skip("only root can have /etc to itself")
    lines = {"passwd": f"_healthmon:x:0:0::{tmp_path}:/bin/sh", "shadow": "_healthmon:*:19000:0:99999:7:::"}
    for name, line in lines.items():
        (tmp_path / name).write_text(Path("/etc", name).read_text() + line + "\n")
        (tmp_path / name).chmod(0o600 if name == "shadow" else 0o644)
    return "".join(f"mount --bind {tmp_path}/{name} /etc/{name}\n" for name in lines)


class Mailbox:
    """What sendmail was given.

    Args:
        folder: Where it keeps the mails, each in a file of its own.
        runs: The file that has a line for each run that has ended.
    """

    def __init__(self, folder: Path, runs: Path) -> None:
        self._folder = folder
        self._runs = runs
        self._runs.touch()

    def mails(self) -> list[EmailMessage]:
        """All of them, the oldest first; without those of a machine so busy that one run met the next."""
        paths = sorted(self._folder.glob("*.mail"), key=lambda path: path.stat().st_mtime_ns)
        parsed = [message_from_bytes(path.read_bytes(), EmailMessage, policy=policy.default) for path in paths]
        return [mail for mail in parsed if "Another run holds the lock" not in mail.get_content()]

    def wait_for_runs(self, count: int) -> None:
        """Until so many more have ended."""
        before = len(self._runs.read_text().splitlines())
        eventually(lambda: len(self._runs.read_text().splitlines()) >= before + count)


@contextmanager
def cron(crontab: str, folder: Path, users: str) -> Iterator[Mailbox]:
    """Debian's cron with this file in /etc/cron.d and no other, in namespaces of its own, with a fast clock."""
    for name in ("cron.d", "spool", "bin", "mail"):
        (folder / name).mkdir()
    (folder / "spool/crontabs").mkdir()
    (folder / "crontab").touch()
    (folder / "cron.d/healthmon").write_text(crontab)
    sendmail = folder / "bin/sendmail"
    # Under its last name only when it is complete.
    sendmail.write_text(f'#!/bin/sh\nnew=$(mktemp {folder}/mail/XXXXXXXX) && cat >"$new" && mv "$new" "$new.mail"\n')
    sendmail.chmod(0o755)
    script = (
        "set -e\n"
        f"{users}"
        f"mount --bind {folder}/cron.d /etc/cron.d\n"
        f"mount --bind {folder}/spool /var/spool/cron\n"
        f"mount --bind {folder}/crontab /etc/crontab\n"
        "mount -t tmpfs none /run\n"
        "mkdir -m 1777 /run/lock\n"
        # faketime leaves something there under its process number, and numbers come again in a namespace.
        "mount -t tmpfs none /dev/shm\n"
        f"mount -t overlay overlay -o lowerdir={folder}/bin:/usr/sbin /usr/sbin\n"
        f"exec faketime -f '+0 x{SPEED}' cron -f\n"
    )
    with subprocess.Popen([*NAMESPACE, "sh", "-c", script], env=BARE, stdin=subprocess.DEVNULL) as process:
        try:
            yield Mailbox(folder / "mail", folder / "runs")
        finally:
            process.kill()


def example(config: Path, folder: Path, *, log: Path | None = None) -> str:
    """The example's text for these services, this program and this machine; with a log, its line for that."""
    program = folder / "healthmon"
    program.write_text(f'#!/bin/sh\n{PROGRAM} "$@"\ncode=$?\necho $code >>{folder}/runs\nexit $code\n')
    program.chmod(0o755)
    text = CRONTAB.read_text()
    if log is not None:
        text = text.replace("\n*/5 ", "\n#").replace("\n#*/5 ", "\n*/5 ")
        text = text.replace("/var/log/backend-health.log", str(log))
    text = text.replace("/etc/healthmon/services.toml", str(config)).replace("203.0.113.10", "127.0.0.1")
    return text.replace("/opt/healthmon/bin/healthmon", str(program))


def test_real_cron_mails_what_changes(tmp_path: Path, demo: Demo, users: str) -> None:
    """Nothing while all is well, one mail when a service is down, none while it stays so, one when it is back."""
    need("cron", "faketime", "unshare", "mount")
    folder = tmp_path / "cron"
    folder.mkdir()
    with demo() as config:
        well = config.read_text()
        with cron(example(config, folder), folder, users) as mailbox:
            mailbox.wait_for_runs(2)
            assert mailbox.mails() == []

            demand = 'name = "Brain AI Gateway"'
            rewrite(config, well.replace(demand, 'name = "Café"\nexpect.body = { contains = "✓ daß" }'))
            eventually(lambda: len(mailbox.mails()) == 1)
            (mail,) = mailbox.mails()
            text = mail.get_content()
            assert (mail["To"], mail.get_content_charset()) == ("root", "utf-8")
            assert "- Café... ✗ FAILED (HTTP 200, body: " in text
            assert 'expected  body: to contain "✓ daß"' in text
            assert "Summary: Healthy: 9/10" in text

            mailbox.wait_for_runs(2)
            assert len(mailbox.mails()) == 1

            rewrite(config, well)
            eventually(lambda: len(mailbox.mails()) == 2)
            assert ", recovered after " in mailbox.mails()[1].get_content()
            mailbox.wait_for_runs(1)
            assert len(mailbox.mails()) == 2


def test_real_cron_keeps_a_log(tmp_path: Path, demo: Demo, users: str) -> None:
    """Of every run, also of one that does not come to a check; no mail."""
    need("cron", "faketime", "unshare", "mount")
    folder, log = tmp_path / "cron", tmp_path / "log"
    folder.mkdir()
    with demo(brain="503") as config, cron(example(config, folder, log=log), folder, users) as mailbox:
        mailbox.wait_for_runs(1)
        rewrite(config, "host = ")
        mailbox.wait_for_runs(2)
        assert mailbox.mails() == []
    lines = log.read_text().splitlines()
    assert all(re.match(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ \s*\S", line) for line in lines)
    assert any(line.endswith("Z Summary: Healthy: 9/10") for line in lines)
    assert f"{config}:1: not valid TOML" in lines[-1]


def rewrite(config: Path, text: str) -> None:
    """Give a file that may be read at any moment another text."""
    config.with_name("new").write_text(text)
    config.with_name("new").replace(config)


def test_logrotate_takes_the_example(tmp_path: Path, users: str) -> None:
    """It reads it without a complaint, and rotates the log of the example's user."""
    need("logrotate", "unshare", "mount")
    log, state = tmp_path / "backend-health.log", tmp_path / "state"
    log.write_text("2026-01-31T12:00:00Z Summary: Healthy: 10/10\n")
    config = tmp_path / "logrotate"
    config.write_text(LOGROTATE.read_text().replace("/var/log/backend-health.log", str(log)))
    config.chmod(0o644)
    tmp_path.chmod(0o755)
    for options in ("-d", "--force"):
        done = subprocess.run(
            [*NAMESPACE, "sh", "-ec", f"{users}exec logrotate {options} --state {state} {config}"],
            env=BARE,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        assert (done.returncode, "error" in done.stderr.lower()) == (0, False), done.stderr
    assert (log.read_text(), (tmp_path / "backend-health.log.1").exists()) == ("", True)
    assert log.stat().st_mode & 0o777 == 0o640


def test_the_log_and_the_crontab_are_of_the_same_file() -> None:
    """And of the same user."""
    (line,) = [line for line in CRONTAB.read_text().splitlines() if line.startswith("#*/5")]
    log, user = line.split(">> ")[1].split()[0], line.split()[5]
    assert f"\n{log} {{\n" in LOGROTATE.read_text()
    assert f"create 0640 {user} " in LOGROTATE.read_text()


def test_cron_can_read_the_example() -> None:
    """No line is longer than it takes (999 characters), and the last one ends."""
    text = CRONTAB.read_text()
    assert text.endswith("\n")
    assert max(map(len, text.splitlines())) < 999
    assert "." not in CRONTAB.name
