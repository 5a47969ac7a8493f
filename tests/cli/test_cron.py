"""`healthmon check` as cron runs it: a bare environment, nobody who watches, and the same again every five minutes."""

import contextlib
import fcntl
import http.server
import json
import os
import pwd
import re
import shlex
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from healthmon.cli.choice import Choice
from healthmon.cli.jobs.job import job_name, lock_path
from healthmon.core.selection import Selection
from tests.conftest import ROOT
from tests.deploy.programs import eventually
from tests.ports import free_port

Done = subprocess.CompletedProcess[str]


class Services(http.server.ThreadingHTTPServer):
    """Services by their paths, each with a status of its own; one with none hangs until the end.

    Attributes:
        statuses: Path → status; None to hang.
        asked: The paths that were asked for.
    """

    def __init__(self) -> None:
        self.statuses: dict[str, int | None] = {"/brain": 200, "/café": 200}
        self.asked: list[str] = []
        self.over = threading.Event()
        services = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                path = self.path.replace("caf%C3%A9", "café")
                services.asked.append(path)
                status = services.statuses[path]
                if status is None:
                    services.over.wait()
                    return
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        super().__init__(("127.0.0.1", 0), Handler)

    def config(self, *ids: str) -> str:
        """The text of a config with these services."""
        return 'host = "127.0.0.1"\n' + "".join(
            f'[[services]]\nname = "{id_.title()} ✓"\nid = "{id_.replace("é", "e")}"\n'
            f'url = "http://{{host}}:{self.server_address[1]}/{id_.replace("é", "%C3%A9")}"\n'
            for id_ in ids
        )


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    """Two services that are well, in the config in the home folder."""
    server = Services()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    (tmp_path / "services.toml").write_text(server.config("brain", "café"))
    try:
        yield server
    finally:
        server.over.set()
        server.shutdown()
        thread.join()
        server.server_close()


class Cron:
    """Runs a line of a crontab as cron does: with its shell, its few variables, and in the home folder."""

    def __init__(self, home: Path) -> None:
        self.home = home

    def command(self, line: str, **environ: str) -> list[str]:
        """What runs the line; `healthmon` in it is this one."""
        program = f"{shlex.quote(sys.executable)} -m healthmon"
        bare = {"HOME": self.home, "LOGNAME": "me", "SHELL": "/bin/sh", "PATH": "/usr/bin:/bin"}
        pairs = [f"{name}={value}" for name, value in {**bare, "PYTHONPATH": ROOT, **environ}.items() if value != ""]
        return ["env", "-i", *pairs, "/bin/sh", "-c", re.sub("^(exec )?healthmon", rf"\g<1>{program}", line)]

    def __call__(self, line: str, **environ: str) -> Done:
        """Run it. An empty variable is left out."""
        return subprocess.run(
            self.command(line, **environ), capture_output=True, encoding="utf-8", cwd=self.home, timeout=60, check=False
        )

    def start(self, line: str) -> "subprocess.Popen[str]":
        """Start it."""
        command = self.command("exec " + line)
        pipe = subprocess.PIPE
        return subprocess.Popen(command, cwd=self.home, stdout=pipe, stderr=pipe, encoding="utf-8")

    def state(self) -> Path:
        """The one state file in its usual place."""
        (found,) = (self.home / ".local/state/healthmon").iterdir()
        return found


@pytest.fixture
def cron(tmp_path: Path) -> Iterator[Cron]:
    """Cron for a user whose home is the test's folder. The locks of its jobs are removed, and none that is in use."""
    before = locks()
    yield Cron(tmp_path)
    for path in locks() - before:
        with contextlib.suppress(FileNotFoundError, BlockingIOError), path.open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            path.unlink()


def locks() -> set[Path]:
    """The locks of this user's jobs."""
    return {path for folder in ("/run/lock", "/tmp") for path in Path(folder).glob(f"healthmon-{os.geteuid()}-*.lock")}


