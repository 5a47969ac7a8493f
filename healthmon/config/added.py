"""Expectations from the command line, which are added to those of the files: how they are written, and for whom."""

import re
from collections.abc import Collection
from typing import Any, Self

import msgspec
from msgspec import Struct

from healthmon.config.bounds import beyond
from healthmon.config.grammar import Operators
from healthmon.core.selection import matches_id

EXAMPLE = "brain.json.version=1.4.2"
_FORM = f"expected ID.KEY=TEXT or ID.KEY:=JSON, such as {EXAMPLE}"
_TOKEN = re.compile(
    r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|`(?:[^`\\]|\\.)*`|(?P<open>[\[({])|(?P<close>[\])}])|(?P<equals>:?=)|['"`]""",
    re.DOTALL,
)
_TEXTS = ("body", "log")
_COMPARED = {"!": "ne", ">": "ge", "<": "le"}
_NULL = 'null is no value that can be expected; to expect that there is none, write := {"exists": false}'
_EMPTY = 'an empty table expects nothing; to compare with one, write := {"eq": {}}'


class Added(Struct, frozen=True):
    """One expectation.

    Attributes:
        text: All of it, as it was typed.
        target: What stands before the separator: an id or a glob of ids, a dot, and a key of `expect`.
        value: A text, or what JSON says.
    """

    text: str
    target: str
    value: Any

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``ID.KEY=TEXT`` or ``ID.KEY:=JSON``, as HTTPie distinguishes the two.

        The separator is the first one outside of brackets, parentheses, braces and quotes: a key may hold JMESPath.

        Raises:
            ValueError: It is neither.
        """
        if re.search("[\ud800-\udfff]", text):  # Python's stand-ins for bytes that are no text (PEP 383).
            raise ValueError("it is not UTF-8 text")
        start, end = _separator(text)
        target, value = text[:start].strip(), text[end:]
        service, _, key = target.partition(".")
        if not service or not key or key.endswith("."):
            raise ValueError(_FORM)
        if mistake := _mistake(service, key, value, as_json=end - start == 2):
            raise ValueError(mistake)
        return cls(text, target, _json(value, target) if end - start == 2 else value)

    def split(self, ids: Collection[str]) -> tuple[tuple[str, ...], str]:
        """The ids of the services that it is for, and the key.

        An id may hold dots: the longest that is known counts, or the longest glob that matches any. There are no ids
        where nothing fits.
        """
        for end in [match.start() for match in re.finditer(r"\.", self.target)][::-1]:
            name, key = self.target[:end], self.target[end + 1 :]
            if name in ids:
                return (name,), key
            matched = tuple(id_ for id_ in ids if matches_id(name, id_)) if re.search(r"[*?\[]", name) else ()
            if matched:
                return matched, key
        return (), self.target


def _separator(text: str) -> tuple[int, int]:
    depth = 0
    for token in _TOKEN.finditer(text):
        if token["open"]:
            depth += 1
        elif token["close"]:
            depth -= 1
        elif token["equals"]:
            if depth <= 0:
                return token.span()
        elif len(token[0]) == 1:
            raise ValueError(f"the quote {token[0]} is not closed; {_FORM}")
    raise ValueError(f"a bracket is not closed; {_FORM}" if depth > 0 and "=" in text else _FORM)


def _mistake(service: str, key: str, value: str, *, as_json: bool) -> str:
    """What to write instead of what is often typed; empty where nothing is wrong."""
    if key in _TEXTS and not as_json:
        return f"{key} has several tests; to have it hold a text, write {service}.{key}.contains={value}"
    if not as_json and value.startswith("="):
        return (
            f"there is no == here; write {service}.{key}={value.lstrip('=').strip()}. "
            f"To compare with a text that begins with =, write {service}.{key}:={msgspec.json.encode(value).decode()}"
        )
    if not as_json and key[-1] in _COMPARED:
        name, like = key[:-1].rstrip(), _COMPARED[key[-1]]
        shown = value if like != "ne" else msgspec.json.encode(value).decode()
        return (
            f'there is no {key[-1]}= here; write {service}.{name}:={{"{like}": {shown}}}. '
            f"The operators are {', '.join(Operators.__struct_fields__)}"
        )
    return ""


def _json(text: str, target: str) -> Any:
    try:
        value = msgspec.json.decode(text)
    except RecursionError:
        raise ValueError("lists or tables are nested too deep") from None
    except ValueError:
        raise ValueError(f"what follows := is not JSON; to compare with a text, write {target}={text}") from None
    for _, message in beyond({"value": value}):
        raise ValueError(message)
    if _holds_null(value):
        raise ValueError(_NULL)
    if value == {}:
        raise ValueError(_EMPTY)
    return value


def _holds_null(value: Any) -> bool:
    """Whether there is a null somewhere, which TOML could not say."""
    match value:
        case dict():
            return any(map(_holds_null, value.values()))
        case list():
            return any(map(_holds_null, value))
    return value is None
