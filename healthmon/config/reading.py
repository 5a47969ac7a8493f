"""One table becomes typed, or all that is wrong with it is told."""

from collections.abc import Iterator, Mapping
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
from healthmon.net.http.step_options import HEADER


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
        *explain(own, as_written, kind_of(shape.written), (), unknown),
    ]


def check_expressions(table: dict[str, Any], faults: TableFaults) -> None:
    """Report the expressions of `expect.json`, `warn.json` and `save` that are none."""
    for path, expression in _expressions(table):
        try:
            check_jmespath(expression)
        except ValueError as error:
            faults.report(path, str(error))


def _expressions(table: dict[str, Any]) -> Iterator[tuple[Path, str]]:
    """The expressions of a service, and of its steps, with their places."""
    for level in ("expect", "warn"):
        demands = _table(_table(table.get(level)).get("json"))
        yield from (((level, "json", expression), expression) for expression in demands)
    steps = table.get("steps")
    for index, step in enumerate(steps if isinstance(steps, list) else ()):
        yield from ((("steps", index, *path), expression) for path, expression in _expressions(_table(step)))
        for name, what in _table(_table(step).get("save")).items():
            if isinstance(what, str) and not what.startswith(HEADER):
                yield ("steps", index, "save", name), what


def _table(value: Any) -> dict[str, Any]:
    """The value, if it is a table; an empty one else, for that fault is told elsewhere."""
    return value if isinstance(value, dict) else {}


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
