"""What the table knows; how it looks on a terminal is seen in tests/terminal."""

import asyncio
import io
from collections.abc import Sequence

from healthmon.cli.terminal.keys import Key
from healthmon.cli.watching.live import Live
from healthmon.core.model import Cause, Result, Verdict
from healthmon.core.run import Run
from healthmon.reports.contract import Appearance
from tests.make import result, service

SERVICES = [service("brain", name="Brain"), service("auth", name="Auth"), service("crm", name="CRM")]


def live(ended: asyncio.Event) -> Live:
    """The table of three services, in 80 columns and 24 lines."""
    return Live(io.StringIO(), SERVICES, host=None, config="services.toml", appearance=Appearance(), end=ended.set)


def met(id_: str, verdict: Verdict = Verdict.UP) -> Result:
    """The result of a check of one of them."""
    return result(service=next(one for one in SERVICES if one.id == id_), verdict=verdict)


def run(*results: Result) -> Run:
    """A round."""
    return Run(started=0.0, duration=0.1, host=None, results=results)


def rows(table: Live) -> list[str]:
    """The signs and names of the rows."""
    return [" ".join(line.split()[:2]) for line in table.lines()[3:6]]


async def test_results_are_shown_as_they_come() -> None:
    """And counted."""
    table = live(asyncio.Event())
    table.began()
    table.checked(met("auth", Verdict.DOWN))
    assert table.lines()[1] == "Healthy: 0/3 · checking, 1 of 3 done"
    assert rows(table) == ["· Brain", "✗ Auth", "· CRM"]
    table.checked(met("brain"))
    table.checked(met("crm"))
    table.ended(run(met("brain"), met("auth", Verdict.DOWN), met("crm")), 4.5)
    assert table.lines()[1].startswith("Healthy: 2/3 · next check in ")
    table.began()
    table.checked(met("auth"))
    assert table.lines()[1] == "Healthy: 3/3 · checking, 1 of 3 done"
    table.checked(met("auth", Verdict.DOWN))
    assert table.lines()[1].startswith("Healthy: 2/3")


async def test_rows_move_at_the_end_of_a_round() -> None:
    """Not while it is under way; and when a key asks for it."""
    table = live(asyncio.Event())
    table.press(Key.SORT)
    table.checked(met("auth", Verdict.DOWN))
    assert rows(table) == ["· Brain", "✗ Auth", "· CRM"]
    table.checked(met("brain"))
    table.checked(met("crm"))
    table.ended(run(met("brain"), met("auth", Verdict.DOWN), met("crm")), 5.0)
    assert rows(table) == ["✗ Auth", "✓ Brain", "✓ CRM"]
    table.press(Key.FAILURES)
    assert rows(table) == ["✗ Auth", "", ""]


async def test_what_the_deadline_cut_short() -> None:
    """Is unknown, and counted once."""
    table = live(asyncio.Event())
    table.began()
    table.checked(met("brain"))
    table.checked(met("crm"))
    late = result(service=SERVICES[1], verdict=Verdict.UNKNOWN, cause=Cause.DEADLINE, message="the deadline")
    table.ended(run(met("brain"), late, met("crm")), 5.0)
    assert rows(table) == ["✓ Brain", "? Auth", "✓ CRM"]
    assert table.lines()[1].startswith("Healthy: 2/3")
    assert table.last
    assert table.last.results[1] is late


async def test_the_end() -> None:
    """By a key, or when the terminal is gone."""
    for key in (Key.QUIT, None):
        ended = asyncio.Event()
        live(ended).press(key)
        assert ended.is_set()


async def test_it_is_drawn_when_something_changes() -> None:
    """At once, and not more often than can be seen."""
    table, drawn = live(asyncio.Event()), asyncio.Queue[Sequence[str]]()
    showing = asyncio.create_task(table.show(drawn.put_nowait))
    await drawn.get()
    for _ in range(100):
        table.checked(met("brain"))
        await asyncio.sleep(0)
    assert drawn.empty()
    async with asyncio.timeout(10):
        lines = await drawn.get()
    assert "✓ Brain" in lines[3]
    showing.cancel()
