"""`healthmon rollout` with commands that start and stop real servers."""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import click
import pytest

from healthmon.app.rollout import variables
from healthmon.cli.group import COMMANDS, LazyGroup
from healthmon.core.journal import Action
from healthmon.core.rollout import Command, Phase, Step
from tests.cli.phases import Deployment, deployment
from tests.conftest import ROOT
from tests.deploy.programs import eventually
from tests.programs.running import lives
from tests.reports.rollouts.test_reports import SAYS_WELL
from tests.reports.workflow_commands import commands


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Deployment]:
    """A deployment of which nothing runs yet."""
    with deployment(tmp_path) as made:
        yield made


def rows(stdout: str) -> list[str]:
    """The results of the table, each on one line; how long was waited was measured, and the machine may be busy."""
    head, *table = stdout.partition("\n\n")[0].splitlines()
    found: list[str] = []
    for line in table:
        result = line[head.index("Result") :].strip()
        if re.match(r"\d ", line):
            found.append(result)
        else:
            found[-1] += f" {result}"
    return [re.sub(r"(?<=not healthy within )[\d.]+ s\b", "SECONDS", result) for result in found]


def test_all_is_well(place: Deployment) -> None:
    """Four phases, each after the one before; the table alone is on stdout."""
    done = place.run()
    assert (done.returncode, rows(done.stdout)) == (0, ["✓ healthy"] * 4), done.stderr
    assert done.stdout.endswith("\nDeployed: 4 phases, and 10 services healthy after the last one.\n")
    names = ["shop", "core", "applications", "commerce"]
    assert place.serving() == names
    assert place.began() == [f"{action} {name}" for name in names for action in ("deploy", "wait")]
    assert re.search(r"^shop \| shop serves on \d+$", done.stderr, re.MULTILINE)
    assert re.search(r"^core: 4 services healthy after [\d.]+ m?s$", done.stderr, re.MULTILINE)
    assert place.journal()[-1]["outcome"] == "deployed"
    assert all(len(line) <= 80 for line in done.stdout.splitlines())


