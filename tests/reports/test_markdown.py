"""The report for pages, as a whole text and as GitHub's renderer reads it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from healthmon.core.advice.advise import explain
from healthmon.core.model import Cause, Result, Verdict
from healthmon.core.run import Ending, Run, Wait, Waited
from healthmon.reports.contract import Appearance
from healthmon.reports.markdown import render
from tests.make import result, service
from tests.reports import gfm
from tests.reports.runs import every_verdict, runs


def test_each_verdict() -> None:
    """The table holds all; beneath it is each root, with what hangs on it."""
    down, slow, unknown = (advice(every_verdict().results[number]) for number in (1, 3, 4))
    assert (
        render(every_verdict(), Appearance())
        == f"""\
## ❌ Healthy: 2/5

2026-01-31 12:00:00 UTC · host `127.0.0.1` · took 2 s

|  | Service | Result | Latency |
| --- | --- | --- | --- |
| ✓ OK | Saleor `saleor` | `HTTP 200` | 42 ms |
| ✗ FAILED | Brain `brain` | `HTTP 503, expected 200 or 302` | 42 ms |
| ✗ FAILED | Agents `agents` | `HTTP 503, expected 200 or 302` | 42 ms |
| ! DEGRADED | Crm `crm` | `HTTP 200, 2.4 s, expected at most 2 s` | 42 ms |
| ? UNKNOWN | Auth `auth` | `the deadline of 5 s came first` | 42 ms |

### ✗ Brain `brain`

`http://127.0.0.1:8001/health`

- **Expected:** `status: 200, 302`
- **Met:** `503`
{down}
- **Needed by:**
  - Agents `agents`: `HTTP 503, expected 200 or 302`

### ! Crm `crm`

`http://127.0.0.1:8001/health`

- **Expected:** `latency: at most 2 s (warning)`
- **Met:** `2.4 s`
{slow}

### ? Auth `auth`

`http://127.0.0.1:8001/health`

- **Met:** `the deadline of 5 s came first`
{unknown}
"""
    )


def advice(of: Result) -> str:
    """Why, and what next: nothing in these needs an escape."""
    given = explain(of)
    assert given
    return f"- **Why:** {given.explanation}\n- **Next:** {given.next_step}"


@pytest.mark.parametrize(
    ("verdict", "strict", "sign"), [("up", True, "✅"), ("degraded", False, "✅"), ("degraded", True, "❌")]
)
def test_the_sign_is_that_of_the_exit_code(verdict: str, *, strict: bool, sign: str) -> None:
    """Degraded fails only where it is to."""
    run = Run(started=0.0, duration=1.0, host=None, results=(result(verdict=Verdict(verdict)),))
    assert render(run, Appearance(strict=strict)).startswith(
        f"## {sign} Healthy: 1/1\n\n1970-01-01 00:00:00 UTC · took 1 s\n"
    )


def test_waiting() -> None:
    """How long each took to come, and what it said before, where that was something else."""
    before = result("brain", Verdict.DOWN, message="connection refused")
    waited = {
        "brain": Waited(7, 12.5, 1, before),
        "auth": Waited(3, None, 0, before),
        "redis": Waited(2, None, 0, before),
    }
    refused = result("redis", Verdict.DOWN, cause=Cause.REFUSED, message="connection refused")
    results = (*map(result, ("brain", "auth", "crm")), refused)
    wait = Wait(Ending.DEADLINE)
    run = Run(started=0.0, duration=60.0, host=None, results=results, wait=wait, waited=waited)
    shown = render(run, Appearance())
    assert shown.startswith("## ❌ Healthy: 3/4\n")
    assert shown.splitlines()[4:12] == [
        (
            "Waited 60 s: the deadline came first; 2 of 4 services are not healthy: auth, redis; 1 was not "
            "checked to the end: crm."
        ),
        "",
        "|  | Service | Result | Latency | Healthy after | Checks | Before |",
        "| --- | --- | --- | --- | --- | --- | --- |",
        "| ✓ OK | Brain `brain` | `HTTP 200` | 42 ms | 12 s | 7 | `connection refused` |",
        "| ✓ OK | Auth `auth` | `HTTP 200` | 42 ms | never | 3 | `connection refused` |",
        "| ✓ OK | Crm `crm` | `HTTP 200` | 42 ms |  |  |  |",
        "| ✗ FAILED | Redis `redis` | `connection refused` | 42 ms | never | 2 |  |",
    ]


def test_waiting_until_services_are_down() -> None:
    """Those that are down are as they should be."""
    run = Run(
        started=0.0,
        duration=60.0,
        host=None,
        results=(result(verdict=Verdict.DOWN),),
        wait=Wait(Ending.REACHED, down=True),
        waited={"brain": Waited(2, 1.0, 1, None)},
    )
    shown = render(run, Appearance())
    assert shown.startswith("## ✅ Healthy: 0/1, down as wanted: 1/1\n")
    assert "| Latency | Down after |" in shown
    assert "###" not in shown


def test_verbose() -> None:
    """The times and facts of each."""
    shown = render(every_verdict(), Appearance(verbose=True))
    assert "\n\n### Details\n\n- Saleor `saleor`\n  - `connect 0.5 ms · wait 41 ms`\n  - `status=200`\n" in shown


def test_the_runbook() -> None:
    """Is shown as it is written."""
    run = Run(
        started=0.0,
        duration=1.0,
        host=None,
        results=(result(service=service(runbook="https://example.com/a_b"), verdict=Verdict.DOWN),),
    )
    assert "\n- **Runbook:** `https://example.com/a_b`\n" in render(run, Appearance())


def test_many_that_hang_on_one() -> None:
    """Are not all named."""
    hanging = tuple(result(f"s{number}", Verdict.DOWN, blocked_by="redis") for number in range(30))
    run = Run(started=0.0, duration=1.0, host=None, results=(result("redis", Verdict.DOWN), *hanging))
    shown = render(run, Appearance())
    assert shown.count("\n  - S") == 20
    assert shown.endswith("\n  - and 10 more\n")


@gfm.needs_cmark
@given(runs(), st.booleans())
def test_hostile_texts_make_no_markup(run: Run, verbose: bool) -> None:
    """One table with a row a service, headings only of ours, and no node that we do not write."""
    document = gfm.parse(render(run, Appearance(verbose=verbose)))
    assert gfm.foreign(document) == set()
    table = gfm.rows(document)
    assert len(table) == 1 + len(run.results)
    assert {len(row) for row in table} == {7 if run.waited else 4}
    headings = [text for kind, text in gfm.outline(document) if kind == "heading"]
    assert headings[0][1:].startswith(" Healthy: ")
    assert len(headings) <= 1 + verbose + len(run.results)
    assert [kind for kind, _ in gfm.outline(document)].count("table") == 1


@gfm.needs_cmark
def test_it_reads_well_without_failures() -> None:
    """A heading, a line, a table."""
    run = structs.replace(every_verdict(), results=every_verdict().results[:1])
    assert gfm.outline(gfm.parse(render(run, Appearance()))) == [
        ("heading", "✅ Healthy: 1/1"),
        ("paragraph", ""),
        ("table", ""),
    ]
