"""Tables as they were read: each text remembers its file's folder, and defaults merge with a service's keys."""

from pathlib import Path as FilePath
from typing import Any

from msgspec import Struct

from healthmon.config.kinds import Kind, Path, child, key_names, takes_false


class Placed(Struct, frozen=True):
    """A text and the folder of the file in which it stands, to which the paths in it are relative."""

    text: str
    folder: FilePath


def place(value: Any, folder: FilePath) -> Any:
    """Make each text in a value remember its folder."""
    match value:
        case str():
            return Placed(value, folder)
        case dict():
            return {key: place(item, folder) for key, item in value.items()}
        case list():
            return [place(item, folder) for item in value]
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
    return value


def merge(default: dict[str, Any], own: dict[str, Any], kind: Kind) -> dict[str, Any]:
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


def known(defaults: dict[str, Any], kind: Kind) -> dict[str, Any]:
    """What a scheme knows of the defaults: the keys that its services have, in `expect` and `warn` too."""
    kept = _only(defaults, kind)
    for key in ("expect", "warn"):
        if isinstance(kept.get(key), dict):
            kept[key] = _only(kept[key], child(kind, key))
    return kept


def _only(table: dict[str, Any], kind: Kind) -> dict[str, Any]:
    names = key_names(kind)
    return {key: value for key, value in table.items() if key in names}


def remove(table: dict[str, Any], path: Path) -> None:
    """Remove the value at a path."""
    inner: Any = table
    for key in path[:-1]:
        inner = inner[key]
    del inner[path[-1]]
