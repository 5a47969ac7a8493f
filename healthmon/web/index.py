"""The index page: what there is, for people."""

from collections import Counter
from collections.abc import Iterator, Sequence
from html import escape
from typing import NamedTuple
from urllib.parse import quote

from healthmon.core.document import moment
from healthmon.core.model import Verdict
from healthmon.core.state import Watched

LINKS = (
    ("/metrics", "metrics for Prometheus"),
    ("/probe", "probe a target: ?target=URL&module=NAME"),
    ("/api/v1/services", "all services as JSON; ?state=down, ?group=NAME"),
    ("/api/v1/services/{id}", "one service as JSON"),
    ("/-/healthy", "whether the daemon is alive"),
    ("/-/ready", "whether every service has been checked"),
    ("/-/reload", "POST: read the config again"),
)
"""Every other route, and what it answers."""

_GET = frozenset({"/metrics", "/api/v1/services", "/-/healthy", "/-/ready"})
"""What a link can lead to: a GET without parameters."""

_SHOWN = 50
"""So many services that are not up are listed: a page for people."""

_WORST = (Verdict.DOWN, Verdict.UNKNOWN, Verdict.DEGRADED)


def summarize(watched: Sequence[Watched]) -> str:
    """How many are what: ``8 of 10 services are healthy: 7 up, 1 degraded, 2 down.``."""
    counts = Counter(each.state.verdict for each in watched)
    healthy = sum(count for verdict, count in counts.items() if verdict.healthy)
    told = ", ".join(f"{counts[verdict]} {verdict}" for verdict in Verdict if counts[verdict])
    return f"{healthy} of {len(watched)} services are healthy{f': {told}' if told else ''}."


class Line(NamedTuple):
    """One service that is not up.

    Attributes:
        id: Its id.
        name: Its name.
        state: What is believed of it, and since when.
        why: What its check met, and the cause.
        notes: What makes it less of an alarm, or more.
    """

    id: str
    name: str
    state: str
    why: str
    notes: str


def troubles(watched: Sequence[Watched]) -> tuple[list[Line], str]:
    """The services that are not up, the worst first, then in config order; and what is to be said below them."""
    found = [each for each in watched if each.state.verdict is not Verdict.UP]
    if not found:
        return [], "All services are up." if watched else "There are no services."
    found.sort(key=lambda each: _WORST.index(each.state.verdict))
    more = len(found) - _SHOWN
    return [_line(each) for each in found[:_SHOWN]], f"... and {more} more" if more > 0 else ""


def _line(watched: Watched) -> Line:
    state, result = watched.state, watched.result
    # Of what is not known yet, the last check tells the most.
    met = result if state.verdict is Verdict.UNKNOWN else state
    since = "" if state.since is None else f" since {moment(state.since)}"
    why = "not checked yet" if met is None else f"{met.message} [{met.cause}]" if met.cause else met.message
    return Line(watched.service.id, watched.service.name, f"{state.verdict}{since}", why, ", ".join(_notes(watched)))


def _notes(watched: Watched) -> Iterator[str]:
    state = watched.state
    if state.blocked_by is not None:
        yield f"blocked by {state.blocked_by}"
    if state.in_maintenance:
        yield "in maintenance"
    if state.flapping:
        yield "flapping"


def render_text(version: str, config: str, watched: Sequence[Watched]) -> str:
    """The page for terminals."""
    width = max(len(path) for path, _ in LINKS)
    links = [f"{path:{width}}  {meaning}" for path, meaning in LINKS]
    lines, below = troubles(watched)
    told = [
        f"{line.id} ({line.name}) {line.state}: {line.why}{f' ({line.notes})' if line.notes else ''}" for line in lines
    ]
    head = [f"healthmon {version}", summarize(watched), f"Config: {config}"]
    return "\n".join([*head, "", *told, *([below] if below else []), "", *links])


def render_html(version: str, config: str, watched: Sequence[Watched]) -> str:
    """The page for browsers: no script, no style, nothing loaded."""
    rows = "\n".join(f"<tr><td>{_link(path)}</td><td>{escape(meaning)}</td></tr>" for path, meaning in LINKS)
    return f"""<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>healthmon</title></head>
<body>
<h1>healthmon {escape(version)}</h1>
<p>{escape(summarize(watched))}</p>
{_table(*troubles(watched))}
<p>Config: <code>{escape(config)}</code></p>
<table>
{rows}
</table>
</body>
</html>"""


def _table(lines: Sequence[Line], below: str) -> str:
    rows = ["".join(f"<td>{escape(cell)}</td>" for cell in line[1:]) for line in lines]
    ids = [f'<td><a href="/api/v1/services/{quote(line.id)}">{escape(line.id)}</a></td>' for line in lines]
    table = "\n".join(f"<tr>{id_}{row}</tr>" for id_, row in zip(ids, rows, strict=True))
    return "\n".join(filter(None, [table and f"<table>\n{table}\n</table>", below and f"<p>{escape(below)}</p>"]))


def _link(path: str) -> str:
    shown = escape(path)
    return f'<a href="{shown}">{shown}</a>' if path in _GET else f"<code>{shown}</code>"
