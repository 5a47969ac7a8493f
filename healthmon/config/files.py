"""Config files as they are on the disk, before any meaning."""

import tomllib
from functools import cached_property
from pathlib import Path as FilePath
from typing import Any

from healthmon.config.shape import Path


class Source:
    """One file.

    Attributes:
        name: The file as the user named it.
        folder: The folder to which the paths in it are relative.
        text: What it says.
        table: What it says, as TOML.
    """

    def __init__(self, name: str, folder: FilePath, text: str) -> None:
        """Read the text.

        Raises:
            tomllib.TOMLDecodeError: It is not TOML.
        """
        self.name = name
        self.folder = folder
        self.text = text
        self.table: dict[str, Any] = tomllib.loads(text)

    @cached_property
    def _lines(self) -> dict[Path, int]:
        from healthmon.config.locate import locate  # Only a fault needs it.

        return locate(self.text)

    def line(self, path: Path) -> int | None:
        """The line of the value at a path, or of the nearest table around it."""
        for length in range(len(path), 0, -1):
            if line := self._lines.get(path[:length]):
                return line
        return None

    def holds(self, path: Path) -> bool:
        """Whether the file has a value at this path."""
        return path in self._lines
