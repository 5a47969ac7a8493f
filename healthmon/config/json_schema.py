"""The JSON Schema (draft 7, which editors know) of a config file."""

from collections.abc import Mapping
from typing import Any

from msgspec import inspect

from healthmon.config.daemon import DaemonKeys, Listen
from healthmon.config.docs import docs
from healthmon.config.grammar import Demand, Operators, Pattern, Patterns, Status, Texts
from healthmon.config.keys import Allowed, FileKeys, Identifier, Line, ModuleKeys, Remark, ServiceKeys
from healthmon.config.kinds import Kind, kind_of, members, takes_false
from healthmon.config.modules import BUILT_IN
from healthmon.config.shape import module_shape, shape_of, shape_of_any
from healthmon.config.windows import Cron, Moment, WindowKeys, Zone
from healthmon.core.units import DURATION_PATTERN, SIZE_PATTERN, Duration, FilePath, PositiveDuration, Size
from healthmon.probes import PROBES

Schema = dict[str, Any]

_PLACEHOLDER = r"\$\{"
"""Where a text holds a placeholder, what it will be is not known yet."""


def schema() -> Schema:
    """The schema of a config file: one schema for each scheme's services, chosen by `url`."""
    writer = _Writer()
    described = docs(FileKeys)
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "healthmon",
        "description": "The services that healthmon checks.",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "host": {"type": "string", "description": described["host"]},
            "include": {"type": "array", "items": {"type": "string"}, "description": described["include"]},
            "defaults": {**writer.table(shape_of_any(PROBES).kind), "description": described["defaults"]},
            "services": {"type": "array", "items": _service(), "description": described["services"]},
            "daemon": {**writer.table(kind_of(DaemonKeys), whole=True), "description": described["daemon"]},
            "maintenance": {
                "type": "array",
                "items": writer.table(kind_of(WindowKeys), whole=True),
                "description": described["maintenance"],
            },
            "modules": {**_modules(), "description": described["modules"]},
        },
        "definitions": {
            **{scheme: writer.table(shape_of(probe).kind) for scheme, probe in PROBES.items()},
            **{
                f"{scheme}_module": writer.table(module_shape(shape_of(probe), PROBES).kind)
                for scheme, probe in PROBES.items()
            },
            **writer.definitions,
        },
    }


def _service() -> Schema:
    """The schema of a service: that of the scheme with which its URL begins."""
    url = {
        "type": "string",
        "pattern": f"^({'|'.join(map(_beginning, PROBES))})|{_PLACEHOLDER}",
        "description": docs(ServiceKeys)["url"],
    }
    return {
        "type": "object",
        "required": ["name", "url"],
        "properties": {"url": url},
        "allOf": [
            {
                "if": {
                    "properties": {"url": {"type": "string", "pattern": f"^{_beginning(scheme)}"}},
                    "required": ["url"],
                },
                "then": {"$ref": f"#/definitions/{scheme}"},
            }
            for scheme in PROBES
        ],
    }


def _beginning(scheme: str) -> str:
    """What URLs of a scheme begin with. Those that lead to no host may go without slashes."""
    return f"{scheme}://" if PROBES[scheme].locate is None else f"{scheme}:"


def _modules() -> Schema:
    """The schema of the modules: each that of the scheme which its `probe` names."""
    return {
        "type": "object",
        "propertyNames": {"pattern": Identifier.pattern},
        "properties": {name: _module(str(table["probe"])) for name, table in BUILT_IN.items()},
        "additionalProperties": _module(ModuleKeys().probe),
    }


def _module(usual: str) -> Schema:
    """The schema of a module that has the usual probe where it names none."""
    probe = {"type": "string", "pattern": f"^({'|'.join(PROBES)})$|{_PLACEHOLDER}"}
    chosen = [
        {
            "if": {"properties": {"probe": {"const": scheme}}, "required": [] if scheme == usual else ["probe"]},
            "then": {"$ref": f"#/definitions/{scheme}_module"},
        }
        for scheme in PROBES
    ]
    return {"type": "object", "properties": {"probe": probe}, "allOf": chosen}


