"""Texts of a certain kind: one way to read all of them, and the same words for what is none."""

import re
from datetime import UTC, datetime

import pytest

from healthmon.config.grammar import Pattern
from healthmon.config.keys import Allowed, Identifier, Line, Remark
from healthmon.config.rollout_keys import Group, Host, Name
from healthmon.config.texts import Text
from healthmon.config.windows import Cron, Moment, Zone

GOOD = {
    Allowed: "10.0.0.0/8",
    Cron: "0 3 * * sun",
    Group: "core",
    Host: "::1",
    Identifier: "a-b",
    Line: "A line",
    Moment: "2026-02-01T22:00:00Z",
    Name: "shop",
    Pattern: "^a",
    Remark: "",
    Zone: "UTC",
}


@pytest.mark.parametrize("kind", GOOD, ids=lambda kind: kind.__name__)
def test_a_text_is_read_as_its_type(kind: type[Text]) -> None:
    found = kind.parse(GOOD[kind])
    assert (found, type(found)) == (GOOD[kind], kind)


@pytest.mark.parametrize("value", [3, True, 1.5, ["a"], {}])
@pytest.mark.parametrize("kind", GOOD, ids=lambda kind: kind.__name__)
def test_what_is_no_text_is_told_what_was_expected(kind: type[Text], value: object) -> None:
    with pytest.raises(ValueError, match=f"^expected {re.escape(kind.description)}$"):
        kind.parse(value)


def test_some_take_more_than_text() -> None:
    assert Moment.parse(datetime(2026, 2, 1, 22, tzinfo=UTC)) == "2026-02-01T22:00:00+00:00"
    assert Group.parse(False) == ""


def test_a_text_says_itself_what_it_is() -> None:
    with pytest.raises(NotImplementedError):
        Text.parse("a")