def test_each_line_has_its_time(place: Deployment) -> None:
    """What is told on the way, what commands write, and the table."""
    done = place.run("--timestamps")
    assert done.returncode == 0, done.stderr
    lines = (done.stdout + done.stderr).splitlines()
    assert all(re.match(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ \s*\S", line) for line in lines), lines
    assert re.search(r"Z shop \| shop serves on \d+$", done.stderr, re.MULTILINE)
    assert done.stdout.endswith("Z Deployed: 4 phases, and 10 services healthy after the last one.\n")


def test_a_phase_that_does_not_come_is_rolled_back(place: Deployment) -> None:
    """To the last good one, which is checked; the next is not begun; what is wrong is explained."""
    place.rollout(timeout="3s", deploy3=place.up(3, without="temporal"))
    done = place.run("--report", "json=report.json", "--report", "markdown=report.md")
    assert done.returncode == 1
    page = (place.folder / "report.md").read_text()
    assert page.startswith(
        "## ❌ Rolled back: phase 3 (applications) failed, and phase 2 (core) is live again.\n\n| Ph"
    )
    assert "\n\n### Healthy: 6/7\n" in page
    assert rows(done.stdout) == [
        *("✓ healthy", "✓ healthy"),
        "✗ not healthy within SECONDS: temporal; rolled back",
        "- not reached",
    ]
    assert "✗ Temporal Integration (temporal)  http://127.0.0.1:" in done.stdout
    assert "    why       The host answers, but nothing listens on 127.0.0.1:" in done.stdout
    assert "\nRolled back: phase 3 (applications) failed, and phase 2 (core) is live again.\n" in done.stdout
    assert "    now       before it: all 4 services are healthy\n" in done.stdout
    assert place.serving() == ["shop", "core"]
    assert place.began()[-4:] == [f"{what} applications" for what in ("deploy", "wait", "rollback", "verify")]
    report = json.loads((place.folder / "report.json").read_text())
    assert (report["verdict"], report["summary"]["total"]) == ("down", 7)


def test_in_github_actions(place: Deployment) -> None:
    """Phases and services as annotations, and as tables on the page of the step, behind what stood there."""
    place.rollout(timeout="2s", deploy2=place.up(2, without="auth"))
    place.write("page.md", "# Before\n")
    done = place.run("--format", "github", GITHUB_STEP_SUMMARY="page.md")
    assert done.returncode == 1
    assert [(one.name, one.properties.get("file")) for one in commands(done.stdout)] == [
        ("error", None),
        ("error", "services.toml"),
    ]
    page = (place.folder / "page.md").read_text()
    assert page.startswith(
        "# Before\n\n\n## ❌ Rolled back: phase 2 (core) failed, and phase 1 (shop) is live again.\n"
    )
    assert "\n### Healthy: 3/4\n" in page


def test_as_a_page_on_stdout(place: Deployment) -> None:
    """Also where no service was checked; a plan is text alone."""
    place.rollout(deploy1="exit 9", rollback1=None)
    done = place.run("--format", "markdown")
    assert (done.returncode, done.stdout.startswith("## ❌ ")) == (3, True), done.stdout
    for options in (("--format", "markdown"), ("--report", "json=r.json")):
        refused = place.run(*options, "--dry-run")
        assert (refused.returncode, refused.stdout) == (2, "")
        assert "leave one of the two out" in refused.stderr


def test_a_deploy_command_that_fails(place: Deployment) -> None:
    """Is rolled back at once; what it said last is in the result, and can do no harm there."""
    place.rollout(deploy2=r"echo building; printf '\033[31mERROR\033[0m: \007no space\r\n'; exit 17")
    done = place.run()
    assert (done.returncode, place.serving()) == (1, ["shop"])
    assert rows(done.stdout)[1] == "✗ the deploy command failed: exit 17; rolled back"
    assert (
        "The deploy command of phase 2 (core)\n    said last building\n              ERROR: no space\n" in done.stdout
    )
    assert "core | ERROR: no space\ncore: the deploy command failed after " in done.stderr
    assert "\x1b" not in done.stdout + done.stderr


@pytest.mark.parametrize(("deploy2", "code"), [("echo no space; exit 17", 1), (None, 0)])
def test_every_report_tells_what_came_of_it(place: Deployment, deploy2: str | None, code: int) -> None:
    """A command failed, and all that is checked afterwards is healthy: no report says that all is well."""
    place.rollout(**({"deploy2": deploy2} if deploy2 else {}))
    done = place.run(*(word for format_ in SAYS_WELL for word in ("--report", f"{format_}={format_}.prom")))
    assert done.returncode == code, done.stderr
    texts = {format_: (place.folder / f"{format_}.prom").read_text(encoding="utf-8") for format_ in SAYS_WELL}
    assert {format_ for format_, text in texts.items() if SAYS_WELL[format_](text)} == (set() if code else {*SAYS_WELL})
    rollout = json.loads(texts["json"])["rollout"]
    assert (rollout["outcome"], rollout["exit_code"]) == (place.journal()[-1]["outcome"], code)
    assert (rollout["file"], rollout["current"]) == ("rollout.toml", "shop" if code else "commerce")
    assert rollout["phases"][1]["deploy"]["last_words"] == (["no space"] if code else [])


def test_a_report_where_nothing_was_checked(place: Deployment) -> None:
    """Tells what came of the rollout alone."""
    place.rollout(deploy1="exit 9")
    done = place.run("--report", "json=report.json", "--report", "markdown=report.md")
    assert (done.returncode, "report was" in done.stderr) == (1, False)
    report = json.loads((place.folder / "report.json").read_text())
    assert (report["verdict"], report["services"], report["rollout"]["outcome"]) == ("down", [], "rolled_back")
    assert "Healthy:" not in (place.folder / "report.md").read_text()


def test_what_was_there_before_is_not_healthy(place: Deployment) -> None:
    """The phase has no tick, in no format."""
    done = place.run("--from", "core", "--report", "markdown=report.md", "--report", "github=report.txt")
    assert (done.returncode, rows(done.stdout)[:2]) == (1, ["✗ there before, not healthy now: saleor", "- not reached"])
    assert "Nothing was deployed: the services up to phase 1 (shop) are not healthy.\n" in done.stdout
    for name in ("report.md", "report.txt"):
        text = (place.folder / name).read_text()
        assert "✗ there before, not healthy now: saleor" in text or "✗ 1 shop: there before, not healthy" in text
        assert "✓" not in text


def test_a_deploy_command_that_says_much(place: Deployment) -> None:
    """All of it is told, up to the last line, and so is what came of it; also to a slow reader."""
    place.rollout(deploy2="seq 15000; echo THE REAL ERROR; exit 3")
    with place.start() as process:
        assert process.stdout
        assert process.stderr
        eventually(lambda: any("THE REAL ERROR" in str(entry) for entry in place.journal()) or process.poll())
        _, stderr = process.communicate(timeout=60)
    lines = stderr.splitlines()
    said = [line for line in lines if line.startswith("core | ")]
    assert said == [*(f"core | {number}" for number in range(1, 15001)), "core | THE REAL ERROR"]
    assert re.match(r"core: the deploy command failed after .*: exit 3$", lines[lines.index(said[-1]) + 1])


def test_nobody_reads_what_is_said(place: Deployment) -> None:
    """A reader who stands still does not stop the rollout for ever; he is told how much he has missed."""
    place.rollout(
        deploy2="i=0; while [ $i -lt 4000 ]; do i=$((i+1)); printf '%0400d\\n' $i; done; sleep 1; seq 5; exit 3"
    )
    with place.start() as process:
        eventually(lambda: place.journal() and place.journal()[-1].get("outcome") == "rolled_back")
        _, stderr = process.communicate(timeout=60)
    lines = stderr.splitlines()
    assert len([line for line in lines if line.startswith("core | ")]) < 4005
    assert [line for line in lines if re.fullmatch(r"\([\d,]+ lines? left out here: see the journal\)", line)]
    assert any(line.startswith("core: the deploy command failed after ") for line in lines)


def test_an_earlier_phase_that_breaks(place: Deployment) -> None:
    """While the last is deployed: the result says whose services are at fault, and what may mend them."""
    place.rollout(timeout="3s", deploy4=f"{place.down(1)} && {place.up(4)}")
    done = place.run()
    assert done.returncode == 3
    assert rows(done.stdout) == [
        "✗ healthy at first, broke later: saleor",
        *("✓ healthy", "✓ healthy"),
        "✗ phase 1 (shop) broke: saleor; rolled back",
    ]
    assert "\nBROKEN AFTER THE ROLLBACK: phase 4 (commerce) was rolled back, but not all before it" in done.stdout
    assert "    now       before it: 6 of 7 services healthy; not healthy: saleor\n" in done.stdout
    assert f"    next      Mend saleor of phase 1 (shop), which was deployed by: {place.up(1)}\n" in done.stdout
    assert place.serving() == ["core", "applications"]


def test_services_that_are_healthy_but_not_often_enough(place: Deployment) -> None:
    """Are not called broken, and nobody is told to deploy them once more: the file asks too much of them."""
    # The answers alone take what the pauses leave of the time.
    place.rollout(timeout="4s", **{f"deploy{phase}": f"DELAY=0.5 {place.up(phase)}" for phase in (1, 2)})
    text = (place.folder / "rollout.toml").read_text()
    place.write("rollout.toml", text.replace("phase = 2\n", "phase = 2\nstable = 5\n"))
    done = place.run()
    assert done.returncode == 3
    first = r"\? healthy at first, later not 5 times in a row within \S+( s)?: saleor"
    assert re.fullmatch(first, rows(done.stdout)[0])
    assert re.search(r"^\? saleor\n    met       healthy, but not 5 times in a row within", done.stdout, re.MULTILINE)
    assert "    now       before it: 1 of 1 service healthy; not 5 times in a row within " in done.stdout
    remedy = "    next      Give phase 2 (core) a longer `timeout` or a lower `stable` in rollout.toml.\n"
    assert done.stdout.count(remedy) == 2
    assert not re.search("broke|Mend|not healthy", done.stdout)
    assert place.serving() == ["shop"]


def test_going_on_with_the_phase_that_failed(place: Deployment) -> None:
    """When it is mended, with the command that was told; those before it are left as they are."""
    place.rollout(timeout="2s", deploy2="exit 1")
    failed = place.run("127.0.0.1", "--interval", "500ms")
    assert failed.returncode == 1
    command = "healthmon rollout rollout.toml 127.0.0.1 --interval 0.5 --from core"
    assert f"    next      When that is mended, go on with: {command}\n" in failed.stdout
    shop = place.pid("shop")
    place.rollout(deploy3="exit 1")
    assert "\nphase 1 (shop) - left as it is\n\nphase 2 (core)\n" in place.run("--dry-run", "--from", "core").stdout
    with place.start("--from", "core") as process:
        stdout, stderr = process.communicate(timeout=60)
    assert (process.returncode, rows(stdout)[:2]) == (1, ["✓ there before", "✓ healthy"])
    assert "\nup to shop: 1 service healthy after " in stderr
    assert (place.pid("shop"), place.began().count("deploy shop")) == (shop, 1)

    nobody = place.run("--from", "commerc")
    assert (nobody.returncode, nobody.stdout) == (2, "")
    assert nobody.stderr == '--from commerc: there is no phase of this name; did you mean "commerce"?\n'
    assert "; the phases are: shop, core, app" in place.run("--from", "x").stderr
    assert place.run("--from", "core", "--resume").returncode == 2
    subprocess.run(place.down(1), shell=True, cwd=place.folder, check=True)
    missing = place.run("--from", "core")
    assert (missing.returncode, place.began()[-1]) == (1, "verify applications")
    assert "\nNothing was deployed: the services up to phase 1 (shop) are not healthy.\n" in missing.stdout


def test_the_command_that_resumes_expects_the_same(place: Deployment) -> None:
    """What decides is in it; without it there is no going on."""
    place.rollout(timeout="3s", deploy1="touch deploying; sleep 600")
    options = ["--config", "services.toml", "--expect", "saleor.body.contains=the new one", "--interval", "0.25"]
    options += ["--report", "json=report.json", "--timeout", "1500ms", "--fail-on", "degraded"]
    with place.start(*options) as process:
        eventually((place.folder / "deploying").exists)
        process.terminate()
        stdout, _ = process.communicate()
    told = re.search(r"Go on with: healthmon (.*)", stdout)
    assert told
    words = shlex.split(told[1])
    assert words[:2] == ["rollout", "rollout.toml"]
    assert words[2:-1] == [*options[:9], "1.5", *options[10:]]
    for fewer, what in (
        ((), "what is expected (--expect) was saleor.body.contains=the new one and is nothing"),
        (options[2:4], "--fail-on was degraded and is down"),
    ):
        without = place.run("--resume", *fewer)
        assert (without.returncode, without.stdout) == (2, "")
        assert without.stderr.startswith(f"--resume: {what} since the rollout began ")
    (place.folder / "go").touch()
    place.rollout(timeout="3s", deploy1="touch deploying; sleep 600")
    with place.start(*words[2:]) as process:
        eventually(lambda: place.began() == ["deploy shop"] * 2)
        process.terminate()


def test_a_damaged_journal_is_told_of_in_the_plan(place: Deployment) -> None:
    """Which says what will be done: a wait that is known shows that its phase was deployed."""
    place.rollout(deploy2="touch deploying; test -e go || exit 1", rollback2="touch back; sleep 600")
    with place.start() as process:
        eventually((place.folder / "back").exists)
        process.kill()
        process.communicate()
    journal = place.folder / "rollout.journal.jsonl"
    lines = journal.read_bytes().splitlines(keepends=True)
    number = next(index for index, line in enumerate(lines) if b'"event":"command"' in line)
    journal.write_bytes(b"".join([*lines[:number], b"garbage\n", *lines[number + 1 :]]))
    plan = place.run("--resume", "--dry-run").stdout
    assert f"Note: In the journal {journal} 1 line is damaged, and the other {len(lines) - 1} entries count.\n" in plan
    assert "phase 1 (shop) - done already\n" in plan
    place.write("rollout.toml", (place.folder / "rollout.toml").read_text())
    with place.start("--resume") as process:
        eventually(lambda: place.began().count("rollback core") == 2)
        process.terminate()
        process.communicate()
    assert place.began().count("deploy shop") == 1


def test_a_rollback_that_fails(place: Deployment) -> None:
    """Is told loudly, with what to do by hand."""
    place.rollout(
        timeout="3s", deploy3=place.up(3, without="crm"), rollback3="echo the registry does not answer; exit 4"
    )
    done = place.run()
    assert (done.returncode, place.serving()) == (3, ["shop", "core", "applications"])
    assert rows(done.stdout)[2] == "✗ not healthy within SECONDS: crm; the rollback failed: exit 4"
    assert "\nBROKEN, THE ROLLBACK FAILED TOO: the rollback of phase 3 (applications): exit 4.\n" in done.stdout
    assert "    said last the registry does not answer\n" in done.stdout
    assert f"Take it back by hand, in {place.folder}: echo the registry does not answer; exit 4\n" in done.stdout
    assert "healthmon check 127.0.0.1 --config services.toml --phase 2\n" in done.stdout
    assert place.journal()[-1]["outcome"] == "broken"


def test_without_a_way_back(place: Deployment) -> None:
    """It stays as it is, which is said."""
    place.rollout(timeout="2s", deploy1="true", rollback1=None)
    done = place.run()
    assert done.returncode == 3
    assert "BROKEN AND NOT ROLLED BACK: phase 1 (shop) failed, and has no rollback command." in done.stdout
    assert "    now       not checked: no services are known for before this phase\n" in done.stdout


def test_prerequisites(place: Deployment) -> None:
    """What everything stands on comes first, although it is not enabled."""
    down = 'url = "tcp://127.0.0.1:1"\n'
    services = (place.folder / "services.toml").read_text()
    place.write(
        "services.toml", f'{services}[[services]]\nname = "db"\n{down}group = "infrastructure"\nenabled = false\n'
    )
    done = place.run()
    assert (done.returncode, place.serving(), place.began()) == (1, [], [])
    assert "Nothing was deployed: the prerequisites are not healthy.\n" in done.stdout
    assert "✗ db (db)  tcp://127.0.0.1:1\n" in done.stdout
    place.rollout("prerequisites = false")
    assert place.run().returncode == 0


def test_killed_in_the_middle_and_resumed(place: Deployment) -> None:
    """What ended is not done again; what had begun is; its command did not go on by itself."""
    place.rollout(deploy2=f"echo $$ > deploying; test -e go || sleep 600; {place.up(2)}")
    with place.start() as process:
        eventually(lambda: (place.folder / "deploying").exists() and (place.folder / "deploying").read_text().strip())
        command = int((place.folder / "deploying").read_text())
        shop = place.pid("shop")
        assert lives(command)
        process.kill()
        process.communicate()
    eventually(lambda: not lives(command))
    assert place.began() == ["deploy shop", "wait shop", "deploy core"]
    assert place.journal()[-1]["event"] == "began"

    plan = place.run("--resume", "--dry-run").stdout
    assert "phase 1 (shop) - done already\n" in plan
    assert "phase 2 (core)\n" in plan
    (place.folder / "go").touch()
    done = place.run("--resume")
    assert (done.returncode, rows(done.stdout)) == (0, ["✓ healthy"] * 4), done.stderr
    assert place.began()[3:5] == ["deploy core", "wait core"]
    assert place.began().count("deploy shop") == 1
    assert place.pid("shop") == shop

    again = place.run("--resume")
    assert again.returncode == 2
    assert re.match(r"--resume: the rollout begun [\d-]+ [\d:]+ UTC is over: all of it is deployed\. ", again.stderr)


def test_killed_in_a_rollback_and_resumed(place: Deployment) -> None:
    """It is run again, and the rollout ends as the failure that it is."""
    place.rollout(deploy2="exit 1", rollback2="touch back; test -e go || sleep 600")
    with place.start() as process:
        eventually((place.folder / "back").exists)
        process.kill()
        process.communicate()
    (place.folder / "go").touch()
    done = place.run("--resume")
    assert (done.returncode, rows(done.stdout)[1]) == (1, "✗ the deploy command failed: exit 1; rolled back")
    assert place.began()[-3:] == ["rollback core", "rollback core", "verify core"]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_interrupted_while_a_command_runs_that_does_not_want_to_end(
    place: Deployment, number: signal.Signals, code: int
) -> None:
    """It is killed after the grace; nothing is rolled back; the table says how to go on."""
    place.rollout(deploy2="trap '' TERM; echo $$ > deploying; while :; do sleep 0.1; done")
    with place.start() as process:
        eventually(lambda: (place.folder / "deploying").exists() and (place.folder / "deploying").read_text().strip())
        begun = time.monotonic()
        process.send_signal(number)
        stdout, stderr = process.communicate(timeout=30)
    assert 1 <= time.monotonic() - begun < 15
    eventually(lambda: not lives(int((place.folder / "deploying").read_text())))
    assert (process.returncode, rows(stdout)) == (
        code,
        ["✓ healthy", "? interrupted", "- not reached", "- not reached"],
    )
    assert f"Interrupted by {number.name}; the command is told to end, and killed after 1 s.\n" in stderr
    assert "Interrupted: the deploy command of phase 2 (core) did not end. Nothing was rolled back.\n" in stdout
    assert "    next      Go on with: healthmon rollout rollout.toml --resume\n" in stdout
    assert [one["signal"] for one in place.journal() if one["event"] == "interrupted"] == [number.name]
    assert place.serving() == ["shop"]


def test_a_signal_that_comes_when_it_is_over(place: Deployment) -> None:
    """Costs neither the table nor the reports, and it ends as the rollout did."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    with suppress(BlockingIOError):
        while os.write(writing, b"x" * 4096):
            pass
    os.set_blocking(writing, True)
    with place.start("--report", "json=r.json", stdout=writing) as process:
        os.close(writing)
        eventually((place.folder / "r.json").exists)  # Now it waits for whoever reads stdout.
        process.send_signal(signal.SIGTERM)
        with os.fdopen(reading, encoding="utf-8") as stdout:
            said = stdout.read()
        assert process.wait(30) == 0, process.communicate()
    assert said.endswith("\nDeployed: 4 phases, and 10 services healthy after the last one.\n")


def test_killed_before_it_said_how_it_ended(place: Deployment) -> None:
    """What was found healthy then is down by now, and is not told to be healthy; when it is, all is well."""
    assert place.run().returncode == 0
    path = place.folder / "rollout.journal.jsonl"
    lines = path.read_text().splitlines(keepends=True)
    assert '"ended"' in lines[-1]
    path.write_text("".join(lines[:-1]))
    subprocess.run(place.down(3), shell=True, cwd=place.folder, check=True)
    ahead = place.run("--resume", "--dry-run").stdout
    assert "\nNothing is left to do but to look once at saleor, " in ahead
    done = place.run("--resume", "--report", "json=r.json")
    assert (done.returncode, rows(done.stdout)[1]) == (1, "✓ healthy"), done.stderr
    assert rows(done.stdout)[2].startswith("✗ healthy at first, not healthy now: ")
    assert "\nAll was deployed, but not all is healthy now: " in done.stdout
    assert json.loads((place.folder / "r.json").read_text())["verdict"] == "down"
    subprocess.run(place.up(3), shell=True, cwd=place.folder, check=True, stdout=subprocess.DEVNULL)
    done = place.run("--resume")
    assert (done.returncode, rows(done.stdout)) == (0, ["✓ healthy"] * 4), done.stderr


def test_two_at_once(place: Deployment) -> None:
    """The second ends with the first one's process, whichever journal it would write."""
    place.rollout(deploy1="touch deploying; sleep 600")
    with place.start() as process:
        eventually((place.folder / "deploying").exists)
        for options in ([], ["--journal", "other.jsonl"], ["--resume"]):
            second = place.run(*options)
            assert (second.returncode, second.stdout) == (75, "")
            assert f"({'process'} {process.pid}, since " in second.stderr
        for options in ([], ["--resume"], ["--journal", "other.jsonl"]):
            plan = place.run("--dry-run", *options)
            goes_on = f"rollout.toml goes on (process {process.pid}, since "
            assert (plan.returncode, goes_on in plan.stdout) == (0, True), plan
            assert "was not brought to its end" not in plan.stdout
        process.kill()
        process.communicate()


def test_two_by_other_names(place: Deployment) -> None:
    """A link to the file, another file that would write the same journal, and one that is told to."""
    place.rollout(deploy1="touch deploying; sleep 600")
    text = (place.folder / "rollout.toml").read_text()
    place.write("rollout.conf", text)
    place.write("other.toml", text)
    (place.folder / "links").mkdir()
    place.write("links/services.toml", (place.folder / "services.toml").read_text())
    (place.folder / "links/current.toml").symlink_to(place.folder / "rollout.toml")
    (place.folder / "links/journal").symlink_to(place.folder / "rollout.journal.jsonl")
    with place.start() as process:
        eventually((place.folder / "deploying").exists)
        seconds = [
            place.run(*options, file=file)
            for file, *options in (
                ["links/current.toml"],
                ["links/current.toml", "--resume", "--journal", "new.jsonl"],
                ["rollout.conf"],
                ["other.toml", "--journal", "rollout.journal.jsonl"],
                ["other.toml", "--journal", "links/journal"],
            )
        ]
        process.terminate()
        process.communicate()
    for second in seconds:
        assert (second.returncode, f"(process {process.pid}, since " in second.stderr) == (75, True), second.stderr
    assert "phase 1 (shop)" in place.run("--resume", "--dry-run", file="links/current.toml").stdout
    assert not list((place.folder / "links").glob("*.lock"))


def test_files_of_others_are_left_alone(place: Deployment) -> None:
    """As journals, and as reports."""
    place.write("notes.txt", "mine\n")
    texts = {name: (place.folder / name).read_bytes() for name in ("rollout.toml", "services.toml", "notes.txt")}
    for name in texts:
        for options in ([], ["--dry-run"], ["--resume"]):
            done = place.run("--journal", name, *options)
            assert (done.returncode, done.stdout) == (2, "")
            assert done.stderr.startswith(f"--journal {name}: ")
    for name in ("rollout.toml", "services.toml", "rollout.journal.jsonl"):
        done = place.run("--report", f"json={name}")
        assert (done.returncode, done.stderr[: 10 + len(name)]) == (2, f"--report {name}:")
    assert {name: (place.folder / name).read_bytes() for name in texts} == texts
    assert sorted(one.name for one in place.folder.iterdir()) == sorted(texts)


@pytest.mark.parametrize("within", ["{}", 'timeout 60 sh -c "{}"', 'setsid -w sh -c "{}"'])
def test_resumed_while_the_command_of_the_killed_one_still_ends(place: Deployment, within: str) -> None:
    """Is not begun: both would change the same things."""
    waits = "trap '' TERM; touch deploying; while ! test -e go; do sleep 0.1; done"
    script = f"if test -e go; then {place.up(1)}; else {waits}; fi"
    place.rollout(deploy1=within.format(script))
    text = (place.folder / "rollout.toml").read_text()
    place.write("rollout.toml", text.replace('grace = "1s"', 'grace = "30s"'))
    with place.start() as process:
        eventually((place.folder / "deploying").exists)
        process.kill()
        process.communicate()
    second = place.run("--resume")
    assert second.returncode == 75
    assert "that was killed is still being ended; nothing was begun. Try again.\n" in second.stderr
    (place.folder / "go").touch()
    eventually(lambda: place.run("--resume").returncode == 0)
    assert place.began().count("deploy shop") == 2


@pytest.mark.parametrize("within", ["{}", "timeout 60 {}", "setsid -w {}"])
def test_a_command_that_takes_too_long(place: Deployment, within: str) -> None:
    """Is ended, and has failed."""
    place.rollout('command_timeout = "1s"', deploy1=within.format("sh -c 'echo $$ > deploying; sleep 600'"))
    done = place.run()
    assert not lives(int((place.folder / "deploying").read_text()))
    assert rows(done.stdout)[0] == "✗ the deploy command failed: did not end within 1 s, and was ended; rolled back"


def test_secrets_of_the_services_stay_secret(place: Deployment) -> None:
    """Also when a command tells them."""
    text = (place.folder / "services.toml").read_text()
    place.write("services.toml", text.replace("[defaults]", '[defaults]\nauth.bearer = "${TOKEN}"'))
    place.rollout(timeout="2s", deploy1="echo the token is $TOKEN; exit 1")
    done = place.run(TOKEN="s3cret-token")
    assert done.returncode == 1
    assert "shop | the token is ***\n" in done.stderr
    assert "s3cret" not in done.stdout + done.stderr + (place.folder / "rollout.journal.jsonl").read_text()


def test_beginning_anew_after_an_interruption(place: Deployment) -> None:
    """Is allowed, and said."""
    place.rollout(deploy2="touch deploying; sleep 600")
    with place.start() as process:
        eventually((place.folder / "deploying").exists)
        process.terminate()
        process.communicate()
    place.rollout(deploy2="touch deploying; exit 1")
    changed = place.run("--resume")
    assert changed.returncode == 2
    assert "rollout.toml has changed since the rollout began" in changed.stderr
    other = place.run("127.0.0.2", "--resume")
    assert (other.returncode, "the host was 127.0.0.1 and is 127.0.0.2" in other.stderr) == (2, True)
    anew = place.run()
    assert anew.returncode == 1
    assert "was not brought to its end. This one begins anew" in anew.stderr
    assert " The last one is given up: from now on --resume goes on with this one." in anew.stderr
    told = "interrupt this one and run: healthmon rollout rollout.toml --from core\n"
    assert told in anew.stderr
    assert place.began().count("deploy shop") == 2


def test_nothing_to_resume(place: Deployment) -> None:
    """Is said, and nothing is begun."""
    done = place.run("--resume")
    assert (done.returncode, done.stdout) == (2, "")
    assert (
        done.stderr == "--resume: the journal tells of no rollout, so there is nothing to go on with; leave it out.\n"
    )


def test_a_damaged_journal_is_not_the_end(place: Deployment) -> None:
    """It is told and kept; what could be read counts."""
    place.rollout(deploy2="exit 1", rollback2="touch back; sleep 600")
    with place.start() as process:
        eventually((place.folder / "back").exists)
        process.kill()
        process.communicate()
    journal = place.folder / "rollout.journal.jsonl"
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join([*lines[:2], b"\x00garbage\n", *lines[3:], b'{"crc":"0']))
    place.rollout(deploy2="exit 1", rollback2="touch back; sleep 600")
    with place.start("--resume") as process:
        eventually(lambda: place.began().count("rollback core") == 2)
        process.terminate()
        _, stderr = process.communicate()
    assert re.search(r"1 line is damaged; it is now \S+\.corrupt-\d{8}T\d{6}Z, and the other \d+ entries", stderr)
    assert process.returncode == 143
    assert len(list(place.folder.glob("*.corrupt-*"))) == 1


def test_a_journal_that_cannot_be_written(place: Deployment) -> None:
    """Then nothing is begun."""
    done = place.run("--journal", "/dev/full")
    assert (done.returncode, place.serving()) == (2, [])
    assert "--journal /dev/full: not a file." in done.stderr
    done = place.run("--journal", "missing/journal")
    assert (done.returncode, place.serving()) == (2, [])


def test_a_disk_that_fills_up(place: Deployment) -> None:
    """Ends it before anything more is begun, and says how to go on; what was not written down is done again."""
    place.rollout(deploy2=f"{place.up(2)}; yes flood | head -n 2000; exit 0")
    limited = ["/bin/sh", "-c", 'ulimit -f 32; exec "$@"', "sh", sys.executable, "-m", "healthmon", "rollout"]
    done = subprocess.run(
        [*limited, "rollout.toml"],
        cwd=place.folder,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert (done.returncode, done.stdout) == (70, ""), done.stderr
    last = done.stderr.splitlines()[-1]
    assert last.startswith(
        f"The journal {place.folder}/rollout.journal.jsonl cannot be written: File too large. Nothing"
    )
    assert last.endswith("go on with: healthmon rollout rollout.toml --resume")
    assert place.serving() == ["shop", "core"]
    resumed = place.run("--resume")
    assert (resumed.returncode, place.began().count("deploy core")) == (0, 2)


@pytest.mark.parametrize(("deploy", "code"), [("true", 70), ("exit 1", 1)])
def test_a_report_that_cannot_be_written(place: Deployment, deploy: str, code: int) -> None:
    """Costs neither the table nor the verdict."""
    folder = place.folder / "reports"
    folder.mkdir()
    place.rollout(deploy2=f"{place.up(2)}; rmdir reports; {deploy}")
    done = place.run("--report", "json=reports/r.json")
    assert (done.returncode, len(rows(done.stdout))) == (code, 4)
    assert "The report reports/r.json could not be written: No such file or directory.\n" in done.stderr


@pytest.mark.parametrize(("deploy", "code"), [("true", 70), ("exit 1", 3)])
def test_a_stdout_that_takes_nothing(place: Deployment, deploy: str, code: int) -> None:
    """Costs neither the files nor the verdict, which stderr gets instead."""
    place.rollout(deploy2=f"{place.up(2)}; {deploy}", rollback2=None)
    words = [sys.executable, "-m", "healthmon", "rollout", "rollout.toml", "--report", "json=r.json"]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            words,
            cwd=place.folder,
            env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT)},
            stdout=full,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            check=False,
        )
    assert done.returncode == code
    assert "The report could not be written to stdout: No space left on device.\n" in done.stderr
    assert ("\nDeployed: 4 phases" in done.stderr) is (code == 70)
    assert ("\nBROKEN AND NOT ROLLED BACK: phase 2 (core) failed" in done.stderr) is (code == 3)
    assert (place.folder / "r.json").exists()


