"""The table of `check --watch`. Pure."""

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from msgspec import Struct

from healthmon.cli.terminal.canvas import Canvas
from healthmon.cli.watching.rows import rows
from healthmon.cli.watching.view import View
from healthmon.core.history import History
from healthmon.core.model import Service, Verdict
from healthmon.core.safe_text import clean

_AROUND = 4
"""Lines that are not for services: two headings, the titles, and the keys."""
_LOW = 6
"""Lines below which there is only the heading that counts."""
_ROOMY = 60
"""Cells in a row from which on there is room to tell how to scroll."""


class Scene(Struct, frozen=True, kw_only=True):
    """All that is drawn.

    Attributes:
        now: Seconds since the epoch.
        host: What `{host}` stands for, or None.
        config: The config file.
        shown: The services to show, in order.
        histories: What is remembered, by id.
        view: What the user wants to see.
        healthy: How many services are healthy.
        total: How many are watched.
        checked: How many the round under way has checked; None between two rounds.
        pause: Seconds until the next round.
    """

    now: float
    host: str | None
    config: str
    shown: Sequence[Service]
    histories: Mapping[str, History]
    view: View
    healthy: int
    total: int
    checked: int | None
    pause: float


def around(lines: int) -> int:
    """How many of so many lines are not for services."""
    return 1 if lines < _LOW else _AROUND


def table(scene: Scene, canvas: Canvas) -> list[str]:
    """The lines of the table: as many as the terminal has rows, none longer than a row (of ten cells or more)."""
    room = max(0, canvas.lines - around(canvas.lines))
    visible = scene.shown[scene.view.top : scene.view.top + room]
    titles, *told = rows(visible, scene.histories, scene.now, canvas)
    if not visible:
        told = [canvas.pen.dim(canvas.cut("  Nothing has failed."))]
    if canvas.lines < _LOW:
        lines = [_heading(scene, canvas)[1], *told]
        return [*lines, *[""] * (canvas.lines - len(lines))][: canvas.lines]
    lines = [*_heading(scene, canvas), titles, *told]
    lines += [""] * (canvas.lines - 1 - len(lines))
    return [*lines[: canvas.lines - 1], _keys(scene, len(visible), canvas)]


def _heading(scene: Scene, canvas: Canvas) -> list[str]:
    moment = datetime.fromtimestamp(scene.now, UTC).strftime("%H:%M:%S UTC")
    parts = [moment, f"host {scene.host}" if scene.host else "", clean(scene.config)]
    if scene.checked is None:
        doing = f"next check in {math.ceil(scene.pause)} s"
    else:
        doing = f"checking, {scene.checked} of {scene.total} done"
    summary = f"Healthy: {scene.healthy}/{scene.total}"
    shown = canvas.fit(summary, min(len(summary), canvas.width))
    if len(scene.histories) == scene.total:  # Before, red would say too much.
        shown = canvas.pen.colour(shown, Verdict.UP if scene.healthy == scene.total else Verdict.DOWN)
    rest = canvas.fit(f" · {doing}", max(0, canvas.width - len(summary))).rstrip()
    return [
        canvas.pen.dim(canvas.cut(" · ".join(filter(None, parts)))),
        canvas.pen.bold(shown) + rest,
    ]


def _keys(scene: Scene, visible: int, canvas: Canvas) -> str:
    view = scene.view
    place = f"{view.top + 1}-{view.top + visible} of {len(scene.shown)}" if visible < len(scene.shown) else ""
    keys = f"q quit · s sort: {view.order} · f {'all' if view.failures else 'failures'}"
    if place and canvas.columns >= _ROOMY:
        keys += " · " + canvas.glyph("↑↓", "arrows") + " scroll"
    room = max(0, canvas.width - len(place) - 1)
    return canvas.pen.dim(f"{canvas.fit(keys, room)} {place}".rstrip())
