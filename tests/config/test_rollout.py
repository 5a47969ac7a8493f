"""The file of a rollout: what it means, and everything that may be wrong with it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from healthmon.config.load import load, parse
from healthmon.config.rollout import Rollout, RolloutFile
from healthmon.config.rollout_keys import CommandLine, Grace, Group, Host, Name, Stable
from healthmon.config.schema import Config
from healthmon.core.rollout import Command
from healthmon.core.units import PositiveDuration
from healthmon.errors import ConfigError
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
SERVICE = '[[services]]\nid = "{0}"\nname = "{0}"\nurl = "tcp://127.0.0.1:1"\nphase = {1}\n'
ONE = '[[phase]]\nname = "shop"\nphase = 1\ndeploy = "up --all"\n'


def read(folder: Path, text: str) -> RolloutFile:
    """The file that holds this text."""
    path = folder / "rollout.toml"
    path.write_text(text, encoding="utf-8")
    for program in ("up", "down"):
        (folder / program).touch(0o755)
    return RolloutFile(path, {"PATH": str(folder)})


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
    assert rollout(tmp_path, f"prerequisites = false\n{ONE}").group == ""
    assert rollout(tmp_path, ONE).group == "infrastructure"


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
            f'{ONE}[[phase]]\nname = "shop"\nphase = 0\ndeploy = "up"\n',
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
    described = SERVICE.format("saleor", 1) + SERVICE.format("shop", 1) + SERVICE.format("brain", 2)
    described += (
        SERVICE.format("db", 2) + 'group = "infrastructure"\n' + SERVICE.format("off", 20) + "enabled = false\n"
    )
    with pytest.raises(ConfigError) as caught:
        file.beside(lambda: parse(described))
    assert [f"{fault.line}: {fault.message}" for fault in caught.value.faults] == [
        '1: prerequisites: no service is in the group "infrastucture"; did you mean "infrastructure"?',
        '2: skip: there is no service "container-*"',
        "9: phase[1].phase: no service has phase = 20, so nothing would be waited for; there are: 1, 2",
    ]
    with pytest.raises(ConfigError, match="there are: none"):
        read(tmp_path, ONE).beside(lambda: parse(SERVICE.format("a", 1).replace("phase", "start_period")))
    assert read(tmp_path, ONE).beside(lambda: parse(SERVICE.format("saleor", 1))).services


def test_programs_that_are_not_there(tmp_path: Path) -> None:
    """Of any phase, and of the way back, each with its line."""
    text = 'deploy = "./up.sh {}"\nrollback = "down.sh"\n'
    text = (
        f'[[phase]]\nname = "a"\nphase = 1\n{text}[[phase]]\nname = "b"\nphase = 2\n{text}'
        f'[[phase]]\nname = "c"\nphase = 3\ndeploy = "{tmp_path}/x"\n'
    )
    missing = [
        f'4: phase[0].deploy: there is no program "./up.sh" in {tmp_path}',
        '5: phase[0].rollback: there is no program "down.sh" on the PATH',
        f'9: phase[1].deploy: there is no program "./up.sh" in {tmp_path}',
        '10: phase[1].rollback: there is no program "down.sh" on the PATH',
        f'14: phase[2].deploy: there is no program "{tmp_path}/x"',
    ]
    described = parse("".join(SERVICE.format(f"s{number}", number) for number in (1, 2, 3)))
    assert beside(tmp_path, text, lambda: described) == missing
    # Whatever else is wrong, in this file or in that of the services.
    assert faults(tmp_path, f'{text}timout = "1s"\n') == [
        *missing,
        '15: phase[2]: unknown key "timout"; did you mean "timeout"?',
    ]
    assert beside(tmp_path, text, lambda: parse("x = 1\n"))[:5] == missing
    assert beside(tmp_path, text.replace("phase = 2", "phase = 3"), lambda: parse(SERVICE.format("s", 1)))[2:4] == [
        "8: phase[1].phase: no service has phase = 3, so nothing would be waited for; there are: 1",
        missing[2],
    ]
    for name in ("up.sh", "down.sh", "x"):
        (tmp_path / name).touch(0o644)
    assert all(
        "is not executable; make it so with chmod +x" in one for one in beside(tmp_path, text, lambda: described)[::2]
    )
    for name in ("up.sh", "down.sh", "x"):
        (tmp_path / name).chmod(0o755)
    assert read(tmp_path, text).beside(lambda: described) is described


def beside(folder: Path, text: str, load: Callable[[], Config]) -> list[str]:
    """What is wrong with a text, or with the config of the services, each with its line."""
    with pytest.raises(ConfigError) as caught:
        read(folder, text).beside(load)
    return [f"{fault.line}: {fault.message}" for fault in caught.value.faults]


def test_more_checks_in_a_row_than_time(tmp_path: Path) -> None:
    """Which no phase could pass, whatever it deploys."""
    text = f'{ONE}timeout = "10s"\nstable = 13\n'
    described = parse(SERVICE.format("saleor", 1))
    (said,) = beside(tmp_path, text, lambda: described)
    assert said.startswith("6: phase[0].stable: 13 checks in a row take at least 11 s with an interval of 1 s, so ")
    assert said.endswith(" within the timeout of 10 s")


def test_the_services_are_found_by_the_shortest_name(tmp_path: Path) -> None:
    """Which stands in every command line that is told; behind a link it might be another file's."""
    (tmp_path / "ro").mkdir()
    (tmp_path / "ro/deep").mkdir()
    (tmp_path / "link").symlink_to("ro/deep")
    (tmp_path / "services.toml").touch()
    (tmp_path / "ro/services.toml").touch()
    text = f'config = "../services.toml"\n{ONE}'
    assert rollout(tmp_path / "ro", text).config == str(tmp_path / "services.toml")
    assert rollout(tmp_path / "link", text).config == str(tmp_path / "link/../services.toml")
    assert rollout(tmp_path / "ro", text.replace("services", "missing")).config == str(tmp_path / "ro/../missing.toml")


