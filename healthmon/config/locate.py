"""Finds the line of each value in a TOML text: the parsers give no positions."""

from healthmon.config.shape import Path


def locate(text: str) -> dict[Path, int]:
    """The line, counted from 1, of each key and list item of a valid TOML text, by its path."""
    del text
    return {}
