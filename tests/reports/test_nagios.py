"""A plugin's output, by the plugin guidelines."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healthmon.core.expectations import Expectations
from healthmon.core.model import Cause, Level, Reason, Result, Timings, Verdict
from healthmon.core.run import Ending, Run, Wait, Waited
from healthmon.net.exec import nagios as probe
from healthmon.reports import nagios
from healthmon.reports.contract import Appearance
from healthmon.reports.nagios import exit_status, not_checked, render
from tests.make import result, service
from tests.reports.hostile import HOSTILE, hostile_result, run_of, runs
from tests.reports.plugin_output import Output, Value, read

UP, DEGRADED, DOWN, UNKNOWN = Verdict.UP, Verdict.DEGRADED, Verdict.DOWN, Verdict.UNKNOWN
REASON = Reason("status", "200", "503", Level.EXPECT)


def output(*results: Result, strict: bool = False, **keys: object) -> Output:
    """What is printed of these results."""
    return read(render(run_of(*results, **keys), Appearance(strict=strict)))


def test_all_is_well() -> None:
    """The first line stays under 80 characters, the data included."""
    slow = Expectations(latency=2.0)
    run = run_of(result(service=service("brain", warn=slow, expect=Expectations(latency=4.5))), result("auth"))
    assert (
        render(run, Appearance())
        == """\
