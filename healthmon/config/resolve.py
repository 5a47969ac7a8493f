"""Placed texts become plain ones: placeholders are replaced, paths of files made absolute, secrets noted."""

import math
import os
from collections.abc import Mapping
from datetime import date, time
from typing import Any, Protocol
from urllib.parse import quote

from healthmon.config import placeholders, secrets
from healthmon.config.kinds import Kind, Path, child, is_a
from healthmon.config.placeholders import Origin, Placeholder, Undefined
from healthmon.config.tables import Placed
from healthmon.config.toml import dump
from healthmon.config.windows import Moment
from healthmon.core.masking import MASK, forms
from healthmon.core.units import FilePath
from healthmon.net.http.placeholders import literally


class Report(Protocol):
    """Takes a fault: where it is, what is wrong, and whether the message needs the path in front of it."""

    def __call__(self, path: Path, message: str, named: bool = True, /) -> None:  # noqa: FBT001, FBT002
        """Note the fault."""


def ignore(path: Path, message: str, named: bool = True) -> None:  # noqa: FBT001, FBT002 - a `Report`
    """Take a fault that is reported elsewhere."""


class Resolver:
    """Replaces the placeholders of one service.

    Attributes:
        secrets: The secrets met so far, in all their forms.
        unresolved: Where placeholders were left as they are.
    """

    def __init__(self, environ: Mapping[str, str], report: Report, *, strict: bool = True, mask: bool = False) -> None:
        """Prepare.

        Args:
            environ: The environment.
            report: Takes the faults.
            strict: Whether files and credentials are read and a placeholder without a value is a fault. Otherwise
                such placeholders are left as they are.
            mask: Whether secrets are replaced by a mask, so that the result can be shown. It can be loaded again.
        """
        self.secrets: set[str] = set()
        self.unresolved: set[Path] = set()
        self._environ = environ
        self._report = report
        self._strict = strict
        self._mask = mask

    def resolve(self, value: Any, path: Path, kind: Kind) -> Any:
        """The value with every text in it resolved."""
        match value:
            case Placed():
                return self._text(value, path, kind)
            case dict():
                return {key: self.resolve(item, (*path, key), child(kind, key)) for key, item in value.items()}
            case list():
                return [self.resolve(item, (*path, index), child(kind, index)) for index, item in enumerate(value)]
            case float() if not math.isfinite(value):
                self._report(path, f"expected a number that is finite; got {value}")
            case date() | time() if not is_a(kind, Moment):
                self._report(path, f'a date or time is not a value here; write it as text: "{value.isoformat()}"')
        return value

    def _text(self, placed: Placed, path: Path, kind: Kind) -> str:
        text = placed.text
        if "${" in text:
            try:
                parts = placeholders.split(text)
            except ValueError as error:
                # What follows an opening brace may be half a password.
                hidden = secrets.may_hold(path) or path[0] in secrets.URLS
                what = "what follows ${" if hidden else error
                self._report(path, f"{what} is not a placeholder: {placeholders.GRAMMAR}")
                return text
            text = self._replaced(parts, placed, path)
        if secrets.literal(path) and text:
            self.secrets |= secrets.header_forms(text) if secrets.in_header(path) else forms(text)
            return MASK if self._mask else text
        if path[0] in secrets.URLS:
            return secrets.without_password(text) if self._mask else text
        return self._file(placed, text, path) if text and is_a(kind, FilePath) else text

    def _replaced(self, parts: list[str | Placeholder], placed: Placed, path: Path) -> str:
        in_user_part = _in_user_part(parts) if path[0] in secrets.URLS else [False] * len(parts)
        return "".join(
            self._escaped(part) if isinstance(part, str) else self._value(part, placed, path, in_user_part=inside)
            for part, inside in zip(parts, in_user_part, strict=True)
        )

    def _file(self, placed: Placed, text: str, path: Path) -> str:
        """A file's path from any folder. A file that is not there is found out now rather than by each check."""
        file = os.path.abspath(placed.folder / text)  # noqa: PTH100 - follows no links
        if self._strict and path not in self.unresolved and not os.path.isfile(file):  # noqa: PTH113
            self._report(path, f"there is no file {dump(placed.text)}; its path is relative to this config's folder")
        return file

    def _value(self, placeholder: Placeholder, placed: Placed, path: Path, *, in_user_part: bool) -> str:
        from_environment = placeholder.origin is Origin.ENVIRONMENT
        if not (from_environment or self._strict):
            return self._left(placeholder, path)
        try:
            value = placeholders.value_of(placeholder, environ=self._environ, folder=placed.folder)
        except Undefined as error:
            if self._strict:
                self._report(path, str(error))
            return self._left(placeholder, path)
        if not from_environment or in_user_part or secrets.from_environment(path):
            self.secrets |= forms(value)
            if self._mask:
                return MASK
        if secrets.in_step(path):
            value = literally(value)
        return quote(value, safe="") if in_user_part else self._escaped(value)

    def _left(self, placeholder: Placeholder, path: Path) -> str:
        """What stands for a placeholder without a value: in a step not what would be taken for a value saved before."""
        self.unresolved.add(path)
        text = str(placeholder)
        return literally(text) if secrets.in_step(path) and not self._mask else text

    def _escaped(self, text: str) -> str:
        return text.replace("${", "$${") if self._mask else text


def _in_user_part(parts: list[str | Placeholder]) -> list[bool]:
    """Which parts of a URL begin in its user part. Each placeholder counts as one character, whatever it holds."""
    texts = [part if isinstance(part, str) else "\0" for part in parts]
    url = "".join(texts)
    user_part = range(len(url))[secrets.user_part(url)]
    return [sum(map(len, texts[:index])) in user_part for index in range(len(texts))]
