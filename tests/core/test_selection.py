"""Choosing services."""

import pytest

from healthmon.core.selection import Selection
from tests.make import service

SERVICES = (
    service("saleor", phase=1, group="shop", tags=("django",)),
    service("brain", phase=2, group="ai", tags=("fastapi", "core")),
    service("wagtail", phase=2, group="cms", tags=("django", "core")),
    service("extra"),
    service("redis", phase=0, group="infrastructure", enabled=False),
)


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        (Selection(), ["saleor", "brain", "wagtail", "extra"]),
        (Selection(only=("brain", "sal*")), ["saleor", "brain"]),
        (Selection(skip=("*a*",)), []),
        (Selection(only=("*r*",), skip=("brain",)), ["saleor", "extra"]),
        (Selection(groups=("shop", "cms")), ["saleor", "wagtail"]),
        (Selection(tags=("core",)), ["brain", "wagtail"]),
        (Selection(tags=("core",), groups=("ai",)), ["brain"]),
        (Selection(phase=1), ["saleor"]),
        (Selection(phase=2), ["saleor", "brain", "wagtail"]),
        (Selection(only=("redis",)), []),
        (Selection(only=("BRAIN",)), []),
    ],
)
def test_choose(selection: Selection, expected: list[str]) -> None:
    """In config order, never a disabled one; what has no phase is in none."""
    assert expected == [chosen.id for chosen in selection.choose(SERVICES)]
