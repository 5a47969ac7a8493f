"""The report as TAP, the Test Anything Protocol, version 14: a test point a service.

Of a rollout there are besides one for its outcome and one a phase, before them.

Source: https://testanything.org/tap-version-14-specification.html.
"""

from collections.abc import Iterator

from healthmon.core.model import Result, Verdict
from healthmon.core.run import Run
from healthmon.core.safe_text import clean
from healthmon.reports.account import account, latency, measured
from healthmon.reports.contract import LONG, Appearance
from healthmon.reports.rollouts import tap as rollout_tap
from healthmon.reports.standing import message, standing, title
from healthmon.reports.tap_point import Point, quoted
from healthmon.reports.waiting import down_as_wanted


def render(run: Run, appearance: Appearance) -> str:
    """Render a run as a TAP document.

    What could not be checked is `not ok`: with a directive, SKIP or TODO, it would pass.
    """
    points = [] if appearance.rollout is None else rollout_tap.points(appearance.rollout)
    points += [_point(result, run, appearance) for result in run.results]
    lines = ["TAP version 14", f"1..{len(points)}"]
    for number, point in enumerate(points, start=1):
        lines += point.lines(number)
    return "".join(f"{line}\n" for line in lines)


def _point(result: Result, run: Run, appearance: Appearance) -> Point:
    return Point(
        title=title(result),
        message=message(result, run),
        verdict=standing(result, run, strict=appearance.strict),
        facts=list(_facts(result)),
        details=_details(result, run, appearance),
    )


def _facts(result: Result) -> Iterator[tuple[str, str]]:
    """What is told of a service, as keys and values in YAML."""
    service = result.service
    yield "verdict", result.verdict
    if result.cause is not None:
        yield "cause", result.cause
    yield "id", quoted(clean(service.id))
    yield "url", quoted(clean(service.shown_url, service.secrets))
    yield "seconds", f"{latency(result):.6f}"


def _details(result: Result, run: Run, appearance: Appearance) -> list[tuple[str, str]]:
    """What a person reads to mend it, and with `verbose` what was measured, each with its label."""
    lines: list[tuple[str, str]] = []
    if result.verdict is not Verdict.UP and not down_as_wanted(result, run):
        lines += account(result)
    if appearance.verbose:
        lines += [("measured", clean(text, result.service.secrets, LONG)) for text in measured(result)]
    return lines
