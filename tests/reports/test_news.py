"""Reports of what is new since the last run, as whole texts."""

import json

from healthmon.core.model import Cause, Result, Verdict
from healthmon.core.run import Change, News, Run
from healthmon.reports import REPORTS
from healthmon.reports.contract import Appearance
from tests.make import result

NOW = 1_769_860_800.0


def text(*results: Result, strict: bool = False, **changes: Change) -> str:
    """The report of a run."""
    run = Run(started=NOW, duration=0.05, host=None, results=results, changes=changes)
    return REPORTS["text"](run, Appearance(strict=strict))


def refused(id_: str, blocked_by: str | None = None) -> Result:
    """A service that nothing listens for."""
    said = "connection refused"
    return result(id_, Verdict.DOWN, cause=Cause.REFUSED, message=said, facts=(), blocked_by=blocked_by)


def test_only_what_is_new_has_lines() -> None:
    """The summary is of all; what is bad as before is counted and named."""
    said = text(
        result("saleor"),
        refused("brain"),
        result("auth"),
        refused("crm"),
        refused("temporal"),
        refused("agents"),
        refused("sso"),
        brain=Change(News.FAILED, NOW),
        auth=Change(News.RECOVERED, NOW - 1500),
        agents=Change(News.FAILED, NOW - 3000),
        sso=Change(News.UNBLOCKED, NOW - 600, "auth"),
        temporal=Change(News.REPEATED, NOW - 6 * 3600),
        old=Change(News.GONE, NOW - 3 * 3600),
    )
    assert (
        said.partition("\n\n")[0]
        == """\
2026-01-31 12:00:00 UTC
Testing 8001 - Brain... ✗ FAILED (connection refused)  42 ms
Testing 8001 - Auth... ✓ OK (HTTP 200)  42 ms, recovered after 25 min
Testing 8001 - Temporal... ✗ FAILED (connection refused)  42 ms, not healthy for 6 h
Testing 8001 - Agents... ✗ FAILED (connection refused)  42 ms, not healthy for 50 min, with a new cause
Testing 8001 - Sso... ✗ FAILED (connection refused)  42 ms, not healthy for 10 min, no longer because of auth
Summary: Healthy: 2/7
Still not healthy: 1 (crm)
No longer checked: old, which was not healthy for 3 h"""
    )
    explained = [line.split()[2] for line in said.splitlines() if line.startswith("✗")]
    assert explained == ["(brain)", "(temporal)", "(agents)", "(sso)"]


def test_what_hangs_on_something_old_is_told_itself() -> None:
    """Nobody would find it beneath a root that is not told; beneath one that is, only what is new is named."""
    root, new, old = refused("redis"), refused("brain", blocked_by="redis"), refused("crm", blocked_by="redis")
    said = text(root, new, old, brain=Change(News.FAILED, NOW))
    assert "Still not healthy: 2 (redis, crm)\n\n✗ Brain (brain)  http" in said
    assert "Look at redis first: brain depends on it." in said
    assert "needed by" not in said
    said = text(root, new, old, redis=Change(News.REPEATED, NOW - 60), brain=Change(News.FAILED, NOW))
    assert "✗ Redis (redis)" in said
    assert "✗ Brain" not in said
    assert said.endswith("    needed by Brain (brain): connection refused\n")


def test_many_are_counted_and_some_named() -> None:
    """The line stays one that can be read."""
    said = text(*[refused(f"s{number}") for number in range(12)], x=Change(News.GONE, NOW))
    assert "Still not healthy: 12 (s0, s1, s2, s3, s4, s5, s6, s7, s8, s9 and 2 more)\n" in said


def test_degraded_counts_where_it_is_to() -> None:
    """As in the exit code."""
    slow = result("brain", Verdict.DEGRADED, cause=Cause.LATENCY)
    x = Change(News.GONE, NOW)
    assert "Still not healthy" not in text(slow, x=x)
    assert "Still not healthy: 1 (brain)" in text(slow, strict=True, x=x)


def test_an_id_from_a_state_file_forges_no_line() -> None:
    """Whoever wrote it."""
    changes = {"a\nSummary: Healthy: 9/9\x1b[2J": Change(News.GONE, NOW - 60)}
    said = REPORTS["text"](Run(started=NOW, duration=1, host=None, results=(), changes=changes), Appearance())
    assert said.splitlines()[2:] == ["No longer checked: a Summary: Healthy: 9/9, which was not healthy for 60 s"]


def test_json_says_what_is_new_of_each() -> None:
    """And lists who is no longer checked; without `--on-change` there are no such keys."""
    results = (result("auth"), refused("brain"))
    changes = {"brain": Change(News.FAILED, NOW - 60), "old": Change(News.GONE, NOW - 120)}
    document = json.loads(
        REPORTS["json"](Run(started=NOW, duration=1, host=None, results=results, changes=changes), Appearance())
    )
    assert [one["change"] for one in document["services"]] == [
        None,
        {"news": "failed", "since": "2026-01-31T11:59:00.000Z"},
    ]
    assert document["gone"] == [{"id": "old", "since": "2026-01-31T11:58:00.000Z"}]
    document = json.loads(REPORTS["json"](Run(started=NOW, duration=1, host=None, results=results), Appearance()))
    assert "gone" not in document
    assert "change" not in document["services"][0]
