"""Options that do not go together: what is typed is refused, what is in the environment passed over."""

import pytest

from healthmon.cli import wait
from healthmon.cli.check import command
from healthmon.cli.group import COMMANDS, LazyGroup
from healthmon.cli.together import WORK_WITH_WATCH
from healthmon.errors import UsageError

VARIABLES = {
    "PING": "http://127.0.0.1/x",
    "FORMAT": "json",
    "REPORT": "json=x.json",
    "QUIET": "1",
    "ON_CHANGE": "1",
    "REPEAT": "6h",
    "STATE": "state",
    "TIMESTAMPS": "1",
    "INTERVAL": "7s",
    "LOCK": "auto",
}


def parsed(monkeypatch: pytest.MonkeyPatch, arguments: str, **variables: str) -> dict[str, object]:
    """What the command would get; what is not there, or as by default, left out."""
    for name, value in variables.items():
        monkeypatch.setenv(f"HEALTHMON_CHECK_{name}", value)
    assert LazyGroup("healthmon", commands_at=COMMANDS).get_command(command.make_context("x", []), "check") is command
    found = command.make_context("check", arguments.split()).params
    for name in variables:
        monkeypatch.delenv(f"HEALTHMON_CHECK_{name}")
    usual = command.make_context("check", []).params
    return {name: value for name, value in found.items() if value != usual[name]}


def test_what_goes_with_watch_exists() -> None:
    """An option that gets another name would be refused otherwise."""
    assert {option.name for option in command.params} >= WORK_WITH_WATCH


def test_a_variable_keeps_nobody_from_watching(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is for the runs from cron."""
    assert parsed(monkeypatch, "--watch", **VARIABLES) == {"watch": True, "interval": 7.0, "lock_path": "auto"}


def test_what_is_typed_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the environment says the same."""
    with pytest.raises(UsageError, match=r"^--format does not go with --watch"):
        parsed(monkeypatch, "--watch --format json", **VARIABLES)
    with pytest.raises(UsageError, match=r"^--quiet does not go with --watch"):
        parsed(monkeypatch, "--quiet", WATCH="1")


@pytest.mark.parametrize(
    ("arguments", "variables", "found"),
    [
        ("", {"INTERVAL": "7s"}, {}),
        ("", {"STATE": "state", "REPEAT": "6h"}, {}),
        ("--on-change", {"STATE": "state", "QUIET": "1"}, {"on_change": True, "state": "state"}),
        ("--quiet", {"ON_CHANGE": "1", "REPEAT": "6h"}, {"quiet": True}),
        ("", {"ON_CHANGE": "1", "QUIET": "1"}, {"on_change": True}),
        ("--format nagios", {"ON_CHANGE": "1"}, {"format_": "nagios"}),
        ("--timestamps --state x", {}, {"timestamps": True, "state": "x"}),
    ],
)
def test_variables_give_way(
    monkeypatch: pytest.MonkeyPatch, arguments: str, variables: dict[str, str], found: dict[str, object]
) -> None:
    """To what is typed, and to one another; what is typed stays, also where it will be refused."""
    assert parsed(monkeypatch, arguments, **variables) == found


@pytest.mark.parametrize(
    ("typed", "variables", "left"),
    [
        ("--invert", {"GIVE_UP": "1", "FAIL_ON": "degraded"}, {"invert": True}),
        ("--give-up", {"INVERT": "1"}, {"give_up": True}),
        ("--fail-on degraded", {"INVERT": "1"}, {"fail_on": "degraded"}),
        ("", {"INVERT": "1", "GIVE_UP": "1"}, {"invert": True}),
        ("", {"GIVE_UP": "1", "FAIL_ON": "degraded"}, {"give_up": True, "fail_on": "degraded"}),
        ("--invert --give-up", {}, {"invert": True, "give_up": True}),
    ],
)
def test_variables_give_way_to_what_is_waited_for(
    monkeypatch: pytest.MonkeyPatch, typed: str, variables: dict[str, str], left: dict[str, object]
) -> None:
    """What is typed and contradicts itself stays, to be refused."""
    for name, value in variables.items():
        monkeypatch.setenv(f"HEALTHMON_WAIT_{name}", value)
    context = wait.command.make_context("wait", typed.split(), auto_envvar_prefix="HEALTHMON_WAIT")
    found = {name: context.params[name] for name in ("invert", "give_up", "fail_on")}
    usual = {"invert": False, "give_up": False, "fail_on": "down"}
    assert {name: value for name, value in found.items() if value != usual[name]} == left
