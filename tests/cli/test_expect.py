"""`--expect`: any expectation from the command line, on top of the config."""

import json
from pathlib import Path

import pytest

from tests.conftest import Demo, Healthmon


def test_an_old_version_does_not_pass_for_the_new_one(demo: Demo, healthmon: Healthmon) -> None:
    """Both answer 200 and say that they are healthy; what the config expects is expected as before."""
    with demo() as config:
        only = ("check", "--config", config, "--only", "brain")
        old = healthmon(*only, "--expect", "brain.json.version=9.9.9")
        (was,) = json.loads(healthmon(*only, "--format", "json", "--expect", "brain.json.version=9").stdout)["services"]
        version = was["reasons"][0]["actual"].strip('"')
        new = healthmon(*only, "--expect", f"brain.json.version={version}")
    assert (old.returncode, old.stderr) == (1, "")
    assert '    expected  json version: "9.9.9"' in old.stdout.splitlines()
    assert [reason["expectation"] for reason in was["reasons"]] == ["json version"]
    assert (new.returncode, new.stderr) == (0, "")


def test_the_next_step_names_what_was_typed(demo: Demo, healthmon: Healthmon) -> None:
    """The config has no such key. `wait` says the same at its end."""
    with demo() as config:
        common = ("--config", config, "--only", "brain", "--expect", "brain.json.version=9.9.9")
        checked = healthmon("check", *common)
        waited = healthmon("wait", *common, "--deadline", "1s", "--interval", "100ms")
    for done, code in ((checked, 1), (waited, 124)):
        (step,) = [line for line in done.stdout.splitlines() if line.lstrip().startswith("next ")]
        assert done.returncode == code
        assert step.split(maxsplit=1)[1].startswith("`--expect brain.json.version=9.9.9` is not met. Compare it with ")
        assert "where that comes from an old version, the deployment has not replaced it yet." in step
        assert "expect.json" not in done.stdout


@pytest.mark.parametrize(
    ("expect", "code"),
    [
        ("brain.status:=[200,204]", 0),
        ("brain.status=2xx", 0),
        ("brain.status=204", 1),
        ("brain.latency=10s", 0),
        ("brain.latency=1us", 2),
        ("brain.body.contains=healthy", 0),
        ("brain.body.not_contains=healthy", 1),
        ("brain.header.CONTENT-TYPE=application/json", 0),
        ("brain.header.content-type=text/html", 1),
        ("brain.json.length(checks[?state!='ok']):=0", 0),
        ("brain.json.length(checks[?state!='ok']):=1", 1),
        ('brain.json.length(checks)={"ge":1}', 1),
        ('brain.json.length(checks):={"ge":1}', 0),
        ("*.status:=200", 0),
    ],
)
def test_any_expectation_can_be_typed(demo: Demo, healthmon: Healthmon, expect: str, code: int) -> None:
    with demo() as config:
        done = healthmon("check", "--config", config, "--only", "brain", "--expect", expect)
    assert done.returncode == code, done.stdout + done.stderr


def test_by_environment_one_a_line(demo: Demo, healthmon: Healthmon) -> None:
    """An empty line at the end, as a block in YAML has it, is none."""
    with demo() as config:
        done = healthmon(
            *("check", "--config", config, "--only", "brain", "--format", "json"),
            HEALTHMON_CHECK_EXPECT="brain.status=204\nbrain.json.status:=1\n\n",
        )
    (brain,) = json.loads(done.stdout)["services"]
    assert [reason["expectation"] for reason in brain["reasons"]] == ["status", "json status"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["--expect", "brian.status=200"],
            '--expect brian.status=200: there is no service brian; did you mean "brain"?',
        ),
        (
            ["--only", "auth", "--expect", "brain.status=200"],
            "--expect brain.status=200: brain is not selected, so it would be ignored.",
        ),
        (
            ["--expect", "redis.latency=1s"],
            "--expect redis.latency=1s: redis is not selected, so it would be ignored.",
        ),
        (
            ["--only", "auth", "--expect", "c*m.status=200", "--expect", "*.latency=9s"],
            "--expect c*m.status=200: crm is not selected, so it would be ignored.",
        ),
        (
            ["--skip", "saleor", "--skip", "sourcing", "--expect", "s*.status=200"],
            "--expect s*.status=200: none of saleor, sourcing is selected, so it would be ignored.",
        ),
    ],
)
def test_what_would_be_ignored_is_refused(demo: Demo, healthmon: Healthmon, arguments: list[str], message: str) -> None:
    with demo() as config:
        done = healthmon("check", "--config", config, *arguments)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"{message}\n")


def test_what_cannot_be_read_is_a_mistake_of_usage(healthmon: Healthmon) -> None:
    done = healthmon("check", "--expect", "brain.json.version:=1.4.2")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "--expect brain.json.version:=1.4.2: "
        "what follows := is not JSON; to compare with a text, write brain.json.version=1.4.2\n"
        "Try 'healthmon check --help'.\n"
    )


def test_what_is_wrong_in_the_config_is_told_with_it(tmp_path: Path, healthmon: Healthmon) -> None:
    config = tmp_path / "services.toml"
    config.write_text('[[services]]\nname = "A"\nurl = "http://127.0.0.1:1/"\ntimeout = 0\n')
    done = healthmon("check", "--config", config, "--expect", "a.status=x")
    assert done.returncode == 78
    assert [line.partition(": expect")[0] for line in done.stderr.splitlines()] == [
        f"{config}:4: timeout",
        "--expect a.status=x",
    ]
