"""The report for GitHub Actions, read as its runner reads it."""

from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from healthmon.core.advice.advise import explain
from healthmon.core.model import Fact, Place, Result, Verdict
from healthmon.core.run import Ending, Run, Wait, Waited
from healthmon.reports.contract import Appearance
from healthmon.reports.github import MOST, render
from tests.make import result, service
from tests.reports.runs import every_verdict, runs, texts
from tests.reports.workflow_commands import Command, commands

PLACES = {"brain": Place("config/services.toml", 12), "auth": Place("config/services.toml", None)}


def test_each_verdict() -> None:
    """Roots only; what hangs on them is named with them; degraded is a warning."""
    down, slow, unknown = (advice(every_verdict().results[number]) for number in (1, 3, 4))
    where = "::error file=config/services.toml,line=12,title=Brain (brain) is down"
    assert render(every_verdict(), Appearance(places=PLACES)).splitlines() == [
        "✓ OK Saleor (saleor): HTTP 200, 42 ms",
        "✗ FAILED Brain (brain): HTTP 503, expected 200 or 302, 42 ms",
        "✗ FAILED Agents (agents): HTTP 503, expected 200 or 302, 42 ms",
        "! DEGRADED Crm (crm): HTTP 200, 2.4 s, expected at most 2 s, 42 ms",
        "? UNKNOWN Auth (auth): the deadline of 5 s came first, 42 ms",
        f"{where}::HTTP 503, expected 200 or 302%0A{down}%0ANeeded by: Agents (agents)",
        f"::error file=config/services.toml,title=Auth (auth) is unknown::the deadline of 5 s came first%0A{unknown}",
        f"::warning title=Crm (crm) is degraded::HTTP 200, 2.4 s, expected at most 2 s%0A{slow}",
        "::notice title=healthmon::Healthy: 2/5 (1 up, 1 degraded, 2 down, 1 unknown)",
    ]


def advice(of: Result) -> str:
    """Why, and what next."""
    given = explain(of)
    assert given
    return f"Why: {given.explanation}%0ANext: {given.next_step}"


def test_degraded_is_an_error_where_it_fails_the_run() -> None:
    """With `--fail-on degraded`."""
    found = commands(render(every_verdict(), Appearance(strict=True)))
    assert [command.name for command in found] == ["error", "error", "error", "notice"]


def test_all_is_well() -> None:
    """Says so."""
    run = Run(started=0.0, duration=1.0, host=None, results=(result("saleor"),))
    assert commands(render(run, Appearance())) == [Command("notice", {"title": "healthmon"}, "Healthy: 1/1 (1 up)")]


def test_more_than_github_shows() -> None:
    """The last one that is shown names those that are not; they are in the log all the same."""
    results = tuple(result(f"s{number}", Verdict.DOWN) for number in range(40))
    found = commands(render(Run(started=0.0, duration=1.0, host=None, results=results), Appearance()))
    errors = [command for command in found if command.name == "error"]
    assert len(errors) == 41
    assert errors[MOST - 2].properties["title"] == "S8 (s8) is down"
    assert errors[MOST - 1].properties["title"] == "31 more services"
    assert "S9 (s9), S10 (s10)" in errors[MOST - 1].data
    assert errors[MOST - 1].data.endswith("S28 (s28) and 11 more.")
    assert errors[MOST].properties["title"] == "S9 (s9) is down"


def test_exactly_as_many_as_github_shows() -> None:
    """Need no such note."""
    results = tuple(result(f"s{number}", Verdict.DOWN) for number in range(MOST))
    found = commands(render(Run(started=0.0, duration=1.0, host=None, results=results), Appearance()))
    assert [command.name for command in found] == ["error"] * MOST + ["notice"]


def test_waiting() -> None:
    """What was not reached is an error, whatever the last check said; a service that was to be down is none."""
    run = structs.replace(
        every_verdict(),
        wait=Wait(Ending.DEADLINE, stable=2),
        waited={
            "saleor": Waited(12, None, 1, None),
            "brain": Waited(3, 1.5, 1, None),
            "agents": Waited(3, 1.5, 1, None),
            "crm": Waited(3, 1.5, 1, None),
            "auth": Waited(1, 1.5, 1, None),
        },
    )
    found = commands(render(run, Appearance()))
    assert [(command.name, command.properties["title"]) for command in found] == [
        ("error", "Saleor (saleor) is up, and was healthy only 1 of 2 times in a row"),
        ("warning", "Crm (crm) is degraded"),
        ("notice", "healthmon"),
    ]
    assert found[0].data == "HTTP 200\nWaited: 1 of 2 good checks in a row within 2 s, 12 checks"
    assert found[2].data.endswith(
        "the deadline came first; 1 of 5 services was not found healthy 2 times in a row: saleor (1 so far)."
    )


def test_verbose() -> None:
    """The times and facts of each, in lines that begin with a mark."""
    run = Run(started=0.0, duration=1.0, host=None, results=(result(facts=(Fact("banner", "::error::x"),)),))
    assert render(run, Appearance(verbose=True)).splitlines()[:3] == [
        "✓ OK Brain (brain): HTTP 200, 42 ms",
        "  · connect 0.5 ms · wait 41 ms",
        "  · banner=::error::x",
    ]


@given(runs(), st.booleans(), st.booleans(), texts)
def test_nothing_forges_a_command(run: Run, strict: bool, verbose: bool, file: str) -> None:
    """Every command is ours: as many as there are troubles, one notice, and each title and place as it was."""
    places = {one.service.id: Place(file, 7) for one in run.results}
    report = render(run, Appearance(strict=strict, verbose=verbose, places=places))
    *told, last = commands(report)
    assert (last.name, last.properties) == ("notice", {"title": "healthmon"})
    assert len(told) <= len(run.results)
    for command in told:
        assert command.name in ("error", "warning")
        assert set(command.properties) <= {"file", "line", "title"}
        assert command.properties["line"] == "7"
    assert sum(line.startswith(("✓", "✗", "!", "?", "  ·", "::")) for line in report.splitlines()) == len(
        report.splitlines()
    )


def test_escapes_as_the_toolkit_does() -> None:
    """In data three characters, in properties two more; breaks within what is told are spaces before."""
    owner = service("a", name="50%, a:b\r\nc")
    unknown = result(service=owner, verdict=Verdict.UNKNOWN, cause=None, message="50%, a:b\n::c")
    run = Run(started=0.0, duration=1.0, host=None, results=(unknown,))
    line = render(run, Appearance(places={"a": Place("c:50%,/x.toml", 1)})).splitlines()[1]
    assert line == "::error file=c%3A50%25%2C/x.toml,line=1,title=50%25%2C a%3Ab c (a) is unknown::50%25, a:b ::c"
