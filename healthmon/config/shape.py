"""The keys of one scheme's services, common ones and the probe's own, as one type."""

from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import inspect

from healthmon.config.grammar import Demand
from healthmon.config.keys import ExpectKeys, ServiceKeys
from healthmon.core.units import FilePath
from healthmon.probes.contract import Probe

Key = str | int
Path = tuple[Key, ...]
"""Where a value stands in a table: keys and, in lists, numbers from 0."""


def service_type(probe: Probe) -> type[Any]:
    """The type of a service's table: the common keys, with what this probe can be expected to do, and its options."""
    expect = _expect_type(probe)
    common = [
        (name, expect if name in {"expect", "warn"} else kind, default) for name, kind, default in fields(ServiceKeys)
    ]
    return msgspec.defstruct(
        f"{probe.name.capitalize()}Service",
        [
            (name, kind) if default is msgspec.NODEFAULT else (name, kind, expect() if kind is expect else default)
            for name, kind, default in [*common, *fields(probe.options)]
        ],
        frozen=True,
        kw_only=True,
        forbid_unknown_fields=True,
    )


def _expect_type(probe: Probe) -> type[Any]:
    """The type of `expect` and `warn`: the keys that the probe knows; what it adds itself is a demand on a fact."""
    known = {name: (kind, default) for name, kind, default in fields(ExpectKeys)}
    return msgspec.defstruct(
        f"{probe.name.capitalize()}Expect",
        [
            *((name, *known[name]) for name in known if name in probe.expectations),
            *((name, Demand | None, None) for name in sorted(probe.expectations - known.keys())),
        ],
        frozen=True,
        kw_only=True,
        forbid_unknown_fields=True,
    )


def fields(struct: type[Any]) -> Iterator[tuple[str, Any, Any]]:
    """The fields of a struct's type: name, type and default."""
    for field in msgspec.structs.fields(struct):
        default = field.default if field.default_factory is msgspec.NODEFAULT else field.default_factory()
        yield field.name, field.type, default


def child(kind: inspect.Type, key: Key) -> inspect.Type:
    """The type of the value that stands at a key in a value of this type; any type where that is not known."""
    match kind:
        case inspect.UnionType():
            found = (child(member, key) for member in kind.types)
            return next((member for member in found if not isinstance(member, inspect.AnyType)), inspect.AnyType())
        case inspect.StructType():
            return next((field.type for field in kind.fields if field.name == key), inspect.AnyType())
        case inspect.DictType():
            return kind.value_type
        case inspect.ListType() | inspect.VarTupleType():
            return kind.item_type
        case _:
            return inspect.AnyType()


def is_path(kind: inspect.Type) -> bool:
    """Whether values of this type are paths of files."""
    match kind:
        case inspect.UnionType():
            return any(is_path(member) for member in kind.types)
        case inspect.CustomType():
            return issubclass(kind.cls, FilePath)
        case _:
            return False


def takes_false(kind: inspect.Type) -> bool:
    """Whether `false` is a value of this type, so that it cannot mean that a default is removed."""
    match kind:
        case inspect.UnionType():
            return any(takes_false(member) for member in kind.types)
        case inspect.CustomType():
            return issubclass(kind.cls, Demand)
        case _:
            return isinstance(kind, inspect.BoolType | inspect.AnyType)
