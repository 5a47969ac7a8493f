"""One service on its way from its table to the frozen type."""

import re
from collections.abc import Collection, Mapping
from typing import Any

from msgspec import Struct, structs

from healthmon.config.aim import Aim, put, settled
from healthmon.config.early import early, early_id
from healthmon.config.extras import missing
from healthmon.config.faults import Faults, TableFaults
from healthmon.config.files import Source
from healthmon.config.graph import Node
from healthmon.config.hosts import bracketed
from healthmon.config.keys import Line
from healthmon.config.kinds import TEXT, Path, child, key_names
from healthmon.config.reading import check_expressions, typed
from healthmon.config.resolve import Resolver, ignore
from healthmon.config.secrets import without_user
from healthmon.config.service import build, credentials, identifier
from healthmon.config.shape import Shapes
from healthmon.config.shared import Shared
from healthmon.config.tables import Placed, known, merge, place, written
from healthmon.config.toml import dump
from healthmon.config.unknown import unknown_to
from healthmon.config.urls import HOST, address_of, stand_in, with_host
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
        shared: What they have in common.
        aim: What is expected of them beside what the files say; None where nothing is.
    """

    main: Source
    defaults: dict[str, Any]
    faults: Faults
    environ: Mapping[str, str]
    host: str | None
    with_groups: Collection[str]
    with_ids: Collection[str]
    shapes: Shapes
    shared: Shared
    aim: Aim | None = None


class Draft:
    """A service's table, and what was found out about it.

    Attributes:
        enabled: Whether the service takes part.
        table: The table merged with the defaults, placeholders unreplaced.
        service: The service; None where it has a fault.
        taken: The texts of the expectations beside those of the files that it has taken.
    """

    def __init__(self, source: Source, index: int, around: Surroundings) -> None:
        """Read the table and report what is wrong with it."""
        self._around = around
        self._faults = TableFaults(around.faults, source, ("services", index), defaults=around.main)
        own: dict[str, Any] = place(source.table["services"][index], source.folder)
        self.table: dict[str, Any] = {**around.defaults, **own}
        self.enabled = (
            self.table.get("enabled") is not False
            or self._early("group") in around.with_groups
            or self._id() in around.with_ids
        )
        self._resolver = Resolver(around.environ, self._faults.report, strict=self.enabled)
        url, address = self._locate()
        self._scheme = url.partition(":")[0].lower()
        self._shape = around.shapes[self._scheme]
        self.table = self._merged(own)
        self._typed: dict[str, str] = {}
        self.taken = self._take(around.aim) if around.aim else ()
        self.service = self._build(url, address)

    def node(self) -> Node:
        """The service among the others. Its id is empty where it cannot be told."""
        derived, needed = not isinstance(self._early("id"), str), self._early("depends_on")
        needed = needed if isinstance(needed, list) else []
        depends_on = tuple(item if isinstance(item, str) else "" for item in needed)
        return Node(self._id(), depends_on, derived, self._faults.where, self._report_relation)

    def _id(self) -> str:
        """The service's id, its own or that made from its name; empty where it cannot be told."""
        return early_id(self.table, self._around.environ)

    def _report_relation(self, path: Path, message: str) -> None:
        """Note a fault among services, unless it comes from a placeholder without a value."""
        if path not in self._resolver.unresolved:
            self._faults.report(path, mask(message, self._resolver.secrets))

    def shown(self) -> dict[str, Any]:
        """The table with placeholders replaced and secrets masked."""
        shown = self._masking().resolve(self.table, (), self._shape.kind)
        return {**shown, "enabled": self.enabled}

    def _early(self, key: str) -> Any:
        """The value of a key before its faults are told."""
        return early(self.table, key, self._around.environ)

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
        self._faults.report(("url",), f"{message}; got {dump(masked)}")

    def _merged(self, own: dict[str, Any]) -> dict[str, Any]:
        kind = self._shape.kind
        table = merge(known(self._around.defaults, kind), own, kind)
        expect = table.setdefault("expect", {})
        if isinstance(expect, dict):
            table["expect"] = {**self._shape.expect, **expect}
        return {**place(self._shape.given, self._around.main.folder), **table}

    def _take(self, aim: Aim) -> tuple[str, ...]:
        """Put what is expected beside what the files say into the table."""
        kind = child(self._shape.kind, "expect")
        aimed = [one for one in aim.at(self._id()) if not one.broad or one.word in key_names(kind)]
        parts, faults = settled(aimed, kind)
        for text, message in faults:
            self._around.faults.add_typed(text, message)
        for part in parts:
            put(self.table, part)
            self._faults.blame(part.path, part.text)
            self._typed[part.key] = part.text
        return tuple(one.text for one in aimed)

    def _build(self, url: str, address: Address | None) -> Service | None:
        """The service, if nothing is wrong with it."""
        table = self._resolver.resolve(self.table, (), self._shape.kind)
        steps_use_host = self._place_host(table.get("steps"))
        check_expressions(table, self._faults)
        self._check_names(table)
        unknown = unknown_to(self._scheme, self._around.shapes)
        read = typed(table, self.table, self._shape, resolver=self._resolver, faults=self._faults, unknown=unknown)
        if self.enabled and self._scheme in PROBES and (message := missing(PROBES[self._scheme])):
            self._faults.report(("url",), message, False)
        if read is None or self._faults.failed:
            return None
        keys, options = read
        shown_url = self._masking().resolve(self.table["url"], ("url",), TEXT)
        built = build(
            keys,
            options,
            url=url,
            shown_url=shown_url.replace("{host}", bracketed(self._around.host or "")),
            address=address or Address("", url, 0, explicit=False),
            enabled=self.enabled,
            uses_host=HOST in table["url"] or steps_use_host,
            hidden=frozenset(self._resolver.secrets) | credentials(table, url),
            shared=self._around.shared,
            typed=self._typed,
        )
        return structs.replace(built, by_hand=PROBES[self._scheme].by_hand(built)) if address else built

    def _place_host(self, steps: Any) -> bool:
        """Put the host in the place of `{host}` in the URLs of steps; whether one holds it."""
        uses = False
        for step in steps if isinstance(steps, list) else ():
            for key in ("path", "url"):
                if isinstance(step, dict) and isinstance(step.get(key), str) and HOST in step[key]:
                    uses = True
                    if self._around.host is not None:
                        step[key] = step[key].replace(HOST, bracketed(self._around.host))
        return uses

    def _check_names(self, table: dict[str, Any]) -> None:
        """Report what is wrong with names: those of labels, and what the id is made from."""
        labels = table.get("labels")
        for label in labels if isinstance(labels, dict) else ():
            if not re.fullmatch(Line.pattern, label):
                self._faults.report(("labels",), f"expected names that are {Line.description}; got {dump(label)}")
        source = "id" if "id" in table else "name"
        if self._early(source) != table.get(source):
            self._faults.report(
                (source,), f"an id is shown everywhere, so {source} cannot hold a secret; write a plain id"
            )
        name = table.get("name")
        if isinstance(name, str) and not identifier(name) and "id" not in table:
            self._faults.report(("name",), f"no id can be made from {dump(written(self.table['name']))}; write an id")
