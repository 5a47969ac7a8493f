"""The keys that a terminal sends. Pure."""

import re
from enum import StrEnum


class Key(StrEnum):
    """A key that means something."""

    QUIT = "quit"
    SORT = "sort"
    FAILURES = "failures"
    UP = "up"
    DOWN = "down"
    PAGE_UP = "page up"
    PAGE_DOWN = "page down"
    HOME = "home"
    END = "end"


_SEQUENCES = {
    b"A": Key.UP,
    b"B": Key.DOWN,
    b"H": Key.HOME,
    b"F": Key.END,
    b"1~": Key.HOME,
    b"4~": Key.END,
    b"5~": Key.PAGE_UP,
    b"6~": Key.PAGE_DOWN,
    b"7~": Key.HOME,
    b"8~": Key.END,
}
_LETTERS = {
    b"q": Key.QUIT,
    b"s": Key.SORT,
    b"f": Key.FAILURES,
    b"k": Key.UP,
    b"j": Key.DOWN,
    b"b": Key.PAGE_UP,
    b" ": Key.PAGE_DOWN,
    b"g": Key.HOME,
    b"G": Key.END,
}
_NEXT = re.compile(rb"\x1b[\[O]([0-9;]*[@-~])|\x1b[\[O]?[0-9;]*\Z|(.)", re.DOTALL)
_LONGEST = 16
"""Bytes of an escape sequence that is not complete yet; anything longer is none."""


def read_keys(typed: bytes) -> tuple[list[Key], bytes]:
    """The keys in what was typed, and the beginning of one whose rest is still to come."""
    keys, at = list[Key](), 0
    while match := _NEXT.match(typed, at):
        sequence, letter = match.groups()
        if sequence is None and letter is None:
            break
        key = _LETTERS.get(letter) if sequence is None else _SEQUENCES.get(sequence)
        if key:
            keys.append(key)
        at = match.end()
    return keys, typed[at:][:_LONGEST]
