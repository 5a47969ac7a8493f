"""The rows of `check --watch`, beneath their titles. Pure."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from healthmon.cli.terminal.canvas import Canvas
from healthmon.cli.terminal.sparkline import sparkline
from healthmon.core.history import KEPT, History
from healthmon.core.model import Service, Verdict
from healthmon.core.safe_text import clean
from healthmon.core.units import format_duration
from healthmon.reports.brief import in_brief

_NAME, _LATENCY = 26, 8
"""The most cells that these columns take."""
_SPARK = 10
"""The least cells for latencies, where what went wrong needs the rest."""
_LEAST = 4
"""The same where what went wrong has but one word."""
_TINY = 30
"""Cells in a row up to which names come first: the rest has what they leave."""
_ROOMY = 76
"""Cells in a row from which on there is room for all columns."""
_DAY = 86400.0


def rows(visible: Sequence[Service], histories: Mapping[str, History], now: float, canvas: Canvas) -> list[str]:
    """The titles, and a row a service.

    Args:
        visible: The services for which there is room.
        histories: What is remembered, by id.
        now: Seconds since the epoch.
        canvas: Where it is drawn.
    """
    names = [clean(one.name, one.secrets) for one in visible]
    known = [histories.get(one.id) for one in visible]
    most = canvas.width - 2 if canvas.columns <= _TINY else min(_NAME, canvas.width * 2 // 5)
    name_width = canvas.longest([*names, "NAME"], max(1, most))
    room = max(0, canvas.width - len("✓ ") - name_width - 2)
    titles, *columns = _all(known, now, room, canvas) if canvas.columns >= _ROOMY else _few(known, room, canvas)
    lines = [canvas.pen.dim(canvas.cut(f"  {canvas.fit('NAME', name_width)}  {titles}"))]
    for name, history, rest in zip(names, known, columns, strict=True):
        sign = canvas.pen.sign(history.verdict) if history else canvas.pen.dim(canvas.glyph("·", "."))
        lines.append(f"{sign} {canvas.fit(name, name_width)}" + (f"  {rest}" if room else ""))
    return lines


def _all(known: Sequence[History | None], now: float, room: int, canvas: Canvas) -> list[str]:
    """The titles, and of each service: since when, the latency, those before it, and what went wrong."""
    latencies = [_latency(history) for history in known]
    latency_width = canvas.longest([*latencies, "LATENCY"], _LATENCY)
    room -= len("12:00:00") + 2 + latency_width + 2
    whys = _whys(known, room - _SPARK - 2, canvas)
    why_width = canvas.longest(whys, room - _SPARK - 2)
    spark_width = min(KEPT, room - (why_width + 2 if why_width else 0))
    lines = [f"{'SINCE':8}  {'LATENCY':>{latency_width}}  {_last(spark_width)}  {'WHY' if why_width else ''}"]
    for history, latency, why in zip(known, latencies, whys, strict=True):
        spark = sparkline(history.latencies if history else (), spark_width, canvas)
        told = canvas.pen.colour(canvas.fit(why, why_width), history.verdict) if history and why else ""
        lines.append(f"{_since(history, now):8}  {latency:>{latency_width}}  {spark}  {told}".rstrip())
    return lines


def _few(known: Sequence[History | None], room: int, canvas: Canvas) -> list[str]:
    """The titles, and of each service: the latency or what went wrong, and the latencies before."""
    whys = [_in_a_word(history, room - _SPARK - 1, canvas) for history in known]
    told = [why or _latency(history) for why, history in zip(whys, known, strict=True)]
    told_width = canvas.longest([*told, "LATENCY"], max(0, room - _LEAST - 1))
    spark_width = min(KEPT, max(0, room - told_width - 1))
    lines = [f"{canvas.fit('LATENCY', told_width)} {_last(spark_width)}"]
    for history, text in zip(known, told, strict=True):
        fitted = canvas.fit(text, told_width)
        if history and history.verdict is not Verdict.UP:
            fitted = canvas.pen.colour(fitted, history.verdict)
        lines.append(f"{fitted} {sparkline(history.latencies if history else (), spark_width, canvas)}")
    return lines


def _whys(known: Sequence[History | None], room: int, canvas: Canvas) -> list[str]:
    """What went wrong in each: in full, if there is room for all of it."""
    wrong = [history.last if history and history.verdict is not Verdict.UP else None for history in known]
    full = [result.message if result else "" for result in wrong]
    if canvas.longest(full, room + 1) <= room:
        return full
    return [in_brief(result) if result else "" for result in wrong]


def _in_a_word(history: History | None, room: int, canvas: Canvas) -> str:
    """What went wrong, in brief; the cause alone, where there is no room for that."""
    if history is None or history.verdict is Verdict.UP:
        return ""
    brief = in_brief(history.last)
    return str(history.last.cause or brief) if canvas.longest([brief], room + 1) > room else brief


def _latency(history: History | None) -> str:
    if history is None:
        return "checking"
    return "-" if history.latency is None else format_duration(history.latency)


def _since(history: History | None, now: float) -> str:
    if history is None:
        return ""
    format_ = "%H:%M:%S" if now - history.since < _DAY else "%y-%m-%d"
    return datetime.fromtimestamp(history.since, UTC).strftime(format_)


def _last(width: int) -> str:
    """The title of the latencies: for how many there is room."""
    return f"LAST {width}".rjust(width)[:width]
