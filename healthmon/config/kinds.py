"""Types as msgspec describes them, and what the config needs to know of them."""

from typing import Any

from msgspec import inspect

from healthmon.config.grammar import Demand

Kind = inspect.Type
"""A type, described."""

Key = str | int
Path = tuple[Key, ...]
"""Where a value stands in a table: keys and, in lists, numbers from 0."""

ANY = inspect.AnyType()
TEXT = inspect.StrType()

_CONTAINERS: dict[type, tuple[type, ...]] = {
    dict: (inspect.StructType, inspect.DictType),
    list: (inspect.ListType,),
}


def kind_of(type_: Any) -> Kind:
    """Describe a type."""
    return inspect.type_info(type_)


def members(kind: Kind) -> tuple[Kind, ...]:
    """The types that a value of this type may have; "none", which TOML cannot say, is left out."""
    return tuple(member for member in _types(kind) if not isinstance(member, inspect.NoneType))


def _types(kind: Kind) -> tuple[Kind, ...]:
    return kind.types if isinstance(kind, inspect.UnionType) else (kind,)


def chosen(kind: Kind, value: Any) -> Kind:
    """The type that a value is measured by: of several possible ones, that for tables or lists if it is such."""
    types = members(kind)
    fitting = [member for member in types if isinstance(member, _CONTAINERS.get(type(value), ()))]
    return fitting[0] if fitting else types[0] if len(types) == 1 else kind


def child(kind: Kind, key: Key) -> Kind:
    """The type of the value that stands at a key in a value of this type; any type where that is not known."""
    for member in _types(kind):
        match member:
            case inspect.StructType():
                return next((field.type for field in member.fields if field.name == key), ANY)
            case inspect.DictType():
                return member.value_type
            case inspect.ListType():
                return member.item_type
    return ANY


def key_names(kind: Kind) -> tuple[str, ...]:
    """The keys that a table of this type may have, where they are fixed."""
    structs = (member for member in members(kind) if isinstance(member, inspect.StructType))
    return tuple(field.name for struct in structs for field in struct.fields)


def is_a(kind: Kind, type_: type[Any]) -> bool:
    """Whether values of this type are of a type that reads itself, such as a path."""
    return any(isinstance(member, inspect.CustomType) and issubclass(member.cls, type_) for member in members(kind))


def takes_false(kind: Kind) -> bool:
    """Whether `false` is a value of this type, so that it cannot mean that a default is removed."""
    return any(
        issubclass(member.cls, Demand)
        if isinstance(member, inspect.CustomType)
        else isinstance(member, inspect.BoolType | inspect.AnyType)
        for member in members(kind)
    )