LINE = "healthmon check --lock --on-change 127.0.0.1"


def told(done: Done) -> list[str]:
    """The lines of a report that tell of a service, and those beneath the summary, without times."""
    lines = done.stdout.partition("\n\n")[0].splitlines()[1:]
    return [re.sub(r"  (< )?[\d.]+ (ms|s)\b", "", re.sub(r"^Testing \d+ - ", "", line)) for line in lines]


def test_silence_one_message_silence_one_message(cron: Cron, services: Services) -> None:
    """Well, down, still down, another one down too, well again: the exit code always tells the truth."""
    done = cron(LINE)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")

    services.statuses["/café"] = 503
    done = cron(LINE)
    assert (done.returncode, done.stderr) == (1, "")
    assert told(done) == ["Café ✓... ✗ FAILED (HTTP 503)", "Summary: Healthy: 1/2"]
    assert "✗ Café ✓ (cafe)  http://127.0.0.1:" in done.stdout
    assert "brain" not in done.stdout

    done = cron(LINE)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "")

    services.statuses["/brain"] = 500
    done = cron(LINE)
    assert done.returncode == 1
    assert told(done) == ["Brain ✓... ✗ FAILED (HTTP 500)", "Summary: Healthy: 0/2", "Still not healthy: 1 (cafe)"]
    assert "(cafe)  http" not in done.stdout

    services.statuses.update({"/brain": 200, "/café": 302})
    done = cron(LINE)
    assert (done.returncode, done.stderr) == (0, "")
    assert [re.sub(r"after .*", "after", line) for line in told(done)] == [
        "Brain ✓... ✓ OK (HTTP 200), recovered after",
        "Café ✓... ✓ OK (HTTP 302), recovered after",
        "Summary: Healthy: 2/2",
    ]
    done = cron(LINE)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_new_cause_is_told_and_one_that_comes_back_is_not(cron: Cron, services: Services) -> None:
    """With how long it has been bad."""
    config = cron.home / "services.toml"
    status = services.config("brain")
    refused = re.sub(r":\d+/", f":{free_port()}/", status)
    services.statuses["/brain"] = 500
    said = []
    for text in (status, refused, status, refused):
        config.write_text(text)
        done = cron(LINE)
        assert done.returncode == 1
        said.append(told(done)[:1])
    assert said[0] == ["Brain ✓... ✗ FAILED (HTTP 500)"]
    assert re.match(r"Brain ✓\.\.\. ✗ FAILED \(connection refused\), not healthy for .*, with a new cause$", said[1][0])
    assert said[2:] == [[], []]


def test_what_fell_with_its_root_and_stays_down_is_told_itself(cron: Cron, services: Services) -> None:
    """With its own why and next, whichever of the two fell first: the root, both, or what depends on it."""
    config = services.config("brain", "café") + 'depends_on = ["brain"]\n'
    (cron.home / "services.toml").write_text(config)

    def falls(**statuses: int) -> list[str]:
        services.statuses.update({f"/{name}": status for name, status in statuses.items()})
        done = cron(LINE)
        assert (done.returncode, done.stderr) == (1 if 503 in services.statuses.values() else 0, "")
        next_steps = re.findall(r"^ +(?:next +(Look at)|(why) ).*", done.stdout, re.MULTILINE)
        return [*(re.sub(r"(after|for) [^,]*", r"\1 ...", line) for line in told(done)), *map("".join, next_steps)]

    brain, cafe = "Brain ✓... ✗ FAILED (HTTP 503)", "Café ✓... ✗ FAILED (HTTP 503)"
    healed, alone = "Brain ✓... ✓ OK (HTTP 200), recovered after ...", "Summary: Healthy: 1/2"
    freed = f"{cafe}, not healthy for ..., no longer because of brain"
    assert falls(brain=503, café=503) == [brain, cafe, "Summary: Healthy: 0/2", "why"]
    assert falls() == []
    assert falls(brain=200) == [healed, freed, alone, "why"]
    assert falls() == []
    assert falls(brain=503) == [brain, "Summary: Healthy: 0/2", "Still not healthy: 1 (cafe)", "why"]
    assert falls(brain=200) == [healed, alone, "Still not healthy: 1 (cafe)"]

    falls(café=200)
    assert falls(brain=503) == [brain, alone, "why"]
    assert falls(café=503) == [cafe, "Summary: Healthy: 0/2", "Still not healthy: 1 (brain)", "Look at"]
    assert falls(brain=200) == [healed, freed, alone, "why"]