def test_the_plan(place: Deployment) -> None:
    """Touches nothing."""
    before = sorted(place.folder.iterdir())
    done = place.run("--dry-run")
    assert (done.returncode, done.stderr, sorted(place.folder.iterdir())) == (0, "", before)
    assert "phase 2 (core)\n  deploy    " in done.stdout
    assert "  wait      up to 30 s until healthy: brain, wagtail, auth\n" in done.stdout
    assert "            and still: 1 service from before\n" in done.stdout


def test_what_is_wrong_is_told_first(place: Deployment) -> None:
    """All of it, with file and line; nothing is begun. A program that is not there is a fault, too."""
    place.write("rollout.toml", 'config = "services.toml"\n[[phase]]\nname = "x"\nphase = 9\ndeploy = "x"\n')
    done = place.run()
    assert (done.returncode, done.stdout) == (78, "")
    assert done.stderr.startswith("rollout.toml:4: phase[0].phase: no service has phase = 9")
    place.write(
        "rollout.toml", 'config = "services.toml"\n[[phase]]\nname = "x"\nphase = 1\ndeploy = "no-such-thing"\n'
    )
    for options in ([], ["--dry-run"]):
        done = place.run(*options)
        assert (done.returncode, done.stdout) == (78, "")
        assert done.stderr.startswith(
            'rollout.toml:5: phase[0].deploy: there is no program "no-such-thing" on the PATH'
        )
    place.write("rollout.toml", 'config = "services.toml"\n[[phase]]\nname = "x"\nphase = 1\ndeploy = "true"\n')
    done = place.run("--expect", "nobody.status=200")
    assert done.returncode == 2
    assert place.run("--config", "missing.toml").returncode == 78
    assert not (place.folder / "rollout.journal.jsonl").exists()


