"""A test suite in JUnit's XML, whatever its cases are of, and how the format writes times."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from healthmon import __version__
from healthmon.core.safe_text import clean

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_COUNTED = {"failures": "failure", "errors": "error", "skipped": "skipped"}


def suite(name: str, cases: Sequence["Element"], *, seconds: float, began: float, host: str | None) -> "Element":
    """A suite of these cases, which it counts.

    Args:
        name: Its name.
        cases: The test cases.
        seconds: How long they took.
        began: When the first began, in seconds since the epoch.
        host: Where the services are, if that is one host.
    """
    from xml.etree import ElementTree as ET

    made = ET.Element("testsuite", name=name, tests=str(len(cases)))
    for total, tag in _COUNTED.items():
        made.set(total, str(sum(case.find(tag) is not None for case in cases)))
    made.set("time", span(seconds))
    made.set("timestamp", _moment(began))
    if host is not None:
        made.set("hostname", clean(host))
    ET.SubElement(ET.SubElement(made, "properties"), "property", name="healthmon", value=__version__)
    made.extend(cases)
    return made


def span(duration: float) -> str:
    """Seconds, to the millisecond. A clock that was set back makes none negative."""
    return f"{max(0.0, duration):.3f}"


def _moment(since_epoch: float) -> str:
    """A moment in UTC, without a zone: the older readers of the format refuse one."""
    return datetime.fromtimestamp(since_epoch, UTC).strftime("%Y-%m-%dT%H:%M:%S")