def test_what_stays_bad_is_repeated(cron: Cron, services: Services) -> None:
    """When its time has come, by a state file that says it was told hours ago."""
    services.statuses["/brain"] = 500
    line = f"{LINE} --repeat 6h"
    assert cron(line).stdout != ""
    assert cron(line).stdout == ""
    state = cron.state()
    put_back(state, 6 * 3600)
    done = cron(line)
    assert told(done)[0] == "Brain ✓... ✗ FAILED (HTTP 500), not healthy for 6 h"
    assert cron(line).stdout == ""
    put_back(state, 6 * 3600)
    assert cron(LINE).stdout == ""  # Without --repeat it is never told again.


def put_back(state: Path, seconds: float) -> None:
    """Have all that a state file says be longer ago."""
    from healthmon.engine import told_file

    told, fault = told_file.parse(state.read_bytes())
    assert fault is None
    whole = {id_: structs.replace(one, since=one.since - seconds, at=one.at - seconds) for id_, one in told.items()}
    told_file.write(state, whole)


def test_a_bad_service_that_is_no_longer_checked(cron: Cron, services: Services) -> None:
    """Whoever was told that it is bad is told that nobody looks any more, once."""
    services.statuses["/café"] = 500
    cron(LINE)
    (cron.home / "services.toml").write_text(services.config("brain"))
    done = cron(LINE)
    assert (done.returncode, done.stderr) == (0, "")
    assert re.fullmatch(
        r".* · host 127.0.0.1\nSummary: Healthy: 1/1\nNo longer checked: cafe, which was not healthy for .*\n",
        done.stdout,
    )
    assert cron(LINE).stdout == ""


def test_json_and_files(cron: Cron, services: Services) -> None:
    """The whole document when something is new; files are whole at each run."""
    line = f"{LINE} --format json --report text=all.txt"
    assert cron(line).stdout == ""
    services.statuses["/brain"] = 500
    document = json.loads(cron(line).stdout)
    assert [(one["id"], (one["change"] or {}).get("news")) for one in document["services"]] == [
        ("brain", "failed"),
        ("cafe", None),
    ]
    assert (document["services"][0]["change"]["since"], document["gone"]) == (document["started"], [])
    (cron.home / "all.txt").unlink()
    assert cron(line).stdout == ""
    assert "Summary: Healthy: 1/2" in (cron.home / "all.txt").read_text()
    assert "Café" in (cron.home / "all.txt").read_text()
    (cron.home / "services.toml").write_text(services.config("café"))
    document = json.loads(cron(line).stdout)
    assert [one["id"] for one in document["gone"]] == ["brain"]


@pytest.mark.parametrize("locale", [{}, {"LC_ALL": "C"}, {"LANG": "POSIX"}, {"LC_ALL": "xx_XX"}])
def test_without_a_locale_it_is_utf_8(cron: Cron, services: Services, locale: dict[str, str]) -> None:
    """As Python decides where there is none (PEP 538, PEP 540)."""
    services.statuses["/café"] = 500
    done = cron(LINE, **locale)
    assert (done.returncode, "Café ✓... ✗ FAILED" in done.stdout, done.stderr) == (1, True, "")


