"""What is said of a command line that cannot be carried out: in a line, with what to write instead."""

from pathlib import Path

import pytest

from healthmon.cli import main
from tests.conftest import ROOT

CONFIG = str(ROOT / "config/services.toml")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["check", "127.0.0.7:18000"],
            (
                "HOST 127.0.0.7:18000: expected a host's name or address and nothing more; ports stand in the URLs; "
                "write: 127.0.0.7"
            ),
        ),
        (["check", "--phase", "x"], "--phase x: expected a whole number from 0 on"),
        (["demo", "--phase", "5"], "--phase 5: expected a whole number from 1 to 4"),
        (
            ["check", "--lock", "hang.toml"],
            "HOST hang.toml: this is the name of a file, not of a host; write --config=hang.toml or --lock=hang.toml",
        ),
        (
            ["diagnose", "brain", "hang.toml"],
            "HOST hang.toml: this is the name of a file, not of a host; write --config=hang.toml",
        ),
        (
            ["wait", "--only", "auth", "echo", "hi"],
            "hi: one argument too many. A command to be run goes behind '--', as in: -- echo hi",
        ),
        (["check", "a", "b", "c"], "b c: one argument too many. healthmon check takes HOST"),
        (["schema", "x"], "x: one argument too many. healthmon schema takes no argument"),
        (["run", "--nope"], "No such option: --nope"),
        (["run", "--gruop", "x"], 'No such option: --gruop; did you mean "--group"?'),
        (["wait", "--watch"], "No such option: --watch; that is one of healthmon check"),
        (["check", "--stable", "2"], "No such option: --stable; that is one of healthmon wait"),
        (["check", "--invert"], "No such option: --invert; that is one of healthmon wait"),
        (["wait", "--on-change"], "No such option: --on-change; that is one of healthmon check"),
        (["rollout", "--deadline", "2m"], "No such option: --deadline; that is one of healthmon check and wait"),
        (["schema", "--fail-on", "x"], "No such option: --fail-on; that is one of healthmon check, wait and rollout"),
        (["check", "--only"], "Option '--only' requires an argument."),
        (["check", "--timeout", "soon"], "--timeout soon: expected a duration such as "),
        (["check", "--format", "jsn"], "--format: 'jsn' is not one of 'text', 'json', "),
        (["diagnose"], "Missing argument 'ID'."),
        (["chekc"], "There is no command 'chekc'; did you mean \"check\"?"),
        (
            ["check", "--expect", "brain.body=healthy"],
            (
                "--expect brain.body=healthy: body has several tests; to have it hold a text, write "
                "brain.body.contains=healthy"
            ),
        ),
        (
            ["check", "--expect", "brain.json.version==1"],
            (
                "--expect brain.json.version==1: there is no == here; write brain.json.version=1. "
                'To compare with a text that begins with =, write brain.json.version:="=1"'
            ),
        ),
        (
            ["check", "--expect", "brain.json.status!=x"],
            (
                '--expect brain.json.status!=x: there is no != here; write brain.json.status:={"ne": "x"}. '
                "The operators are eq, ne, gt, ge, lt, le, contains, matches, exists, one_of"
            ),
        ),
        (
            ["check", "--expect", "brain.json.count>=3"],
            '--expect brain.json.count>=3: there is no >= here; write brain.json.count:={"ge": 3}.',
        ),
    ],
)
def test_one_line_and_where_the_help_is(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The same for all, and nothing before it."""
    assert main(arguments) == 2
    output = capsys.readouterr()
    first, second = output.err.splitlines()
    assert (first[: len(said)], output.out) == (said, "")
    command = "healthmon" if arguments[0] == "chekc" else f"healthmon {arguments[0]}"
    assert second == f"Try '{command} --help'."


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--group", "nope"], "--group nope: it matches no service\nThe groups are: "),
        (["--tag", "nope"], "--tag nope: it matches no service\nThere are no tags.\n"),
        (["--only", "x*"], "--only x*: it matches no service\nThe services are: saleor, brain, "),
        (["--with", "nope"], "--with nope: no service is in this group\nThe groups are: "),
    ],
)
def test_what_there_is_is_named(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Where a name matches nothing, and none is near."""
    assert main(["check", "--config", CONFIG, *arguments]) == 2
    assert capsys.readouterr().err.startswith(said)


def test_of_many_the_first_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """So that the message can still be seen above them."""
    config = tmp_path / "services.toml"
    config.write_text(
        "".join(f'[[services]]\nname = "s{number}"\nurl = "tcp://127.0.0.1:1"\n' for number in range(100))
    )
    assert main(["check", "--config", str(config), "--only", "x"]) == 2
    assert capsys.readouterr().err.endswith(", s28, s29 and 70 more\n")


def test_a_variable_that_is_not_set_is_told_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In a step it is not taken for a value that was saved before as well."""
    config = tmp_path / "services.toml"
    config.write_text(
        '[[services]]\nname = "a"\nurl = "http://127.0.0.1:1"\n'
        '[[services.steps]]\nform.password = "${NOBODY_SETS_THIS}"\n'
    )
    assert main(["validate", "--config", str(config)]) == 78
    (line,) = capsys.readouterr().err.splitlines()
    assert "the environment variable NOBODY_SETS_THIS is not set" in line


@pytest.mark.parametrize(
    ("command", "variable", "value", "said"),
    [
        ("check", "HEALTHMON_CHECK_TIMEOUT", "abc", "HEALTHMON_CHECK_TIMEOUT=abc: expected a duration such as "),
        ("wait", "HEALTHMON_WAIT_STABLE", "x", "HEALTHMON_WAIT_STABLE=x: expected a whole number from 1 on\n"),
        ("check", "HEALTHMON_CHECK_FORMAT", "jsn", "HEALTHMON_CHECK_FORMAT: 'jsn' is not one of "),
        (
            "check",
            "HEALTHMON_CHECK_WATCH",
            "maybe",
            "HEALTHMON_CHECK_WATCH: 'maybe' is neither yes (1, true, ",
        ),
        (
            "check",
            "HEALTHMON_CHECK_REPORT",
            "x",
            "such as json=health.json.\n--report is set by HEALTHMON_CHECK_REPORT.",
        ),
        (
            "wait",
            "HEALTHMON_WAIT_ON_FAILURE",
            "cd /",
            "all of it.\n--on-failure is set by HEALTHMON_WAIT_ON_FAILURE.\n",
        ),
        ("check", "HEALTHMON_CHECK_ONLY", "x", "\n--only is set by HEALTHMON_CHECK_ONLY.\n"),
    ],
)
def test_a_variable_is_named(
    command: str,
    variable: str,
    value: str,
    said: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """And not an option alone that nobody has typed."""
    monkeypatch.setenv(variable, value)
    assert main([command, "--config", CONFIG]) == 2
    assert said in capsys.readouterr().err


def test_an_option_that_is_typed_is_not_set_by_its_variable(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though there is one."""
    monkeypatch.setenv("HEALTHMON_CHECK_TIMEOUT", "abc")
    monkeypatch.setenv("HEALTHMON_CHECK_ONLY", "brain")
    assert main(["check", "--config", CONFIG, "--timeout", "def"]) == 2
    assert main(["check", "--config", CONFIG, "--timeout", "1s", "--only", "x"]) == 2
    assert "HEALTHMON_CHECK" not in capsys.readouterr().err
