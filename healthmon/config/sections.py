"""The tables of the main file that are for the daemon: `[daemon]`, `[[maintenance]]`, `[modules.NAME]`."""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from msgspec import Struct

from healthmon.config.daemon import DaemonKeys
from healthmon.config.faults import Faults
from healthmon.config.files import Source
from healthmon.config.keys import Identifier
from healthmon.config.kinds import Path
from healthmon.config.modules import BUILT_IN, ModuleReader
from healthmon.config.reading import Section
from healthmon.config.shape import plain
from healthmon.config.tables import written
from healthmon.config.toml import dump, dump_key
from healthmon.config.windows import WindowKeys, unmatched


class Sections(Struct, frozen=True):
    """What was read for the daemon.

    Attributes:
        daemon: Its settings.
        windows: The maintenance windows.
        modules: The modules by name, the built-in ones first.
        named: The names of those modules of which the file says something.
    """

    daemon: Section
    windows: tuple[Section, ...]
    modules: Mapping[str, Section]
    named: Collection[str]

    def headed(self) -> Iterator[tuple[str, Section]]:
        """Those in which something is written, each with its header."""
        if self.daemon.placed:
            yield "[daemon]", self.daemon
        yield from (("[[maintenance]]", section) for section in self.windows)
        yield from ((f"[modules.{dump_key(name)}]", self.modules[name]) for name in self.named)


def read_sections(
    main: Source,
    table: Mapping[str, Any],
    *,
    ids: Collection[str],
    modules: ModuleReader,
    faults: Faults,
    environ: Mapping[str, str],
) -> Sections:
    """Read the tables, and report what is wrong with them.

    Args:
        main: The main file.
        table: What it says, placed. Top keys of the wrong type are reported elsewhere.
        ids: The ids of the services.
        modules: Reads the modules.
        faults: Takes the faults.
        environ: The environment.
    """

    def read(base: Path, own: dict[str, Any], type_: type[Any]) -> Section:
        return Section(main, base, own, plain(type_), faults=faults, environ=environ)

    windows = [
        read(("maintenance", index), table["maintenance"][index], WindowKeys)
        for index in positions(main, "maintenance", faults)
    ]
    for window in windows:
        _check_services(window, ids)
    named = _table(table, "modules")
    for name in named:
        if not re.fullmatch(Identifier.pattern, name):
            faults.add(main, ("modules", name), f"expected {Identifier.description} as the name of a module")
    return Sections(
        daemon=read(("daemon",), _table(table, "daemon"), DaemonKeys),
        windows=tuple(windows),
        modules={name: modules.read(name, _table(named, name)) for name in {**BUILT_IN, **named}},
        named=tuple(named),
    )


def positions(source: Source, key: str, faults: Faults) -> Iterator[int]:
    """The positions of a file's tables that are written as `[[key]]`."""
    tables = source.table.get(key, [])
    if not isinstance(tables, list):
        faults.add(source, (key,), f"write [[{key}]], in two brackets")
        return
    for index, table in enumerate(tables):
        if isinstance(table, dict):
            yield index
        else:
            faults.add(source, (key, index), "expected a table")


def _table(table: Mapping[str, Any], key: str) -> dict[str, Any]:
    """The table at a key; an empty one where something else stands there."""
    value = table.get(key)
    return value if isinstance(value, dict) else {}


def _check_services(window: Section, ids: Collection[str]) -> None:
    """Report the patterns that match no service."""
    if window.keys is None:
        return
    for index, nearest in unmatched(window.keys, ids):
        given = written(window.placed["services"])
        path: Path = ("services", index) if isinstance(given, list) else ("services",)
        pattern = given[index] if isinstance(given, list) else given
        if path not in window.faults.failed:  # It may have been left with a placeholder.
            window.faults.report(path, f"there is no service {dump(pattern)}{nearest}")
