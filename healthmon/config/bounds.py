"""What a config file may hold and no program could use: numbers too large, tables and lists too deep."""

from collections.abc import Iterator
from typing import Any

from healthmon.config.kinds import Path

DEEPEST = 100
"""So many tables and lists may stand in each other. What reads and shows them goes down level by level."""

TOO_LARGE = "a whole number is from -2^63 to 2^63-1"
"""TOML 1.0, "Integer". No JSON body takes larger ones either."""

_NUMBERS = range(-(2**63), 2**63)


def beyond(table: dict[str, Any]) -> Iterator[tuple[Path, str]]:
    """Yield each value of a file's table that is out of bounds: its path, and what is wrong with it."""
    left: list[tuple[Path, Any]] = [((), table)]
    while left:
        path, value = left.pop()
        if isinstance(value, int) and value not in _NUMBERS:
            yield path, TOO_LARGE
        elif isinstance(value, dict | list) and len(path) > DEEPEST:
            yield path, f"more than {DEEPEST} tables or lists stand in each other"
        elif isinstance(value, dict):
            left += [((*path, key), item) for key, item in value.items()]
        elif isinstance(value, list):
            left += [((*path, index), item) for index, item in enumerate(value)]
