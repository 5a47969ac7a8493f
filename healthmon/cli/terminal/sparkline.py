"""Latencies as a row of small columns. Pure."""

from collections.abc import Sequence
from itertools import groupby
from statistics import median

from healthmon.cli.terminal.canvas import Canvas
from healthmon.core.model import Verdict

_LEVELS = ("▁▂▃▄▅▆▇█", "_.-=+*#@")
_FAILED = ("×", "x")
_ABOVE_USUAL = 2.25
"""How far the row reaches: so many times the median, which is then in the middle of a level."""


def sparkline(latencies: Sequence[float | None], width: int, canvas: Canvas) -> str:
    """The newest latencies in exactly `width` cells, the last at the right. A failure is a cross.

    The usual latency of a service is nearly half as high as the row, wherever that is: what is steady looks steady.
    """
    shown = latencies[-width:] if width else ()
    known = [latency for latency in shown if latency is not None]
    top = max(_ABOVE_USUAL * median(known), *known) if known else 0.0
    text = "".join(_column(latency, top, canvas) for latency in shown)
    runs = ("".join(run) for _, run in groupby(text, canvas.glyph(*_FAILED).__eq__))
    coloured = (canvas.pen.colour(run, _meaning(run, canvas)) for run in runs)
    return " " * (width - len(text)) + "".join(coloured)


def _column(latency: float | None, top: float, canvas: Canvas) -> str:
    levels = canvas.glyph(*_LEVELS)
    if latency is None:
        return canvas.glyph(*_FAILED)
    return levels[min(len(levels) - 1, int(len(levels) * latency / top))] if top else levels[0]


def _meaning(run: str, canvas: Canvas) -> Verdict:
    return Verdict.DOWN if run.startswith(canvas.glyph(*_FAILED)) else Verdict.UP
