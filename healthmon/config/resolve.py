"""Placed texts become plain ones: placeholders are replaced, paths of files made absolute, secrets noted."""

import os
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from msgspec import inspect

from healthmon.config import placeholders, secrets
from healthmon.config.placeholders import Origin, Placeholder, Undefined
from healthmon.config.shape import Path, child, is_path
from healthmon.config.tables import Placed

Report = Callable[[Path, str], None]
"""Takes a fault: where it is, and what is wrong."""

_USER_PART = re.compile(r"[^/?#]*?://([^/?#]*)@")


class Resolver:
    """Replaces the placeholders of one service.

    Attributes:
        secrets: The secrets met so far, in all their forms.
    """

    def __init__(self, environ: Mapping[str, str], report: Report, *, strict: bool = True, mask: bool = False) -> None:
        """Prepare.

        Args:
            environ: The environment.
            report: Takes the faults.
            strict: Whether files and credentials are read and a placeholder without a value is a fault. Otherwise
                such placeholders are left as they are.
            mask: Whether secrets are replaced by a mask.
        """
        self.secrets: set[str] = set()
        self._environ = environ
        self._report = report
        self._strict = strict
        self._mask = mask

    def resolve(self, value: Any, path: Path, kind: inspect.Type) -> Any:
        """The value with every text in it resolved."""
        match value:
            case Placed():
                return self._text(value, path, kind)
            case dict():
                return {key: self.resolve(item, (*path, key), child(kind, key)) for key, item in value.items()}
            case list():
                return [self.resolve(item, (*path, index), child(kind, index)) for index, item in enumerate(value)]
            case _:
                return value

    def _text(self, placed: Placed, path: Path, kind: inspect.Type) -> str:
        try:
            parts = placeholders.split(placed.text)
        except ValueError as error:
            self._report(path, str(error))
            return placed.text
        user_part = _user_part(parts) if path[0] in {"url", "proxy"} else range(0)
        offset = 0
        texts = []
        for part in parts:
            if isinstance(part, str):
                texts.append(part)
                offset += len(part)
            else:
                texts.append(self._value(part, placed, path, in_user_part=offset in user_part))
                offset += 1
        text = "".join(texts)
        if secrets.literal(path) and text:
            self.secrets |= secrets.header_forms(text) if path[0] == "headers" else secrets.forms(text)
            return secrets.MASK if self._mask else text
        return os.path.abspath(placed.folder / text) if is_path(kind) and text else text  # noqa: PTH100 - resolves no links

    def _value(self, placeholder: Placeholder, placed: Placed, path: Path, *, in_user_part: bool) -> str:
        try:
            if placeholder.origin is not Origin.ENVIRONMENT and not self._strict:
                return str(placeholder)
            value = placeholders.value_of(placeholder, environ=self._environ, folder=placed.folder)
        except Undefined as error:
            if self._strict:
                self._report(path, str(error))
            return str(placeholder)
        if placeholder.origin is not Origin.ENVIRONMENT or in_user_part or secrets.from_environment(path):
            self.secrets |= secrets.forms(value)
            if self._mask:
                return secrets.MASK
        return quote(value, safe="") if in_user_part else value


def _user_part(parts: list[str | Placeholder]) -> range:
    """Where the user part of a URL stands, each placeholder counted as one character."""
    skeleton = "".join(part if isinstance(part, str) else "\0" for part in parts)
    match = _USER_PART.match(skeleton)
    return range(match.start(1), match.end(1)) if match else range(0)
