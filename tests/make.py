"""Builds the frozen types for tests, with what does not matter filled in."""

from typing import Any

from healthmon.core.expectations import Expectations, StatusRange
from healthmon.core.model import Address, Body, Cause, Fact, Failure, Outcome, Result, Service, Stage, Timings, Verdict

OK = Expectations(status=(StatusRange(200, 200), StatusRange(302, 302)))


def service(id_: str = "brain", **keys: Any) -> Service:
    """A service on port 8001 that expects HTTP 200 or 302."""
    keys = {
        "name": id_.title(),
        "url": "http://127.0.0.1:8001/health",
        "shown_url": "http://127.0.0.1:8001/health",
        "address": Address("http", "127.0.0.1", 8001, explicit=True),
        "options": None,
        "expect": OK,
        "by_hand": "curl -v -m 10 http://127.0.0.1:8001/health",
        **keys,
    }
    return Service(id=id_, **keys)


def outcome(status: int | None = 200, *, body: bytes | Body | None = None, **keys: Any) -> Outcome:
    """An answer that took 41 ms."""
    facts = () if status is None else (Fact("status", status),)
    keys = {"facts": facts, "timings": Timings(connect=0.001, wait=0.040), **keys}
    return Outcome(body=Body(body) if isinstance(body, bytes) else body, **keys)


def failed(cause: Cause, message: str = "it failed", stage: Stage = Stage.CONNECT, **keys: Any) -> Outcome:
    """An outcome without an answer."""
    return outcome(None, failure=Failure(cause, message, stage), **keys)


def result(id_: str = "brain", verdict: Verdict = Verdict.UP, **keys: Any) -> Result:
    """A result that took 41 ms."""
    owner = keys.pop("service", None) or service(id_, depends_on=keys.pop("depends_on", ()))
    keys = {
        "cause": None if verdict is Verdict.UP else Cause.STATUS,
        "message": "HTTP 200" if verdict is Verdict.UP else "HTTP 503, expected 200 or 302",
        "facts": (Fact("status", 200 if verdict is Verdict.UP else 503),),
        "started": 1_769_860_800.0,
        "duration": 0.0415,
        "timings": Timings(connect=0.0005, wait=0.041),
        **keys,
    }
    return Result(service=owner, verdict=verdict, **keys)
