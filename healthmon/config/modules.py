"""The modules of `/probe`: the built-in ones, and those of the config."""

from collections.abc import Iterable, Mapping
from pathlib import Path as FilePath
from types import MappingProxyType
from typing import Any

from healthmon.config.expectations import expectations
from healthmon.config.explain import Unknown
from healthmon.config.faults import Faults
from healthmon.config.files import Source
from healthmon.config.kinds import TEXT, Path
from healthmon.config.nearest import did_you_mean
from healthmon.config.reading import Section, check_expressions
from healthmon.config.resolve import Resolver, ignore
from healthmon.config.schema import Module
from healthmon.config.service import credentials
from healthmon.config.shape import Shape, Shapes, module_shape, not_for_modules
from healthmon.config.tables import known, merge, place
from healthmon.config.unknown import unknown_to
from healthmon.core.allow import allowed
from healthmon.core.model import Address, Service

BUILT_IN: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "http_2xx": {"probe": "http", "expect": {"status": "2xx"}, "follow_redirects": True},
        "tcp_connect": {"probe": "tcp"},
        "icmp": {"probe": "icmp", "count": 1},
    }
)
"""The modules that are always there. A config's table of the same name is merged into theirs."""


class ModuleReader:
    """Reads the tables of modules.

    Args:
        main: The main file.
        defaults: Its defaults, placed.
        shapes: What services look like, by scheme.
        faults: Takes what is wrong.
        environ: The environment.
    """

    def __init__(
        self, main: Source, defaults: dict[str, Any], shapes: Shapes, faults: Faults, environ: Mapping[str, str]
    ) -> None:
        self._main = main
        self._defaults = defaults
        self._shapes = shapes
        self._faults = faults
        self._environ = environ

    def read(self, name: str, own: dict[str, Any]) -> Section:
        """Read a module's table, and report what is wrong with it.

        Args:
            name: Its name.
            own: What the config says of it, placed.
        """
        built_in = place(BUILT_IN.get(name, {}), FilePath())
        scheme = self._scheme(own.get("probe", built_in.get("probe", "http")))
        shape = module_shape(self._shapes[scheme], self._shapes)
        table = merge(known(self._defaults, shape.kind), known(built_in, shape.kind), shape.kind)
        table = merge(table, own, shape.kind)
        table = {**place(shape.given, FilePath()), **table}
        _expect(table, shape)
        section = Section(
            self._main,
            ("modules", name),
            table,
            shape,
            faults=self._faults,
            environ=self._environ,
            unknown=_unknown(scheme, self._shapes),
            defaults=True,
        )
        check_expressions(section.table, section.faults)
        for index, entry in enumerate(section.keys.allow if section.keys else ()):
            scheme, found, _ = entry.lower().partition("://")
            if found and "*" not in scheme and scheme not in list(self._shapes):
                message = f"there is no probe for {scheme}://{did_you_mean(scheme, self._shapes)}"
                section.faults.report(("allow", index), message)
        return section

    def _scheme(self, probe: Any) -> str:
        """The scheme that chooses the shape; empty for that of any service where it is none."""
        scheme = Resolver(self._environ, ignore, strict=False).resolve(probe, ("probe",), TEXT)
        return scheme if scheme in list(self._shapes) else ""


def _expect(table: dict[str, Any], shape: Shape) -> None:
    """Add what the probe expects where nothing else is said."""
    expect = table.setdefault("expect", {})
    if isinstance(expect, dict):
        table["expect"] = {**shape.expect, **expect}


def _unknown(scheme: str, shapes: Shapes) -> Unknown:
    of_service = unknown_to(scheme, shapes, "modules")

    def unknown(path: Path, known_keys: Iterable[str]) -> str:
        refusal = not_for_modules(str(path[0])) if len(path) == 1 else None
        return refusal or of_service(path, known_keys)

    return unknown


def module(name: str, section: Section) -> Module:
    """The module that a sound table describes."""
    keys = section.keys
    template = Service(
        id=name,
        name=name,
        url="",
        shown_url="",
        address=Address(keys.probe, "", 0, explicit=False),
        options=section.options,
        secrets=section.secrets | credentials(section.table, ""),
        timeout=float(keys.timeout),
        retries=keys.retries,
        expect=expectations(keys.expect),
        warn=expectations(keys.warn),
    )
    return Module(name=name, probe=keys.probe, template=template, allow=allowed(tuple(map(str, keys.allow))))
