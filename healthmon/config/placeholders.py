"""The placeholders `${NAME}`, `${NAME:-default}`, `${file:PATH}` and `${credential:NAME}`."""

import re
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path

from msgspec import Struct

_TOKEN = re.compile(r"\$\$\{|\$\{([^}]*)(\}?)")
GRAMMAR = "expected ${NAME}, ${NAME:-default}, ${file:PATH} or ${credential:NAME}; write $${ for a literal ${"
_NAME = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?", re.DOTALL)


class Origin(StrEnum):
    """Where the value of a placeholder comes from."""

    ENVIRONMENT = "environment"
    FILE = "file"
    CREDENTIAL = "credential"


class Placeholder(Struct, frozen=True):
    """One placeholder in a text.

    Attributes:
        origin: Where its value comes from.
        name: The variable's name, the file's path or the credential's name.
        default: What stands for a variable that is not set or empty; None where nothing does.
    """

    origin: Origin
    name: str
    default: str | None = None

    def __str__(self) -> str:
        """The placeholder as it is written."""
        prefix = "" if self.origin is Origin.ENVIRONMENT else f"{self.origin}:"
        suffix = "" if self.default is None else f":-{self.default}"
        return f"${{{prefix}{self.name}{suffix}}}"


class Undefined(ValueError):
    """Raised when a placeholder has no value."""


def split(text: str) -> list[str | Placeholder]:
    """Take a text apart into what stands for itself and placeholders. `$${` stands for `${`.

    Raises:
        ValueError: A placeholder is not well formed. Holds its text.
    """
    parts: list[str | Placeholder] = []
    end = 0
    for match in _TOKEN.finditer(text):
        parts.append(text[end : match.start()])
        end = match.end()
        parts.append("${" if match[1] is None else _placeholder(match))
    parts.append(text[end:])
    return [part for part in parts if part]


def _placeholder(match: re.Match[str]) -> Placeholder:
    inner = match[1]
    if match[2]:
        if variable := _NAME.fullmatch(inner):
            return Placeholder(Origin.ENVIRONMENT, variable[1], variable[2])
        kind, _, name = inner.partition(":")
        if kind == Origin.FILE and name and "\0" not in name:
            return Placeholder(Origin.FILE, name)
        if kind == Origin.CREDENTIAL and re.fullmatch(r"(?!\.+$)[^/\0]+", name):
            return Placeholder(Origin.CREDENTIAL, name)
    raise ValueError(match[0])


def value_of(placeholder: Placeholder, *, environ: Mapping[str, str], folder: Path) -> str:
    """The value of a placeholder. Line ends at the end of a file are not part of it.

    Args:
        placeholder: The placeholder.
        environ: The environment.
        folder: The folder to which the path of a file is relative.

    Raises:
        Undefined: It has none.
    """
    if placeholder.origin is Origin.ENVIRONMENT:
        return _variable(placeholder, environ)
    if placeholder.origin is Origin.FILE:
        return _content(folder / placeholder.name, str(placeholder))
    # systemd.exec(5): the folder that the service manager fills by LoadCredential= and SetCredential=.
    credentials = environ.get("CREDENTIALS_DIRECTORY")
    if not credentials:
        raise Undefined(
            f"{placeholder}: $CREDENTIALS_DIRECTORY is not set; systemd sets it for a unit with LoadCredential="
        )
    return _content(Path(credentials, placeholder.name), str(placeholder))


def _variable(placeholder: Placeholder, environ: Mapping[str, str]) -> str:
    value = environ.get(placeholder.name)
    if value and re.search("[\ud800-\udfff]", value):
        # Python's stand-ins for bytes that are no text (PEP 383): nothing could send or show them.
        raise Undefined(f"the environment variable {placeholder.name} is not UTF-8 text")
    if placeholder.default is not None:
        return value or placeholder.default
    if value is None:
        raise Undefined(
            f"the environment variable {placeholder.name} is not set; set it, or write ${{{placeholder.name}:-default}}"
        )
    return value


def _content(path: Path, name: str) -> str:
    try:
        return path.read_text(encoding="utf-8").rstrip("\r\n")
    except UnicodeDecodeError:
        raise Undefined(f"{name}: {path} is not UTF-8 text") from None
    except OSError as error:
        raise Undefined(f"{name}: cannot read {path}: {error.strerror}") from None
