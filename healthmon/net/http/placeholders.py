"""The placeholders in what a step sends: `{token}` stands for what a step before saved under that name.

They are replaced by exact name. Other braces stand for themselves, such as those of JSON; `{{token}}` is the text
`{token}`.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

NAME = r"[A-Za-z_][A-Za-z0-9_]*"
"""What a saved value may be called."""

_PLACEHOLDER = re.compile(rf"\{{\{{({NAME})\}}\}}|\{{({NAME})\}}")
_IN_BRACES = re.compile(rf"\{{({NAME})\}}")


def names(text: str) -> Iterator[str]:
    """The names of the placeholders in a text, in order."""
    return (match[2] for match in _PLACEHOLDER.finditer(text) if match[2])


def fill(text: str, values: Mapping[str, str], encode: Callable[[str], str] = str) -> str:
    """The text with its placeholders replaced.

    Args:
        text: The text.
        values: What each name stands for.
        encode: Makes a value fit for the place where the text will stand.

    Raises:
        KeyError: A name stands for nothing.
    """
    return _PLACEHOLDER.sub(lambda match: f"{{{match[1]}}}" if match[1] else encode(values[match[2]]), text)


def fill_all(value: Any, values: Mapping[str, str]) -> Any:
    """A value as JSON has it, with the placeholders in all its texts replaced; names of members stay."""
    match value:
        case str():
            return fill(value, values)
        case dict():
            return {key: fill_all(item, values) for key, item in value.items()}
        case list():
            return [fill_all(item, values) for item in value]
    return value


def literally(text: str) -> str:
    """A text as it must be written so that nothing in it is a placeholder: the opposite of `fill`."""
    return _IN_BRACES.sub(r"{{\1}}", text)
