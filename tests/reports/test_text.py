"""The report for people, as whole texts: what a person reads is what is tested."""

from healthmon.core.expectations import Comparison, Expectations, Operator, Selected
from healthmon.core.model import Address, Cause, Fact, Level, Reason, Result, Timings, Verdict
from healthmon.core.run import Run
from healthmon.reports.contract import Appearance
from healthmon.reports.text import render
from tests.make import OK, result, service

UP, DEGRADED, DOWN, UNKNOWN = Verdict.UP, Verdict.DEGRADED, Verdict.DOWN, Verdict.UNKNOWN
STATUS_REASON = Reason("status", "200, 302", "503", Level.EXPECT)


def named(id_: str, name: str, port: int, **keys: object) -> object:
    """A service with a name and a port of its own."""
    url = f"http://127.0.0.1:{port}/health"
    address = Address("http", "127.0.0.1", port, explicit=True)
    return service(id_, name=name, url=url, shown_url=url, address=address, **keys)


def text(*results: Result, host: str | None = "127.0.0.1", appearance: Appearance = Appearance()) -> str:  # noqa: B008
    """The report of a run."""
    return render(Run(started=1_769_860_800.0, duration=0.05, host=host, results=results), appearance)


def test_all_is_well() -> None:
    """The lines that log searches know, and nothing below the summary."""
    assert (
        text(
            result(service=named("saleor", "Saleor E-commerce API", 8000)),
            result(service=named("brain", "Brain AI Gateway", 8001), timings=Timings(wait=2.4)),
        )
        == """\
2026-01-31 12:00:00 UTC · host 127.0.0.1
Testing 8000 - Saleor E-commerce API... ✓ OK (HTTP 200)  42 ms
Testing 8001 - Brain AI Gateway... ✓ OK (HTTP 200)  2.4 s
Summary: Healthy: 2/2
"""
    )


def test_a_failure_its_consequence_and_the_next_step() -> None:
    """What failed because of a root is listed beneath it, and not explained again."""
    redis = service(
        "redis",
        name="Redis",
        url="tcp://127.0.0.1:6380",
        shown_url="tcp://127.0.0.1:6380",
        address=Address("tcp", "127.0.0.1", 6380, explicit=True),
        expect=Expectations(),
    )
    brain = named("brain", "Brain AI Gateway", 8001)
    assert (
        text(
            result(service=brain, verdict=DOWN, reasons=(STATUS_REASON,), blocked_by="redis"),
            result(service=redis, verdict=DOWN, cause=Cause.REFUSED, message="connection refused", facts=()),
        )
        == """\
2026-01-31 12:00:00 UTC · host 127.0.0.1
Testing 8001 - Brain AI Gateway... ✗ FAILED (HTTP 503)  42 ms
Testing 6380 - Redis... ✗ FAILED (connection refused)  42 ms
Summary: Healthy: 0/2

✗ Redis (redis)  tcp://127.0.0.1:6380
    met       connection refused
    why       The host answers, but nothing listens on 127.0.0.1:6380: the process has not started, has exited, or \
listens on another port or address.
    next      On 127.0.0.1, see what listens with `ss -ltnp 'sport = :6380'`.
    needed by Brain AI Gateway (brain): HTTP 503, expected 200 or 302
"""
    )


def test_every_failed_expectation_is_shown() -> None:
    """With what was expected and what was met; warnings are marked, the runbook comes last."""
    owner = service(
        "brain", hint="docker logs brain --tail 50", runbook="https://runbooks.example.com/brain", expect=OK
    )
    slow = Reason("latency", "at most 2 s", "2.4 s", Level.WARN)
    shown = text(result(service=owner, verdict=DOWN, reasons=(STATUS_REASON, slow))).split("\n\n")[1]
    assert (
        shown
        == """\
✗ Brain (brain)  http://127.0.0.1:8001/health
    expected  status: 200, 302
    met       503
    expected  latency: at most 2 s (warning)
    met       2.4 s
    why       The service, or a proxy in front of it, says that it cannot serve now: it is starting, overloaded, or \
lacks something that it needs.
    next      See what it says with `curl -i http://127.0.0.1:8001/health`. Hint: docker logs brain --tail 50
    runbook   https://runbooks.example.com/brain
"""
    )


