"""The page on cron: its mails are what the report prints, and its lines what a crontab takes."""

import re
from datetime import UTC, datetime
from pathlib import Path

from healthmon.cli.output.timestamps import stamped
from healthmon.config.load import load
from healthmon.core.model import Cause, Result, Timings, Verdict
from healthmon.core.run import Change, News, Run
from healthmon.engine.lock import Holder
from healthmon.reports import REPORTS
from healthmon.reports.contract import Appearance
from tests.make import result

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/cron.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
HOST = "203.0.113.10"
FAILED = datetime(2026, 1, 31, 12, 5, tzinfo=UTC).timestamp()


def report(*down: str, at: float, **changes: Change) -> str:
    """The report on the ten services, of which some are refused."""

    def checked(id_: str) -> Result:
        service = services[id_]
        if id_ not in down:
            return result(service=service, timings=Timings(wait=0.0088))
        words = "connection refused"
        return result(id_, Verdict.DOWN, service=service, cause=Cause.REFUSED, message=words, facts=(), duration=0.0004)

    services = {each.id: each for each in load(ROOT / "config/services.toml", environ={}, host=HOST).services}
    results = tuple(checked(id_) for id_, service in services.items() if service.enabled)
    run = Run(started=at, duration=0.05, host=HOST, results=results, changes=changes)
    return REPORTS["text"](run, Appearance())


def test_its_mails_are_what_comes() -> None:
    """Line for line."""
    assert report("auth", at=FAILED, auth=Change(News.FAILED, FAILED)) in BLOCKS
    assert report("crm", at=FAILED + 1500, auth=Change(News.RECOVERED, FAILED)) in BLOCKS


def test_its_lock_message_and_its_log_are_what_comes() -> None:
    """As the code words them."""
    assert f"({Holder(4711, FAILED)})" in PAGE
    lines = (
        "host 203.0.113.10\nTesting 8000 - Saleor E-commerce API... ✓ OK (HTTP 200)  13 ms\n\nSummary: Healthy: 10/10\n"
    )
    assert stamped(lines, lambda: FAILED - 300) in BLOCKS


def test_its_line_is_that_of_the_example() -> None:
    """But for the user, which a crontab of one's own does not have."""
    example = (ROOT / "deploy/cron/healthmon").read_text(encoding="utf-8")
    (line,) = re.findall(r"^\*/5 .*$", example, re.MULTILINE)
    assert f"{line.replace(' _healthmon', '', 1)}\n" in BLOCKS
