"""The front of the command line: help, exit codes, and what is imported for it."""

import subprocess
import sys
from pathlib import Path

import click
import pytest

from healthmon import __version__
from healthmon.cli import group, main
from healthmon.errors import ConfigError, Fault, HealthmonError
from healthmon.reports import REPORTS


def imported_by(*arguments: str) -> set[str]:
    """The modules that a command has imported when it ends."""
    code = (
        f"import sys\nfrom healthmon.cli import main\nmain({list(arguments)!r})\nprint(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stderr.split())


def test_help_imports_nothing_heavy() -> None:
    """So that it comes at once: no network, no config, no command."""
    modules = imported_by("--help")
    assert modules.isdisjoint({"aiohttp", "asyncio", "ssl", "msgspec", "jsonschema", "jmespath", "re2", "cryptography"})
    assert {name for name in modules if name.startswith("healthmon.")} == {
        "healthmon.cli",
        "healthmon.cli.group",
        "healthmon.cli.shown",
        "healthmon.cli.streams",
        "healthmon.errors",
    }


def test_validate_imports_no_network() -> None:
    """It is offline, and quick enough for an editor."""
    modules = imported_by("validate", "--config", "config/services.toml")
    assert modules.isdisjoint({"aiohttp", "asyncio", "jsonschema", "cryptography", "prometheus_client"})


@pytest.mark.parametrize("chosen", ["text", "tap"])
def test_check_imports_the_report_that_is_chosen(tmp_path: Path, chosen: str) -> None:
    """And nothing of what was not asked for: it runs every minute, and most of its time is its start."""
    config = tmp_path / "services.toml"
    config.write_text('[[services]]\nname = "Always"\nurl = "exec:"\ncommand = ["true"]\n')
    modules = imported_by("check", "--config", str(config), "--format", chosen)
    assert modules.intersection(f"healthmon.reports.{name}" for name in REPORTS) == {f"healthmon.reports.{chosen}"}
    assert modules.isdisjoint(f"healthmon.cli.jobs.{name}" for name in ("ping", "push", "on_change", "sending"))


@pytest.mark.parametrize("name", list(group.COMMANDS))
def test_every_command_is_there(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """With a help of its own."""
    command = group.LazyGroup("healthmon", commands_at=group.COMMANDS).get_command(None, name)  # type: ignore[arg-type]
    assert command
    assert main([name, "--help"]) == 0
    assert f"Usage: healthmon {name}" in capsys.readouterr().out


@pytest.mark.parametrize("name", list(group.COMMANDS))
def test_every_option_has_a_variable(name: str) -> None:
    """Named after its flag."""
    command = group.LazyGroup("healthmon", commands_at=group.COMMANDS).get_command(None, name)  # type: ignore[arg-type]
    assert command
    for option in command.params:
        if isinstance(option, click.Option):
            flags = {flag.removeprefix("--").replace("-", "_").upper() for flag in option.opts if flag.startswith("--")}
            assert str(option.envvar).removeprefix(f"HEALTHMON_{name.upper()}_") in flags


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    """In the table's order, each on one line beneath its heading."""
    assert main(["--help"]) == 0
    shown = capsys.readouterr().out.partition("Options:")[2].splitlines()
    found = {heading: shown[shown.index(f"{heading}:") + 1 :] for heading in group.COMMAND_HEADINGS}
    for heading, commands in group.COMMAND_HEADINGS.items():
        assert found[heading][: len(commands)] == [f"  {name:10}  {line}" for name, line in commands.items()]


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    """One line."""
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"healthmon {__version__}\n"


def test_a_mistyped_command(capsys: pytest.CaptureFixture[str]) -> None:
    """The nearest is named."""
    assert main(["chekc"]) == 2
    assert 'did you mean "check"?' in capsys.readouterr().err


def test_no_command(capsys: pytest.CaptureFixture[str]) -> None:
    """Shows the help, and is a usage error for scripts."""
    assert main([]) == 2
    assert "Set up:" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (HealthmonError("no luck"), 70, "no luck\n"),
        (
            ConfigError([Fault("a.toml", 3, "bad"), Fault("b.toml", None, "worse")]),
            78,
            "a.toml:3: bad\nb.toml: worse\n",
        ),
        (KeyboardInterrupt(), 130, "\n"),
    ],
)
def test_errors_become_messages(
    error: BaseException, code: int, message: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the code that each carries."""

    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(group.LazyGroup, "invoke", fail)
    assert main(["check"]) == code
    assert capsys.readouterr().err == message


@pytest.mark.parametrize("error", [ZeroDivisionError("oops"), SystemExit("oops")])
def test_a_fault_in_healthmon_is_confessed(
    error: BaseException, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit code 70, with the place, without a traceback, and never 0."""

    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(group.LazyGroup, "invoke", fail)
    assert main(["check"]) == 70
    shown = capsys.readouterr().err
    assert shown.startswith(f"A fault in healthmon itself: {type(error).__name__}: oops (")
    assert "Traceback" not in shown


@pytest.mark.parametrize(
    ("name", "variable", "said"),
    [
        (
            "wait",
            "HEALTHMON_WAIT_DEADLNE",
            (
                "HEALTHMON_WAIT_DEADLNE is set, but is the variable of no option of healthmon wait; "
                'did you mean "HEALTHMON_WAIT_DEADLINE"?\n'
            ),
        ),
        (
            "check",
            "HEALTHMON_CHECK_X",
            "HEALTHMON_CHECK_X is set, but is the variable of no option of healthmon check\n",
        ),
        ("check", "HEALTHMON_WAIT_DEADLNE", ""),
        ("wait", "HEALTHMON_WAIT_DEADLINE", ""),
        ("wait", "HEALTHMON_VERDICT", ""),
        ("rollout", "HEALTHMON_ROLLOUT_PHASE_NAME", ""),
    ],
)
def test_a_mistyped_variable_is_told(
    name: str, variable: str, said: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would be ignored without a word; what healthmon itself sets for commands is none."""
    monkeypatch.setenv(variable, "5s")
    main([name, "--nonsense"])
    assert capsys.readouterr().err.removesuffix(f"No such option: --nonsense\nTry 'healthmon {name} --help'.\n") == said


def test_what_rollout_sets_is_known() -> None:
    """All of it: a command of a rollout may be a rollout."""
    import re
    from pathlib import Path

    import healthmon.app.rollout as module

    named = set(re.findall('"(HEALTHMON_ROLLOUT_[A-Z_]+)"', Path(module.__file__).read_text(encoding="utf-8")))
    assert named == group._OF_ROLLOUTS_COMMANDS


def test_a_broken_installation_is_no_verdict() -> None:
    """Python itself would end with 1, which says that a service is not healthy."""
    code = "import sys\nsys.modules['click'] = None\nfrom healthmon.__main__ import run\nrun()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.splitlines()[0]) == (70, "Traceback (most recent call last):")