def test_in_an_encoding_without_the_signs_they_are_replaced(cron: Cron, services: Services) -> None:
    """Nothing crashes, whatever somebody has set."""
    services.statuses["/café"] = 500
    done = cron(LINE, PYTHONIOENCODING="ascii", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0", LC_ALL="C")
    assert (done.returncode, "Caf? ?... x FAILED (HTTP 500)" in done.stdout, done.stderr) == (1, True, "")


def test_a_second_run_while_the_first_hangs(cron: Cron, services: Services) -> None:
    """75, who holds the lock and since when; it checks nothing, and does not even read the config."""
    services.statuses["/brain"] = None
    line = "healthmon check --lock 127.0.0.1 --timeout 30s"
    with cron.start(line) as first:
        eventually(lambda: "/brain" in services.asked)
        asked = len(services.asked)
        (cron.home / "services.toml").write_text("this is no config")
        second = cron(line)
        other = cron(f"{line} --only brain")
        first.terminate()
        first.communicate()
    assert (second.returncode, second.stdout) == (75, "")
    assert re.fullmatch(
        rf"Another run holds the lock \S+ \(process {first.pid}, since \S+ \S+ UTC\); this one checks nothing\.\n",
        second.stderr,
    )
    assert (other.returncode, len(services.asked)) == (78, asked)  # Another job, with a lock of its own.
    assert first.returncode == 143
    (cron.home / "services.toml").write_text(services.config("café"))
    assert cron(line).returncode == 0


@pytest.mark.parametrize(
    ("options", "host"),
    [
        ("--lock 127.0.0.2", "127.0.0.2"),
        ("127.0.0.2 --lock", "127.0.0.2"),
        ("--lock --only brain 127.0.0.2", "127.0.0.2"),
        ("--lock ./mine 127.0.0.2", "127.0.0.2"),
        ("--lock=mine 127.0.0.2", "127.0.0.2"),
        ("--lock -- 127.0.0.2", "127.0.0.2"),
        ("--lock", "127.0.0.1"),
    ],
)
def test_a_host_is_never_taken_for_a_lock(cron: Cron, services: Services, options: str, host: str) -> None:
    """That would be a check of another host, without a word. A path is one with a slash, or behind an equals sign."""
    del services
    done = cron(f"healthmon check --format json {options}")
    assert json.loads(done.stdout)["host"] == host
    assert (cron.home / "mine").exists() == ("mine" in options)


def test_a_lock_by_environment(cron: Cron, services: Services) -> None:
    """A path, or `auto`."""
    done = cron("healthmon check", HEALTHMON_CHECK_LOCK="mine")
    assert (done.returncode, (cron.home / "mine").exists()) == (0, True)
    # Found by its name: other locks of this user may come and go meanwhile.
    lock = lock_path(job_name(Choice(None, None, Selection()), cron.home / "services.toml"))
    assert not lock.exists()
    assert cron("healthmon check", HEALTHMON_CHECK_LOCK="auto").returncode == 0
    assert (lock.exists(), (cron.home / "auto").exists()) == (True, False)


@pytest.mark.parametrize("path", ["missing/lock", ".", "/"])
def test_a_lock_that_cannot_be(cron: Cron, services: Services, path: str) -> None:
    """Nothing is checked."""
    done = cron(f"healthmon check --lock={path}")
    assert (done.returncode, done.stdout, services.asked) == (2, "", [])
    assert re.match(r"--lock .*: .*\. Name a file in a folder that you may write to", done.stderr)


def test_help_shows_that_the_path_may_be_left_out(cron: Cron) -> None:
    """In brackets."""
    assert "--lock [PATH]" in cron("healthmon check --help").stdout


def test_a_report_that_nobody_got_is_told_again(cron: Cron, services: Services) -> None:
    """A full disk, a reader that has gone."""
    services.statuses["/brain"] = 500
    done = cron(f"{LINE} >/dev/full")
    assert (done.returncode, "No space left on device" in done.stderr) == (1, True)
    with cron.start(LINE) as process:
        assert process.stdout
        process.stdout.close()
        assert process.wait() == 1
    assert told(cron(LINE))[0] == "Brain ✓... ✗ FAILED (HTTP 500)"
    assert cron(LINE).stdout == ""


def test_a_file_that_cannot_be_written_costs_no_verdict(cron: Cron, services: Services) -> None:
    """What is new is told, and remembered; 70 stands only where the code would have been 0."""
    line = f"{LINE} --report junit=/dev/full --report json=report.json"
    full = "The report /dev/full could not be written: No space left on device.\n"
    services.statuses["/brain"] = 500
    failed, still = cron(line), cron(line)
    assert (failed.returncode, told(failed)[0]) == (1, "Brain ✓... ✗ FAILED (HTTP 500)")
    assert (still.returncode, still.stdout) == (1, "")
    services.statuses["/brain"] = 200
    recovered = cron(line)
    assert (recovered.returncode, "recovered after" in recovered.stdout) == (70, True)
    assert [done.stderr for done in (failed, still, recovered)] == [full] * 3


def test_an_interrupted_run_remembers_nothing(cron: Cron, services: Services) -> None:
    """It tells what it knows; the next run tells what is new."""
    cron(LINE)
    before = cron.state().read_bytes()
    services.statuses.update({"/brain": None, "/café": 500})
    with cron.start(f"{LINE} --timeout 30s") as process:
        eventually(lambda: services.asked.count("/café") == 2)
        process.terminate()
        report, _ = process.communicate()
    assert (process.returncode, "Summary: Healthy: 0/2" in report) == (143, True)
    assert cron.state().read_bytes() == before
    services.statuses["/brain"] = 200
    assert told(cron(LINE))[0] == "Café ✓... ✗ FAILED (HTTP 500)"


def test_a_damaged_state_is_kept_aside(cron: Cron, services: Services) -> None:
    """It is said, and what is not healthy is told again; the next run is as ever."""
    services.statuses["/brain"] = 500
    cron(LINE)
    state = cron.state()
    state.write_bytes(state.read_bytes().replace(b"status", b"sta?us"))
    done = cron(LINE)
    assert (done.returncode, told(done)[0]) == (1, "Brain ✓... ✗ FAILED (HTTP 500)")
    assert re.fullmatch(
        rf"The state file {state} is damaged; it is now {state}\.corrupt-\w+\. What is not healthy is told again\.\n",
        done.stderr,
    )
    assert len(list(state.parent.iterdir())) == 2
    done = cron(LINE)
    assert (done.stdout, done.stderr) == ("", "")


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("services.toml", "this is one of the config's own files"),
        ("link.toml", "this is one of the config's own files"),
        ("notes.txt", "healthmon did not write this file, so it is left alone"),
    ],
)
def test_a_file_of_somebody_else_is_left_alone(cron: Cron, services: Services, file: str, said: str) -> None:
    """Nothing is checked, and nothing is moved away: neither the config nor another file."""
    (cron.home / "link.toml").symlink_to("services.toml")
    (cron.home / "notes.txt").write_text("Do not forget.\n")
    before = {path.name: path.read_bytes() for path in cron.home.iterdir() if path.is_file()}
    done = cron(f"{LINE} --state {file}")
    assert (done.returncode, done.stdout, services.asked) == (2, "", [])
    assert done.stderr == f"--state {file}: {said}. Name another one.\n"
    assert {path.name: path.read_bytes() for path in cron.home.iterdir() if path.is_file()} == before


