"""Reads what a step prints as the runner of GitHub Actions does (``ActionCommand.cs`` of actions/runner).

It looks for a command of the present form, ``::name key=value,...::data``, at the beginning of a line, and then for one
of the old form, ``##[name key=value;...]data``, anywhere in it.
"""

import re

from msgspec import Struct

_DATA = (("%0D", "\r"), ("%0A", "\n"), ("%25", "%"))
_PROPERTY = (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%"))


class Command(Struct, frozen=True):
    """A command that the runner obeys."""

    name: str
    properties: dict[str, str]
    data: str


def commands(printed: str) -> list[Command]:
    """The commands in what a step printed; each line that ends in any way is a line."""
    found = [_command(line.strip()) for line in re.split(r"\r\n|[\r\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029]", printed)]
    return [command for command in found if command]


def _command(line: str) -> Command | None:
    if line.startswith("::"):
        head, marker, data = line[2:].partition("::")
        if marker:
            name, _, given = head.partition(" ")
            properties = dict(pair.split("=", 1) for pair in given.split(",") if "=" in pair)
            return Command(
                name,
                {key.strip(): _unescape(value, _PROPERTY) for key, value in properties.items()},
                _unescape(data, _DATA),
            )
    old = re.search(r"##\[([^\]]*)\](.*)", line)
    return Command(f"##{old[1]}", {}, old[2]) if old else None


def _unescape(text: str, escapes: tuple[tuple[str, str], ...]) -> str:
    for escaped, character in escapes:
        text = text.replace(escaped, character)
    return text
