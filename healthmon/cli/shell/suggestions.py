"""What may stand for a value that is being typed, by what the help calls the value."""

import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click
from msgspec import Struct

from healthmon.core.safe_text import clean

if TYPE_CHECKING:
    from healthmon.config.names import Named
    from healthmon.config.rollout_names import RolloutNames


class Suggestion(Struct, frozen=True):
    """One text that may be typed.

    Attributes:
        value: The whole value.
        help: What it is, on one line; empty where nothing is to be said.
        open: Whether something must follow, so that the next word does not begin yet.
        file: Whether the value is a beginning, behind which the name of a file stands: the shell knows files best.
        toml: Whether that file is most probably a TOML file.
    """

    value: str
    help: str = ""
    open: bool = False
    file: bool = False
    toml: bool = False


Suggest = Callable[[click.Context, str], Iterator[Suggestion]]
"""Yields what may stand for a value, given the options typed so far and the beginning of the value.

What does not begin so may be among it. It never fails.
"""


def _ids(ctx: click.Context, begun: str) -> Iterator[Suggestion]:
    del begun
    for named in _names(ctx):
        yield Suggestion(named.id, _described(named))


def _groups(ctx: click.Context, begun: str) -> Iterator[Suggestion]:
    del begun
    yield from map(Suggestion, dict.fromkeys(named.group for named in _names(ctx) if named.group))


def _tags(ctx: click.Context, begun: str) -> Iterator[Suggestion]:
    del begun
    yield from map(Suggestion, dict.fromkeys(tag for named in _names(ctx) for tag in named.tags))


def _expectations(ctx: click.Context, begun: str) -> Iterator[Suggestion]:
    """The ids with a dot behind them; behind an id that is there, the keys of its `expect`."""
    for named in _names(ctx):
        if begun.startswith(f"{named.id}."):
            yield from (Suggestion(f"{named.id}.{key}", open=True) for key in _keys(named.scheme))
        else:
            yield Suggestion(f"{named.id}.", _described(named), open=True)


def _described(named: "Named") -> str:
    return clean(named.name + ("" if named.enabled else " (disabled)"))


def _keys(scheme: str) -> Iterator[str]:
    from healthmon.config.keys import BodyKeys, LogKeys
    from healthmon.probes import PROBES

    inner = {"body": BodyKeys.__struct_fields__, "log": LogKeys.__struct_fields__}
    for key in sorted(PROBES[scheme].expectations if scheme in PROBES else ()):
        if key in inner:
            yield from (f"{key}.{name}=" for name in inner[key])
        else:
            yield f"{key}." if key in ("json", "header") else f"{key}="


def _faults(ctx: click.Context, begun: str) -> Iterator[Suggestion]:
    from healthmon.demo import SERVICES
    from healthmon.demo.faults import Fault

    del ctx
    id_, equals, _ = begun.partition("=")
    if equals:
        yield from (Suggestion(f"{id_}={fault}") for fault in Fault)
    else:
        yield from (Suggestion(f"{service.id}=", service.name, open=True) for service in SERVICES)


def _files(ctx: click.Context, begun: str) -> Iterator[Suggestion]:
    del ctx, begun
    yield Suggestion("", file=True)


def _toml_files(ctx: click.Context, begun: str) -> Iterator[Suggestion]:
    del begun
    yield Suggestion("", file=True, toml=ctx.info_name != "schema")


def _reports(ctx: click.Context, begun: str) -> Iterator[Suggestion]:
    from healthmon.reports import REPORTS

    del ctx
    format_, equals, _ = begun.partition("=")
    if equals:
        yield Suggestion(f"{format_}=", file=True)
    else:
        yield from (Suggestion(f"{name}=", open=True) for name in REPORTS)


def _phases(ctx: click.Context, begun: str) -> Iterator[Suggestion]:
    del begun
    yield from map(Suggestion, _rollout(ctx).phases)


SUGGEST: Mapping[str, Suggest] = {
    "ID": _ids,
    "GROUP": _groups,
    "TAG": _tags,
    "ID.KEY=TEXT": _expectations,
    "ID=FAULT": _faults,
    "FILE": _toml_files,
    "PATH": _files,
    "[PATH]": _files,
    "CMD": _files,
    "FORMAT=PATH": _reports,
    "PHASE": _phases,
}
"""What the help calls a value → what may stand for it."""


def _names(ctx: click.Context) -> "Iterator[Named]":
    """What the services are called in the config that the words typed so far name, or that would be found.

    A rollout's file names one, too.
    """
    from healthmon.config.load import find
    from healthmon.config.names import names
    from healthmon.errors import ConfigError

    given = ctx.params.get("config")
    named = _expanded(given) if isinstance(given, str) else _rollout(ctx).config
    try:
        path = find(named, environ=os.environ, cwd=Path.cwd())
    except (ConfigError, OSError):  # There is no config, or no working directory any more.
        return
    yield from names(path, os.environ)


def _rollout(ctx: click.Context) -> "RolloutNames":
    """What the rollout's file names that was typed so far, if one was."""
    from healthmon.config.rollout_names import RolloutNames, rollout_names

    if ctx.info_name != "rollout":
        return RolloutNames()
    # Behind an option whose value is still to come click leaves the arguments as they are.
    typed = [str(ctx.params.get("file") or ""), *ctx.args]
    return next((rollout_names(Path(_expanded(file))) for file in typed if file), RolloutNames())


def _expanded(path: str) -> str:
    """A path as the shell would hand it over: nobody has expanded it while it is typed."""
    return os.path.expandvars(os.path.expanduser(path))  # noqa: PTH111 - as the shell does: an unknown user stays
