"""Tables as they were read: each text remembers its file's folder, and defaults merge with a service's keys."""

from pathlib import Path as FolderPath
from typing import Any

from msgspec import Struct, inspect

from healthmon.config.shape import child, takes_false


class Placed(Struct, frozen=True):
    """A text and the folder of the file in which it stands, to which the paths in it are relative."""

    text: str
    folder: FolderPath


def place(value: Any, folder: FolderPath) -> Any:
    """Make each text in a value remember its folder."""
    match value:
        case str():
            return Placed(value, folder)
        case dict():
            return {key: place(item, folder) for key, item in value.items()}
        case list():
            return [place(item, folder) for item in value]
        case _:
            return value


def written(value: Any) -> Any:
    """The value as it was written: the opposite of `place`."""
    match value:
        case Placed():
            return value.text
        case dict():
            return {key: written(item) for key, item in value.items()}
        case list():
            return [written(item) for item in value]
        case _:
            return value


def merge(default: dict[str, Any], own: dict[str, Any], kind: inspect.Type) -> dict[str, Any]:
    """Merge a service's table into the defaults' one: tables key by key, other values are replaced.

    `false` removes what the default gave, except where it is itself a value of the key's type.
    """
    merged = dict(default)
    for key, value in own.items():
        expected = child(kind, key)
        given = default.get(key)
        if value is False and not takes_false(expected):
            merged.pop(key, None)
        elif isinstance(value, dict):
            merged[key] = merge(given if isinstance(given, dict) else {}, value, expected)
        else:
            merged[key] = value
    return merged


def known(table: dict[str, Any], kind: inspect.StructType) -> dict[str, Any]:
    """What a scheme knows of the defaults: the keys that are fields of its type, in `expect` and `warn` too."""
    types = {field.name: field.type for field in kind.fields}
    return {
        key: known(value, inner)
        if isinstance(inner := types[key], inspect.StructType) and _is_expect(key, value)
        else value
        for key, value in table.items()
        if key in types
    }


def _is_expect(key: str, value: Any) -> bool:
    return key in {"expect", "warn"} and isinstance(value, dict)