def test_a_report_is_not_written_over_the_config(cron: Cron, services: Services) -> None:
    """Before anything runs, with `check` as with `wait`."""
    before = (cron.home / "services.toml").read_bytes()
    for command in ("check", "wait --deadline 5s"):
        done = cron(f"healthmon {command} --report text=all.txt --report json=./services.toml")
        assert (done.returncode, services.asked) == (2, [])
        assert done.stderr == "--report services.toml: this is one of the config's own files. Name another one.\n"
    assert (cron.home / "services.toml").read_bytes() == before
    assert not (cron.home / "all.txt").exists()


@pytest.mark.parametrize(("status", "code"), [(200, 70), (500, 1)])
def test_a_state_that_cannot_be_written_costs_no_verdict(
    cron: Cron, services: Services, status: int, code: int
) -> None:
    """It is said at each run, and what is not healthy is told at each."""
    services.statuses["/brain"] = status
    for _ in range(2):
        done = cron(f"{LINE} --state missing/state.json")
        assert (done.returncode, "Brain" in done.stdout) == (code, status != 200)
        assert done.stderr.startswith(
            "The state file missing/state.json could not be written: No such file or directory."
        )


def test_where_the_state_is(cron: Cron, services: Services) -> None:
    """What systemd gives, XDG's folder, a folder, a file; one for each job; only for this user."""
    del services
    cron(LINE, STATE_DIRECTORY=f"{cron.home}/systemd:{cron.home}/other")
    cron(LINE, XDG_STATE_HOME=f"{cron.home}/xdg")
    cron(LINE, XDG_STATE_HOME="relative")
    cron(f"{LINE} --only brain")
    cron(f"{LINE} --state folder/")
    cron(f"{LINE} --state folder")
    cron(f"{LINE} --state file")
    found = sorted(str(path.relative_to(cron.home)) for path in cron.home.rglob("*.json"))
    assert [re.sub(r"[0-9a-f]{12}", "*", name) for name in found] == [
        ".local/state/healthmon/services-*.json",
        ".local/state/healthmon/services-*.json",
        "folder/services-*.json",
        "systemd/services-*.json",
        "xdg/healthmon/services-*.json",
    ]
    assert (cron.home / "file").is_file()
    assert {(cron.home / name).stat().st_mode & 0o777 for name in [*found, "file"]} == {0o600}
    assert (cron.home / "folder").stat().st_mode & 0o777 == 0o700


