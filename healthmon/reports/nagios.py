"""The report as a Nagios plugin prints it: a status line, what is wrong beneath it, and performance data.

Source: the Monitoring Plugins Development Guidelines, sections "Plugin Output for Nagios", "Threshold and ranges" and
"Performance data"; and how Nagios and Icinga 2 read several lines. Performance data stands behind a ``|`` on the first
line and on the last: Icinga takes a line without one for text.
"""

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from healthmon.core.model import Cause, Result, Verdict
from healthmon.core.run import Ending, Run
from healthmon.core.safe_text import clean
from healthmon.reports.account import account, answered, latency, measured
from healthmon.reports.contract import Appearance
from healthmon.reports.standing import message, standing, title
from healthmon.reports.waiting import down_as_wanted, in_a_row

if TYPE_CHECKING:
    from healthmon.reports.rollouts.upshot import Upshot

STATUSES = range(4)
"""The exit statuses that Nagios knows."""

UNKNOWN = 3
"""That of a plugin which could not find out, or could not do its work."""

_STATUS_OF = {Verdict.UP: 0, Verdict.DEGRADED: 1, Verdict.DOWN: 2, Verdict.UNKNOWN: UNKNOWN}
_WORDS = ("OK", "WARNING", "CRITICAL", "UNKNOWN")
_WORST_FIRST = (Verdict.DOWN, Verdict.UNKNOWN, Verdict.DEGRADED)
# A "|" would begin performance data, and Nagios' pages may be set up to show tags.
_SAFE = str.maketrans({"|": "¦", "<": "‹", ">": "›"})
_WIDTH = 79  # characters of the status line's text, so that a pager shows all of it
_TEXT = 4000  # bytes of the lines beneath it
_ALL = 8000  # bytes; Nagios cuts at 8 KiB, wherever that is
_LONG = 1000  # characters of a line of facts


def render(run: Run, appearance: Appearance) -> str:
    """Render a run as the output of a plugin. Latencies are in seconds."""
    total = len(run.results)
    counts = ", ".join(f"{run.count(verdict)} {verdict}" for verdict in Verdict)
    lines = [
        f"{_first(run, appearance)} | 'services healthy'={run.healthy};;;0;{total}",
        *_bounded([line.translate(_SAFE) for line in (*_of_rollout(appearance.rollout), *_told(run, appearance))]),
        f"{total} checked in {run.duration:.3f} s: {counts} |",
    ]
    text = "\n".join(lines)
    left = _ALL - len(text.encode())
    for item in _performance(run):
        left -= len(item.encode()) + 1
        if left <= 0:
            break
        text += f" {item}"
    return f"{text}\n"


def exit_status(run: Run, *, strict: bool) -> int:
    """What a plugin ends with: 0 OK, 1 WARNING (degraded), 2 CRITICAL (down), 3 UNKNOWN; of several the worst.

    The order is that of verdicts, so that JSON says the same: down before unknown before degraded. A run that was
    interrupted is UNKNOWN. Where degraded services count as not healthy (`strict`), they are CRITICAL.
    """
    if run.wait is None and any(result.cause is Cause.INTERRUPTED for result in run.results):
        return UNKNOWN
    met = {standing(result, run, strict=strict) for result in run.results}
    if run.wait is not None and run.wait.ending is not Ending.REACHED:
        met = {Verdict.UNKNOWN} if run.wait.ending is Ending.INTERRUPTED else met | {Verdict.UNKNOWN}
    return next((_STATUS_OF[verdict] for verdict in _WORST_FIRST if verdict in met), 0)


def not_checked(reason: str) -> str:
    """The output of a plugin that could not do its work, and why: the first line of that, and beneath it the rest."""
    first, *more = [clean(line, limit=_LONG).translate(_SAFE) for line in reason.splitlines() if line.strip()] or [""]
    return "".join(f"{line}\n" for line in (f"HEALTHMON UNKNOWN - {first}", *_bounded(more)))


def _first(run: Run, appearance: Appearance) -> str:
    """The status line: of a rollout what came of it; that fails whatever the services are now."""
    rollout, status = appearance.rollout, exit_status(run, strict=appearance.strict)
    if rollout is None:
        return _status_line(run, strict=appearance.strict)
    status = _STATUS_OF[rollout.verdict] or status
    return f"HEALTHMON {_WORDS[status]} - {clean(rollout.headline, limit=_LONG).translate(_SAFE)}"


