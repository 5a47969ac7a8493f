"""The block that is drawn while services are waited for: a line a service, and a bar to the deadline. Pure."""

import math
from collections.abc import Sequence

from healthmon.cli.gate.words import account, look, state
from healthmon.cli.terminal.canvas import Canvas
from healthmon.core.model import Cause, Verdict
from healthmon.core.safe_text import clean
from healthmon.core.waiting import Goal, Progress, rarely_cured
from healthmon.core.wording import counted

_NAME, _STATE, _CHECKS = 26, 15, 10
"""The most cells that these columns take."""
_ROOMY = 60
"""Cells in a row from which on there is a column for the state, and one for the number of checks."""
_AROUND = 4
"""Lines that are not for services: the heading, what waiting rarely cures, the bar, and one that stays free."""
_WHAT = {Cause.CERTIFICATE: "certificate", Cause.AUTH: "credentials", Cause.DNS: "unknown name"}


def block(
    everyone: Sequence[Progress], goal: Goal, *, elapsed: float, deadline: float, canvas: Canvas
) -> Sequence[str]:
    """The lines of the block: none longer than a row of a terminal of ten cells or more, and fewer than it has rows.

    Args:
        everyone: How far the waiting for each service has come, in config order.
        goal: What is waited for.
        elapsed: Seconds since the waiting began.
        deadline: Seconds for all of it.
        canvas: Where it is drawn.
    """
    awaited = [one for one in everyone if not one.reached(goal)]
    shown = _choose(everyone, awaited, canvas.lines - _AROUND, goal)
    lines = [canvas.pen.bold(canvas.cut(_heading(everyone, awaited, goal))), *_rows(shown, goal, canvas)]
    if len(shown) < len(everyone):
        lines.append(canvas.pen.dim(canvas.cut(f"  and {len(everyone) - len(shown)} more")))
    lines += _rarely_cured(awaited, canvas)
    return [*lines[: max(1, canvas.lines - 2)], _bar(elapsed, deadline, canvas)]


def _heading(everyone: Sequence[Progress], awaited: Sequence[Progress], goal: Goal) -> str:
    if awaited:
        return f"Waiting for {len(awaited)} of {len(everyone)} to be {goal.wanted}"
    return f"All are {goal.wanted}: do they stay so?"


def _choose(everyone: Sequence[Progress], awaited: Sequence[Progress], room: int, goal: Goal) -> Sequence[Progress]:
    """Those that there is room for: all, as they come, or those not yet there before the others."""
    if len(everyone) <= room:
        return everyone
    there = (one for one in everyone if one.reached(goal))
    return [*awaited, *there][: max(0, room - 1)]


def _rows(shown: Sequence[Progress], goal: Goal, canvas: Canvas) -> list[str]:
    names = [clean(one.service.name, one.service.secrets) for one in shown]
    name_width = canvas.longest(names, min(_NAME, canvas.width * 2 // 5))
    state_width = canvas.longest((state(one, goal) for one in shown), _STATE)
    rows = []
    for one, name in zip(shown, names, strict=True):
        rest = _rest(one, goal, canvas, name_width, state_width)
        rows.append(f"{_sign(one, goal, canvas)} {canvas.fit(name, name_width)}  {rest}")
    return rows


def _sign(one: Progress, goal: Goal, canvas: Canvas) -> str:
    verdict = look(one, goal)
    return canvas.pen.sign(verdict) if verdict else canvas.pen.dim(canvas.glyph("·", "."))


def _rest(one: Progress, goal: Goal, canvas: Canvas, name_width: int, state_width: int) -> str:
    """What follows the name."""
    room = max(0, canvas.width - len("✓ ") - name_width - 2)
    pen, verdict = canvas.pen, look(one, goal)
    if canvas.columns < _ROOMY:
        text = canvas.fit(account(one, goal) if one.bad else state(one, goal), room)
        return pen.colour(text, verdict) if verdict else pen.dim(text)
    what = canvas.fit(state(one, goal), state_width)
    told = canvas.fit(account(one, goal), room - state_width - 2 - _CHECKS - 2)
    checks = pen.dim(counted(one.checks, "check").rjust(_CHECKS))
    return f"{pen.colour(what, verdict) if verdict else pen.dim(what)}  {pen.dim(told) if one.good else told}  {checks}"


def _rarely_cured(awaited: Sequence[Progress], canvas: Canvas) -> list[str]:
    named = [
        f"{one.service.id} ({_WHAT.get(one.last.cause, one.last.cause)})"
        for one in awaited
        if one.last and one.last.cause and not one.good and rarely_cured(one.last)
    ]
    if not named:
        return []
    return [canvas.pen.colour(canvas.cut(f"Waiting rarely cures: {', '.join(named)}"), Verdict.DEGRADED)]


def _bar(elapsed: float, deadline: float, canvas: Canvas) -> str:
    text = f" {_clock(math.ceil(max(0.0, deadline - elapsed)))} left of {_clock(math.ceil(deadline))}"
    length = canvas.width - len(text)
    if length < 1:
        return canvas.cut(text.strip())
    done = min(length, int(length * elapsed / deadline))
    return canvas.glyph("━", "=") * done + canvas.pen.dim(canvas.glyph("─", "-") * (length - done)) + text


def _clock(seconds: int) -> str:
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
