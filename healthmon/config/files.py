"""Config files as they are on the disk, before any meaning."""

import re
import tomllib
from functools import cached_property
from pathlib import Path as FilePath
from typing import Any

from healthmon.config.bounds import TOO_LARGE, beyond
from healthmon.config.kinds import Path
from healthmon.config.toml import dump_path
from healthmon.errors import ConfigError, Fault

_MOST_DIGITS = 4300  # sys.int_info.default_max_str_digits
_NAMED = 6  # keys of a path that a message names


class Source:
    """One file.

    Attributes:
        name: The file as the user named it.
        folder: The folder to which the paths in it are relative.
        table: What it says.
    """

    def __init__(self, name: str, text: str) -> None:
        """Read the text.

        Raises:
            ConfigError: It is not TOML, or holds what nothing could use.
        """
        self.name = name
        self.folder = FilePath(name).parent
        self._text = text
        try:
            self.table: dict[str, Any] = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise ConfigError([_syntax_fault(name, text, str(error))]) from None
        except RecursionError:
            raise ConfigError([Fault(name, None, "not valid TOML: lists or tables are nested too deep")]) from None
        except ValueError:  # Python reads no decimal number of more than 4,300 digits.
            raise ConfigError([Fault(name, _line_of_number(text), f"not valid TOML: {TOO_LARGE}")]) from None
        faults = [Fault(name, self.line(path), _said(path, message)) for path, message in beyond(self.table)]
        if faults:
            raise ConfigError(sorted(faults, key=lambda fault: fault.line or 0))

    @cached_property
    def _lines(self) -> dict[Path, int]:
        from healthmon.config.locate import locate  # Only a fault needs it.

        return locate(self._text)

    def line(self, path: Path) -> int | None:
        """The line of the value at a path, or of the nearest table around it."""
        around = (path[:length] for length in range(len(path), 0, -1))
        return next((self._lines[place] for place in around if place in self._lines), None)

    def holds(self, path: Path) -> bool:
        """Whether the file has a value at this path."""
        return path in self._lines


def read(path: FilePath, *, where_missing: str = "check the path") -> Source:
    """Read a file.

    Args:
        path: The file.
        where_missing: What to do if there is none.

    Raises:
        ConfigError: It cannot be read, or is not TOML.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        remedy = f"; {where_missing}" if isinstance(error, FileNotFoundError) else ""
        raise ConfigError([Fault(str(path), None, f"cannot read this file: {error.strerror}{remedy}")]) from None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        message = f"not valid TOML: the byte 0x{content[error.start]:02x} is not UTF-8; save the file as UTF-8"
        raise ConfigError([Fault(str(path), line, message)]) from None
    return Source(str(path), text)


def _syntax_fault(name: str, text: str, message: str) -> Fault:
    lines = text.split("\n")
    place = re.search(r" \((?:at line (\d+), column (\d+)|at end of document)\)$", message)
    number = int(place[1]) if place and place[1] else max(1, len(lines) - (not lines[-1]))
    what = message[: place.start()] if place else message
    column = f" at column {place[2]}" if place and place[2] else " at the end of the file"
    return Fault(name, number, f"not valid TOML: {what[:1].lower()}{what[1:]}{column}{_near(lines, number)}")


def _line_of_number(text: str) -> int | None:
    """The line of the first number that Python refuses to read. A text may hold as many digits."""
    lines = text.split("\n")
    long = (number for number, line in enumerate(lines, 1) if len(re.findall("[0-9]", line)) > _MOST_DIGITS)
    return next((number for number in long if _refused("\n".join(lines[:number]))), None)


def _refused(text: str) -> bool:
    """Whether Python refuses to read a number in the beginning of a file."""
    try:
        tomllib.loads(text)
    except ValueError as error:
        return not isinstance(error, tomllib.TOMLDecodeError)
    return False


def _said(path: Path, message: str) -> str:
    """The message behind the name of the value, of which the beginning is enough where it is deep."""
    shown = path[2:] if path[0] == "services" and len(path) > 2 else path
    return f"{dump_path(shown[:_NAMED])}{'...' if len(shown) > _NAMED else ''}: {message}"


def _near(lines: list[str], number: int) -> str:
    """The key of a line, as ", near `key`". Nothing else of the text is told: it may be a password.

    What looks like a key may be in the midst of a value that began further up, unless all above is valid by itself.
    """
    key = re.match(r"\s*([\w.-]+)\s*=", lines[number - 1], re.ASCII)
    try:
        tomllib.loads("\n".join(lines[: number - 1]))
    except tomllib.TOMLDecodeError:
        return ""
    return f", near `{key[1]}`" if key else ""
