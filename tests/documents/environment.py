"""Writes the table of the options' variables in docs/environment.md: ``python -m tests.documents.environment``."""

import click

from healthmon.cli.group import COMMANDS, LazyGroup
from healthmon.cli.headings import HEADINGS, flag
from tests.documents.parts import renewed, table
from tests.shipped import ROOT

COMMAND = "tests.documents.environment"
PAGE = ROOT / "docs/environment.md"


def variables() -> dict[str, dict[str, str]]:
    """Flag → command → variable, of all options that the help shows."""
    group = LazyGroup("healthmon", commands_at=COMMANDS)
    ctx = click.Context(group)
    found: dict[str, dict[str, str]] = {flag: {} for flags in HEADINGS.values() for flag in flags}
    for name in COMMANDS:
        command = group.get_command(ctx, name)
        for option in command.params if command else ():
            if isinstance(option, click.Option) and not option.hidden:
                found[flag(option)][name] = str(option.envvar)
    return {one: commands for one, commands in found.items() if commands}


def part(name: str, now: str) -> str:
    """The text of a part.

    Raises:
        KeyError: There is no part of that name.
    """
    del now
    if name != "Options":
        raise KeyError(name)
    return table(
        ["Option", "Variables"],
        [[f"`{one}`", ", ".join(f"`{name}`" for name in names.values())] for one, names in variables().items()],
    )


def written(page: str) -> str:
    """The page with its parts made anew."""
    return renewed(page, COMMAND, part)


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