def test_without_a_home_it_is_looked_up(cron: Cron, services: Services) -> None:
    """By the user's number, where that is not said to be elsewhere."""
    del services
    line = "python -c 'import os; from healthmon.cli.jobs.job import state_folder; print(state_folder(os.environ))'"
    done = cron(line.replace("python", shlex.quote(sys.executable), 1), HOME="")
    assert done.stdout == f"{pwd.getpwuid(os.geteuid()).pw_dir}/.local/state/healthmon\n"
    done = cron(f"healthmon check --on-change --state {cron.home}/s", HOME="")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("--on-change --quiet", "--on-change, --quiet: leave one out"),
        ("--state x", "--state does nothing without --on-change"),
        ("--repeat 6h", "--repeat does nothing without --on-change"),
        (
            "--timestamps --format json",
            "--timestamps is for --format text: with a time before each line, --format json could not be read",
        ),
        ("--on-change --state /dev/null", "--state /dev/null: not a file"),
        ("--on-change --state loop", "--state loop: Too many levels of symbolic links. Name a file"),
        ("--on-change --state loop/x", "--state loop/x: Too many levels of symbolic links. Name a file"),
        ("--on-change --state services.toml/x", "--state services.toml/x: Not a directory. Name a file"),
        (f"--on-change --state {'x' * 300}", f"--state {'x' * 300}: File name too long. Name a file"),
        ("--ping ftp://127.0.0.1/x", "--ping: expected a URL"),
        ("--ping http://me:geheim@127.0.0.1/x", "--ping: expected a URL"),
        ("--ping http://", "--ping: expected a URL"),
        ("--ping http://[", "--ping: expected a URL"),
    ],
)
def test_contradictions(cron: Cron, services: Services, options: str, said: str) -> None:
    """Are refused before anything is checked."""
    (cron.home / "loop").symlink_to("loop")
    done = cron(f"healthmon check {options}")
    assert (done.returncode, done.stdout, services.asked) == (2, "", [])
    assert said in done.stderr
    assert "geheim" not in done.stderr


