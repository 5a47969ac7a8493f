"""What services are called, read from a config of which the rest may be wrong: to suggest it while somebody types."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

from healthmon.config.early import early, early_id
from healthmon.config.faults import Faults
from healthmon.config.files import Source, read
from healthmon.config.include import included
from healthmon.config.keys import Identifier, Line
from healthmon.config.tables import place
from healthmon.errors import ConfigError

_KEYS = ("id", "name", "url", "group", "tags", "enabled")


class Named(Struct, frozen=True):
    """A service by its names.

    Attributes:
        id: Its id.
        name: Its name, which may be anything; empty where it cannot be told.
        scheme: What stands before the colon of its URL; empty where that cannot be told.
        group: Its group, or None.
        tags: Its tags.
        enabled: Whether it is enabled.
    """

    id: str
    name: str
    scheme: str
    group: str | None
    tags: tuple[str, ...]
    enabled: bool


def names(path: Path, environ: Mapping[str, str]) -> Iterator[Named]:
    """Yield what the services of a config and of the files that it includes are called.

    What cannot be read, or cannot be told because a placeholder has no value, is left out without a word. Secrets are
    not asked for: neither files nor credentials are read.
    """
    if not path.is_file():  # A pipe gives its text only once, and to whom it was meant for.
        return
    try:
        main = read(path)
    except ConfigError:
        return
    defaults = place(_table(main.table.get("defaults")), main.folder)
    for source in (main, *_included(main, environ)):
        services = source.table.get("services")
        for table in filter(_table, services if isinstance(services, list) else ()):
            own = {key: table[key] for key in _KEYS if key in table}
            yield from _named({**defaults, **place(own, source.folder)}, environ)


def _included(main: Source, environ: Mapping[str, str]) -> Iterator[Source]:
    given = place(main.table.get("include"), main.folder)
    patterns = [early({"include": item}, "include", environ) for item in (given if isinstance(given, list) else ())]
    yield from included(main, [pattern for pattern in patterns if isinstance(pattern, str)], Faults())


def _named(table: Mapping[str, Any], environ: Mapping[str, str]) -> Iterator[Named]:
    id_ = early_id(table, environ)
    if not re.fullmatch(Identifier.pattern, id_):
        return
    name, url, group, tags = (early(table, key, environ) for key in ("name", "url", "group", "tags"))
    yield Named(
        id=id_,
        name=name if isinstance(name, str) else "",
        scheme=url.partition(":")[0].lower() if isinstance(url, str) else "",
        group=group if _is_line(group) else None,
        tags=tuple(filter(_is_line, tags)) if isinstance(tags, list) else (),
        enabled=table.get("enabled") is not False,
    )


def _is_line(value: object) -> bool:
    return isinstance(value, str) and "${" not in value and re.fullmatch(Line.pattern, value) is not None


def _table(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