def test_what_is_expected_besides(place: Deployment) -> None:
    """Of a version that is not there, the phase does not come."""
    place.rollout(timeout="2s")
    done = place.run("--expect", "saleor.body.contains=1.4.2", "--interval", "500ms", "--timeout", "1s")
    assert (done.returncode, rows(done.stdout)[0]) == (1, "✗ not healthy within SECONDS: saleor; rolled back")


def test_a_command_that_floods_and_one_that_never_ends_a_line(place: Deployment) -> None:
    """Hold nothing up, and what is left out is said."""
    place.rollout(
        deploy1=f"yes flood | head -n 300000; {place.up(1)}",
        deploy2=f"head -c 50000000 /dev/zero | tr '\\0' x; {place.up(2)}",
    )
    done = place.run()
    assert done.returncode == 0, done.stderr[-2000:]
    said = [one["line"] for one in place.journal() if one["event"] == "output" and one["phase"] == "shop"]
    assert (len(said), said[-1][:14]) == (20_101, "shop serves on")
    assert sum(line.startswith("shop | ") for line in done.stderr.splitlines()) == 20_101
    assert any(line == "(279901 more lines, which are left out)" for line in said)
    assert (place.folder / "rollout.journal.jsonl").stat().st_size < 5_000_000


def test_a_reader_who_goes_away_does_not_end_it(place: Deployment) -> None:
    """Neither of stderr nor of stdout."""
    with place.start() as process:
        assert process.stderr
        assert process.stdout
        process.stderr.close()
        process.stdout.close()
        assert process.wait(timeout=60) == 0
    assert len(place.serving()) == 4


