"""Lists all that is wrong with a value. The conversion itself stops at the first fault."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import msgspec
from msgspec import inspect

from healthmon.config import secrets
from healthmon.config.convert import convert
from healthmon.config.kinds import Kind, Path, chosen, kind_of, members
from healthmon.config.nearest import did_you_mean
from healthmon.config.toml import dump, dump_path


class Finding(NamedTuple):
    """A fault of a value.

    Attributes:
        path: Where the value stands.
        message: What is wrong.
        named: Whether the message needs the path in front of it.
    """

    path: Path
    message: str
    named: bool = True


Found = Iterator[Finding]
Unknown = Callable[[Path, Iterable[str]], str]
"""Says that the last key of a path is unknown, given those that are known there."""

_FEW = 12
"""So many known keys are listed where none is near."""

_LONGEST = 60
"""Longer texts are cut where a message quotes them."""


def unknown_key(path: Path, known: Iterable[str], otherwise: str = "") -> str:
    """Say that a key is unknown, and which one was probably meant; `otherwise` follows where none is near."""
    table, key, known = dump_path(path[:-1]), str(path[-1]), tuple(known)
    nearest = did_you_mean(key, known)
    if not nearest:
        nearest = otherwise or (f"; known are {', '.join(known)}" if len(known) <= _FEW else "")
    return f"{table + ': ' if table else ''}unknown key {dump(key)}{nearest}"


def explain(value: Any, written: Any, kind: Kind, path: Path, unknown: Unknown = unknown_key) -> Found:
    """Yield every fault of a value that is not of its type.

    Args:
        value: The value.
        written: The same as it stands in the file, placeholders unreplaced: this is what messages quote.
        kind: The type.
        path: Where the value stands.
        unknown: Says that a key is unknown.
    """
    kind = chosen(kind, value)
    match kind, value:
        case inspect.StructType(), dict():
            yield from _struct(value, written, kind, path, unknown)
        case inspect.DictType(), dict():
            for key, item in value.items():
                yield from explain(item, written[key], kind.value_type, (*path, key), unknown)
        case inspect.ListType(), list():
            for index, item in enumerate(value):
                yield from explain(item, written[index], kind.item_type, (*path, index), unknown)
        case inspect.CustomType(), _:
            yield from _custom(value, written, kind.cls, path, unknown)
        case _ if not any(_fits(value, member) for member in members(kind)):
            yield Finding(path, f"expected {describe(kind)}{_got(written, path)}{_nearest(value, kind)}")


def _struct(value: dict[str, Any], written: Any, kind: inspect.StructType, path: Path, unknown: Unknown) -> Found:
    types = {field.name: field for field in kind.fields}
    sound = True
    for key, item in value.items():
        found = (
            list(explain(item, written[key], types[key].type, (*path, key), unknown))
            if key in types
            else [Finding((*path, key), unknown((*path, key), types), named=False)]
        )
        sound = sound and not found
        yield from found
    for name, field in types.items():
        if field.required and name not in value:
            sound = False
            yield Finding(path, f"{name} is missing")
    if sound:
        try:
            convert(value, kind.cls)
        except ValueError as error:
            yield from together(error, value, path)


def together(error: ValueError, value: dict[str, Any], path: Path) -> Found:
    """The faults of keys that are sound one by one but do not go together, as their type reports them when it is made.

    Each is a line of its text and names keys in backticks, as `a.b`; it is placed at the first of them that is there.

    Args:
        error: What was raised.
        value: The table.
        path: Where the table stands.
    """
    for text in str(error.__cause__ or error).splitlines():
        named = [_keys(dotted) for dotted in re.findall(r"`([\w.-]+)`", text)]
        within = [keys[len(path) :] for keys in named if keys[: len(path)] == path]
        # What is wrong in an item of a list names its keys alone: it does not know which item it is.
        there = (keys for keys in within or named if _holds(value, keys))
        yield Finding((*path, *next(there, ())), text, named=False)


def _keys(dotted: str) -> Path:
    return tuple(int(key) if key.isdecimal() else key for key in dotted.split("."))


def _holds(value: Any, path: Path) -> bool:
    for key in path:
        items: Any = dict(enumerate(value)) if isinstance(value, list) else value
        if not isinstance(items, dict) or key not in items:
            return False
        value = items[key]
    return True


def _custom(value: Any, written: Any, cls: type[Any], path: Path, unknown: Unknown) -> Found:
    try:
        cls.parse(value)
    except msgspec.ValidationError:
        # The value is a table of its own kind, such as one of operators.
        yield from explain(value, written, kind_of(cls.table), path, unknown)
    except ValueError as error:
        # Some errors quote the value.
        message = f"expected {cls.description}" if secrets.from_outside(written) else str(error)
        yield Finding(path, f"{message}{_got(written, path)}")


def describe(kind: Kind) -> str:
    """What a value of this type is, for people."""
    match kind:
        case inspect.Metadata():
            return str((kind.extra_json_schema or {})["description"])
        case inspect.LiteralType():
            return "one of " + ", ".join(dump(value) for value in kind.values)
        case inspect.ListType():
            item = kind.item_type
            return "a list" if isinstance(item, inspect.AnyType) else f"a list, each item {describe(item)}"
        case inspect.CustomType():
            cls: Any = kind.cls
            return str(cls.description)
        case inspect.UnionType():
            names = {describe(member): None for member in members(kind)}
            if "a number" in names:
                names.pop("a whole number", None)
            return " or ".join(names)
        case _:
            return _NAMES[type(kind)]


_NAMES: Mapping[type[Kind], str] = {
    inspect.StrType: "text",
    inspect.IntType: "a whole number",
    inspect.FloatType: "a number",
    inspect.BoolType: "true or false",
    inspect.DictType: "a table",
    inspect.StructType: "a table",
}
_TYPES: Mapping[type[Kind], type] = {
    inspect.StrType: str,
    inspect.FloatType: float,
    inspect.BoolType: bool,
}


_TYPE_NAMES: Mapping[type, str] = {
    str: "text",
    bool: "true or false",
    int: "a number",
    float: "a number",
    list: "a list",
    dict: "a table",
}


def _fits(value: Any, kind: Kind) -> bool:
    match kind:
        case inspect.Metadata():
            return _fits(value, kind.type)
        case inspect.LiteralType():
            return isinstance(value, str) and value in kind.values
        case inspect.IntType():
            return isinstance(value, int) and not isinstance(value, bool) and (kind.ge is None or value >= kind.ge)
        case inspect.AnyType():
            return True
        case _:
            return isinstance(value, _TYPES.get(type(kind), ()))


def _got(written: Any, path: Path) -> str:
    """What was met, as it is written in the file; only its type where that may be secret."""
    in_url = path[0] in secrets.URLS | {"allow"}
    if secrets.may_hold(path) or (in_url and isinstance(written, list | dict)):
        return f"; got {_TYPE_NAMES.get(type(written), 'a date or time')}"
    text = dump(secrets.without_user(written) if in_url and isinstance(written, str) else written)
    return f"; got {text if len(text) <= _LONGEST else text[:_LONGEST] + '...'}"


def _nearest(value: Any, kind: Kind) -> str:
    if isinstance(kind, inspect.LiteralType) and isinstance(value, str):
        return did_you_mean(value, (str(known) for known in kind.values))
    return ""