def test_an_error_page_is_shown_once() -> None:
    """Of an answer with a wrong status no header and no key is as expected: that says nothing new."""
    page = 'not JSON: "<h1>502 Bad Gateway</h1>"'
    missing = Reason("header X-Version", '"2"', "nothing", Level.EXPECT)
    several = tuple(Reason(f"json {key}", "1", page, Level.EXPECT) for key in "ab")

    def met(*reasons: Reason) -> list[str]:
        lines = text(result(verdict=DOWN, reasons=reasons)).splitlines()
        return [line.removeprefix("    met       ") for line in lines if line.startswith("    met")]

    assert met(STATUS_REASON, missing, *several) == ["503", page]
    assert met(missing, *several) == ["nothing", page, page]


def test_the_step_that_failed_is_named() -> None:
    """In the line, too: its status alone would not say where it stopped."""
    facts = (Fact("status", 401), Fact("step", "log in"))
    reason = Reason("status", "200", "401", Level.EXPECT)
    shown = text(result(verdict=DOWN, message="step log in: HTTP 401, expected 200", facts=facts, reasons=(reason,)))
    assert "FAILED (step log in: HTTP 401, expected 200)" in shown
    assert "    step      log in\n    expected  status: 200\n    met       401\n" in shown


def test_each_verdict_has_its_line() -> None:
    """As the design gives them."""
    expect = Expectations(json=(Selected("status", (Comparison(Operator.EQ, "ok"),)),))
    lines = text(
        result("a", UP, message="connected", facts=()),
        result("b", DEGRADED, cause=Cause.LATENCY, message="HTTP 200, 2.4 s, expected at most 2 s"),
        result("c", UNKNOWN, cause=Cause.DEADLINE, message="the deadline of 5 s came first"),
        result("d", DOWN, cause=Cause.JSON, message='HTTP 200, json status: "no", expected "ok"'),
        result(service=service("e", address=Address("https", "example.com", 443, explicit=False), expect=expect)),
        host=None,
    ).splitlines()
    assert lines[0] == "2026-01-31 12:00:00 UTC"
    assert lines[1] == "Testing 8001 - A... ✓ OK (connected)  42 ms"
    assert lines[2] == "Testing 8001 - B... ! DEGRADED (HTTP 200, 2.4 s, expected at most 2 s)  42 ms"
    assert lines[3] == "Testing 8001 - C... ? UNKNOWN (deadline)  42 ms"
    assert lines[4] == 'Testing 8001 - D... ✗ FAILED (HTTP 200, json status: "no", expected "ok")  42 ms'
    assert lines[5] == "Testing https - E... ✓ OK (HTTP 200)  42 ms"
    assert lines[6] == "Summary: Healthy: 3/5"


def test_verbose() -> None:
    """Timings, attempts and facts below each line, where there are any."""
    expires = Fact("certificate_expires", 1_769_860_800.0)
    facts = (Fact("status", 200), Fact("server", "nginx 1.22"), Fact("tls", value=True), expires)
    shown = text(
        result(facts=facts, attempts=2),
        result(verdict=UNKNOWN, cause=Cause.DEADLINE, facts=(), timings=Timings(), attempts=0),
        appearance=Appearance(verbose=True),
    ).splitlines()
    assert shown[2] == "    connect 0.5 ms · wait 41 ms"
    assert shown[1].endswith("42 ms, 2 attempts")
    assert shown[3] == '    status=200 server="nginx 1.22" tls=True certificate_expires=2026-01-31'
    assert shown[4].startswith("Testing 8001")
    assert shown[5].startswith("Summary")


def test_colour_changes_nothing_but_colour() -> None:
    """The text without the sequences is the same."""
    import click

    results = (result(), result("b", DOWN, reasons=(STATUS_REASON,)))
    coloured = text(*results, appearance=Appearance(colour=True))
    assert "\x1b[32m✓ OK\x1b[0m" in coloured
    assert "\x1b[31m✗ FAILED\x1b[0m" in coloured
    assert text(*results) == click.unstyle(coloured)


def test_ascii() -> None:
    """Where nothing else can be written, every sign has another, and none is mistaken for UNKNOWN's."""
    shown = text(result(), result("grün", DOWN), appearance=Appearance(unicode=False))
    assert shown.isascii()
    assert "Testing 8001 - Brain... + OK (HTTP 200)" in shown
    assert "... x FAILED (HTTP 503)" in shown