def _of_rollout(rollout: "Upshot | None") -> Iterator[str]:
    """What to do about it, and its phases."""
    if rollout is None:
        return
    yield from (clean(f"{label}: {text}", limit=_LONG) for label, text in rollout.told)
    for row in rollout.rows:
        word = "" if row.verdict is None else f"{_WORDS[_STATUS_OF[row.verdict]]}: "
        yield clean(f"{word}{row.title}: {', '.join([row.result, *row.times])}", limit=_LONG)
        yield from (clean(f"{label}: {text}", limit=_LONG) for label, text in row.account)


def _status_line(run: Run, *, strict: bool) -> str:
    """The state, how many are healthy, and of the others as many as fit, roots first."""
    verdicts = [(standing(result, run, strict=strict), result) for result in run.results]
    passed = sum(verdict.healthy for verdict, _ in verdicts)
    text = f"HEALTHMON {_WORDS[exit_status(run, strict=strict)]} - {passed}/{len(verdicts)} "
    text += f"{run.wait.wanted}{in_a_row(run.wait)}" if run.wait else "healthy"
    ill = [(verdict, result) for verdict, result in verdicts if verdict is not Verdict.UP]
    ill.sort(key=lambda one: (one[1].blocked_by is not None, _WORST_FIRST.index(one[0])))
    names = [f"{_label(result)} ({_why(result, run)})" for _, result in ill]
    for number, name in enumerate(names):
        left = len(names) - number
        longer = f"{text}{', ' if number else ': '}{name}"
        if len(longer) + (len(_more(left - 1)) if left > 1 else 0) > _WIDTH:
            return text + _more(left) if number else text
        text = longer
    return text


def _why(result: Result, run: Run) -> str:
    if run.unproven(result):
        return "not looked at again"
    return result.cause or "not yet"


def _more(count: int) -> str:
    return f" and {count} more"


def _told(run: Run, appearance: Appearance) -> Iterator[str]:
    """What is wrong, and what to do about it; with `verbose` all of it, and what was measured."""
    for result in run.results:
        verdict = standing(result, run, strict=appearance.strict)
        if (verdict, result.verdict) == (Verdict.UP, Verdict.UP) and not appearance.verbose:
            continue
        yield f"{_WORDS[_STATUS_OF[verdict]]}: {title(result)}: {message(result, run)}"
        well = result.verdict is Verdict.UP or down_as_wanted(result, run)
        for label, text in () if well else account(result):
            if appearance.verbose or (label == "next" and result.blocked_by is None):
                yield f"  {label}: {text}"
        for text in measured(result) if appearance.verbose else ():
            yield f"  {clean(text, result.service.secrets, _LONG)}"


def _bounded(lines: list[str]) -> Iterable[str]:
    """As many lines as Nagios takes, none of them cut."""
    left = _TEXT
    for number, line in enumerate(lines):
        left -= len(line.encode()) + 1
        if left < 0:
            return [*lines[:number], f"... {len(lines) - number} more lines"]
    return lines


def _performance(run: Run) -> Iterator[str]:
    """``'label'=value[unit];warn;crit;min``: how many have which verdict, the time, and each service's latency.

    An id has no spaces, so that no service is taken for one of the other values.
    """
    for verdict in Verdict:
        yield f"'services {verdict}'={run.count(verdict)};;;0;{len(run.results)}"
    yield f"'run time'={_number(run.duration)}s;;;0"
    for result in run.results:
        # U: it was not determined. How long a refusal took is no latency.
        value = f"{_number(latency(result))}s" if answered(result) else "U"
        service = result.service
        yield f"'{_label(result)}'={value};{_number(service.warn.latency)};{_number(service.expect.latency)};0"


def _label(result: Result) -> str:
    return re.sub(r"[^\w.-]", "_", clean(result.service.id))


def _number(value: float | None) -> str:
    """Digits and a point, as the guidelines want it: never an exponent."""
    return "" if value is None else f"{value:.6f}".rstrip("0").rstrip(".")
