"""The keys of one scheme's services, common ones and the probe's own, as one type."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal, get_args, get_origin

import msgspec

from healthmon.config.grammar import Demand
from healthmon.config.keys import ExpectKeys, ModuleKeys, ServiceKeys
from healthmon.config.kinds import Kind, kind_of
from healthmon.core.expectations import Expectations
from healthmon.probes.contract import Probe


class Shape(msgspec.Struct, frozen=True):
    """What a scheme's services look like.

    Attributes:
        keys: The type of a service's table.
        kind: The same, described.
        options: The type of the probe's own keys.
        written: The same as the config writes them.
        expect: What is expected where neither the service nor the defaults say.
        given: What other keys are where neither the service nor the defaults say. May hold placeholders.
    """

    keys: type[Any]
    kind: Kind
    options: type[Any]
    written: type[Any]
    expect: Mapping[str, Any] = {}
    given: Mapping[str, Any] = {}


class NoOptions(msgspec.Struct, frozen=True):
    """The options of no probe."""


class Shapes:
    """The shapes of all schemes, each made when it is first needed: a config has few of the schemes."""

    def __init__(self, probes: Mapping[str, Probe]) -> None:
        self._probes = probes
        self._made: dict[str, Shape] = {}

    def __getitem__(self, scheme: str) -> Shape:
        """The shape of a scheme's services; of any service where no probe speaks the scheme."""
        if scheme not in self._probes:
            scheme = ""
        if scheme not in self._made:
            self._made[scheme] = shape_of(self._probes[scheme]) if scheme else shape_of_any(self._probes)
        return self._made[scheme]

    def __iter__(self) -> Iterator[str]:
        """The schemes that probes speak."""
        return iter(self._probes)


def plain(type_: type[Any]) -> Shape:
    """The shape of a table in which no probe has keys."""
    return Shape(type_, kind_of(type_), NoOptions, NoOptions)


def shape_of(probe: Probe) -> Shape:
    """The shape of a probe's services."""
    expect = _expect_type(probe.name, probe.expectations)
    written = _as_written(probe.options, expect, probe.name)
    type_ = _service_type(probe.name, dict(_fields(written)), expect, probe.options)
    return Shape(type_, kind_of(type_), probe.options, written, probe.expect, probe.given)


def shape_of_any(probes: Mapping[str, Probe]) -> Shape:
    """The shape of a service of which nobody knows the scheme: it may have every key of every probe."""
    expect = _expect_type("any", frozenset[str]().union(*(probe.expectations for probe in probes.values())))
    types = [_as_written(probe.options, expect, "any") for probe in reversed(list(probes.values()))]
    options = {name: field for type_ in types for name, field in _fields(type_)}
    return plain(_service_type("any", options, expect, *(probe.options for probe in probes.values())))


_ON_SCHEDULE = frozenset({"interval", "failure_threshold", "success_threshold", "start_period"})
_OF_ONE = frozenset(
    {"id", "name", "url", "enabled", "group", "phase", "tags", "labels", "depends_on", "hint", "runbook"}
)


def not_for_modules(key: str) -> str | None:
    """Why a key of services is none of modules; None where that is not so."""
    if key in _ON_SCHEDULE:
        return f"{key} is for services, which are checked again and again; a module is used when a request comes"
    if key in _OF_ONE:
        return f"{key} is for services; a module is a way to ask many targets, which the requests name"
    return None


def module_shape(shape: Shape, schemes: Iterable[str]) -> Shape:
    """The shape of a module: that of the services that its probe checks, but for what makes no sense in it.

    Args:
        shape: What the services look like.
        schemes: The schemes that probes speak.
    """
    own = dict(_fields(ModuleKeys))
    own["probe"] = (Literal[tuple(schemes)], own["probe"][1])
    shared = {key: field for key, field in _fields(shape.keys) if not_for_modules(key) is None}
    name = shape.keys.__name__.replace("_service", "_module")
    type_ = _struct(name, {**own, **shared}, *shape.keys.documented, ModuleKeys)
    return msgspec.structs.replace(shape, keys=type_, kind=kind_of(type_))


def _service_type(
    name: str, options: Mapping[str, tuple[Any, Any]], expect: type[Any], *documented: type[Any]
) -> type[Any]:
    common = {
        key: (expect, expect()) if kind is ExpectKeys else (kind, default)
        for key, (kind, default) in _fields(ServiceKeys)
    }
    return _struct(f"{name}_service", {**common, **options}, ServiceKeys, *documented)


def _expect_type(name: str, expectations: frozenset[str]) -> type[Any]:
    """The type of `expect` and `warn`: what the probe knows. What it adds itself is a demand on a fact."""
    known = {key: field for key, field in _fields(ExpectKeys) if key in expectations}
    added = dict.fromkeys(sorted(expectations - known.keys()), (Demand | None, None))
    return _struct(f"{name}_expect", {**known, **added}, ExpectKeys, written_for=Expectations)


def _as_written(type_: Any, expect: type[Any], name: str) -> Any:
    """The type as the config writes it: where the probe is given `Expectations`, there stands what `expect` may hold.

    Args:
        type_: The type of options, of a list of such, or of anything else, which is written as it is.
        expect: The type of the probe's `expect`.
        name: The probe's name.
    """
    if type_ is Expectations:
        return expect
    if get_origin(type_) is list:
        return list[_as_written(get_args(type_)[0], expect, name)]  # type: ignore[misc]  # made here
    if not (isinstance(type_, type) and issubclass(type_, msgspec.Struct)):
        return type_
    written = {key: (_as_written(kind, expect, name), default) for key, (kind, default) in _fields(type_)}
    changed = {key: written[key] for key, (kind, _) in _fields(type_) if written[key][0] != kind}
    if not changed:
        return type_
    made = {key: (kind, expect() if kind is expect else default) for key, (kind, default) in changed.items()}
    return _struct(f"{name}_{type_.__name__}", made, base=type_, written_for=type_)


def _struct(
    name: str,
    fields: Mapping[str, tuple[Any, Any]],
    *documented: type[Any],
    base: type[Any] | None = None,
    written_for: type[Any] | None = None,
) -> type[Any]:
    """Make a type of these fields, which those types explain.

    Args:
        name: Its name.
        fields: Its fields, beside those of the base.
        documented: The types that explain them.
        base: What it extends.
        written_for: What the config makes of its values; None if they stay what they are.
    """
    return msgspec.defstruct(
        name,
        [
            (key, kind) if default is msgspec.NODEFAULT else (key, kind, default)
            for key, (kind, default) in fields.items()
        ],
        bases=None if base is None else (base,),
        namespace={"documented": documented, "written_for": written_for},
        frozen=True,
        kw_only=True,
        forbid_unknown_fields=True,
    )


def _fields(struct: type[Any]) -> Iterator[tuple[str, tuple[Any, Any]]]:
    """The fields of a struct's type: name, and type and default."""
    for field in msgspec.structs.fields(struct):
        default = field.default if field.default_factory is msgspec.NODEFAULT else field.default_factory()
        yield field.name, (field.type, default)