STAMP = r"20\d\d-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d:[0-6]\dZ"


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        ("", 1, "Summary: Healthy: 1/2"),
        ("--config missing.toml", 78, "missing.toml: cannot read this file"),
        ("--nonsense", 2, "No such option: --nonsense"),
        ("--phase x", 2, "--phase x: expected a whole number"),
        ("--only nobody", 2, "--only nobody: it matches no service"),
        ("--lock=missing/lock", 2, "--lock missing/lock"),
    ],
)
def test_every_line_of_a_log_has_its_time(cron: Cron, services: Services, options: str, code: int, said: str) -> None:
    """Whichever stream it came by, and whatever went wrong; no line is empty."""
    services.statuses["/café"] = 500
    begun = time.time()
    done = cron(f"healthmon check {options} --timestamps >>log 2>&1", TZ="Asia/Kolkata")
    lines = (cron.home / "log").read_text().splitlines()
    assert (done.returncode, done.stdout, done.stderr) == (code, "", "")
    assert any(said in line for line in lines)
    assert all(re.match(rf"{STAMP} \s*\S", line) for line in lines)
    if code == 1:
        assert lines[0][21:] == "host 127.0.0.1"  # Without another time.
    # UTC, whatever the zone is. A second either way: the clocks of the two processes need not be read alike.
    assert begun - 2 <= datetime.fromisoformat(lines[0][:20]).timestamp() <= time.time() + 1


def test_timestamps_by_environment(cron: Cron, services: Services) -> None:
    """Also for what is wrong with the command line; and a variable that says no is obeyed."""
    del services
    assert re.match(rf"{STAMP} ", cron("healthmon check", HEALTHMON_CHECK_TIMESTAMPS="1").stdout)
    assert re.match(rf"{STAMP} ", cron("healthmon check --nonsense", HEALTHMON_CHECK_TIMESTAMPS="yes").stderr)
    assert cron("healthmon check --nonsense", HEALTHMON_CHECK_TIMESTAMPS="no").stderr.startswith("No such option")
    assert cron("healthmon check", HEALTHMON_CHECK_TIMESTAMPS="no").stdout.startswith("20")


DYING = """
import importlib, os, signal, sys
place, when = sys.argv[1:3]
module, _, name = place.rpartition(".")
owner = getattr(importlib.import_module("pathlib"), "Path") if module == "Path" else importlib.import_module(module)
real = getattr(owner, name)

def dying(*arguments, **options):
    if when == "after":
        real(*arguments, **options)
    os.kill(os.getpid(), signal.SIGKILL)

setattr(owner, name, dying)
from healthmon.cli import main
main(sys.argv[3:])
"""
"""Runs healthmon, and kills it when it comes to a certain function."""


@pytest.mark.parametrize(
    ("step", "when", "again"),
    [
        ("healthmon.cli.streams.write_report", "before", True),
        ("healthmon.cli.streams.write_report", "after", True),
        ("tempfile.mkstemp", "before", True),
        ("tempfile.mkstemp", "after", True),
        ("os.fsync", "before", True),
        ("os.fsync", "after", True),
        ("Path.chmod", "after", True),
        ("Path.replace", "before", True),
        ("Path.replace", "after", False),
        ("healthmon.engine.whole_file.sync_folder", "before", False),
    ],
)
def test_killed_at_any_moment(cron: Cron, services: Services, step: str, when: str, again: bool) -> None:
    """What was told may be told again; what was not told is never lost, and the state is never damaged."""
    cron(LINE)
    services.statuses["/brain"] = 500
    dying = f"exec {shlex.quote(sys.executable)} -c {shlex.quote(DYING)} {step} {when}"
    first = cron(dying + LINE.removeprefix("healthmon"))
    assert first.returncode == -signal.SIGKILL
    assert ("Brain" in first.stdout) == ((step, when) != ("healthmon.cli.streams.write_report", "before"))
    second = cron(LINE)
    assert (second.returncode, "Brain" in second.stdout, second.stderr) == (1, again, "")
    assert cron(LINE).stdout == ""