def test_a_config_of_services_is_no_rollout(tmp_path: Path) -> None:
    """Which is said instead of what a rollout lacks."""
    assert faults(tmp_path, SERVICE.format("a", 1)) == [
        '1: this is a config of services; name the file of a rollout, which names this one by `config = "..."`'
    ]


def test_the_check_sum_is_that_of_the_meaning(tmp_path: Path) -> None:
    """A comment, or another place, changes nothing; a command does."""
    first = rollout(tmp_path, ONE).digest()
    (tmp_path / "elsewhere").mkdir()
    assert rollout(tmp_path / "elsewhere", f"# why\n{ONE}").digest() == first
    assert rollout(tmp_path, ONE.replace("--all", "--most")).digest() != first
    assert rollout(tmp_path, f'host = "::1"\n{ONE}').digest() != first
    assert rollout(tmp_path, f'config = "other.toml"\n{ONE}').digest() == first


def test_numbers_never_go_back(tmp_path: Path) -> None:
    """Two phases may have the same one; each that is lower than any before it is told."""
    phases = [f'[[phase]]\nname = "{index}"\nphase = {{}}\ndeploy = "up"\n' for index in range(3)]
    text = "".join(phases)
    assert [phase.number for phase in rollout(tmp_path, text.format(1, 1, 2)).phases] == [1, 1, 2]
    assert [one.partition(";")[0] for one in faults(tmp_path, text.format(3, 1, 2))] == [
        "7: phase[1].phase: 1 comes after 3",
        "11: phase[2].phase: 2 comes after 3",
    ]


@pytest.mark.parametrize("path", ROLLOUTS, ids=[path.name for path in ROLLOUTS])
def test_the_example_is_right(path: Path, tmp_path: Path) -> None:
    """Beside the services that it is for: each of the ten comes with its phase, and with its container."""
    (tmp_path / "docker").touch(0o755)
    file = RolloutFile(path, {"PATH": str(tmp_path)})
    services, group = Path(file.rollout.config or ""), file.rollout.prerequisites or ""
    config = file.beside(lambda: load(services, environ={}, with_groups=[group]))
    assert [phase.number for phase in file.rollout.phases] == [1, 2, 3, 4]
    for phase in file.rollout.phases:
        ids = [one.id for one in config.services if one.phase == phase.number and one.group != "infrastructure"]
        assert set(phase.deploy.arguments) >= set(ids)
        assert phase.rollback
        assert set(phase.rollback.arguments) >= set(ids)
