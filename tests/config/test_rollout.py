"""The file of a rollout: what it means, and everything that may be wrong with it."""

import json
from pathlib import Path

import pytest

from healthmon.config.load import load
from healthmon.config.rollout import Rollout, RolloutFile
from healthmon.config.rollout_keys import CommandLine, Grace, Group, Host, Name, Stable
from healthmon.core.rollout import Command
from healthmon.core.units import PositiveDuration
from healthmon.errors import ConfigError
from tests.make import service
from tests.shipped import ROLLOUTS

MUCH = r"""shel = true
host = "http://a"
prerequisites = true
command_timeout = "0s"
[[phase]]
nam = "x"
phase = "1"
deploy = []
stable = 0
[[phase]]
name = "a\nb"
phase = 1
deploy = "a 'b"
timout = 1
"""
ONE = '[[phase]]\nname = "shop"\nphase = 1\ndeploy = "up --all"\n'


def read(folder: Path, text: str) -> RolloutFile:
    """The file that holds this text."""
    path = folder / "rollout.toml"
    path.write_text(text, encoding="utf-8")
    return RolloutFile(path)


def rollout(folder: Path, text: str) -> Rollout:
    """What a text means."""
    return read(folder, text).rollout


def faults(folder: Path, text: str) -> list[str]:
    """What is wrong with a text, each with its line."""
    with pytest.raises(ConfigError) as caught:
        read(folder, text)
    assert {fault.file for fault in caught.value.faults} == {str(folder / "rollout.toml")}
    return [f"{fault.line}: {fault.message}" for fault in caught.value.faults]


def test_what_is_missing_has_a_default(tmp_path: Path) -> None:
    """A phase needs its name, its number and its command."""
    made = rollout(tmp_path, ONE)
    assert (made.config, made.host, made.prerequisites, made.skip) == (None, None, None, ())
    assert (made.command_timeout, made.grace, made.folder) == (3600.0, 10.0, str(tmp_path))
    (phase,) = made.phases
    assert (phase.name, phase.number, phase.rollback, phase.timeout, phase.stable) == ("shop", 1, None, 300.0, 1)
    assert phase.deploy == Command(("up", "--all"), "up --all")


def test_all_of_it(tmp_path: Path) -> None:
    """Every key."""
    made = rollout(
        tmp_path,
        'config = "conf/services.toml"\nhost = "203.0.113.10"\nprerequisites = "base"\nskip = "container-*"\n'
        'command_timeout = "30m"\ngrace = 2.5\n'
        '[[phase]]\nname = " shop "\nphase = 1\ndeploy = ["up", "a b"]\nrollback = "down \'a b\'"\n'
        'timeout = "90s"\nstable = 3\n',
    )
    (phase,) = made.phases
    assert made.config == str(tmp_path / "conf/services.toml")
    assert (made.host, made.prerequisites, made.skip) == ("203.0.113.10", "base", ("container-*",))
    assert (made.command_timeout, made.grace, phase.timeout, phase.stable) == (1800.0, 2.5, 90.0, 3)
    assert (phase.name, phase.deploy) == ("shop", Command(("up", "a b"), "up 'a b'"))
    assert phase.rollback == Command(("down", "a b"), "down 'a b'")


def test_a_shell_only_where_it_is_asked_for(tmp_path: Path) -> None:
    """Otherwise its characters mean themselves."""
    text = '[[phase]]\nname = "shop"\nphase = 1\ndeploy = "up $ALL && echo *"\n'
    assert faults(tmp_path, text) == [
        '4: phase[0].deploy: no shell reads "$ALL" here: write shell = true, or the command as a list'
    ]
    listed = text.replace('"up $ALL && echo *"', '["up", "$ALL", "&&", "*"]')
    assert rollout(tmp_path, listed).phases[0].deploy.arguments == ("up", "$ALL", "&&", "*")
    assert rollout(tmp_path, f"shell = true\n{text}").phases[0].deploy.arguments == (
        *("/bin/sh", "-c"),
        "up $ALL && echo *",
    )


