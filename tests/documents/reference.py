"""Writes the tables of keys into the pages on the config: ``python -m tests.documents.reference``.

The keys and their order come from the types, and so do what they hold, their defaults and the schemes that have them,
as far as a type can tell. What a key says is the type's own docstring until somebody has found better words on
the page.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from msgspec import inspect

from healthmon.config.daemon import DaemonKeys
from healthmon.config.docs import docs
from healthmon.config.keys import ExpectKeys, FileKeys, ServiceKeys
from healthmon.config.kinds import kind_of, members
from healthmon.config.windows import WindowKeys
from healthmon.net.http.step_options import StepOptions
from healthmon.net.reach import ReachOptions
from healthmon.net.tls.settings import TlsSettings
from healthmon.probes import PROBES
from tests.documents.parts import renewed, rows_of, table
from tests.documents.words import default_of, value_of

DOCS = Path(__file__).parents[2] / "docs"
COMMAND = "tests.documents.reference"

_TYPES: Mapping[str, type[Any]] = {
    "Keys at the top": FileKeys,
    "Keys of services": ServiceKeys,
    "Keys to reach a host": ReachOptions,
    "Keys of the daemon": DaemonKeys,
    "Keys of a window": WindowKeys,
    "Keys of a step": StepOptions,
}
_FLAT = frozenset({"Keys at the top", "Keys of services", "Keys of a window", "Keys of a step"})


class Key(NamedTuple):
    """A key, by its name from the top of its table."""

    name: str
    field: inspect.Field
    says: str


def pages() -> list[Path]:
    """The pages with tables of keys."""
    return [DOCS / "config.md", *sorted((DOCS / "probes").glob("*.md"))]


def schemes_on(page: str) -> list[str]:
    """The schemes of a page in `docs/probes`: it has the name of their module."""
    return [name for name, probe in PROBES.items() if probe.run.__module__.rpartition(".")[2] == page]


def keys_of(type_: type[Any], prefix: str = "", *, deep: bool = True) -> Iterator[Key]:
    """The keys of a type, those of tables in it as `table.key`. TLS has a table of its own."""
    explained = docs(type_)
    for kind in members(kind_of(type_)):
        for field in kind.fields if isinstance(kind, inspect.StructType) else ():
            name = f"{prefix}{field.name}"
            yield Key(name, field, explained.get(field.name, ""))
            for member in members(field.type) if deep else ():
                if isinstance(member, inspect.StructType) and member.cls is not TlsSettings:
                    yield from keys_of(member.cls, f"{name}.")


def part(name: str, now: str) -> str:
    """A part of a page, given what stands there now."""
    written = rows_of(now)
    if name == "Expectations":
        return _expectations(written)
    if name.startswith("Keys of the probe "):
        return _keys(_own_keys(name.removeprefix("Keys of the probe "), written), written)
    if name == "Keys of TLS":
        (holder,) = (key for key in keys_of(PROBES["tls"].options) if key.name == "tls")
        return _keys([holder, *keys_of(TlsSettings, "tls.")], written)
    if name == "Keys of services":
        written["url"] = ["a URL", "", f"Where it is. The scheme chooses the probe: {_schemes()}."]
    first = "Key of a step" if name == "Keys of a step" else "Key"
    return _keys(list(keys_of(_TYPES[name], deep=name not in _FLAT)), written, first)


def _schemes() -> str:
    """All schemes, each with its page."""
    pages = {name: probe.run.__module__.rpartition(".")[2] for name, probe in PROBES.items()}
    return ", ".join(f"[`{name}`](probes/{page}.md)" for name, page in pages.items())


def _own_keys(page: str, written: Mapping[str, object]) -> list[Key]:
    """The keys of a page's schemes but for those that many have.

    Tables that many have are told in one place: their keys are on the page if some are there now, and so is `tls`.
    """
    found = {key.name: key for scheme in schemes_on(page) for key in keys_of(PROBES[scheme].options)}
    told = {name.partition(".")[0] for name in written if "." in name} | ({"tls"} & written.keys())
    reach = {key.name for key in keys_of(ReachOptions)}
    return [
        key
        for name, key in found.items()
        if name not in reach and (name.partition(".")[0] in told or ("." not in name and name != "tls"))
    ]


def _keys(keys: list[Key], written: Mapping[str, list[str]], first: str = "Key") -> str:
    return table((first, "Value", "Default", "What it says"), [_row(key, written.get(key.name)) for key in keys])


def _row(key: Key, written: list[str] | None) -> list[str]:
    value, default, says = written or ["text", "", ""]
    own = value_of(key.field.type)
    return [
        f"`{key.name}`",
        value if own is None or _says_more(value, own) else own,
        _default(key, None if written is None else default),
        says or key.says,
    ]


def _says_more(value: str, own: str) -> bool:
    """Whether what a person wrote of a value is what its type says, and perhaps more."""
    if own.startswith("`"):
        return set(re.findall("`[^`]+`", value)) == set(re.findall("`[^`]+`", own))
    return value.startswith((own, "a table:") if own.startswith("a table") else own)


def _default(key: Key, written: str | None) -> str:
    own = default_of(key.field)
    if own is None or written is None:
        return own or written or ""
    # A person may know more than that a table is empty, or where else a default comes from.
    knows = (own in ("`{}`", "`[]`") and not written) or (written and not written.startswith("`")) or "$" in written
    return written if knows else own


def _expectations(written: Mapping[str, list[str]]) -> str:
    rows = []
    for key in keys_of(ExpectKeys):
        _, value, says = written.get(key.name, ["", "", ""])
        top = key.name.partition(".")[0]
        schemes = [f"`{name}`" for name, probe in PROBES.items() if top in probe.expectations]
        where = "all" if len(schemes) == len(PROBES) else ", ".join(schemes)
        rows.append([f"`{key.name}`", where, value or value_of(key.field.type) or "", says or key.says])
    return table(("Key", "Schemes", "Value", "What it demands"), rows)


def written(page: str) -> str:
    """The page with its parts made anew."""
    return renewed(page, COMMAND, part)


if __name__ == "__main__":
    for path in pages():
        path.write_text(written(path.read_text(encoding="utf-8")), encoding="utf-8")
