"""Render a run. One file per format, and the table of them."""

from collections.abc import Mapping

from healthmon.reports.contract import Report
from healthmon.reports.github import render as render_github
from healthmon.reports.json import render as render_json
from healthmon.reports.junit import render as render_junit
from healthmon.reports.markdown import render as render_markdown
from healthmon.reports.nagios import render as render_nagios
from healthmon.reports.prometheus import render as render_prometheus
from healthmon.reports.tap import render as render_tap
from healthmon.reports.text import render as render_text

REPORTS: Mapping[str, Report] = {
    "text": render_text,
    "json": render_json,
    "junit": render_junit,
    "tap": render_tap,
    "nagios": render_nagios,
    "github": render_github,
    "markdown": render_markdown,
    "prometheus": render_prometheus,
}

POINTING = frozenset({"github"})
"""The formats that tell in which file, and on which line of it, a service is written."""
