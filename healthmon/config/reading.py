"""One table becomes typed, or all that is wrong with it is told."""

from collections.abc import Mapping
from typing import Any

from healthmon.config.convert import convert
from healthmon.config.explain import Finding, Unknown, explain, unknown_key
from healthmon.config.faults import Faults, TableFaults
from healthmon.config.files import Source
from healthmon.config.grammar import check_jmespath
from healthmon.config.kinds import Path, kind_of
from healthmon.config.resolve import Resolver
from healthmon.config.service import options_of
from healthmon.config.shape import Shape
from healthmon.config.tables import remove, written


def typed(
    table: dict[str, Any],
    placed: dict[str, Any],
    shape: Shape,
    *,
    resolver: Resolver,
    faults: TableFaults,
    unknown: Unknown = unknown_key,
) -> tuple[Any, Any] | None:
    """The table as its type, and the probe's options; None after faults, which are reported.

    Args:
        table: The table, placeholders replaced.
        placed: The same with its placeholders.
        shape: What it should look like.
        resolver: What replaced the placeholders.
        faults: Takes the faults.
        unknown: Says that a key is unknown.
    """
    while True:
        try:
            keys = convert(table, shape.keys)
            return keys, options_of(keys, shape.options)
        except ValueError:
            findings = _findings(table, written(placed), shape, unknown)
        unresolved = {finding.path for finding in findings if finding.path in resolver.unresolved}
        # The last first: what is removed from a list moves what follows it.
        for path in sorted(unresolved, reverse=True):
            # Not a value yet. A missing one is reported already; a disabled service does without.
            remove(table, path)
        for finding in findings:
            if finding.path not in faults.failed and finding.path not in unresolved:
                faults.report(*finding)
        if not unresolved or faults.failed:
            return None


def _findings(table: dict[str, Any], as_written: Any, shape: Shape, unknown: Unknown) -> list[Finding]:
    """What is wrong with the keys one by one, and with the probe's own ones together."""
    options = shape.options
    own = {key: value for key, value in table.items() if key in options.__struct_fields__}
    return [
        *explain(table, as_written, shape.kind, (), unknown),
        *explain(own, as_written, kind_of(options), (), unknown),
    ]


def check_expressions(table: dict[str, Any], faults: TableFaults) -> None:
    """Report the expressions of `expect.json` and `warn.json` that are none."""
    for level in ("expect", "warn"):
        demands = table[level].get("json") if isinstance(table.get(level), dict) else None
        for expression in demands if isinstance(demands, dict) else ():
            try:
                check_jmespath(expression)
            except ValueError as error:
                faults.report((level, "json", expression), str(error))


class Section:
    """A table of the main file beside those of the services.

    Attributes:
        keys: Its typed keys; None where it has a fault.
        options: The probe's own ones; None where it has a fault.
        placed: Itself with its placeholders.
        table: Itself, placeholders replaced.
        secrets: The secrets that it holds, in all their forms.
        faults: Takes more faults of it.
    """

    def __init__(
        self,
        main: Source,
        base: Path,
        table: dict[str, Any],
        shape: Shape,
        *,
        faults: Faults,
        environ: Mapping[str, str],
        unknown: Unknown = unknown_key,
        defaults: bool = False,
    ) -> None:
        """Read the table and report what is wrong with it.

        Args:
            main: The main file.
            base: Where the table stands in it.
            table: The table, placed.
            shape: What it should look like.
            faults: Takes all faults.
            environ: The environment.
            unknown: Says that a key is unknown.
            defaults: Whether the defaults were merged into the table.
        """
        self.faults = TableFaults(faults, main, base, prefix=base, defaults=main if defaults else None)
        self.placed = table
        self._kind = shape.kind
        self._environ = environ
        resolver = Resolver(environ, self.faults.report)
        self.table = resolver.resolve(table, (), shape.kind)
        read = typed(self.table, table, shape, resolver=resolver, faults=self.faults, unknown=unknown)
        self.keys: Any
        self.options: Any
        self.keys, self.options = read or (None, None)
        self.secrets = frozenset(resolver.secrets)

    def shown(self) -> dict[str, Any]:
        """The table with placeholders replaced and secrets masked."""
        shown: dict[str, Any] = Resolver(self._environ, self.faults.report, mask=True).resolve(
            self.placed, (), self._kind
        )
        return shown
