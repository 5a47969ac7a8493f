"""Turns the tables of the files into services, and notes every fault on the way."""

from collections.abc import Collection, Mapping
from typing import Any

from msgspec import inspect

from healthmon.config.convert import convert
from healthmon.config.faults import Faults
from healthmon.config.files import Source
from healthmon.config.resolve import Resolver
from healthmon.config.service import build
from healthmon.config.shape import Path, service_type
from healthmon.config.tables import known, merge, place
from healthmon.config.urls import address_of, with_host
from healthmon.core.model import Service
from healthmon.probes import PROBES


class Loader:
    """What all services of one config share.

    Attributes:
        faults: What is wrong.
    """

    def __init__(
        self, main: Source, faults: Faults, environ: Mapping[str, str], host: str | None, with_groups: Collection[str]
    ) -> None:
        self.faults = faults
        self._main = main
        self._environ = environ
        self._host = host
        self._with_groups = with_groups
        self._defaults: dict[str, Any] = place(main.table.get("defaults", {}), main.folder)
        self._types: dict[str, tuple[type[Any], inspect.StructType]] = {}

    def service(self, source: Source, index: int) -> Service | None:
        """The service of one table; None where it has a fault."""
        failed: set[Path] = set()

        def report(path: Path, message: str) -> None:
            failed.add(path)
            self._report(source, ("services", index), path, message)

        own = place(source.table["services"][index], source.folder)
        enabled = self._enabled({**self._defaults, **own})
        resolver = Resolver(self._environ, report, strict=enabled)
        url = {**self._defaults, **own}.get("url")
        if url is None:
            report((), "url is missing")
            return None
        text = resolver.resolve(url, ("url",), inspect.StrType())
        try:
            located = with_host(text, self._host)
            address = address_of(located, PROBES)
        except ValueError as error:
            report(("url",), str(error))
            return None
        probe = PROBES[address.scheme]
        type_, kind = self._type(address.scheme)
        table = merge(known(self._defaults, kind), own, kind)
        expect = table.setdefault("expect", {})
        for name, value in probe.expect.items():
            expect.setdefault(name, value)
        table = resolver.resolve(table, (), kind)
        try:
            keys = convert(table, type_)
            shown = Resolver(self._environ, report, strict=enabled, mask=True).resolve(url, ("url",), inspect.StrType())
            return build(
                keys,
                probe,
                url=located,
                shown_url=with_host(shown, self._host),
                address=address,
                enabled=enabled,
                secrets=frozenset(resolver.secrets),
            )
        except ValueError as error:
            report((), str(error))
            return None

    def _enabled(self, table: dict[str, Any]) -> bool:
        if table.get("enabled") is not False:
            return True
        group = Resolver(self._environ, lambda *_: None, strict=False).resolve(
            table.get("group"), ("group",), inspect.StrType()
        )
        return group in self._with_groups

    def _type(self, scheme: str) -> tuple[type[Any], inspect.StructType]:
        if scheme not in self._types:
            type_ = service_type(PROBES[scheme])
            kind = inspect.type_info(type_)
            assert isinstance(kind, inspect.StructType)
            self._types[scheme] = type_, kind
        return self._types[scheme]

    def _report(self, source: Source, base: Path, path: Path, message: str) -> None:
        if path and not source.holds((*base, *path)) and self._main.holds(("defaults", *path)):
            self.faults.add(self._main, ("defaults", *path), message)
        else:
            self.faults.add(source, (*base, *path), message)
