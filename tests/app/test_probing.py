"""What is imported before the first check."""

import asyncio
from typing import Any

import pytest
from msgspec import structs

from healthmon.app.once import RunLimits, check_all
from healthmon.core.model import Address, Cause, Verdict
from healthmon.net.network import Network
from healthmon.net.trace import Trace
from healthmon.probes import PROBES
from tests.make import service


def test_a_library_that_cannot_be_used_ends_no_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the service that needs it is not found out; the others are checked."""
    prepared: list[str] = []

    def fail() -> None:
        prepared.append("redis")
        raise ImportError("half installed", name="redis")

    async def fail_again(*_: Any) -> None:
        raise ImportError("half installed", name="redis")

    async def answer(service: Any, network: Network, trace: Trace) -> None:
        trace.fact("status", 200)

    monkeypatch.setitem(PROBES, "redis", structs.replace(PROBES["redis"], prepare=fail, run=fail_again))
    monkeypatch.setitem(PROBES, "http", structs.replace(PROBES["http"], run=answer))
    services = [
        service("cache", address=Address("redis", "127.0.0.1", 6379, explicit=True)),
        service("web"),
    ]

    run, signal = asyncio.run(check_all(services, host=None, limits=RunLimits()))

    assert (signal, prepared) == (None, ["redis"])
    assert [(result.verdict, result.cause) for result in run.results] == [
        (Verdict.UNKNOWN, Cause.LOCAL),
        (Verdict.UP, None),
    ]
    assert run.results[0].message == (
        "the library redis cannot be used (half installed); run pip install 'healthmon[redis]'"
    )
