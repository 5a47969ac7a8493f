"""Collects what is wrong, each with its file and line, so that all of it can be told at once."""

from collections.abc import Iterable

from healthmon.config.files import Source
from healthmon.config.kinds import Path
from healthmon.config.toml import dump_path
from healthmon.errors import ConfigError, Fault


class Faults:
    """The faults found so far. The same fault counts once."""

    def __init__(self) -> None:
        self._found: dict[Fault, None] = {}
        self._files: dict[str, None] = {}

    def add(self, source: Source, path: Path, message: str, label: Path | None = None) -> None:
        """Note a fault of the value at a path, or of the nearest table around it.

        Args:
            source: The file.
            path: Where the value stands in the file.
            message: What is wrong.
            label: What the message calls the value; by default the path.
        """
        name = dump_path(path if label is None else label)
        text = _on_one_line(f"{name}: {message}" if name else message)
        self.extend([Fault(source.name, source.line(path), text)])

    def extend(self, faults: Iterable[Fault]) -> None:
        """Note faults that are ready to be told."""
        for fault in faults:
            self._found[fault] = None
            self._files[fault.file] = None

    def __bool__(self) -> bool:
        """Whether there is any."""
        return bool(self._found)

    def raise_any(self) -> None:
        """Raise what was found, in the order of the files' lines.

        Raises:
            ConfigError: There is a fault.
        """
        if self._found:
            files = list(self._files)
            raise ConfigError(sorted(self._found, key=lambda fault: (files.index(fault.file), fault.line or 0)))


def _on_one_line(text: str) -> str:
    """The text with what is not to be seen, or moves the cursor, written as an escape."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)
