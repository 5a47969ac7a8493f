"""`healthmon check` as its users meet it: a process with arguments, streams and an exit code."""

import json
import os
import pty
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from healthmon.cli import main
from tests.conftest import ROOT, Demo, Healthmon

LINE = re.compile(r"Testing \d+ - (?P<name>.+)\.\.\. . (?P<word>[A-Z]+) \((?P<what>.*)\)  [0-9.]+ m?s")


def test_ten_of_ten(demo: Demo, healthmon: Healthmon) -> None:
    """The main job: ten lines in config order, the summary last, nothing on stderr."""
    with demo() as config:
        done = healthmon("check", "127.0.0.1", "--config", config)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[-1] == "Summary: Healthy: 10/10"
    found = [LINE.fullmatch(line) for line in lines[1:-1]]
    assert all(found)
    assert [match["name"] for match in found if match] == [
        "Saleor E-commerce API",
        "Brain AI Gateway",
        "Wagtail CMS",
        "Django CRM",
        "Business Directory",
        "CorelDove Backend",
        "Auth Service",
        "Temporal Integration",
        "AI Agents",
        "Amazon Sourcing",
    ]
    assert {match["what"] for match in found if match} == {"HTTP 200", "HTTP 302"}


def test_some_fail(demo: Demo, healthmon: Healthmon) -> None:
    """Exit code 1; each root is explained once, with its hint; what hangs on it is listed beneath."""
    with demo(brain="wrong-json", agents="500", coreldove="closed") as config:
        done = healthmon("check", "127.0.0.1", "--config", config)
    assert (done.returncode, done.stderr) == (1, "")
    report, _, troubleshooting = done.stdout.partition("\n\n")
    assert report.endswith("Summary: Healthy: 7/10")
    assert "- Brain AI Gateway... ✗ FAILED (HTTP 200, json status: " in report
    assert "- CorelDove Backend... ✗ FAILED (connection refused)" in report
    assert [line for line in troubleshooting.splitlines() if line.startswith("✗")] == [
        line for line in troubleshooting.splitlines() if re.match("✗ (Brain|CorelDove)", line)
    ]
    assert "Hint: docker logs bizosaas-brain-staging --tail 50" in troubleshooting
    assert "    needed by AI Agents (agents): HTTP 500, expected 200 or 302" in troubleshooting


def test_the_json_report_is_one_document(demo: Demo, healthmon: Healthmon) -> None:
    """With the same verdict as the text."""
    with demo(auth="404") as config:
        done = healthmon("check", "127.0.0.1", "--config", config, "--format", "json")
    document = json.loads(done.stdout)
    assert (done.returncode, document["verdict"], document["host"]) == (1, "down", "127.0.0.1")
    assert document["summary"] == {"total": 10, "up": 9, "degraded": 0, "down": 1, "unknown": 0}
    by_id = {one["id"]: one for one in document["services"]}
    assert by_id["auth"]["cause"] == "status"
    assert by_id["auth"]["facts"]["status"] == 404
    assert by_id["brain"]["timings"]["wait"] > 0


@pytest.mark.parametrize(
    ("options", "summary", "code"),
    [
        ([], "4/10", 1),
        (["--phase", "2"], "4/4", 0),
        (["--only", "brain", "--only", "sal*"], "2/2", 0),
        (["--phase", "3", "--skip", "crm"], "4/6", 1),
        (["--group", "commerce"], "1/3", 1),
    ],
)
def test_after_phase_two(demo: Demo, healthmon: Healthmon, options: list[str], summary: str, code: int) -> None:
    """N/M counts the selected services."""
    later = dict.fromkeys(("crm", "directory", "temporal", "agents", "sourcing", "coreldove"), "closed")
    with demo(**later) as config:
        done = healthmon("check", "127.0.0.1", "--config", config, *options)
    assert (f"Summary: Healthy: {summary}" in done.stdout.splitlines(), done.returncode) == (True, code)


def test_options_by_environment(demo: Demo, healthmon: Healthmon) -> None:
    """Every option; a repeated one has one value a line; the config's own variable too."""
    with demo() as config:
        done = healthmon(
            "check", HEALTHMON_CHECK_ONLY="brain\nsaleor", HEALTHMON_CHECK_FORMAT="json", HEALTHMON_CONFIG=str(config)
        )
    assert [one["id"] for one in json.loads(done.stdout)["services"]] == ["saleor", "brain"]


