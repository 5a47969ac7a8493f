"""The report for programs: one JSON document, schema 1."""

from typing import Any

import msgspec

from healthmon import __version__
from healthmon.core.document import change_document, checked_document, moment, seconds, wait_document, waited_document
from healthmon.core.model import Verdict
from healthmon.core.run import News, Run, worst
from healthmon.reports.contract import Appearance

SCHEMA = 1
"""Raised when a program that reads the document would have to change. New keys do not raise it."""


def render(run: Run, appearance: Appearance) -> str:
    """Render a run as JSON. Times are in seconds, moments in UTC (RFC 3339)."""
    rollout = appearance.rollout
    document: dict[str, Any] = {
        "schema": SCHEMA,
        "version": __version__,
        "started": moment(run.started),
        "duration": seconds(run.duration),
        "host": run.host,
        "verdict": run.verdict if rollout is None else worst([run.verdict, rollout.verdict]),
        "summary": {"total": len(run.results), **{verdict.value: run.count(verdict) for verdict in Verdict}},
        "services": [checked_document(result) for result in run.results],
    }
    if rollout is not None:
        document["rollout"] = rollout.document
    if run.wait:
        document["wait"] = wait_document(run.wait)
        for service in document["services"]:
            service["wait"] = waited_document(run.waited[service["id"]])
    if run.changes is not None:
        for service in document["services"]:
            service["change"] = change_document(run.changes.get(service["id"]))
        gone = {id_: change for id_, change in run.changes.items() if change.news is News.GONE}
        document["gone"] = [{"id": id_, "since": moment(change.since)} for id_, change in gone.items()]
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"
