"""The log for programs, key by key."""

import json
from typing import Any

from healthmon.core.model import Verdict
from healthmon.core.notices import Notice, Severity
from healthmon.core.state import Transition
from healthmon.logs.json import CheckLine, NoticeLine, TransitionLine, render
from tests.make import result, service

BRAIN = service(
    "brain", name="Brain AI Gateway", group="core", hint="docker logs brain", runbook="https://wiki.example/"
)
AT = 1_769_860_800.25


def transition(**keys: Any) -> Transition:
    """A service that went down."""
    wanted = {
        "before": Verdict.UP,
        "after": Verdict.DOWN,
        "at": AT,
        "lasted": 7_512.12345,
        "result": result(verdict=Verdict.DOWN, service=BRAIN),
        "blocked_by": None,
        "flapping": False,
        **keys,
    }
    return Transition(service=BRAIN, **wanted)


def test_a_transition() -> None:
    """All keys, with their types."""
    assert json.loads(render(transition(), 0.0)) == {
        "time": "2026-01-31T12:00:00.250Z",
        "severity": "error",
        "event": "transition",
        "service": "brain",
        "name": "Brain AI Gateway",
        "group": "core",
        "url": "http://127.0.0.1:8001/health",
        "before": "up",
        "after": "down",
        "cause": "status",
        "message": "HTTP 503, expected 200 or 302",
        "blocked_by": None,
        "freed_from": None,
        "flapping": False,
        "alarm": True,
        "lasted": 7512.123,
        "explanation": "The service, or a proxy in front of it, says that it cannot serve now: it is starting, "
        "overloaded, or lacks something that it needs.",
        "next_step": "See what it says with `curl -i http://127.0.0.1:8001/health`. Hint: docker logs brain",
        "runbook": "https://wiki.example/",
    }


def test_what_does_not_apply_is_null() -> None:
    """Not absent."""
    first = json.loads(
        render(transition(before=Verdict.UNKNOWN, after=Verdict.UP, lasted=None, result=result(service=BRAIN)), 0.0)
    )
    assert list(first) == list(TransitionLine.__struct_fields__)
    assert (first["lasted"], first["cause"], first["next_step"], first["explanation"]) == (None, None, None, None)


def test_a_blocked_service() -> None:
    """Is no alarm, and its next step is its root."""
    met = json.loads(render(transition(blocked_by="postgres"), 0.0))
    assert (met["alarm"], met["severity"], met["blocked_by"]) == (False, "warning", "postgres")
    assert (met["explanation"], met["next_step"]) == (None, "Look at postgres first: brain depends on it.")


def test_a_check() -> None:
    """Told after it began."""
    met = json.loads(render(result(service=service("brain", name="brain")), AT))
    assert list(met) == list(CheckLine.__struct_fields__)
    assert met == {
        "time": "2026-01-31T12:00:00.250Z",
        "severity": "debug",
        "event": "check",
        "service": "brain",
        "name": "brain",
        "group": None,
        "verdict": "up",
        "cause": None,
        "message": "HTTP 200",
        "blocked_by": None,
        "started": "2026-01-31T12:00:00.000Z",
        "duration": 0.0415,
        "attempts": 1,
    }


def test_a_notice() -> None:
    """With its details as they are."""
    notice = Notice(Severity.WARNING, "log_dropped", "Lines\tare lost.", {"lines": 3, "file": "a\nb", "rate": 0.5})
    met = json.loads(render(notice, AT))
    assert list(met) == list(NoticeLine.__struct_fields__)
    assert met == {
        "time": "2026-01-31T12:00:00.250Z",
        "severity": "warning",
        "event": "log_dropped",
        "message": "Lines are lost.",
        "details": {"lines": 3, "file": "a b", "rate": 0.5},
    }