def test_quiet(demo: Demo, healthmon: Healthmon) -> None:
    """Nothing when all is well, the whole report when not: what cron mails."""
    with demo(brain="503") as config:
        well = healthmon("check", "127.0.0.1", "--config", config, "--quiet", "--phase", "1")
        ill = healthmon("check", "127.0.0.1", "--config", config, "--quiet")
    assert (well.returncode, well.stdout, well.stderr) == (0, "", "")
    assert (ill.returncode, "Summary: Healthy: 9/10" in ill.stdout, ill.stderr) == (1, True, "")


def test_verbose(demo: Demo, healthmon: Healthmon) -> None:
    """Timings and facts beneath each line."""
    with demo() as config:
        done = healthmon("check", "127.0.0.1", "--config", config, "--verbose", "--only", "brain")
    assert re.search(r"\n    connect (< )?[0-9.]+ ms · wait [0-9.]+ ms", done.stdout)
    assert re.search(r"\n    ip=127.0.0.1 status=200 .*clock=", done.stdout)


def test_fail_on_degraded(demo: Demo, healthmon: Healthmon) -> None:
    """Degraded is healthy unless asked otherwise."""
    with demo() as config:
        slow = config.with_name("slow.toml")
        slow.write_text(config.read_text().replace('warn.latency = "2s"', 'warn.latency = "0.01ms"'))
        lenient = healthmon("check", "127.0.0.1", "--config", slow)
        strict = healthmon("check", "127.0.0.1", "--config", slow, "--fail-on", "degraded")
        quiet = healthmon("check", "127.0.0.1", "--config", slow, "--fail-on", "degraded", "--quiet")
    assert (lenient.returncode, "Summary: Healthy: 10/10" in lenient.stdout) == (0, True)
    assert "! DEGRADED (HTTP 200, " in lenient.stdout
    assert (strict.returncode, strict.stdout.count("DEGRADED"), quiet.stdout != "") == (1, 10, True)


def test_a_timeout_for_all(demo: Demo, healthmon: Healthmon) -> None:
    """`--timeout` replaces the config's; ten hanging services cost one time-out."""
    hanging = dict.fromkeys(("saleor", "brain", "wagtail", "crm", "directory", "coreldove", "auth"), "hang")
    with demo(**hanging, temporal="hang", agents="hang", sourcing="hang") as config:
        begun = time.monotonic()
        done = healthmon("check", "127.0.0.1", "--config", config, "--timeout", "1s")
        took = time.monotonic() - begun
    each = re.findall(r"FAILED \(connected, but no answer within 1 s\)  ([\d.]+) s\n", done.stdout)
    assert (len(each), done.returncode) == (10, 1)
    # As it was measured: the machine may have been busy.
    assert all(1 <= float(seconds) <= took for seconds in each)
    assert took < 10


def test_a_deadline(demo: Demo, healthmon: Healthmon) -> None:
    """What is unfinished is unknown, and makes the exit code 1."""
    with demo(brain="hang") as config:
        done = healthmon("check", "127.0.0.1", "--config", config, "--deadline", "2s")
    # As it was measured: the machine may have been busy.
    assert re.search(r"- Brain AI Gateway\.\.\. \? UNKNOWN \(deadline\)  [\d.]+ s\n", done.stdout)
    assert ("Summary: Healthy: 9/10" in done.stdout, done.returncode) == (True, 1)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interruption_prints_what_is_known(demo: Demo, number: signal.Signals, code: int) -> None:
    """And ends with the signal's code. The process is interrupted when its progress line waits for one service."""
    with demo(brain="hang") as config:
        terminal, child_end = pty.openpty()
        process = subprocess.Popen(
            [sys.executable, "-m", "healthmon", "check", "127.0.0.1", "--config", str(config)],
            stdout=subprocess.PIPE,
            stderr=child_end,
            cwd=ROOT,
            env={**os.environ, "TERM": "xterm"},
            encoding="utf-8",
        )
        os.close(child_end)
        progress = ""
        while "9/10 checked" not in progress:
            progress += os.read(terminal, 1000).decode()
        process.send_signal(number)
        output, _ = process.communicate(timeout=10)
        os.close(terminal)
    assert "waiting for brain" in progress
    assert "- Brain AI Gateway... ? UNKNOWN (interrupted)" in output
    assert ("Summary: Healthy: 9/10" in output, process.returncode) == (True, code)


def test_report_files(demo: Demo, healthmon: Healthmon, tmp_path: Path) -> None:
    """Several at once, beside stdout's."""
    with demo() as config:
        done = healthmon(
            "check", "--config", config, "--report", f"json={tmp_path}/r.json", "--report", f"text={tmp_path}/r.txt"
        )
    assert json.loads((tmp_path / "r.json").read_text())["verdict"] == "up"
    assert (tmp_path / "r.txt").read_text() == done.stdout


