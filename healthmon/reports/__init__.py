"""Render a run. One file per format, and the table of them."""

from collections.abc import Mapping

from healthmon.reports.contract import Report
from healthmon.reports.json import render as render_json
from healthmon.reports.text import render as render_text

REPORTS: Mapping[str, Report] = {
    "text": render_text,
    "json": render_json,
}
