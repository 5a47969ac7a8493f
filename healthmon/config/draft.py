"""One service on its way from its table to the frozen type."""

import re
from collections.abc import Collection, Mapping
from typing import Any

from msgspec import Struct

from healthmon.config.convert import convert
from healthmon.config.explain import Finding, explain
from healthmon.config.faults import Faults
from healthmon.config.files import Source
from healthmon.config.grammar import check_jmespath
from healthmon.config.graph import Node
from healthmon.config.hosts import bracketed
from healthmon.config.keys import Line
from healthmon.config.kinds import TEXT, Path, kind_of
from healthmon.config.resolve import Resolver
from healthmon.config.secrets import without_user
from healthmon.config.service import build, credentials, identifier, options_of
from healthmon.config.shape import Shapes
from healthmon.config.tables import Placed, known, merge, place, remove, written
from healthmon.config.toml import dump
from healthmon.config.unknown import unknown_to
from healthmon.config.urls import address_of, stand_in, with_host
from healthmon.core.masking import mask
from healthmon.core.model import Address, Service
from healthmon.probes import PROBES


class Surroundings(Struct, frozen=True):
    """What all services of one config share.

    Attributes:
        main: The main file.
        defaults: Its defaults, placed.
        faults: Takes what is wrong.
        environ: The environment.
        host: What `{host}` stands for, or None.
        with_groups: Groups whose disabled services are enabled.
        with_ids: Disabled services that are enabled.
        shapes: What services look like, by scheme.
    """

    main: Source
    defaults: dict[str, Any]
    faults: Faults
    environ: Mapping[str, str]
    host: str | None
    with_groups: Collection[str]
    with_ids: Collection[str]
    shapes: Shapes


