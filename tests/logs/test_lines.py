"""What holds of every line, whatever is told and in whatever format."""

import json
import re
import unicodedata
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healthmon.core.model import Cause, Fact, Result, Service, Verdict
from healthmon.core.notices import Notice, Severity
from healthmon.core.state import Transition
from healthmon.logs import FORMATS, Event, renderer
from tests.make import result, service

SECRET = 's3cr"et/ päss\\word'
# What breaks lines and terminals stands beside what nobody expects.
texts = st.text(st.one_of(st.sampled_from('\n\r\x1b\x85\u2028\u202e\0"\\<>…✓ ab'), st.characters()), max_size=80)
leaky = st.one_of(texts, st.builds("{}{}{}".format, texts, st.just(SECRET), texts))


@st.composite
def services(draw: st.DrawFn) -> Service:
    """A service whose texts its owner has filled with anything, a secret among it."""
    return service(
        "brain",
        name=draw(leaky),
        shown_url=draw(leaky),
        group=draw(st.none() | leaky),
        hint=draw(st.none() | leaky),
        runbook=draw(st.none() | leaky),
        labels=draw(st.dictionaries(st.just("container"), leaky)),
        secrets=frozenset({SECRET}),
        failure_threshold=draw(st.integers(1, 3)),
        success_threshold=draw(st.integers(1, 3)),
    )


@st.composite
def results(draw: st.DrawFn) -> Result:
    """A result whose message is not clean, which would be a fault elsewhere."""
    verdict = draw(st.sampled_from(Verdict))
    return result(
        verdict=verdict,
        service=draw(services()),
        cause=None if verdict is Verdict.UP else draw(st.sampled_from(Cause)),
        message=draw(leaky),
        facts=(Fact("status", draw(st.integers(100, 599))),),
        blocked_by=draw(st.none() | texts),
        duration=draw(st.floats(0, 1e6)),
    )


@st.composite
def transitions(draw: st.DrawFn) -> Transition:
    """A change of any kind."""
    met = draw(results())
    return Transition(
        service=met.service,
        before=draw(st.sampled_from(Verdict)),
        after=met.verdict,
        at=draw(st.floats(0, 4e9)),
        lasted=draw(st.none() | st.floats(-1e9, 1e9)),
        result=met,
        blocked_by=draw(st.none() | texts),
        flapping=draw(st.booleans()),
    )


scalars = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats() | texts
notices = st.builds(Notice, st.sampled_from(Severity), texts, texts, st.dictionaries(texts, scalars, max_size=3))
events = st.one_of(transitions(), results(), notices)


@given(events, st.sampled_from(sorted(FORMATS)), st.sampled_from(["utf-8", "latin-1", "ascii", None, "nonsense"]))
def test_an_event_is_one_line(event: Event, name: str, encoding: str | None) -> None:
    """That a terminal shows as it is."""
    line = renderer(name, encoding)(event, 0.0)
    text = line.decode("latin-1" if encoding == "latin-1" and name != "json" else "utf-8")
    assert text.endswith("\n")
    assert text[:-1].splitlines() == [text[:-1]]
    assert not {unicodedata.category(character) for character in text[:-1]} & {"Cc", "Cf", "Zl", "Zp"}


@given(events)
def test_no_line_tells_a_secret(event: Event) -> None:
    """Not as it is, and not as JSON writes it."""
    lines = [render(event, 0.0) for render in FORMATS.values()]
    assert not [line for line in lines if SECRET in line or json.dumps(SECRET, ensure_ascii=False)[1:-1] in line]
    assert not [line for line in lines if "s3cr" in line]


@given(events, st.sampled_from(["utf-8", "ascii", "latin-1"]))
def test_a_json_line_is_json(event: Event, encoding: str) -> None:
    """With the keys that every line has."""
    met: Mapping[str, Any] = json.loads(renderer("json", encoding)(event, 0.0))
    assert {"time", "severity", "event", "message"} <= set(met)


@given(events)
def test_a_journal_line_is_a_text_line_with_a_priority_for_a_time(event: Event) -> None:
    """From error to debug."""
    priority, text = FORMATS["journal"](event, 0.0).split(">", 1)
    assert re.fullmatch("<[34567]", priority)
    assert FORMATS["text"](event, 0.0).split(" ", 1)[1] == text


@pytest.mark.parametrize(
    ("before", "after", "blocked_by", "priority"),
    [
        (Verdict.UP, Verdict.DOWN, None, 3),
        (Verdict.UNKNOWN, Verdict.DOWN, None, 3),
        (Verdict.DOWN, Verdict.DOWN, None, 3),
        (Verdict.UP, Verdict.DOWN, "postgres", 4),
        (Verdict.UP, Verdict.DEGRADED, None, 4),
        (Verdict.UP, Verdict.UNKNOWN, None, 4),
        (Verdict.DOWN, Verdict.UP, None, 5),
        (Verdict.UNKNOWN, Verdict.UP, None, 6),
    ],
)
def test_priorities_of_transitions(before: Verdict, after: Verdict, blocked_by: str | None, priority: int) -> None:
    """What wakes somebody up, what is to be looked at, what is good to know."""
    met = result(verdict=after)
    transition = Transition(
        service=met.service,
        before=before,
        after=after,
        at=0.0,
        lasted=None,
        result=met,
        blocked_by=blocked_by,
        flapping=False,
    )
    assert FORMATS["journal"](transition, 0.0).startswith(f"<{priority}>{after.upper()} ")


@pytest.mark.parametrize(("severity", "priority"), [("error", 3), ("warning", 4), ("info", 6)])
def test_priorities_of_notices_and_checks(severity: str, priority: int) -> None:
    """A notice says itself how much it matters; a check matters least."""
    assert FORMATS["journal"](Notice(Severity(severity), "a", "b"), 0.0) == f"<{priority}>{severity.upper()} b [a]"
    assert FORMATS["journal"](result(), 0.0).startswith("<7>CHECK ")
