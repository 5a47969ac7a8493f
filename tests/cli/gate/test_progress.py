"""The progress of waiting, on a loop whose time jumps; on real terminals it is seen in tests/terminal."""

import asyncio
import io
from collections.abc import Callable

from healthmon.cli.gate.progress import WaitProgress
from healthmon.core.waiting import Goal, Progress
from healthmon.reports.contract import Appearance
from healthmon.testing import run_jumping
from tests.cli.waiting import DOWN, UP, waited
from tests.make import service

SERVICES = [service("brain"), service("auth")]


def shown(*events: tuple[float, Progress], until: float, live: bool, count: int = 2) -> str:
    """What was written until a moment, with progress made at others."""
    stream = io.StringIO()

    async def main() -> None:
        loop = asyncio.get_running_loop()
        services = SERVICES if count == len(SERVICES) else [service(f"s{number}") for number in range(count)]
        progress = WaitProgress(stream, services, Goal(), 120.0, appearance=Appearance(), live=live, clock=loop.time)
        async with progress:
            for at, one in events:
                tell: Callable[[Progress], None] = progress
                loop.call_at(at, tell, one)
            await asyncio.sleep(until)

    run_jumping(main)
    return stream.getvalue()


def test_well_at_once() -> None:
    """Is nothing to tell, in either way."""
    events = [(0.1, waited("brain", UP)), (0.1, waited("auth", UP))]
    assert shown(*events, until=0.2, live=False) == ""
    assert shown(*events, until=0.2, live=True) == ""


def test_changes_and_heartbeats() -> None:
    """A line for each change, and how things stand each 30 s; the last change is not lost at the end."""
    events = [(1.0, waited("brain", DOWN)), (61.1, waited("brain", DOWN, UP))]
    assert shown(*events, until=61.2, live=False).splitlines() == [
        "Waiting for 2 services to be healthy, up to 2 min",
        "✗ brain: HTTP 503, expected 200 or 302 [status]",
        "Waiting for 2 of 2, 30 s of 2 min: brain (HTTP 503), auth (first check under way)",
        "Waiting for 2 of 2, 60 s of 2 min: brain (HTTP 503), auth (first check under way)",
        "✓ brain: healthy after 2 s, 2 checks",
    ]


def test_the_deadline_itself_is_no_news() -> None:
    """Right after it the report tells how things stand."""
    lines = shown((1.0, waited("brain", DOWN)), until=120.4, live=False).splitlines()
    assert [line.split(":")[0] for line in lines[2:]] == [f"Waiting for 2 of 2, {at} s of 2 min" for at in (30, 60, 90)]


def test_very_many_changes() -> None:
    """Are not all told."""
    events = [(0.1, waited(f"s{number}", DOWN)) for number in range(200)]
    lines = shown(*events, until=0.3, live=False, count=200).splitlines()
    assert (len(lines), lines[-1]) == (51, "... and 151 more changes")
