"""TAP version 14, read by those who know the protocol: tap.py, Perl's, and the specification."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from tap.parser import Parser

from healthmon.core.model import Cause, Level, Reason, Verdict
from healthmon.core.run import Run
from healthmon.reports.contract import Appearance
from healthmon.reports.standing import message, standing, title
from healthmon.reports.tap import render
from tests.make import result, service
from tests.reports.hostile import HOSTILE, hostile_result, run_of, runs

UP, DEGRADED, DOWN, UNKNOWN = Verdict.UP, Verdict.DEGRADED, Verdict.DOWN, Verdict.UNKNOWN
POINT = re.compile(r"(ok|not ok) ([1-9][0-9]*) - ((?:[^\\#]|\\[\\#])*)")


class Point(NamedTuple):
    """A test point."""

    ok: bool
    description: str
    data: Any


def points(shown: str) -> list[Point]:
    """The test points, read as the specification has them; nothing else may stand between them."""
    assert all(char.isprintable() for char in shown.replace("\n", ""))
    version, plan, *lines = shown.removesuffix("\n").split("\n")
    assert version == "TAP version 14"
    found: list[Point] = []
    while lines:
        point = POINT.fullmatch(lines.pop(0))
        assert point, "not a test point, or one with a directive"
        assert int(point[2]) == len(found) + 1
        end = lines.index("  ...")
        assert lines[0] == "  ---"
        assert all(line.startswith("  ") for line in lines[:end])
        data = yaml.safe_load("\n".join(line[2:] for line in lines[1:end]))
        found.append(Point(point[1] == "ok", re.sub(r"\\([\\#])", r"\1", point[3]), data))
        del lines[: end + 1]
    assert plan == f"1..{len(found)}"
    return found


def test_a_document() -> None:
    """What is unknown is not ok and says that it is no failure: a directive would let it pass."""
    brain = service("brain", name="Brain AI Gateway", runbook="https://runbooks.example.com/brain")
    reason = Reason("json status", '"healthy"', '"ill"', Level.EXPECT)
    shown = render(
        run_of(
            result("saleor"),
            result(service=brain, verdict=DOWN, cause=Cause.JSON, message="HTTP 200", reasons=(reason,)),
            result("auth", UNKNOWN, cause=Cause.DEADLINE, message="the deadline came first", blocked_by="brain"),
        ),
        Appearance(),
    )
    assert (
        shown
        == r"""TAP version 14
1..3
ok 1 - Saleor (saleor)
  ---
  message: "HTTP 200"
  severity: ok
  verdict: up
  id: "saleor"
  url: "http://127.0.0.1:8001/health"
  seconds: 0.041500
  ...
not ok 2 - Brain AI Gateway (brain)
  ---
  message: "HTTP 200"
  severity: fail
  verdict: down
  cause: json
  id: "brain"
  url: "http://127.0.0.1:8001/health"
  seconds: 0.041500
  details:
    - expected: "json status: \"healthy\""
    - met: "\"ill\""
    - why: "The service answers, but its JSON does not say what is expected, or is none."
    - next: "Compare the body that `curl -s http://127.0.0.1:8001/health` shows with `expect.json`."
    - runbook: "https://runbooks.example.com/brain"
  ...
not ok 3 - Auth (auth)
  ---
  message: "the deadline came first, blocked by brain"
  severity: error
  verdict: unknown
  cause: deadline
  id: "auth"
  url: "http://127.0.0.1:8001/health"
  seconds: 0.041500
  details:
    - met: "the deadline came first"
    - next: "Look at brain first: auth depends on it."
  ...
"""
    )
    assert [point.ok for point in points(shown)] == [True, False, False]


def test_a_degraded_service_passes_unless_that_counts() -> None:
    """With a severity of its own."""
    run = run_of(result(verdict=DEGRADED))
    assert [(one.ok, one.data["severity"]) for one in points(render(run, Appearance()))] == [(True, "warning")]
    assert not points(render(run, Appearance(strict=True)))[0].ok


def test_verbose_adds_what_was_measured() -> None:
    """Of services that are up, too."""
    (point,) = points(render(run_of(result()), Appearance(verbose=True)))
    assert point.data["details"] == [{"measured": "connect 0.5 ms · wait 41 ms"}, {"measured": "status=200"}]


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_breaks_out(text: str) -> None:
    """Not as a line, a directive, or another value; nor for a reader that knows no escapes."""
    run = run_of(hostile_result(text), hostile_result(text, UP))
    shown = render(run, Appearance(verbose=True))
    assert [point.ok for point in points(shown)] == [False, True]
    # Without its extra for YAML, tap.py shows what a reader sees that knows nothing of diagnostics.
    lines = [line for line in Parser().parse_text(shown) if line.category != "unknown"]
    assert [line.category for line in lines] == ["version", "plan", "test", "test"]
    assert [(line.ok, line.todo, line.skip) for line in lines[2:]] == [(False, False, False), (True, False, False)]


@given(runs(), st.booleans(), st.booleans())
def test_any_run_comes_back(run: Run, verbose: bool, strict: bool) -> None:
    """Each service with its name, its verdict and its message."""
    met = points(render(run, Appearance(verbose=verbose, strict=strict)))
    assert [point.ok for point in met] == [standing(one, run, strict=strict).healthy for one in run.results]
    assert [point.description.replace("＃", "#") for point in met] == [
        title(one).replace("＃", "#") for one in run.results
    ]
    assert [point.data["message"] for point in met] == [message(one, run) for one in run.results]
    assert [point.data["verdict"] for point in met] == [one.verdict for one in run.results]


@pytest.mark.skipif(shutil.which("prove") is None, reason="prove, of Debian's perl, is not there")
@pytest.mark.parametrize("text", ["all is well", *HOSTILE])
def test_perl_reads_it(text: str, tmp_path: Path) -> None:
    """Debian 12's `prove` knows version 13 and no later one; the rest it reads, details included."""
    shown = render(run_of(hostile_result(text), hostile_result(text, UP), result("auth")), Appearance(verbose=True))
    file = tmp_path / "health.tap"
    file.write_text(shown.replace("version 14", "version 13", 1), encoding="utf-8")
    proved = subprocess.run(["prove", "-e", "cat", file], capture_output=True, text=True, check=False)
    assert "Failed test:  1" in proved.stdout
    assert "Parse errors" not in proved.stdout
    script = (
        "use TAP::Parser; my $p = TAP::Parser->new({source => shift});"
        "while (my $r = $p->next) { print $r->raw, qq(\\n) if $r->is_unknown;"
        "print $r->data->{verdict}, q( ), scalar @{$r->data->{details}}, qq(\\n) if $r->is_yaml }"
        "print join(q( ), $p->passed, q(:), $p->failed, q(:), $p->todo, $p->skipped, $p->parse_errors), qq(\\n)"
    )
    read = subprocess.run(["perl", "-e", script, file], capture_output=True, text=True, check=True).stdout.splitlines()
    assert [line.split()[0] for line in read[:-1]] == ["down", "up", "up"]
    assert read[-1].strip() == "2 3 : 1 :"


@pytest.mark.skipif(shutil.which("prove") is None, reason="prove, of Debian's perl, is not there")
def test_prove_passes_what_is_well(tmp_path: Path) -> None:
    """With its exit status."""
    file = tmp_path / "health.tap"
    file.write_text(render(run_of(result(), result("auth")), Appearance()).replace("14", "13", 1), encoding="utf-8")
    proved = subprocess.run(["prove", "-e", "cat", file], capture_output=True, text=True, check=False)
    assert (proved.returncode, "All tests successful." in proved.stdout) == (0, True)
