"""The index page: what there is, for people."""

from collections import Counter
from collections.abc import Sequence
from html import escape

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


def summarize(watched: Sequence[Watched]) -> str:
    """How many are what: ``8 of 10 services are healthy: 7 up, 1 degraded, 2 down.``."""
    counts = Counter(each.state.verdict for each in watched)
    healthy = sum(count for verdict, count in counts.items() if verdict.healthy)
    told = ", ".join(f"{counts[verdict]} {verdict}" for verdict in Verdict if counts[verdict])
    return f"{healthy} of {len(watched)} services are healthy{f': {told}' if told else ''}."


def render_text(version: str, config: str, summary: str) -> str:
    """The page for terminals."""
    width = max(len(path) for path, _ in LINKS)
    links = "\n".join(f"{path:{width}}  {meaning}" for path, meaning in LINKS)
    return f"healthmon {version}\n{summary}\nConfig: {config}\n\n{links}"


def render_html(version: str, config: str, summary: str) -> str:
    """The page for browsers: no script, no style, nothing loaded."""
    rows = "\n".join(f"<tr><td>{_link(path)}</td><td>{escape(meaning)}</td></tr>" for path, meaning in LINKS)
    return f"""<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>healthmon</title></head>
<body>
<h1>healthmon {escape(version)}</h1>
<p>{escape(summary)}</p>
<p>Config: <code>{escape(config)}</code></p>
<table>
{rows}
</table>
</body>
</html>"""


def _link(path: str) -> str:
    shown = escape(path)
    return f'<a href="{shown}">{shown}</a>' if path in _GET else f"<code>{shown}</code>"
