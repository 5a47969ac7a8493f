"""What keys hold and what they are by default, in the words of the pages, as far as their types tell."""

from collections.abc import Mapping
from typing import Any

from msgspec import NODEFAULT, Struct, inspect

from healthmon.config.kinds import Kind, members
from healthmon.core.units import Duration, FilePath, PositiveDuration, Size

_ITEMS: Mapping[type[Kind], str] = {
    inspect.StrType: "texts",
    inspect.IntType: "numbers",
    inspect.FloatType: "numbers",
    inspect.BoolType: "true and false",
}
_FEW = 4
_CUSTOM: Mapping[type[Any], str] = {
    Duration: "a duration",
    PositiveDuration: "a duration, more than zero",
    Size: "a size",
    FilePath: "the path of a file",
}


def value_of(kind: Kind) -> str | None:  # noqa: PLR0911 - a table
    """What a value of the type is; None where the type tells less than a person would."""
    match members(kind):
        case (inspect.BoolType(),):
            return "true or false"
        case (inspect.IntType(),):
            return "a whole number"
        case (inspect.FloatType(),):
            return "a number"
        case (inspect.BoolType(), inspect.IntType()):
            return "true, false, or a number"
        case (inspect.Metadata() as one,):
            return str((one.extra_json_schema or {})["description"])
        case (inspect.LiteralType() as one,) if len(one.values) <= _FEW:
            names = [f'`"{value}"`' for value in one.values]
            return f"{', '.join(names[:-1])} or {names[-1]}"
        case (inspect.CustomType() as one,):
            return _CUSTOM.get(one.cls)
        case (inspect.DictType() as one,) if all(type(item) in _ITEMS for item in members(one.value_type)):
            items = list(dict.fromkeys(_ITEMS[type(item)] for item in members(one.value_type)))
            return f"a table of {', '.join(items)}"
        case (inspect.StructType(),):
            return "a table"
    return None


def default_of(field: inspect.Field) -> str | None:  # noqa: PLR0911 - a table
    """The default of a key; None where it has none of which the type tells."""
    if field.required:
        return "(required)"
    value = field.default_factory() if field.default is NODEFAULT else field.default
    match value:
        case bool():
            return f"`{str(value).lower()}`"
        case Duration():
            return f'`"{_duration(value)}"`'
        case Size():
            return _size(value)
        case int() | float():
            return f"`{value:g}`"
        case str():
            return f'`"{value}"`' if value else None
    if type(value) is list:  # what reads itself may be one, too
        return "`[]`"
    return "`{}`" if type(value) is dict or isinstance(value, Struct) else None


def _duration(seconds: float) -> str:
    if seconds and seconds < 1:
        return f"{seconds * 1000:g}ms"
    return f"{seconds / 60:g}m" if seconds >= 60 and seconds % 60 == 0 else f"{seconds:g}s"


def _size(value: int) -> str:
    for unit, factor in (("MiB", 2**20), ("KiB", 2**10)):
        if value % factor == 0:
            return f'`"{value // factor}{unit}"`'
    return f"`{value}`"