def test_a_script_is_shown_by_its_first_line(tmp_path: Path) -> None:
    """And run as a whole; nothing in it moves the cursor where it is shown."""
    script = "\n  set -e \nup --all\n"
    text = f"shell = true\n[[phase]]\nname = 'shop'\nphase = 1\ndeploy = {json.dumps(script)}\n"
    assert rollout(tmp_path, text).phases[0].deploy == Command(("/bin/sh", "-c", script), "set -e ...")
    text = text.replace("shell = true", "").replace(json.dumps(script), '["up", "a\\nb", "\\u001b[31mc"]')
    assert rollout(tmp_path, text).phases[0].deploy == Command(("up", "a\nb", "\x1b[31mc"), "up 'a ...")


def test_no_prerequisites(tmp_path: Path) -> None:
    """Which is something else than not to say."""
    assert rollout(tmp_path, f"prerequisites = false\n{ONE}").prerequisites == ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ["None: there are no phases; write at least one [[phase]] with name, phase and deploy"]),
        ("phase = []\n", ["1: there are no phases; write at least one [[phase]] with name, phase and deploy"]),
        ('[phase]\nname = "x"\n', ["1: phase: write [[phase]], in two brackets"]),
        ("phase = [1]\n", ["1: phase[0]: expected a table"]),
        (
            MUCH,
            [
                '1: unknown key "shel"; did you mean "shell"?',
                '2: host: expected a host\'s name or address and nothing more; write: a; got "http://a"',
                "3: prerequisites: expected the name of a group, or false for none; got true",
                f'4: command_timeout: expected {PositiveDuration.description}; got "0s"',
                "5: phase[0]: name is missing",
                '6: phase[0]: unknown key "nam"; did you mean "name"?',
                '7: phase[0].phase: expected a whole number; got "1"',
                f"8: phase[0].deploy: expected {CommandLine.description}; got []",
                "9: phase[0].stable: expected a whole number of at least 1; got 0",
                '11: phase[1].name: expected a name of at most 40 visible characters; got "a\\nb"',
                "13: phase[1].deploy: cannot be taken apart as a shell would: no closing quotation",
                '14: phase[1]: unknown key "timout"; did you mean "timeout"?',
            ],
        ),
        (f'grace = "25h"\n{ONE}', [f'1: grace: expected {Grace.description}; got "25h"']),
        (
            f'{ONE}[[phase]]\nname = "shop"\nphase = 0\ndeploy = "x"\n',
            [
                '6: phase[1].name: there is another phase "shop"',
                "7: phase[1].phase: 0 comes after 1; phases are written in the order in which they are deployed",
            ],
        ),
        (
            'shell = true\n[[phase]]\nname = "shop"\nphase = 1\ndeploy = ["up"]\n',
            ["5: phase[0].deploy: with shell = true a command is one text, which the shell reads"],
        ),
    ],
)
def test_all_that_is_wrong_is_told(tmp_path: Path, text: str, expected: list[str]) -> None:
    """At once, each with its line."""
    assert faults(tmp_path, text) == expected


@pytest.mark.parametrize(
    ("type_", "values"),
    [
        (CommandLine, ([], "", " ", [1], ["a\0"], 1)),
        (Host, (1, "a b")),
        (Group, ("", True, 1)),
        (Name, (1, "", " ", "a\x1b", "x" * 41)),
        (Stable, (0, True, "1")),
    ],
)
def test_values_that_are_none(type_: type, values: tuple[object, ...]) -> None:
    """Whatever their type."""
    for value in values:
        with pytest.raises(ValueError):  # noqa: PT011 - the texts are tested above
            type_.parse(value)  # type: ignore[attr-defined]


