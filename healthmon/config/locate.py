"""Finds the line of each value in a TOML text: the parsers give no positions."""

import re
import tomllib
from bisect import bisect_right
from contextlib import suppress

from healthmon.config.kinds import Path

_SKIP = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_BLANK = re.compile(r"[ \t]*")
_KEY = re.compile(r"""[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*'""")
_STRING = re.compile(
    r'''"""(?:[^"\\]|\\[\s\S]|"{1,2}(?!"))*"{3,5}'''
    r"""|'''(?:[^']|'{1,2}(?!'))*'{3,5}"""
    r"""|"(?:[^"\\]|\\.)*"|'[^']*'"""
)
_LONGEST = 200
"""So many keys of a dotted one are told apart: with more the file is out of bounds, and the paths would fill memory."""
_SCALAR = re.compile(r"[^,\]}#\r\n]+")


def locate(text: str) -> dict[Path, int]:
    """The line, counted from 1, of each key and list item of a valid TOML text, by its path.

    A table that several lines make up stands where it is first met, or at its own header. Below lists and tables that
    are nested deeper than Python goes down, nothing is found.
    """
    scanner = _Scanner(text)
    with suppress(RecursionError):
        scanner.scan()
    return scanner.lines


class _Scanner:
    """Walks over a text that is known to be valid TOML, so that it need not look for mistakes."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._newlines = [match.start() for match in re.finditer("\n", text)]
        self.lines: dict[Path, int] = {}
        self._lengths: dict[Path, int] = {}

    def scan(self) -> None:
        table: Path = ()
        self._skip()
        while self._at < len(self._text):
            if self._peek("["):
                table = self._header()
            else:
                self._pair(table)
            self._skip()

    def _header(self) -> Path:
        line = self._line()
        array = self._peek("[[")
        self._at += 2 if array else 1
        keys = self._dotted()
        self._at += 2 if array else 1
        path: Path = ()
        for key in keys[:-1]:
            path = self._last((*path, key))
            self.lines.setdefault(path, line)
        path = (*path, keys[-1])
        if not array:
            self.lines[path] = line
            return path
        self.lines.setdefault(path, line)
        self._lengths[path] = self._lengths.get(path, 0) + 1
        path = self._last(path)
        self.lines[path] = line
        return path

    def _last(self, path: Path) -> Path:
        """The path of the last table, where the path is that of an array of tables."""
        length = self._lengths.get(path)
        return path if length is None else (*path, length - 1)

    def _pair(self, table: Path) -> None:
        line = self._line()
        for key in self._dotted():
            table = (*table, key)
            self.lines.setdefault(table, line)
        self._at += 1  # The equals sign.
        self._take(_BLANK)
        self._value(table)

    def _dotted(self) -> list[str]:
        keys = []
        while True:
            self._take(_BLANK)
            key = self._take(_KEY)
            keys.append(tomllib.loads(f"key = {key}")["key"] if key[0] in "\"'" else key)
            self._take(_BLANK)
            if not self._peek("."):
                return keys[:_LONGEST]
            self._at += 1

    def _value(self, path: Path) -> None:
        if self._peek("["):
            self._array(path)
        elif self._peek("{"):
            self._inline_table(path)
        elif self._peek('"') or self._peek("'"):
            self._take(_STRING)
        else:
            self._take(_SCALAR)

    def _array(self, path: Path) -> None:
        index = 0
        self._at += 1
        self._skip()
        while not self._peek("]"):
            item = (*path, index)
            self.lines[item] = self._line()
            self._value(item)
            index += 1
            self._separator()
        self._at += 1

    def _inline_table(self, path: Path) -> None:
        self._at += 1
        self._skip()
        while not self._peek("}"):
            self._pair(path)
            self._separator()
        self._at += 1

    def _separator(self) -> None:
        self._skip()
        if self._peek(","):
            self._at += 1
            self._skip()

    def _skip(self) -> None:
        self._take(_SKIP)

    def _peek(self, text: str) -> bool:
        return self._text.startswith(text, self._at)

    def _take(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self._text, self._at)
        assert match  # noqa: S101 - the text is valid TOML
        self._at = match.end()
        return match[0]

    def _line(self) -> int:
        return bisect_right(self._newlines, self._at - 1) + 1