HEALTHMON OK - 2/2 healthy | 'services healthy'=2;;;0;2
2 checked in 0.312 s: 2 up, 0 degraded, 0 down, 0 unknown | 'services up'=2;;;0;2 'services degraded'=0;;;0;2 \
'services down'=0;;;0;2 'services unknown'=0;;;0;2 'run time'=0.312s;;;0 'brain'=0.0415s;2;4.5;0 'auth'=0.0415s;;;0
"""
    )
    many = run_of(*(result(f"service-{number}") for number in range(10_000)))
    assert len(render(many, Appearance()).splitlines()[0]) < 80


def test_what_is_wrong() -> None:
    """Roots first, on the status line; beneath it what to do about them. A refusal has no latency."""
    found = output(
        result("ai", DOWN, reasons=(REASON,), blocked_by="redis"),
        result("redis", DOWN, cause=Cause.REFUSED, message="connection refused"),
        result("auth", DEGRADED, cause=Cause.LATENCY, message="HTTP 200, 2.4 s"),
        result("crm"),
    )
    assert (found.state, found.text) == ("CRITICAL", "2/4 healthy: redis (refused), auth (latency), ai (status)")
    assert list(found.long_text[:3]) == [
        "CRITICAL: Ai (ai): HTTP 503, expected 200 or 302, blocked by redis",
        "CRITICAL: Redis (redis): connection refused",
        "next: On 127.0.0.1, see what listens with `ss -ltnp 'sport = :8001'`.",
    ]
    assert found.values["ai"].value == 0.0415
    assert found.values["redis"] == Value(None, "", "", "", "0", "")
    assert [found.values[f"services {verdict}"].value for verdict in Verdict] == [1, 1, 2, 0]


@pytest.mark.parametrize(
    ("verdicts", "strict", "status"),
    [
        ([UP, UP], False, 0),
        ([UP, DEGRADED], False, 1),
        ([UP, DEGRADED], True, 2),
        ([UP, DEGRADED, UNKNOWN], False, 3),
        ([UP, DEGRADED, UNKNOWN], True, 2),
        ([DEGRADED, UNKNOWN, DOWN], False, 2),
    ],
)
def test_the_worst_counts(verdicts: list[Verdict], strict: bool, status: int) -> None:
    """As everywhere in healthmon: down before unknown before degraded. The line says what the exit status says."""
    results = [result(f"s{number}", verdict) for number, verdict in enumerate(verdicts)]
    assert exit_status(run_of(*results), strict=strict) == status
    assert output(*results, strict=strict).state == probe.STATES[status]


def test_an_interrupted_run_is_unknown() -> None:
    """Also when something was found to be down: the rest may be worse."""
    results = (result("a", DOWN), result("b", UNKNOWN, cause=Cause.INTERRUPTED, message="interrupted"))
    assert exit_status(run_of(*results), strict=False) == 3


@pytest.mark.parametrize(
    ("verdict", "reached", "wait", "status", "words"),
    [
        (UP, 0.1, Wait(Ending.REACHED), 0, "1/1 healthy"),
        (DEGRADED, 0.1, Wait(Ending.REACHED), 1, "1/1 healthy: brain (status)"),
        (UP, None, Wait(Ending.DEADLINE, stable=3), 3, "0/1 healthy 3 times in a row: brain (not yet)"),
        (UP, 0.1, Wait(Ending.DEADLINE), 3, "1/1 healthy"),
        (DOWN, None, Wait(Ending.DEADLINE), 2, "0/1 healthy: brain (status)"),
        (DOWN, None, Wait(Ending.GAVE_UP), 2, "0/1 healthy: brain (status)"),
        (DOWN, None, Wait(Ending.INTERRUPTED), 3, "0/1 healthy: brain (status)"),
        (DOWN, 0.1, Wait(Ending.REACHED, down=True), 0, "1/1 down"),
        (UP, None, Wait(Ending.DEADLINE, down=True), 2, "0/1 down: brain (not yet)"),
    ],
)
def test_waiting(verdict: Verdict, reached: float | None, wait: Wait, status: int, words: str) -> None:
    """What whealthy counts; what did not come is never OK, however well it looks."""
    good = int(verdict.healthy is not wait.down)
    waited = {"brain": Waited(3, reached, good, None)}
    run = run_of(result(verdict=verdict), wait=wait, waited=waited)
    assert exit_status(run, strict=False) == status
    assert read(render(run, Appearance()))[:2] == (probe.STATES[status], words)


def test_the_status_line_fits_a_pager() -> None:
    """However many are down, and however long their ids are."""
    many = output(*(result(f"service-{number}", DOWN) for number in range(200)))
    assert many.text == "0/200 healthy: service-0 (status) and 199 more"
    assert output(result("x" * 90, DOWN), result("y", DOWN)).text == "0/2 healthy"


def test_what_nagios_would_cut_is_left_out() -> None:
    """Whole lines and whole values, and it is said how many lines."""
    found = output(*(result(f"service-{number}", DOWN, reasons=(REASON,)) for number in range(500)))
    assert 10 < len(found.long_text) < 100
    assert found.long_text[-2].endswith(" more lines")
    assert found.values["service-0"].value == 0.0415
    assert "service-499" not in found.values


def test_verbose() -> None:
    """All that was found out, of all services."""
    run = run_of(result(timings=Timings(wait=0.041)), result("auth", DOWN, reasons=(REASON,)))
    shown = render(run, Appearance(verbose=True))
    assert "\nOK: Brain (brain): HTTP 200\n  wait 41 ms\n  status=200\n" in shown
    assert "\n  expected: status: 200\n  met: 503\n  why: " in shown


def test_what_could_not_be_checked() -> None:
    """The first line of an error in the status line, the others beneath it; none of them can begin performance data."""
    assert not_checked("a.toml:3: bad | 'x'=1\n\nb.toml: worse | <b>") == (
        "HEALTHMON UNKNOWN - a.toml:3: bad ¦ 'x'=1\nb.toml: worse ¦ ‹b›\n"
    )
    many = not_checked("\n".join(f"services.toml:{number}: wrong" for number in range(1000)))
    assert len(many) < 5000
    assert many.splitlines()[-1].endswith(" more lines")
    assert read(not_checked("")[:-1] + "?\n").state == "UNKNOWN"


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_breaks_out(text: str) -> None:
    """Not as a line, a value or a tag; nor in an error."""
    run = run_of(hostile_result(text), hostile_result(text, UP, id_="auth"), host=text)
    found = read(render(run, Appearance(verbose=True)))
    assert found.state == "CRITICAL"
    assert set(found.values) == {"brain", "auth", "run time", *(f"services {one}" for one in [*Verdict, "healthy"])}
    assert read(not_checked(text or "-")).values == {}


@given(runs(), st.booleans(), st.booleans())
def test_any_run_is_a_plugins_output(run: Run, verbose: bool, strict: bool) -> None:
    """By the guidelines, and as healthmon's own probe for plugins reads it."""
    shown = render(run, Appearance(verbose=verbose, strict=strict))
    found = read(shown)
    assert list(nagios.STATUSES) == [*range(len(probe.STATES))]
    assert found.state == probe.STATES[exit_status(run, strict=strict)]
    assert len(found.text) + len(f"HEALTHMON {found.state} - ") < 80
    own = probe.read(shown)
    assert own.text == f"HEALTHMON {found.state} - {found.text}"
    known = {label: value for label, value in found.values.items() if value.value is not None}
    assert {perf.label: perf.value for perf in own.perf} == {label: value.value for label, value in known.items()}
    assert {perf.label: perf.warn for perf in own.perf} == {label: value.warn for label, value in known.items()}
