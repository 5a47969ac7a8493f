"""The report as TAP, the Test Anything Protocol, version 14: a test point a service.

Source: https://testanything.org/tap-version-14-specification.html.
"""

import re
from collections.abc import Iterator

from healthmon.core.model import Result, Verdict
from healthmon.core.run import Run
from healthmon.core.safe_text import clean
from healthmon.reports.account import account, latency, measured
from healthmon.reports.contract import Appearance
from healthmon.reports.standing import message, standing, title
from healthmon.reports.waiting import wanted

_SEVERITIES = {Verdict.UP: "ok", Verdict.DEGRADED: "warning", Verdict.DOWN: "fail", Verdict.UNKNOWN: "error"}
_LONG = 10_000  # characters: all facts of a service


def render(run: Run, appearance: Appearance) -> str:
    """Render a run as a TAP document.

    What could not be checked is `not ok`: with a directive, SKIP or TODO, it would pass.
    """
    lines = ["TAP version 14", f"1..{len(run.results)}"]
    for number, result in enumerate(run.results, start=1):
        verdict = standing(result, run, strict=appearance.strict)
        status = "ok" if verdict.healthy else "not ok"
        lines += [f"{status} {number} - {_description(title(result))}", "  ---"]
        for key, text in _diagnostic(result, verdict, run):
            lines.append(f"  {key}: {text}")
        details = _details(result, run, appearance)
        if details:
            # Perl's reader takes a text in a list for a key where it begins with a word and a colon.
            lines += ["  details:", *(f"    - {key}: {_quoted(text)}" for key, text in details)]
        lines.append("  ...")
    return "".join(f"{line}\n" for line in lines)


def _description(text: str) -> str:
    r"""A text with ``\`` and ``#`` escaped.

    Consumers that are older than version 14 know no escapes. So that they see no directive either, a ``#`` before what
    could be one is another character that looks like it.
    """
    text = re.sub(r"#(?=\s*(?:todo|skip))", "\N{FULLWIDTH NUMBER SIGN}", text, flags=re.IGNORECASE)
    return re.sub(r"([\\#])", r"\\\1", text)


def _diagnostic(result: Result, verdict: Verdict, run: Run) -> Iterator[tuple[str, str]]:
    """The YAML beneath a test point, as keys and values."""
    service = result.service
    yield "message", _quoted(message(result, run))
    yield "severity", _SEVERITIES[verdict]
    yield "verdict", result.verdict
    if result.cause is not None:
        yield "cause", result.cause
    yield "id", _quoted(clean(service.id))
    yield "url", _quoted(clean(service.shown_url, service.secrets))
    yield "seconds", f"{latency(result):.6f}"


def _details(result: Result, run: Run, appearance: Appearance) -> list[tuple[str, str]]:
    """What a person reads to mend it, and with `verbose` what was measured, each with its label."""
    lines: list[tuple[str, str]] = []
    if result.verdict is not Verdict.UP and not wanted(result, run):
        lines += account(result)
    if appearance.verbose:
        lines += [("measured", clean(text, result.service.secrets, _LONG)) for text in measured(result)]
    return lines


def _quoted(text: str) -> str:
    """A line of printable text as YAML in double quotes, which needs no escapes but these."""
    return '"' + re.sub(r'(["\\])', r"\\\1", text) + '"'
