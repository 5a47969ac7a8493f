"""The effective config, as TOML that can be loaded again, with secrets masked."""

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from msgspec import structs

from healthmon.config.draft import Draft
from healthmon.config.files import read
from healthmon.config.keys import ServiceKeys
from healthmon.config.loader import Loader
from healthmon.config.toml import dump, dump_key
from healthmon.core.units import Duration


def show(path: Path, *, environ: Mapping[str, str], host: str | None = None, with_groups: Collection[str] = ()) -> str:
    """Every service with the defaults merged into it, the disabled ones included.

    Raises:
        ConfigError: Something is wrong. Lists all of it.
    """
    return "\n".join(_lines(Loader(read(path), environ=environ, host=host, with_groups=with_groups))) + "\n"


def _lines(loader: Loader) -> Iterator[str]:
    if loader.host is not None:
        yield f"host = {dump(loader.host)}"
    for header, section in loader.sections.headed():
        yield from ("", header)
        yield from (f"{dump_key(key)} = {dump(value)}" for key, value in section.shown().items())
    for draft in loader.drafts:
        yield from ("", "[[services]]")
        yield from (f"{dump_key(key)} = {dump(value)}" for key, value in _table(draft).items())


def _table(draft: Draft) -> dict[str, Any]:
    """The keys in their usual order, with what holds where neither the service nor the defaults say."""
    written = draft.shown()
    table: dict[str, Any] = {"id": draft.service.id} if draft.service else {}
    for field in structs.fields(ServiceKeys):
        if field.name in written:
            table[field.name] = written[field.name]
        elif isinstance(field.default, int | float):
            table[field.name] = _plain(field.default)
    return {**table, **written}


def _plain(value: float) -> float | str:
    """A built-in value as people write it."""
    return f"{value:g}s" if isinstance(value, Duration) else value
