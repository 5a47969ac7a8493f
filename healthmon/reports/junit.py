"""The report for CI systems: JUnit's XML as Jenkins has it, in the schema junit-10.xsd of its xUnit plugin.

A service is a test case: a *failure* where it is not healthy, an *error* where it could not be checked. A suite is a
group of the config. Jenkins and GitLab sort by the class name, so that tells the group too.
Of a rollout there is a suite besides: its outcome, and its phases.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from healthmon.core.model import Result, Verdict
from healthmon.core.run import Run
from healthmon.core.safe_text import clean
from healthmon.reports import junit_suite
from healthmon.reports.account import account, measured
from healthmon.reports.contract import LONG, Appearance
from healthmon.reports.junit_suite import span
from healthmon.reports.rollouts import junit as rollout_junit
from healthmon.reports.standing import message, standing, title
from healthmon.reports.waiting import down_as_wanted

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element


def render(run: Run, appearance: Appearance) -> str:
    """Render a run as an XML document. Times are in seconds, moments in UTC."""
    from xml.etree import ElementTree as ET  # Takes 3 ms, which other formats need not spend.

    suites, took = list(_suites(run, appearance)), run.duration
    if appearance.rollout is not None:
        suites.insert(0, rollout_junit.suite(appearance.rollout, host=run.host))
        took = appearance.rollout.ended - appearance.rollout.began
    root = ET.Element("testsuites", {"name": "healthmon"})
    for total in ("tests", "failures", "errors"):
        root.set(total, str(sum(int(suite.get(total, "0")) for suite in suites)))
    root.set("time", span(took))
    root.extend(suites)
    ET.indent(root)
    # GitLab, and a plugin of Jenkins, would attach the file that a server's text names so.
    text = ET.tostring(root, encoding="unicode").replace("[[ATTACHMENT", "[ [ATTACHMENT")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def _suites(run: Run, appearance: Appearance) -> Iterator["Element"]:
    groups: dict[str, list[Result]] = {}
    for result in run.results:
        groups.setdefault(_group(result), []).append(result)
    for name, results in groups.items():
        cases = [_case(result, name, run, appearance) for result in results]
        began = min(result.started for result in results)
        yield junit_suite.suite(name, cases, seconds=_elapsed(results), began=began, host=run.host)


def _case(result: Result, group: str, run: Run, appearance: Appearance) -> "Element":
    from xml.etree import ElementTree as ET

    # A dot would make it a package and a class.
    class_name = f"healthmon.{group.replace('.', '_')}"
    case = ET.Element("testcase", name=title(result), classname=class_name, time=span(result.duration))
    verdict = standing(result, run, strict=appearance.strict)
    told = "\n".join(_lines(result, run, appearance))
    if verdict.healthy:
        if told:
            ET.SubElement(case, "system-out").text = told
        return case
    kind = "error" if verdict is Verdict.UNKNOWN else "failure"
    fault = ET.SubElement(case, kind, message=message(result, run), type=result.cause or result.verdict)
    fault.text = told
    return case


def _lines(result: Result, run: Run, appearance: Appearance) -> Iterable[str]:
    """What is told of a service: nothing where it is up, unless it was waited for or all is wanted."""
    if result.verdict is not Verdict.UP or run.wait is not None:
        yield f"{result.verdict}: {message(result, run)}"
    if result.verdict is not Verdict.UP and not down_as_wanted(result, run):
        yield f"url       {clean(result.service.shown_url, result.service.secrets)}"
        for label, text in account(result):
            yield f"{label:<9} {text}"
    if appearance.verbose:
        yield from (clean(text, result.service.secrets, LONG) for text in measured(result))


def _group(result: Result) -> str:
    """The suite of a service: its group; without one its phase."""
    service = result.service
    if service.group:
        return clean(service.group, service.secrets)
    return "services" if service.phase is None else f"phase {service.phase}"


def _elapsed(results: Sequence[Result]) -> float:
    """Seconds from the beginning of the first check to the end of the last: they ran at the same time."""
    return max(one.started + one.duration for one in results) - min(one.started for one in results)
