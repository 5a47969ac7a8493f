"""The headings beneath which the options stand in the help."""

import itertools
import re

import click
import pytest

from healthmon.cli.group import COMMANDS, LazyGroup
from healthmon.cli.grouped import GroupedCommand
from healthmon.cli.headings import GENERAL, HEADINGS, flag, records_of

GROUP = LazyGroup("healthmon", commands_at=COMMANDS)
CONTEXT = click.Context(GROUP, info_name="healthmon", help_option_names=["-h", "--help"])


def options(name: str) -> list[click.Option]:
    """Those of a command that its help shows."""
    command = GROUP.get_command(CONTEXT, name)
    assert command
    context = click.Context(command, info_name=name, parent=CONTEXT)
    return [one for one in command.get_params(context) if isinstance(one, click.Option) and not one.hidden]


@pytest.mark.parametrize("name", COMMANDS)
def test_each_option_stands_beneath_one_heading(name: str) -> None:
    """Else: give it a place in `HEADINGS`."""
    flags = [flag(option) for option in options(name)]
    beneath = {one: [heading for heading, them in HEADINGS.items() if one in them] for one in flags}
    assert {one: len(headings) for one, headings in beneath.items()} == dict.fromkeys(flags, 1)

    command = GROUP.get_command(CONTEXT, name)
    assert command
    shown = command.get_help(click.Context(command, info_name=name, parent=CONTEXT))
    parts = re.split(r"^(?=\S.*:$)", shown, flags=re.MULTILINE)
    for one in flags:
        (part,) = (part for part in parts if re.search(rf"^  (-\w, )?{one}\b(?!-)", part, re.MULTILINE))
        assert part.startswith(f"{beneath[one][0]}:\n")


def test_each_place_in_the_table_is_that_of_an_option() -> None:
    """Of one command or of several; no table names an option twice."""
    places = list(itertools.chain(*HEADINGS.values()))
    assert sorted(places) == sorted({flag(option) for name in COMMANDS for option in options(name)})


def test_they_are_few() -> None:
    """One finds the right one at a glance."""
    assert len(HEADINGS) <= 6


@pytest.mark.parametrize("name", COMMANDS)
def test_no_option_takes_more_than_three_lines(name: str) -> None:
    """The rest is for the pages."""
    command = GROUP.get_command(CONTEXT, name)
    assert command
    formatter = click.HelpFormatter(width=78)
    command.format_options(click.Context(command, info_name=name, parent=CONTEXT), formatter)
    entries = re.split(r"^(?=  -|\S)", formatter.getvalue(), flags=re.MULTILINE)
    assert [entry for entry in entries if len(re.findall(r"^ {8,}\S|  \w", entry, re.MULTILINE)) > 3] == []


def test_an_option_that_the_table_does_not_know_is_shown_nevertheless() -> None:
    """Beneath the last heading, beside `--help`; a heading without options is not shown."""
    command = GroupedCommand("x", params=[click.Option(["--new"]), click.Option(["--old"], hidden=True)])
    context = click.Context(command)
    assert [flags for flags, _ in records_of(command, context).pop(GENERAL)] == ["--new TEXT", "--help"]
    assert "--old" not in command.get_help(context)
    assert "Report" not in command.get_help(context)
