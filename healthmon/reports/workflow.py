"""Workflow commands: the lines of a step's log that a runner of GitHub Actions obeys.

The escapes are those of GitHub's toolkit (``@actions/core``).
"""

from collections.abc import Mapping

from healthmon.core.safe_text import unbroken

_DATA = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_PROPERTY = {**_DATA, ":": "%3A", ",": "%2C"}


def one_line(text: str) -> str:
    """Text without line breaks, and without commands of the old form, ``##[error]``, which are obeyed within a line."""
    return unbroken(text).replace("##[", "## [")


def command(name: str, properties: Mapping[str, str], message: str) -> str:
    """A line that a runner obeys, such as ``::error title=...::message``. Properties without a value are left out."""
    given = ",".join(f"{key}={_escaped(one_line(value), _PROPERTY)}" for key, value in properties.items() if value)
    return f"::{name} {given}::{_escaped(message, _DATA)}"


def _escaped(text: str, escapes: Mapping[str, str]) -> str:
    return "".join(escapes.get(character, character) for character in text)
