"""What came of a rollout, for CI systems: a test suite beside those of its services."""

from typing import TYPE_CHECKING

from healthmon.core.model import Verdict
from healthmon.core.safe_text import clean
from healthmon.reports import junit_suite
from healthmon.reports.contract import LONG
from healthmon.reports.junit_suite import span
from healthmon.reports.rollouts.upshot import Row, Upshot

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_NAME = "rollout"
_CLASS = f"healthmon.{_NAME}"


def suite(upshot: Upshot, *, host: str | None) -> "Element":
    """A case for the outcome, so that one is red whenever the exit code is not 0, and one a phase."""
    cases = [_outcome(upshot), *(_phase(row, upshot) for row in upshot.rows)]
    return junit_suite.suite(_NAME, cases, seconds=upshot.ended - upshot.began, began=upshot.began, host=host)


def _outcome(upshot: Upshot) -> "Element":
    from xml.etree import ElementTree as ET

    case = ET.Element("testcase", name="outcome", classname=_CLASS, time=span(upshot.ended - upshot.began))
    told = "\n".join(f"{label:<9} {clean(text, limit=LONG)}" for label, text in upshot.told)
    headline = clean(upshot.headline, limit=LONG)
    if upshot.verdict is Verdict.UP:
        ET.SubElement(case, "system-out").text = headline
        return case
    kind = "error" if upshot.verdict is Verdict.UNKNOWN else "failure"
    ET.SubElement(case, kind, message=headline, type=upshot.end).text = told
    return case


def _phase(row: Row, upshot: Upshot) -> "Element":
    from xml.etree import ElementTree as ET

    case = ET.Element("testcase", name=clean(row.title), classname=_CLASS, time=span(row.seconds))
    result = clean(row.result, limit=LONG)
    match row.verdict:
        case None:
            ET.SubElement(case, "skipped", message=result)
        case Verdict.UP:
            ET.SubElement(case, "system-out").text = result
        case verdict:
            kind = "error" if verdict is Verdict.UNKNOWN else "failure"
            fault = ET.SubElement(case, kind, message=result, type=upshot.end)
            fault.text = "\n".join(clean(f"{label}: {line}", limit=LONG) for label, line in row.account)
    return case
