"""The page about rollouts: every key, event, variable and exit code, and no other."""

import json
import re
from pathlib import Path
from typing import get_args

from msgspec import structs

from healthmon.app.rollout import variables
from healthmon.config.rollout_keys import PhaseKeys, RolloutKeys
from healthmon.core.journal import Action, AnyEntry, AtFault
from healthmon.core.rollout import Command, Conclusion, Phase, Step
from healthmon.reports import REPORTS
from healthmon.reports.rollouts.made import upshot_of
from healthmon.reports.rollouts.upshot import End
from tests.reports.rollouts.courses import ONE, checked, course, deploy, left, looked, rollback

PAGE = (Path(__file__).parents[2] / "docs/rollout.md").read_text(encoding="utf-8")


def section(heading: str) -> str:
    """What stands beneath a heading."""
    return PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def test_every_key_is_explained() -> None:
    """In the order of the code."""
    top, _, phase = section("The file").partition("In each `[[phase]]`")
    for text, keys in ((top, RolloutKeys), (phase, PhaseKeys)):
        shown = re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)
        assert set(shown) == {field.name for field in structs.fields(keys)} - {"phase" if keys is RolloutKeys else ""}


def test_the_document_for_programs() -> None:
    """Has the keys that are shown, and no other; each end of a rollout and each format is named."""
    (text,) = re.findall(r"```json\n(.*?)```", section("Reports"), re.DOTALL)
    shown = json.loads(text)["rollout"]
    failed = (*ONE, deploy(1), checked(1, AtFault("brain", 2, "refused")), rollback(1), left(action=Action.VERIFY))
    real = upshot_of(course(*failed, prerequisites=looked())).document
    assert list(shown) == list(real)
    (phase,), core = shown["phases"], real["phases"][1]
    assert list(phase) == list(core)
    for key in ("deploy", "wait", "rollback", "left"):
        assert list(phase[key]) == list(core[key])
    assert list(phase["wait"]["at_fault"][0]) == list(core["wait"]["at_fault"][0])
    rows = dict(re.findall(r"^\| (.*?) \| (.*) \|$", section("Reports"), re.MULTILINE))
    assert set(re.findall(r"`(\w+)`", rows["`outcome`"])) == set(End)
    assert {name for key in rows for name in re.findall(r"`(\w+)`", key)} >= set(REPORTS)


def test_every_event_is_explained() -> None:
    """With what it tells."""
    rows = dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", section("The journal"), re.MULTILINE))
    events = {entry.__struct_config__.tag: entry for entry in get_args(AnyEntry)}
    assert set(rows) == set(events)
    for name, entry in events.items():
        named = set(re.findall(r"`(\w+)`", rows[str(name)]))
        assert named >= {field.name for field in structs.fields(entry)} - {"at"}
    assert set(re.findall(r"`(\w+)`", rows["began"])) >= set(Action)
    assert set(re.findall(r"`(\w+)`", rows["ended"])) >= set(Conclusion)


def test_every_variable_is_explained() -> None:
    """That commands get."""
    phase = Phase(name="a", number=1, deploy=Command(("x",), "x"))
    shown = re.findall(r"`(HEALTHMON_\w+)`", section("What commands meet"))
    assert set(shown) == set(variables([phase], Step(Action.DEPLOY, 0), None))