class _Writer:
    """Writes schemas of types, and of each named one only once.

    Attributes:
        definitions: The schemas that others refer to.
    """

    def __init__(self) -> None:
        self.definitions: dict[str, Schema] = {
            "removed": {"const": False, "description": "Removes what [defaults] gave."}
        }

    def table(self, kind: Kind, *, whole: bool = False) -> Schema:
        """The schema of a table with fixed keys. `whole`: no defaults are merged into it."""
        structs = [member for member in members(kind) if isinstance(member, inspect.StructType)]
        required = [field.name for struct in structs for field in struct.fields if field.required]
        return {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                field.name: self._property(
                    field, docs(struct.cls).get(field.name, "A demand on what the probe adds."), whole=whole
                )
                for struct in structs
                for field in struct.fields
            },
            **({"required": required} if whole and required else {}),
        }

    def _property(self, field: inspect.Field, description: str, *, whole: bool) -> Schema:
        options = self._alternatives(field.type, removable=not (field.required or whole), whole=whole)
        value: Schema = {"anyOf": options, "description": description}
        if isinstance(field.default, Duration):
            value["default"] = f"{field.default:g}s"
        elif isinstance(field.default, bool | int | str):
            value["default"] = field.default
        return value

    def _alternatives(self, kind: Kind, *, removable: bool, whole: bool = False) -> list[Schema]:
        """The schemas of which a value must fulfil one. `removable`: `false` may stand for "no default"."""
        removed = [{"$ref": "#/definitions/removed"}] if removable and not takes_false(kind) else []
        return [self._one(member, whole=whole) for member in members(kind)] + removed

    def _one(self, kind: Kind, *, whole: bool) -> Schema:
        match kind:
            case inspect.StructType() | inspect.CustomType():
                return self._named(kind, whole=whole)
            case inspect.DictType():
                values = self._alternatives(kind.value_type, removable=True)
                return {"type": "object", "additionalProperties": {"anyOf": values}}
            case inspect.ListType():
                return {
                    "type": "array",
                    "items": {"anyOf": self._alternatives(kind.item_type, removable=False, whole=True)},
                }
            case inspect.LiteralType():
                return {"enum": list(kind.values)}
            case inspect.Metadata():
                # The config's only constraint of this kind is that of a least whole number.
                return {"type": "integer", "minimum": getattr(kind.type, "ge", None)}
        return {} if isinstance(kind, inspect.AnyType) else {"type": _JSON_TYPES[type(kind)]}

    def _named(self, kind: inspect.StructType | inspect.CustomType, *, whole: bool) -> Schema:
        name = kind.cls.__name__
        if name not in self.definitions:
            if kind.cls is Demand:
                operators = {**self.table(kind_of(Operators)), "minProperties": 1}
                self.definitions[name] = {"anyOf": [{"type": ["string", "number", "boolean", "array"]}, operators]}
            else:
                self.definitions[name] = _CUSTOM.get(kind.cls) or self.table(kind, whole=whole)
        return {"$ref": f"#/definitions/{name}"}


def _text(pattern: str) -> Schema:
    return {"type": "string", "pattern": f"{pattern}|{_PLACEHOLDER}"}


def _one_or_more(item: Schema) -> Schema:
    return {"anyOf": [item, {"type": "array", "items": item, "minItems": 1}]}


_JSON_TYPES: Mapping[type[Kind], str] = {
    inspect.BoolType: "boolean",
    inspect.FloatType: "number",
    inspect.IntType: "integer",
    inspect.StrType: "string",
}
_DURATION = _text(DURATION_PATTERN)
_STATUS: Schema = {
    "anyOf": [
        {"type": "integer", "minimum": 100, "maximum": 599},
        _text(r"^([1-5][xX]{2}|[1-5][0-9]{2}(-[1-5][0-9]{2})?)$"),
    ]
}
_CUSTOM: Mapping[type[Any], Schema] = {
    Duration: {"anyOf": [_DURATION, {"type": "number", "minimum": 0}]},
    PositiveDuration: {"anyOf": [_DURATION, {"type": "number", "exclusiveMinimum": 0}]},
    Size: {"anyOf": [_text(SIZE_PATTERN), {"type": "integer", "minimum": 0}]},
    FilePath: {"type": "string", "minLength": 1},
    Line: _text(Line.pattern),
    Remark: _text(Remark.pattern),
    Identifier: _text(Identifier.pattern),
    Allowed: {"type": "string", "minLength": 1},
    Listen: {"anyOf": [_text(Listen.pattern), {"type": "integer", "minimum": 0, "maximum": 65535}]},
    Moment: _text(Moment.pattern),
    Cron: {"type": "string", "minLength": 1},
    Zone: {"type": "string", "minLength": 1},
    Pattern: {"type": "string"},
    Patterns: _one_or_more({"type": "string", "minLength": 1}),
    Status: _one_or_more(_STATUS),
    Texts: _one_or_more({"type": "string", "minLength": 1}),
}