@pytest.mark.parametrize("host", ["::1", "localhost"])
def test_host(healthmon: Healthmon, tmp_path: Path, host: str) -> None:
    """An IPv6 address and a name take the place of {host}."""
    family = socket.AF_INET6 if host == "::1" else socket.AF_INET
    with closing(socket.create_server((host, 0), family=family)) as server:
        config = tmp_path / "services.toml"
        config.write_text(f'[[services]]\nname = "X"\nurl = "tcp://{{host}}:{server.getsockname()[1]}"\n')
        done = healthmon("check", host, "--format", "json")
    document = json.loads(done.stdout)
    assert (document["verdict"], document["host"]) == ("up", host)
    assert document["services"][0]["facts"]["ip"] in ("::1", "127.0.0.1")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["http://203.0.113.10:8000"], "203.0.113.10"),
        (["203.0.113.10:8000"], "203.0.113.10"),
        (["[::1]:80"], "::1"),
        ([""], '"": expected a host'),
        (["--only", "nobody"], "--only nobody: it matches no service"),
        (["--only", "saleor", "--only", "brian"], 'did you mean "brain"?'),
        (["--skip", "braim"], 'did you mean "brain"?'),
        (["--group", "cor"], 'did you mean "core"?'),
        (["--tag", "none"], "matches no service"),
        (["--only", "redis"], "The selection matches no enabled service"),
        (["--phase", "-1"], "--phase -1: expected a whole number from 0 on"),
        (["--with", "infrastructur"], 'did you mean "infrastructure"?'),
        (["--timeout", "soon"], "expected a duration"),
        (["--timeout", "0s"], "more than zero"),
        (["--concurrency", "0"], "--concurrency 0: expected a whole number from 1 on"),
        (["--report", "jsn=x"], 'did you mean "json"?'),
        (["--report", "json"], "FORMAT=PATH"),
        (["--report", "json=/nowhere/x"], "/nowhere"),
        (["--report", "json=-"], "stdout has a report already"),
        (["--report", "json=x", "--report", "text=x"], "two reports"),
        (["--format", "yaml"], "yaml"),
        (["--bogus"], "--bogus"),
    ],
)
def test_usage_errors(healthmon: Healthmon, arguments: list[str], message: str) -> None:
    """Exit code 2, a message that names the remedy, nothing on stdout, never a traceback."""
    done = healthmon("check", "--config", ROOT / "config/services.toml", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_a_host_that_changes_nothing(healthmon: Healthmon, tmp_path: Path) -> None:
    """Is a mistake: no selected URL has {host}."""
    (tmp_path / "services.toml").write_text('[[services]]\nname = "X"\nurl = "http://127.0.0.1:9/"\n')
    done = healthmon("check", "203.0.113.10")
    assert (done.returncode, done.stdout) == (2, "")
    assert "{host}" in done.stderr


def test_a_wrong_config(healthmon: Healthmon, tmp_path: Path) -> None:
    """Exit code 78, every fault with file and line, nothing runs."""
    (tmp_path / "services.toml").write_text('[[services]]\nname = "X"\nurl = "htp://a/"\ntimeot = "1s"\n')
    done = healthmon("check")
    assert (done.returncode, done.stdout) == (78, "")
    assert "services.toml:3: " in done.stderr
    assert 'did you mean "timeout"?' in done.stderr


def test_no_config(healthmon: Healthmon) -> None:
    """Says where it was looked for."""
    done = healthmon("check")
    assert (done.returncode, "./services.toml" in done.stderr or "services.toml" in done.stderr) == (78, True)


def test_a_lock_that_is_held(healthmon: Healthmon, tmp_path: Path, demo: Demo) -> None:
    """Exit code 75, and nothing is checked; a free one is taken and given back."""
    from healthmon.cli.jobs.lock import held

    lock = tmp_path / "lock"
    with demo() as config:
        with held(str(lock), default=Path):
            busy = healthmon("check", "--config", config, "--lock", lock)
        free = healthmon("check", "--config", config, "--lock", lock)
        again = healthmon("check", "--config", config, "--lock", lock)
    assert (busy.returncode, busy.stdout, "another run" in busy.stderr.lower()) == (75, "", True)
    assert (free.returncode, again.returncode) == (0, 0)


def test_a_reader_that_goes_away(demo: Demo) -> None:
    """`| head -1` loses lines, not the verdict."""
    with demo(brain="503") as config:
        process = subprocess.Popen(
            [sys.executable, "-m", "healthmon", "check", "--config", str(config)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=ROOT,
        )
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        errors = process.stderr.read()
        process.stderr.close()
        assert (process.wait(timeout=20), errors) == (1, b"")


def test_a_full_disk(demo: Demo, tmp_path: Path) -> None:
    """A report that could not be written is said on stderr and is never exit code 0; the others are written."""
    report = tmp_path / "r.json"
    with demo() as config, Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "healthmon", "check", "--config", str(config), "--report", f"json={report}"],
            stdout=full,
            stderr=subprocess.PIPE,
            cwd=ROOT,
            encoding="utf-8",
            check=False,
        )
    assert (done.returncode, done.stderr) == (
        70,
        "The report could not be written to stdout: No space left on device.\n",
    )
    assert json.loads(report.read_text())["verdict"] == "up"