class Draft:
    """A service's table, and what was found out about it.

    Attributes:
        enabled: Whether the service takes part.
        table: The table merged with the defaults, placeholders unreplaced.
        service: The service; None where it has a fault.
    """

    def __init__(self, source: Source, index: int, around: Surroundings) -> None:
        """Read the table and report what is wrong with it."""
        self._source = source
        self._base: Path = ("services", index)
        self._around = around
        self._failed: set[Path] = set()
        own: dict[str, Any] = place(source.table["services"][index], source.folder)
        self.table: dict[str, Any] = {**around.defaults, **own}
        self.enabled = (
            self.table.get("enabled") is not False
            or self._early("group") in around.with_groups
            or self._id() in around.with_ids
        )
        self._resolver = Resolver(around.environ, self.report, strict=self.enabled)
        url, address = self._locate()
        self._scheme = url.partition("://")[0].lower()
        self._shape = around.shapes[self._scheme]
        self.table = self._merged(own)
        self.service = self._build(url, address)

    def report(self, path: Path, message: str, named: bool = True) -> None:  # noqa: FBT001, FBT002 - a `Report`
        """Note a fault, at the line of the default where the value comes from there."""
        self._failed.add(path)
        main = self._around.main
        label = path if named else ()
        if path and not self._source.holds((*self._base, *path)) and main.holds(("defaults", *path)):
            self._around.faults.add(main, ("defaults", *path), message, label)
        else:
            self._around.faults.add(self._source, (*self._base, *path), message, label)

    def node(self) -> Node:
        """The service among the others. Its id is empty where it cannot be told."""
        derived, needed = not isinstance(self._early("id"), str), self._early("depends_on")
        needed = needed if isinstance(needed, list) else []
        depends_on = tuple(item if isinstance(item, str) else "" for item in needed)
        return Node(self._id(), depends_on, derived, self._place, self._report_relation)

    def _id(self) -> str:
        """The service's id, its own or that made from its name; empty where it cannot be told."""
        own, name = self._early("id"), self._early("name")
        return own if isinstance(own, str) else identifier(name) if isinstance(name, str) else ""

    def _report_relation(self, path: Path, message: str) -> None:
        """Note a fault among services, unless it comes from a placeholder without a value."""
        if path not in self._resolver.unresolved:
            self.report(path, mask(message, self._resolver.secrets))

    def shown(self) -> dict[str, Any]:
        """The table with placeholders replaced and secrets masked."""
        shown = self._masking().resolve(self.table, (), self._shape.kind)
        return {**shown, "enabled": self.enabled}

    def _place(self) -> str:
        return f"{self._source.name}:{self._source.line(self._base)}"

    def _early(self, key: str) -> Any:
        """The value of a key before its faults are told."""
        return Resolver(self._around.environ, ignore, strict=False).resolve(self.table.get(key), (key,), TEXT)

    def _masking(self) -> Resolver:
        return Resolver(self._around.environ, ignore, strict=self.enabled, mask=True)

    def _locate(self) -> tuple[str, Address | None]:
        """The URL with the host in it, and where it points; None where that cannot be told."""
        given = self.table.get("url")
        if not isinstance(given, Placed):
            return "", None
        url = self._resolver.resolve(given, ("url",), TEXT)
        unresolved = ("url",) in self._resolver.unresolved
        try:
            url = with_host(stand_in(url) if unresolved else url, self._around.host)
            return url, address_of(url, PROBES)
        except ValueError:
            if not unresolved:
                self._report_url()
            return url, None

    def _report_url(self) -> None:
        """Report the fault of a URL as that of the masked one: the message quotes parts of it."""
        masked = without_user(self._masking().resolve(self.table["url"], ("url",), TEXT))
        try:
            address_of(with_host(masked, self._around.host), PROBES)
            message = "what it has from a secret is not fit for a URL"
        except ValueError as error:
            message = str(error)
        self.report(("url",), f"{message}; got {dump(masked)}")

    def _merged(self, own: dict[str, Any]) -> dict[str, Any]:
        kind = self._shape.kind
        table = merge(known(self._around.defaults, kind), own, kind)
        expect = table.setdefault("expect", {})
        if isinstance(expect, dict):
            table["expect"] = {**self._shape.expect, **expect}
        return table

    def _build(self, url: str, address: Address | None) -> Service | None:
        """The service, if nothing is wrong with it."""
        table = self._resolver.resolve(self.table, (), self._shape.kind)
        self._check_names(table)
        read = self._convert(table)
        if read is None or self._failed:
            return None
        keys, options = read
        shown_url = self._masking().resolve(self.table["url"], ("url",), TEXT)
        return build(
            keys,
            options,
            url=url,
            shown_url=shown_url.replace("{host}", bracketed(self._around.host or "")),
            address=address or Address("", url, 0, explicit=False),
            enabled=self.enabled,
            hidden=frozenset(self._resolver.secrets) | credentials(table, url),
        )

    def _check_names(self, table: dict[str, Any]) -> None:
        """Report what is wrong with names that have a meaning: expressions, and what the id is made from."""
        for level in ("expect", "warn"):
            demands = table[level].get("json") if isinstance(table.get(level), dict) else None
            for expression in demands if isinstance(demands, dict) else ():
                try:
                    check_jmespath(expression)
                except ValueError as error:
                    self.report((level, "json", expression), str(error))
        labels = table.get("labels")
        for label in labels if isinstance(labels, dict) else ():
            if not re.fullmatch(Line.pattern, label):
                self.report(("labels",), f"expected names that are {Line.description}; got {dump(label)}")
        source = "id" if "id" in table else "name"
        if self._early(source) != table.get(source):
            self.report((source,), f"an id is shown everywhere, so {source} cannot hold a secret; write a plain id")
        name = table.get("name")
        if isinstance(name, str) and not identifier(name) and "id" not in table:
            self.report(("name",), f"no id can be made from {dump(written(self.table['name']))}; write an id")

    def _convert(self, table: dict[str, Any]) -> tuple[Any, Any] | None:
        """The table as its type, and the probe's options; None after faults, which are reported."""
        while True:
            try:
                keys = convert(table, self._shape.keys)
                return keys, options_of(keys, self._shape.options)
            except ValueError:
                findings = self._findings(table)
            unresolved = {finding.path for finding in findings if finding.path in self._resolver.unresolved}
            # The last first: what is removed from a list moves what follows it.
            for path in sorted(unresolved, reverse=True):
                # Not a value yet. A missing one is reported already; a disabled service does without.
                remove(table, path)
            for finding in findings:
                if finding.path not in self._failed and finding.path not in unresolved:
                    self.report(*finding)
            if not unresolved or self._failed:
                return None

    def _findings(self, table: dict[str, Any]) -> list[Finding]:
        """What is wrong with the keys one by one, and with the probe's own ones together."""
        as_written = written(self.table)
        unknown = unknown_to(self._scheme, self._around.shapes)
        options = self._shape.options
        own = {key: value for key, value in table.items() if key in options.__struct_fields__}
        return [
            *explain(table, as_written, self._shape.kind, (), unknown),
            *explain(own, as_written, kind_of(options), (), unknown),
        ]


def ignore(path: Path, message: str, named: bool = True) -> None:  # noqa: FBT001, FBT002 - a `Report`
    """Take a fault that is reported elsewhere."""
