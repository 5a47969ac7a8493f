"""What a rollout's file names, of which the rest may be wrong: to suggest it while somebody types."""

from pathlib import Path

from msgspec import Struct

from healthmon.config.files import read
from healthmon.config.rollout_keys import Name
from healthmon.core.units import FilePath
from healthmon.errors import ConfigError


class RolloutNames(Struct, frozen=True):
    """What a rollout's file names.

    Attributes:
        config: The file with the services, or None.
        phases: The names of the phases.
    """

    config: str | None = None
    phases: tuple[str, ...] = ()


def rollout_names(path: Path) -> RolloutNames:
    """Read what a file names. What cannot be read, or is none, is left out without a word."""
    if not path.is_file():  # A pipe gives its text only once, and to whom it was meant for.
        return RolloutNames()
    try:
        source = read(path)
    except ConfigError:
        return RolloutNames()
    config, phases = _read(FilePath, source.table.get("config")), source.table.get("phase")
    tables = phases if isinstance(phases, list) else []
    named = [_read(Name, table.get("name")) for table in tables if isinstance(table, dict)]
    return RolloutNames(config and str(source.folder / config), tuple(filter(None, named)))


def _read(type_: type[Name] | type[FilePath], value: object) -> str | None:
    try:
        return type_.parse(value)
    except ValueError:
        return None
