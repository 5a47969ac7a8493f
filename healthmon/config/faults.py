"""Collects what is wrong, each with its file and line, so that all of it can be told at once."""

from healthmon.config.files import Source
from healthmon.config.shape import Path
from healthmon.errors import ConfigError, Fault


class Faults:
    """The faults found so far."""

    def __init__(self) -> None:
        self._found: dict[Fault, None] = {}

    def add(self, source: Source, path: Path, message: str) -> None:
        """Note a fault of the value at a path, or of the nearest table around it. The same fault counts once."""
        self._found[Fault(source.name, source.line(path), message)] = None

    def __bool__(self) -> bool:
        """Whether there is any."""
        return bool(self._found)

    def raise_any(self) -> None:
        """Raise what was found.

        Raises:
            ConfigError: There is a fault.
        """
        if self._found:
            raise ConfigError(sorted(self._found, key=lambda fault: (fault.file, fault.line or 0)))
