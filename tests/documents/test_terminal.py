"""The pictures in docs/terminal.md are what is drawn."""

import re

from msgspec import structs

from healthmon.cli.gate.block import block
from healthmon.cli.gate.lines import Changes, heartbeat, opening
from healthmon.cli.terminal.canvas import Canvas
from healthmon.cli.terminal.keys import Key, read_keys
from healthmon.cli.watching.table import Scene, table
from healthmon.cli.watching.view import View
from healthmon.core.history import History, remember
from healthmon.core.model import Cause, Result, Service, Timings, Verdict
from healthmon.core.waiting import Goal, Progress, advance
from healthmon.demo import SERVICES
from healthmon.reports.contract import Appearance
from healthmon.reports.style import Pen
from tests.conftest import ROOT
from tests.make import result, service

NOON = 1_769_860_806.0  # 2026-01-31 12:00:06 UTC
PAGE = (ROOT / "docs/terminal.md").read_text(encoding="utf-8")
USUAL = [13, 25, 37, 31, 19, 22, 8.8, 43, 59, 28]  # milliseconds
WATCHED = {
    one.id: (service(one.id, name=one.name), usual / 1000)
    for one, usual in zip(sorted(SERVICES, key=lambda one: one.port), USUAL, strict=True)
}
APPEARANCE = Appearance()
FINE = (None, "HTTP 200")
WRONG = (Cause.STATUS, "HTTP 503, expected 200 or 302")
REFUSED = (Cause.REFUSED, "connection refused")
EXPIRED = (Cause.CERTIFICATE, "certificate expired on 2026-01-29")


def met(one: Service, cause: Cause | None, message: str, latency: float, started: float = 0.0) -> Result:
    """A result."""
    verdict = Verdict.DOWN if cause else Verdict.UP
    made = result(service=one, verdict=verdict, timings=Timings(wait=latency), started=started)
    return structs.replace(made, cause=cause, message=message)


FAILED = {"brain": range(38, 42), "crm": range(37, 42), "auth": range(28, 31)}
"""The rounds in which services failed."""


def history(id_: str) -> History:
    """What is remembered of a service after 42 rounds, five seconds apart."""
    (one, usual), remembered = WATCHED[id_], None
    wrong = WRONG if id_ == "brain" else REFUSED
    for number in range(42):
        cause, message = wrong if number in FAILED.get(id_, ()) else FINE
        latency = usual * (3 if (id_, number) == ("wagtail", 38) else 1)
        remembered = remember(remembered, met(one, cause, message, latency, NOON + 5 * number))
    assert remembered
    return remembered


def test_the_table() -> None:
    """In eighty columns."""
    scene = Scene(
        now=NOON + 206,
        host="127.0.0.1",
        config="config/services.toml",
        shown=[one for one, _ in WATCHED.values()],
        histories={id_: history(id_) for id_ in WATCHED},
        view=View(),
        healthy=8,
        total=10,
        checked=None,
        pause=3.2,
    )
    shows(table(scene, Canvas(80, 15, APPEARANCE)))


def after(id_: str, goal: Goal, *checks: tuple[Cause | None, str, float]) -> Progress:
    """How far the waiting for a service has come after these checks: cause, message, and when they ended."""
    one, usual = WATCHED.get(id_) or (service(id_), 0.03)
    progress = Progress(one)
    for cause, message, ended in checks:
        progress = advance(progress, met(one, cause, message, usual), goal, began=ended - usual, ended=ended)
    return progress


def test_the_block() -> None:
    """In eighty columns."""
    goal = Goal(stable=2)
    everyone = {id_: after(id_, goal, (*FINE, usual + 0.008), (*FINE, 1.1)) for id_, (_, usual) in WATCHED.items()}
    everyone["brain"] = after("brain", goal, *[(*WRONG, 1.0)] * 8)
    everyone["auth"] = after("auth", goal, *[(*REFUSED, 1.0)] * 6, (*FINE, 20.0))
    canvas = Canvas(80, 24, APPEARANCE)
    shows(list(block(list(everyone.values()), goal, elapsed=22.0, deadline=120.0, canvas=canvas)))


def test_the_lines() -> None:
    """Each of them is what is told then."""
    goal = Goal()
    changes = Changes(goal, Pen(APPEARANCE))
    wrong = [(*WRONG, 1.0)] * 8
    brain, orders = after("brain", goal, *wrong), after("orders", goal, (*EXPIRED, 1.0))
    others = [after(id_, goal, (*FINE, 1.0)) for id_ in list(WATCHED)[2:]]
    told = [
        opening(len(WATCHED), goal, deadline=120.0),
        changes.line(brain),
        changes.line(orders),
        heartbeat([brain, orders, *others], goal, elapsed=30.0, deadline=120.0),
        changes.line(after("brain", goal, *wrong, (*FINE, 34.2))),
        changes.line(after("brain", goal, *wrong, (*FINE, 34.2), (*REFUSED, 40.0))),
    ]
    shows([line or "" for line in told])


def shows(lines: list[str]) -> None:
    """Check that the page has this picture."""
    picture = "".join(f"{line.rstrip()}\n" for line in lines)
    assert f"```\n{picture}```" in PAGE, picture


def test_every_key_is_explained() -> None:
    """The letters that the page names are keys, and every key is named by one."""
    named = re.findall(r"`([a-zA-Z])`", PAGE.partition("| Key |")[2].partition("\n\n")[0])
    assert all(read_keys(letter.encode())[0] for letter in named)
    assert {read_keys(letter.encode())[0][0] for letter in named} == set(Key) - {Key.PAGE_DOWN}
    assert "space" in PAGE
