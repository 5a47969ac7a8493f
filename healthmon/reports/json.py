"""The report for programs: one JSON document, schema 1."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from healthmon import __version__
from healthmon.core.causes import explain
from healthmon.core.model import Result, Run, Verdict
from healthmon.reports.contract import Appearance

SCHEMA = 1
"""Raised when a program that reads the document would have to change. New keys do not raise it."""


def render(run: Run, appearance: Appearance) -> str:
    """Render a run as JSON. Times are in seconds, moments in UTC (RFC 3339)."""
    del appearance
    document = {
        "schema": SCHEMA,
        "version": __version__,
        "started": _moment(run.started),
        "duration": _seconds(run.duration),
        "host": run.host,
        "verdict": run.verdict,
        "summary": {"total": len(run.results), **{verdict.value: run.count(verdict) for verdict in Verdict}},
        "services": [_service(result) for result in run.results],
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"


def _service(result: Result) -> dict[str, Any]:
    service, timings, advice = result.service, result.timings, explain(result)
    return {
        "id": service.id,
        "name": service.name,
        "group": service.group,
        "phase": service.phase,
        "url": service.shown_url,
        "verdict": result.verdict,
        "cause": result.cause,
        "message": result.message,
        "started": _moment(result.started),
        "duration": _seconds(result.duration),
        "timings": {name: _seconds(getattr(timings, name)) for name in timings.__struct_fields__},
        "attempts": result.attempts,
        "facts": {fact.name: fact.value for fact in result.facts},
        "reasons": result.reasons,
        "blocked_by": result.blocked_by,
        "next_step": advice and advice.next_step,
    }


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _seconds(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 6)
