"""Collects what is wrong, each with its file and line, so that all of it can be told at once."""

from collections.abc import Iterable

from healthmon.config.files import Source
from healthmon.config.kinds import Path
from healthmon.config.toml import dump_path
from healthmon.errors import ConfigError, Fault, UsageError


class Faults:
    """The faults found so far. The same fault counts once."""

    def __init__(self) -> None:
        self._found: dict[Fault, None] = {}
        self._files: dict[str, None] = {}
        self._typed: set[Fault] = set()

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

    def add_typed(self, text: str, message: str, label: Path = ()) -> None:
        """Note a fault of an expectation from the command line: its text takes the place of file and line."""
        name = dump_path(label)
        fault = Fault(f"--expect {_on_one_line(text)}", None, _on_one_line(f"{name}: {message}" if name else message))
        self._typed.add(fault)
        self.extend([fault])

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
            UsageError: There is a fault, and the files have no part in it.
            ConfigError: There is a fault in the files.
        """
        if self._found and self._typed.issuperset(self._found):
            raise UsageError("\n".join(map(str, self._found)))
        if self._found:
            raise self.error()

    def error(self) -> ConfigError:
        """What was found as one error, in the order of the files' lines."""
        files = list(self._files)
        return ConfigError(sorted(self._found, key=lambda fault: (files.index(fault.file), fault.line or 0)))


class TableFaults:
    """Takes the faults of one table, and finds where they stand: in it, or in the defaults that were merged into it.

    Attributes:
        failed: The paths in the table at which there is a fault.
    """

    def __init__(
        self, faults: Faults, source: Source, base: Path, *, prefix: Path = (), defaults: Source | None = None
    ) -> None:
        """Prepare.

        Args:
            faults: Takes all faults.
            source: The file in which the table stands.
            base: Where in it.
            prefix: What messages put in front of the path of a value.
            defaults: The file whose `[defaults]` were merged into the table; None where none were.
        """
        self.failed: set[Path] = set()
        self._faults = faults
        self._source = source
        self._base = base
        self._prefix = prefix
        self._defaults = defaults
        self._typed: dict[Path, str] | None = None

    def blame(self, path: Path, text: str) -> None:
        """From now on the faults of what stands at a path are those of an expectation that was typed."""
        self._typed = {**(self._typed or {}), path: text}

    def report(self, path: Path, message: str, named: bool = True) -> None:  # noqa: FBT001, FBT002 - a `Report`
        """Note a fault, at the line of the default where the value comes from there."""
        self.failed.add(path)
        label = path if named else ()
        if text := self._typed_at(path):
            self._faults.add_typed(text, message, label)
        elif path and self._defaults and self._is_default(path, self._defaults):
            self._faults.add(self._defaults, ("defaults", *path), message, label)
        else:
            self._faults.add(self._source, (*self._base, *path), message, (*self._prefix, *label))

    def _typed_at(self, path: Path) -> str | None:
        """The expectation from the command line by which a value came into the table, or None."""
        typed = self._typed or {}
        return next((typed[path[:end]] for end in range(len(path), 0, -1) if path[:end] in typed), None)

    def _is_default(self, path: Path, defaults: Source) -> bool:
        return not self._source.holds((*self._base, *path)) and defaults.holds(("defaults", *path))

    def where(self) -> str:
        """The table's file and line."""
        return f"{self._source.name}:{self._source.line(self._base)}"


def _on_one_line(text: str) -> str:
    """The text with what is not to be seen, or moves the cursor, written as an escape."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)
