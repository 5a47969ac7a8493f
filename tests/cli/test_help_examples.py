"""The examples at the end of each command's help: they are read, and those that end by themselves work."""

import re
import shlex
from pathlib import Path

import click
import pytest

from healthmon.cli import main
from healthmon.cli.group import COMMANDS, LazyGroup
from tests.conftest import Demo

GROUP = LazyGroup("healthmon", commands_at=COMMANDS)
CONTEXT = click.Context(GROUP, info_name="healthmon")

ROLLOUT = """\
config = "services.toml"
prerequisites = false

[[phase]]
name = "shop"
phase = 1
deploy = "true"
"""


def examples(name: str) -> list[str]:
    """Those of a command, as they are shown."""
    command = GROUP.get_command(CONTEXT, name)
    assert command
    assert command.epilog
    return re.findall(r"^  (healthmon .*)$", command.epilog, re.MULTILINE)


WITH_EXAMPLES = [name for name in COMMANDS if name != "completion"]
"""All but the one whose help ends with how each shell is taught, which tests/cli/test_completion.py does."""


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_each_command_has_some_and_each_is_read(name: str) -> None:
    """As it stands; what stands behind ``--`` is a command of healthmon, too, or somebody else's."""
    lines = examples(name)
    assert 2 <= len(lines) <= 4
    for line in lines:
        assert len(line) < 79
        own, _, other = line.partition(" -- ")
        for words in (shlex.split(own), shlex.split(other)):
            if words[:1] == ["healthmon"]:
                command = GROUP.get_command(CONTEXT, words[1])
                assert command
                command.make_context(words[1], [*words[2:], *(["--", "true"] if other and words[1] == name else [])])


@pytest.mark.parametrize("name", ["check", "validate", "diagnose", "init", "schema", "rollout"])
def test_they_work(name: str, demo: Demo, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """One after the other, in a folder with the config that comes with the program, against the ten services."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    with demo() as config:
        monkeypatch.chdir(config.parent)
        (config.parent / "rollout.toml").write_text(ROLLOUT)
        if name == "init":
            config.unlink()
        codes = {}
        for line in examples(name):
            words = shlex.split(line.replace("203.0.113.10", "127.0.0.1").replace("staging.example.com", "127.0.0.1"))
            codes[line] = main([*words[1:], *_without_a_host_of_its_own(words)])
    # The second rollout came to its end, so that there is nothing to go on with.
    expected = {line: 2 if "--resume" in line else 0 for line in codes}
    assert codes == expected


def _without_a_host_of_its_own(words: list[str]) -> list[str]:
    """The config has `{host}`, where users most often write their host's name."""
    needs_one = words[1] in ("check", "diagnose") and "127.0.0.1" not in words
    return ["127.0.0.1"] if needs_one else []
