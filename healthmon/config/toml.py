"""Writes values as TOML."""

import json
import re
from collections.abc import Mapping
from typing import Any


def dump(value: Any) -> str:
    """A value as TOML on one line: text in quotes, lists and tables inline."""
    match value:
        case str():
            # A basic string of TOML is a JSON string, but for DEL, which TOML wants escaped.
            return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
        case Mapping():
            pairs = ", ".join(f"{dump_key(key)} = {dump(item)}" for key, item in value.items())
            return f"{{ {pairs} }}" if pairs else "{}"
        case list():
            return f"[{', '.join(dump(item) for item in value)}]"
        case bool():
            return "true" if value else "false"
        case _:
            return str(value)


def dump_key(key: str) -> str:
    """A key as TOML: bare where it may be."""
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else dump(key)


def dump_path(path: tuple[str | int, ...]) -> str:
    """A path of keys and list positions as TOML writes dotted keys, positions in brackets."""
    text = ""
    for key in path:
        text += f"[{key}]" if isinstance(key, int) else f".{dump_key(key)}"
    return text.removeprefix(".")
