"""What programs read, key by key."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from healthmon.core.document import checked_document, moment, result_document, seconds, watched_document
from healthmon.core.model import Cause, Fact, Level, Reason, Timings, Verdict
from healthmon.core.state import State, Watched
from tests.make import result, service


def test_a_service_that_is_down() -> None:
    """State and last result stand beside each other; they need not agree."""
    owner = service(
        name="Brain AI Gateway", group="core", phase=2, url="http://u:s3cret@h/", shown_url="http://u:***@h/"
    )
    watched = Watched(
        service=owner,
        state=State(
            verdict=Verdict.DOWN,
            since=1_769_860_800.1234,
            cause=Cause.REFUSED,
            message="connection refused",
            blocked_by="postgres",
            leaning=Verdict.UP,
            flapping=True,
            in_maintenance=True,
        ),
        result=result(
            service=owner,
            verdict=Verdict.DEGRADED,
            cause=Cause.LATENCY,
            message="HTTP 200, 2.4 s, expected at most 2 s",
            reasons=(Reason("latency", "at most 2 s", "2.4 s", Level.WARN),),
            facts=(Fact("status", 200),),
            timings=Timings(connect=0.00030000004, wait=2.4),
            duration=2.40000000001,
        ),
    )
    met = msgspec.json.decode(msgspec.json.encode(watched_document(watched)))
    next_step = met["last_result"].pop("next_step")
    assert isinstance(next_step, str)
    assert met == {
        "id": "brain",
        "name": "Brain AI Gateway",
        "group": "core",
        "phase": 2,
        "url": "http://u:***@h/",
        "state": {
            "verdict": "down",
            "since": "2026-01-31T12:00:00.123Z",
            "pending": "up",
            "cause": "refused",
            "message": "connection refused",
            "blocked_by": "postgres",
            "flapping": True,
            "in_maintenance": True,
        },
        "last_result": {
            "verdict": "degraded",
            "cause": "latency",
            "message": "HTTP 200, 2.4 s, expected at most 2 s",
            "started": "2026-01-31T12:00:00.000Z",
            "duration": 2.4,
            "timings": {"resolve": None, "connect": 0.0003, "tls": None, "wait": 2.4, "transfer": None},
            "attempts": 1,
            "facts": {"status": 200},
            "reasons": [{"expectation": "latency", "expected": "at most 2 s", "actual": "2.4 s", "level": "warn"}],
            "blocked_by": None,
        },
    }


def test_a_service_that_was_never_checked() -> None:
    """Null, not absent."""
    met = watched_document(Watched(service=service(), state=State(), result=None))
    assert (met["state"]["verdict"], met["state"]["since"], met["last_result"]) == ("unknown", None, None)


def test_an_entry_of_the_report_is_the_service_and_its_result() -> None:
    """The same keys, the service's first."""
    met = checked_document(result())
    assert list(met)[:5] == ["id", "name", "group", "phase", "url"]
    assert {key: met[key] for key in list(met)[5:]} == result_document(result())


@pytest.mark.parametrize(
    ("since_epoch", "text"),
    [
        (0.0, "1970-01-01T00:00:00.000Z"),
        (1_769_860_800.9999, "2026-01-31T12:00:00.999Z"),
        (-1.0, "1969-12-31T23:59:59.000Z"),
    ],
)
def test_moments(since_epoch: float, text: str) -> None:
    """To the millisecond, in UTC whatever this machine's zone is."""
    assert moment(since_epoch) == text


@given(st.none() | st.floats(min_value=0, max_value=1e6))
def test_durations_are_to_the_microsecond(duration: float | None) -> None:
    """And None stays None."""
    met = seconds(duration)
    if duration is None:
        assert met is None
    else:
        assert met == pytest.approx(duration, abs=5.01e-7)