def test_beside_the_services(tmp_path: Path) -> None:
    """Numbers, groups and ids that are not there would have nothing waited for."""
    file = read(
        tmp_path,
        f'prerequisites = "infrastucture"\nskip = ["sale*", "container-*"]\n{ONE}'
        '[[phase]]\nname = "core"\nphase = 20\ndeploy = "up"\n',
    )
    with pytest.raises(ConfigError) as caught:
        file.check(
            [
                *(service("saleor", phase=1), service("shop", phase=1), service("brain", phase=2)),
                *(service("db", group="infrastructure"), service("off", phase=20, enabled=False)),
            ]
        )
    assert [f"{fault.line}: {fault.message}" for fault in caught.value.faults] == [
        '1: prerequisites: no service is in the group "infrastucture"; did you mean "infrastructure"?',
        '2: skip: there is no service "container-*"',
        "9: phase[1].phase: no service has phase = 20, so nothing would be waited for; there are: 1, 2",
    ]
    with pytest.raises(ConfigError, match="there are: none"):
        read(tmp_path, ONE).check([service("a")])
    read(tmp_path, ONE).check([service("saleor", phase=1)])


def test_programs_that_are_not_there(tmp_path: Path) -> None:
    """Of any phase, and of the way back, each with its line."""
    text = 'deploy = "./up.sh {}"\nrollback = "down.sh"\n'
    file = read(
        tmp_path,
        f'[[phase]]\nname = "a"\nphase = 1\n{text}[[phase]]\nname = "b"\nphase = 2\n{text}'
        f'[[phase]]\nname = "c"\nphase = 3\ndeploy = "{tmp_path}/x"\n',
    )
    with pytest.raises(ConfigError) as caught:
        file.check_programs({"PATH": str(tmp_path)})
    assert [f"{fault.line}: {fault.message}" for fault in caught.value.faults] == [
        f'4: phase[0].deploy: there is no program "./up.sh" in {tmp_path}',
        '5: phase[0].rollback: there is no program "down.sh" on the PATH',
        f'9: phase[1].deploy: there is no program "./up.sh" in {tmp_path}',
        '10: phase[1].rollback: there is no program "down.sh" on the PATH',
        f'14: phase[2].deploy: there is no program "{tmp_path}/x"',
    ]
    for name in ("up.sh", "down.sh", "x"):
        (tmp_path / name).touch(0o644)
    with pytest.raises(ConfigError, match="is not executable; make it so with chmod"):
        file.check_programs({"PATH": str(tmp_path)})
    for name in ("up.sh", "down.sh", "x"):
        (tmp_path / name).chmod(0o755)
    file.check_programs({"PATH": str(tmp_path)})


def test_the_check_sum_is_that_of_the_meaning(tmp_path: Path) -> None:
    """A comment, or another place, changes nothing; a command does."""
    first = rollout(tmp_path, ONE).digest()
    (tmp_path / "elsewhere").mkdir()
    assert rollout(tmp_path / "elsewhere", f"# why\n{ONE}").digest() == first
    assert rollout(tmp_path, ONE.replace("--all", "--most")).digest() != first
    assert rollout(tmp_path, f'host = "::1"\n{ONE}').digest() != first


@pytest.mark.parametrize("path", ROLLOUTS, ids=[path.name for path in ROLLOUTS])
def test_the_example_is_right(path: Path) -> None:
    """Beside the services that it is for: each of the ten comes with its phase, and with its container."""
    file = RolloutFile(path)
    config = load(Path(file.rollout.config or ""), environ={}, with_groups=[file.rollout.prerequisites or ""])
    file.check(config.services)
    assert [phase.number for phase in file.rollout.phases] == [1, 2, 3, 4]
    for phase in file.rollout.phases:
        ids = [one.id for one in config.services if one.phase == phase.number and one.group != "infrastructure"]
        assert set(phase.deploy.arguments) >= set(ids)
        assert phase.rollback
        assert set(phase.rollback.arguments) >= set(ids)