def test_closed_streams_lose_words_and_not_the_verdict(demo: Demo) -> None:
    """`>&-` and `2>&-`, alone and together."""
    with demo() as config:
        command = shlex.join([sys.executable, "-m", "healthmon", "check", "--config", str(config)])
        for closed in (">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-"):
            done = subprocess.run(
                ["sh", "-c", f"{command} {closed}"], cwd=ROOT, capture_output=True, encoding="utf-8", check=False
            )
            assert (done.returncode, done.stderr) == (0, ""), closed
            assert ("Summary: Healthy: 10/10" in done.stdout) == (closed == "2>&-")


def test_few_open_files_make_it_slower_and_not_wrong(tmp_path: Path) -> None:
    """Concurrency fits itself to the limit."""
    with closing(socket.create_server(("127.0.0.1", 0), backlog=200)) as server:
        port = server.getsockname()[1]
        services = (f'[[services]]\nname = "s{n}"\nurl = "tcp://127.0.0.1:{port}"\n' for n in range(100))
        (tmp_path / "services.toml").write_text("".join(services))
        command = shlex.join([sys.executable, "-m", "healthmon", "check", "--config", f"{tmp_path}/services.toml"])
        done = subprocess.run(
            ["sh", "-c", f"ulimit -n 40; exec {command}"], cwd=ROOT, capture_output=True, encoding="utf-8", check=False
        )
    assert (done.returncode, "Summary: Healthy: 100/100" in done.stdout) == (0, True), done.stdout[-500:]


def test_json_is_utf_8_whatever_the_terminal(healthmon: Healthmon, tmp_path: Path) -> None:
    """Programs read it."""
    (tmp_path / "services.toml").write_text('[[services]]\nname = "grün ✓"\nurl = "tcp://127.0.0.1:9"\n')
    done = healthmon("check", "--format", "json", PYTHONIOENCODING="latin-1")
    assert json.loads(done.stdout)["services"][0]["name"] == "grün ✓"


def test_a_latin_terminal_gets_ascii(demo: Demo, healthmon: Healthmon) -> None:
    """Instead of an error about characters."""
    with demo() as config:
        done = healthmon("check", "--config", config, "--only", "brain", PYTHONIOENCODING="latin-1")
    assert (done.returncode, done.stderr, done.stdout.isascii()) == (0, "", True)
    assert "+ OK (HTTP 200)" in done.stdout


def test_a_thousand_services(healthmon: Healthmon, tmp_path: Path) -> None:
    """On one local server: all are checked, and never more connections are open than `--concurrency`."""
    import asyncio
    import threading

    most, open_now = 0, 0

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal most, open_now
        open_now += 1
        most = max(most, open_now)
        try:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
            await writer.drain()
            await reader.read()
        except ConnectionError:
            pass
        finally:
            open_now -= 1
            writer.close()

    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(asyncio.start_server(answer, "127.0.0.1", 0, backlog=1000))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    port = server.sockets[0].getsockname()[1]
    config = tmp_path / "services.toml"
    config.write_text("".join(f'[[services]]\nname = "s{n}"\nurl = "http://127.0.0.1:{port}/"\n' for n in range(1000)))
    try:
        done = healthmon("check", "--concurrency", "37")
    finally:
        loop.call_soon_threadsafe(server.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "Summary: Healthy: 1000/1000")
    assert 1 < most <= 37


def test_in_process(demo: Demo, capsys: pytest.CaptureFixture[str]) -> None:
    """`main` returns the code, and leaves the process as it was."""
    with demo() as config:
        assert main(["check", "--config", str(config), "--color", "always"]) == 0
    assert "\x1b[32m✓ OK\x1b[0m" in capsys.readouterr().out
