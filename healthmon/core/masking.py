"""Masks secrets in text, in whatever way a server wrote them down."""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote

MASK = "***"

_TELLING = 3
"""A shorter secret is in every text: masking it would leave nothing to read, and tell what it is."""


class _Masker(NamedTuple):
    """Finds one secret.

    Attributes:
        plain: The longest part of it that no encoding changes: where this is not, there is no need to look closer.
        pattern: The secret, each of its characters as it is or encoded.
    """

    plain: str
    pattern: re.Pattern[str]


_LONGEST = 16 * 2**10
_MOST_SPECIAL = 512


def forms(secret: str) -> frozenset[str]:
    """A secret, its lines, and what it says where a URL holds it: `mask` finds these, encoded or not."""
    decoded = unquote(secret, errors="surrogateescape")
    return frozenset(text for text in (secret, decoded, *secret.splitlines()) if len(text) >= _TELLING)


def findable(secret: str) -> bool:
    """Whether `mask` finds a secret without holding anything up; one that a server chose may be made to.

    A token of any usual kind is: up to 16 KiB, of letters and digits for the most part.
    """
    return len(secret) <= _LONGEST and len(re.findall("[^0-9A-Za-z]", secret)) <= _MOST_SPECIAL


def mask(text: str, secrets: Iterable[str]) -> str:
    """The text without the secrets.

    Error pages repeat what they were sent, in a URL (RFC 3986), as JSON (RFC 8259) or in HTML. A character that is
    not an ASCII letter or digit is found in any of these encodings, whichever of them the others have.
    """
    if not secrets:
        return text
    for masker in _maskers(frozenset(secrets)):
        if masker.plain in text:
            text = masker.pattern.sub(MASK, text)
    return text


@lru_cache(maxsize=1024)
def _maskers(secrets: frozenset[str]) -> tuple[_Masker, ...]:
    """What finds the secrets, the longest first: one may be a part of another."""
    return tuple(map(_masker, sorted(filter(None, secrets), key=lambda secret: (-len(secret), secret))))


def _masker(secret: str) -> _Masker:
    plain = max(re.findall(r"[0-9A-Za-z]*", secret), key=len)
    # Backslashes are doubled together or not at all. Taken one by one, a row of them would be tried in too many ways.
    pieces = re.findall(r"\\+|[0-9A-Za-z]+|.", secret, re.DOTALL)
    return _Masker(plain, re.compile("".join(map(_piece, pieces))))


def _piece(piece: str) -> str:
    if piece.isascii() and piece.isalnum():
        return piece
    return f"(?:{'|'.join(_encodings(piece[0], len(piece)))})"


def _encodings(char: str, count: int) -> Iterable[str]:
    """The patterns of a character that stands so many times in a row."""
    from html.entities import codepoint2name  # Few configs have secrets.

    once = re.escape(char)
    code = ord(char)
    in_url = "".join(f"%{_hex(byte, 2)}" for byte in char.encode(errors="surrogateescape"))
    in_json = "".join(rf"\\u{_hex(unit, 4)}" for unit in utf16(char))
    in_html = [f"#0*{code};?", f"#[xX]0*{_hex(code, 1)};?", f"{codepoint2name.get(code, 'apos')};"]
    named = in_html if code in codepoint2name or char == "'" else in_html[:2]
    for encoded in (in_url, in_json, *(f"&{reference}" for reference in named)):
        yield f"(?:{encoded}){{{count}}}"
    yield rf"\\{_JSON_LETTERS.get(char, once)}" if char != "\\" else rf"{once}{{{2 * count}}}"
    yield rf"{once}{{{count}}}"
    if char == " ":
        yield r"\+"


_JSON_LETTERS = {"\n": "n", "\r": "r", "\t": "t", "\b": "b", "\f": "f"}


def _hex(number: int, digits: int) -> str:
    """A hexadecimal number in either case."""
    return "".join(f"[{digit}{digit.upper()}]" if digit.isalpha() else digit for digit in f"{number:0{digits}x}")


def utf16(char: str) -> Iterable[int]:
    """The units of UTF-16 that stand for a character, as JSON's escapes name them."""
    encoded = char.encode("utf-16-be", "surrogatepass")
    return (int.from_bytes(encoded[index : index + 2], "big") for index in range(0, len(encoded), 2))
