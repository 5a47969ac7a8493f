"""Reads the output of a plugin as the Monitoring Plugins Development Guidelines have it, and refuses all else.

Written from the guidelines alone, sections 2.1 (one line), 2.5 (ranges) and 2.6 (performance data), and from how
Nagios 3 and Icinga 2 read several lines; nothing here is healthmon's own.
"""

import re
from typing import NamedTuple

_ITEM = re.compile(
    r"'((?:[^'=|]|'')+)'=(U|-?[0-9]+(?:\.[0-9]+)?)(|s|us|ms|%|B|KB|MB|GB|TB|c)"
    r"(?:;([^;\s]*))?(?:;([^;\s]*))?(?:;(-?[0-9.]+)?)?(?:;(-?[0-9.]+)?)?"
)
_NUMBER = r"-?[0-9]+(?:\.[0-9]+)?"
_RANGE = re.compile(rf"|@?(?:(?:{_NUMBER}|~):)?(?:{_NUMBER})?")


class Value(NamedTuple):
    """One value: None where the plugin says that it could not be determined."""

    value: float | None
    unit: str
    warn: str
    crit: str
    low: str
    high: str


class Output(NamedTuple):
    """What a plugin printed."""

    state: str
    text: str
    long_text: tuple[str, ...]
    values: dict[str, Value]


def read(output: str) -> Output:
    """Read it.

    Raises:
        AssertionError: It is not as the guidelines want it.
    """
    assert output.endswith("\n"), "the last line has no end"
    assert len(output.encode()) <= 8192, "Nagios would cut it"
    assert all(char.isprintable() for char in output.replace("\n", "")), "not text"
    assert "<" not in output, "a tag"
    lines = output.removesuffix("\n").split("\n")
    text = re.fullmatch(r"HEALTHMON (OK|WARNING|CRITICAL|UNKNOWN) - (.+?)(?: \|.*)?", lines[0])
    assert text, "no status line"
    assert [number for number, line in enumerate(lines) if "|" in line] in ([0, len(lines) - 1], []), "a | elsewhere"
    parts = [line.partition("|") for line in lines]
    values: dict[str, Value] = {}
    for item in re.findall(r"(?:'(?:[^']|'')*'|[^\s'])+", " ".join(data for _, _, data in parts)):
        found = _ITEM.fullmatch(item)
        assert found, f"not performance data: {item}"
        label, value, unit, warn, crit, low, high = (group or "" for group in found.groups())
        assert _RANGE.fullmatch(warn), "not a range"
        assert _RANGE.fullmatch(crit), "not a range"
        assert label not in values, "a label twice"
        values[label.replace("''", "'")] = Value(None if value == "U" else float(value), unit, warn, crit, low, high)
    return Output(text[1], text[2], tuple(text.strip() for text, _, _ in parts[1:]), values)
