"""Plain values become typed ones."""

from typing import Any, TypeVar

import msgspec

T = TypeVar("T")


def convert(value: object, type_: type[T]) -> T:
    """Turn a value as TOML gives it into a typed one. Types of our own read themselves by `parse`.

    Raises:
        msgspec.ValidationError: The value is not of the type. Names one fault of possibly several.
    """
    return msgspec.convert(value, type_, dec_hook=_parse)


def _parse(type_: type[Any], value: Any) -> Any:
    return value if isinstance(value, type_) else type_.parse(value)
