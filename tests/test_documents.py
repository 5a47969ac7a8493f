"""The documents are true: their commands exist, their examples are read, their figures are the code's."""

import re
from pathlib import Path

import click
import pytest

from healthmon import __version__, errors
from healthmon.cli import group
from healthmon.config.load import parse

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
COMMANDS = group.LazyGroup("healthmon", commands_at=group.COMMANDS)


def test_the_readme_names_every_command() -> None:
    """And no other."""
    table = re.findall(r"^\| `healthmon (\w+)[^|]*\|", README, re.MULTILINE)
    also = re.findall(r"`healthmon init`, `healthmon (\w+)`", README)
    assert set(group.COMMANDS) == set(table + also)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_the_options_in_the_documents_exist(path: Path) -> None:
    """Each on the command that it is shown with."""
    for line in path.read_text(encoding="utf-8").splitlines():
        for part in line.split(" -- "):
            shown = re.search(r"\bhealthmon (check|validate|diagnose|demo|init|schema)\b([^|`#]*)", part)
            if shown is None:
                continue
            command = COMMANDS.get_command(None, shown[1])  # type: ignore[arg-type]
            assert command
            known = {flag for option in command.params if isinstance(option, click.Option) for flag in option.opts}
            assert set(re.findall(r"(?<!\S)--[a-z][a-z-]*", shown[2])) <= known | {"--help"}, line


def test_the_readmes_config_is_read() -> None:
    """As it stands."""
    (example,) = re.findall(r"```toml\n(.*?)```", README, re.DOTALL)
    config = parse(example)
    assert [service.id for service in config.services] == ["brain", "redis"]


def test_the_readme_gives_every_exit_code() -> None:
    """Those that errors carry, and those that runs end with."""
    shown = {
        int(code) for row in re.findall(r"^\| (\d+(?:, \d+)*) \|", README, re.MULTILINE) for code in row.split(", ")
    }
    carried = {
        error.exit_code
        for error in vars(errors).values()
        if isinstance(error, type) and issubclass(error, errors.HealthmonError)
    }
    assert shown == carried | {0, 1, 130, 143}


def test_the_changelog_begins_with_this_version() -> None:
    """Released or not."""
    first = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert first
    assert first[1] == __version__


def test_links_between_documents_lead_somewhere() -> None:
    """Relative ones."""
    for path in DOCUMENTS:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", path.read_text(encoding="utf-8")):
            assert (path.parent / target).exists(), f"{path.name}: {target}"
