"""Where a deployment runs on loopback, and what healthmon reports of it."""

import re
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from msgspec import Struct, structs

from healthmon.app.once import RunLimits, check_all
from healthmon.config.load import load
from healthmon.core.run import Run
from healthmon.core.selection import Selection
from healthmon.reports import REPORTS
from healthmon.reports.contract import Appearance

ROOT = Path(__file__).parents[2]


class Place(Struct, frozen=True, kw_only=True):
    """A deployment that runs, and how it is to be checked.

    Attributes:
        config: The config file, relative to the repository.
        environ: The environment.
        host: What `{host}` stands for.
        with_groups: The groups of `--with`.
        only: The patterns of `--only`.
        timeout: The seconds of `--timeout`.
        usual: What stands in a snapshot for what differs from run to run.
    """

    config: str
    environ: Mapping[str, str] = {}
    host: str | None = None
    with_groups: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    timeout: float | None = None
    usual: Mapping[str, str] = {}


Scene = Callable[[Path], AbstractAsyncContextManager[Place]]
"""Makes a place, which may keep files in the given folder, and clears it away."""


async def check(place: Place) -> Run:
    """Check all services, as ``healthmon check`` does."""
    config = load(
        ROOT / place.config, environ=dict(place.environ), host=place.host, with_groups=list(place.with_groups)
    )
    services = Selection(only=place.only).choose(config.services)
    if place.timeout is not None:
        services = tuple(structs.replace(service, timeout=place.timeout) for service in services)
    run, _ = await check_all(services, host=config.host, limits=RunLimits())
    return run


def report(place: Place, run: Run) -> str:
    """The report for people, without what differs from run to run."""
    text = REPORTS["text"](run, Appearance())
    for own, usual in place.usual.items():
        text = re.sub(rf"(?<!\w){re.escape(own)}(?!\w)", usual, text)
    for pattern, usual in _DIFFERING.items():
        text = re.sub(pattern, usual, text, flags=re.MULTILINE)
    return text


_DIFFERING = {
    r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC": "2026-01-31 12:00:00 UTC",
    r"^(Testing .*\))  \S+ \S+$": r"\1  1 ms",
    r"^(    met       )\d+(?:\.\d+)? s$": r"\1SECONDS s",
    r"(?<=, )\d+(?:\.\d+)? s(?=, expected)": "SECONDS s",
    r"\b\d+(?:\.\d+)? min ago": "MINUTES min ago",
    r"\b20\d\d-\d\d-\d\d \d\d:\d\d UTC": "2026-01-30 12:00 UTC",
}
