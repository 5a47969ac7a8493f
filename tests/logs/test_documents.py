"""docs/logs.md is true: its lines are what is written, its keys and events are the code's."""

import re
from pathlib import Path

from msgspec import Struct

from healthmon.core.model import Address, Cause, Fact, Verdict
from healthmon.core.notices import Notice, Severity
from healthmon.core.state import Transition
from healthmon.engine.recorder import _LIMIT
from healthmon.logs import FORMATS, Event
from healthmon.logs.json import CHECK, TRANSITION, CheckLine, NoticeLine, TransitionLine
from healthmon.logs.severity import Priority
from tests.make import result, service

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs/logs.md").read_text(encoding="utf-8")

BRAIN = service("brain", name="Brain AI Gateway", group="core")
POSTGRES = service(
    "postgres",
    name="PostgreSQL",
    address=Address("tcp", "127.0.0.1", 5432, explicit=True),
    hint="docker logs postgres",
)
NOON = 1_769_860_800.0
ROOT_DOWN = Transition(
    service=POSTGRES,
    before=Verdict.UP,
    after=Verdict.DOWN,
    at=NOON,
    lasted=273_600.0,
    result=result(
        service=POSTGRES, verdict=Verdict.DOWN, cause=Cause.REFUSED, message="connection refused", facts=(Fact("a", 1),)
    ),
    blocked_by=None,
    flapping=False,
)
BLOCKED = Transition(
    service=BRAIN,
    before=Verdict.UP,
    after=Verdict.DOWN,
    at=NOON + 5,
    lasted=7_512.0,
    result=result(service=BRAIN, verdict=Verdict.DOWN),
    blocked_by="postgres",
    flapping=False,
)
RECOVERED = Transition(
    service=BRAIN,
    before=Verdict.DOWN,
    after=Verdict.UP,
    at=NOON + 250,
    lasted=245.0,
    result=result(service=BRAIN),
    blocked_by=None,
    flapping=False,
)
REFUSED = Notice(Severity.ERROR, "reload_failed", "The new config is not in effect, the one before goes on.")


def rows(heading: str) -> list[list[str]]:
    """The tables beneath a heading, without their heads, as cells."""
    section = DOCUMENT.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("| `")]


def test_the_lines_are_what_is_written() -> None:
    """Each example is rendered here from its event."""
    text, check, example = re.findall(r"```(?:json)?\n(.*?)\n```", DOCUMENT, re.DOTALL)
    told: list[tuple[Event, float]] = [(ROOT_DOWN, 0.0), (BLOCKED, 0.0), (RECOVERED, 0.0), (REFUSED, NOON + 300)]
    assert text.splitlines() == [FORMATS["text"](event, at) for event, at in told]
    assert check == FORMATS["text"](result(service=BRAIN), NOON)
    assert example == FORMATS["json"](BLOCKED, 0.0)


def test_every_format_and_severity_is_documented() -> None:
    """In the order of the code, the formats in theirs."""
    section = DOCUMENT.partition("\n## ")[0]
    assert set(re.findall(r"^\| `(\w+)`", section, re.MULTILINE)) == set(FORMATS)
    assert [(row[0].strip("`"), int(row[1])) for row in rows("Priorities")] == [
        (priority.name.lower(), priority.value) for priority in Priority
    ]


def test_every_key_is_documented() -> None:
    """In the order of the lines, for each kind of event."""
    kinds: list[type[Struct]] = [TransitionLine, CheckLine, NoticeLine]
    keys = [row[0].strip("`") for row in rows("JSON")]
    assert keys == [key for kind in kinds for key in kind.__struct_fields__]
    assert f"`event` is `{TRANSITION}`" in DOCUMENT
    assert f"`event` is `{CHECK}`" in DOCUMENT


def test_every_notice_is_documented() -> None:
    """With its severity, and no other."""
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "healthmon").rglob("*.py"))
    written = {
        (event, severity.lower())
        for severity, event in re.findall(r'(?:Notice|_say)\(\s*Severity\.([A-Z]+),\s*"(\w+)"', code)
    }
    documented = [(row[0].strip("`"), row[1]) for row in rows("Notices")]
    assert set(documented) == written
    assert len(documented) == len(written)


def test_the_limit_is_the_codes() -> None:
    """The number of lines that wait."""
    assert f"at most {_LIMIT:,} of each" in DOCUMENT