def test_what_commands_are_told(place: Deployment) -> None:
    """By their environment, and where they run."""
    place.rollout(timeout="2s", deploy1=f"{place.up(1)}; pwd; env | grep ROLLOUT", deploy2="exit 1")
    done = place.run("127.0.0.1")
    assert done.returncode == 1
    said = {one["line"] for one in place.journal() if one["event"] == "output" and one["phase"] == "shop"}
    assert {
        str(place.folder),
        "HEALTHMON_ROLLOUT_ACTION=deploy",
        "HEALTHMON_ROLLOUT_PHASE_NAME=shop",
        "HEALTHMON_ROLLOUT_PHASE_NUMBER=1",
        "HEALTHMON_ROLLOUT_GOOD_NAME=",
        "HEALTHMON_ROLLOUT_GOOD_NUMBER=",
        "HEALTHMON_ROLLOUT_TARGET_HOST=127.0.0.1",
    } <= said


def test_no_variable_of_a_command_is_that_of_an_option() -> None:
    """Or a rollout that is started by a rollout would read it."""
    command = LazyGroup("healthmon", commands_at=COMMANDS).get_command(click.Context(click.Command("x")), "rollout")
    assert command
    options = {option.envvar for option in command.params if isinstance(option, click.Option)}
    true = Command(("true",), "true")
    told = variables([Phase(name="a", number=1, deploy=true)], Step(Action.DEPLOY, 0), None)
    assert "HEALTHMON_ROLLOUT_JOURNAL" in options
    assert options.isdisjoint(told)
