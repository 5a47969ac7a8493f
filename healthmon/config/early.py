"""What can be told of a service before anything else of it is read, and whatever is wrong with the rest."""

from collections.abc import Mapping
from typing import Any

from healthmon.config.kinds import TEXT
from healthmon.config.resolve import Resolver, ignore
from healthmon.config.service import identifier


def early(table: Mapping[str, Any], key: str, environ: Mapping[str, str]) -> Any:
    """The value of a key in a placed table. A placeholder without a value is left as it is."""
    return Resolver(environ, ignore, strict=False).resolve(table.get(key), (key,), TEXT)


def early_id(table: Mapping[str, Any], environ: Mapping[str, str]) -> str:
    """A service's id, its own or that made from its name; empty where it cannot be told."""
    own, name = early(table, "id", environ), early(table, "name", environ)
    return own if isinstance(own, str) else identifier(name) if isinstance(name, str) else ""
