"""The page on troubleshooting tells of every failure, and of no other, in the words of the reports."""

import re

from healthmon.core.advice.causes import CAUSES, OF_SCHEMES, WITHOUT_PORT
from healthmon.core.advice.statuses import STATUSES
from healthmon.core.advice.symptoms import SYMPTOMS
from healthmon.core.model import Cause
from tests.documents.troubleshooting import PAGE, written

TEXT = PAGE.read_text(encoding="utf-8")


def _named(heading: str) -> list[str]:
    """The first cells of the tables beneath a heading."""
    section = TEXT.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return re.findall(r"^\| `([^`]+)` \|", section, re.MULTILINE)


def test_the_page_is_current() -> None:
    """`python -m tests.documents.troubleshooting` writes it."""
    assert written(TEXT) == TEXT


def test_every_failure_is_on_the_page() -> None:
    """Each cause, each status and each symptom that is explained, and no other."""
    assert _named("Causes") == [cause.value for cause in Cause] == [cause.value for cause in CAUSES]
    assert _named("HTTP statuses") == [str(status) for status in STATUSES]
    assert _named("What has no port") == [cause.value for cause in WITHOUT_PORT]
    assert _named("What some schemes tell otherwise") == [
        f"{scheme}: {cause}" for scheme, own in OF_SCHEMES.items() for cause in own
    ]
    assert sorted(_named("Symptoms")) == sorted(SYMPTOMS)


def test_no_word_is_left_in_braces() -> None:
    """But what commands need."""
    assert set(re.findall(r"\{(\w+)\}", TEXT)) == set()
