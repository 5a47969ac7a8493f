"""What a rollout is going to do."""

import pytest

from healthmon.core.journal import Action, AtFault, JournalEntry
from healthmon.core.recall import recall
from healthmon.core.rollout import Command, beginning
from healthmon.reports.rollouts.plan import plan
from tests.make import service
from tests.reports.rollouts.courses import DOWN, NAMES, ONE, TWO, checked, deploy, phases, rollback


def test_the_plan_from_a_phase_on() -> None:
    """What is there is checked first, and left as it is."""
    three = phases()
    services = {-1: [], 0: [service("saleor")], 1: [service("saleor"), service("brain")], 2: []}
    lines = list(plan(three, beginning(three, "core"), services, []))
    assert lines[:7] == [
        "First: check saleor; unless all are healthy nothing is deployed.",
        "",
        "phase 1 (shop) - left as it is",
        "",
        "phase 2 (core)",
        "  deploy    up --all",
        "  wait      up to 5 min until healthy: brain",
    ]


def test_the_plan() -> None:
    """What is done, what is waited for, and what takes it back."""
    three = phases(None)
    services = {-1: [], 0: [service("saleor")], 1: [service("saleor")], 2: [service("saleor"), service("brain")]}
    assert list(plan(three, recall(three, ONE), services, ["Begins."])) == [
        "Begins.",
        "First: check saleor; unless all are healthy nothing is deployed.",
        "",
        "phase 1 (shop) - done already",
        "",
        "phase 2 (core)",
        "  deploy    up --all",
        "  wait      up to 5 min until healthy: nothing new",
        "            and still: 1 service from before",
        "  rollback  none: a failure would stay as it is",
        "",
        f"phase 3 ({NAMES[2]})",
        "  deploy    up --all",
        "  wait      up to 5 min until healthy: brain",
        "            and still: 1 service from before",
        "  rollback  none: a failure would stay as it is",
    ]


CORE_FAILED = checked(1, AtFault("brain", 2, "x"))


@pytest.mark.parametrize(
    ("entries", "back", "lines"),
    [
        (
            (*ONE, deploy(1)),
            DOWN,
            [
                "phase 2 (core) - deployed already",
                "  wait      up to 5 min until healthy: brain",
                "            and still: 1 service from before",
                "  rollback  down --all",
                "",
                f"phase 3 ({NAMES[2]})",
                "  deploy    up --all",
                "  wait      up to 5 min until healthy: nothing new",
                "            and still: 2 services from before",
                "  rollback  down --all",
            ],
        ),
        (
            (*ONE, deploy(1), CORE_FAILED),
            DOWN,
            [
                "phase 2 (core) - failed",
                "  rollback  down --all",
                "  verify    up to 5 min until healthy: saleor",
                "",
                f"phase 3 ({NAMES[2]}) - not reached",
                "",
                "Then it ends with 1, rolled back.",
            ],
        ),
        (
            (*ONE, deploy(1), CORE_FAILED, rollback(1)),
            DOWN,
            [
                "phase 2 (core) - failed, rolled back already",
                "  verify    up to 5 min until healthy: saleor",
                "",
                f"phase 3 ({NAMES[2]}) - not reached",
                "",
                "Then it ends with 1, rolled back.",
            ],
        ),
        (
            (*ONE, deploy(1), CORE_FAILED),
            None,
            [
                "phase 2 (core) - failed",
                "  look      once at: saleor",
                "",
                f"phase 3 ({NAMES[2]}) - not reached",
                "",
                "Then it ends with 3, broken.",
            ],
        ),
        (
            (*TWO, deploy(2), checked(2)),
            None,
            [
                "phase 2 (core) - done already",
                "",
                f"phase 3 ({NAMES[2]}) - done already",
                "",
                "Nothing is left to do but to look once at saleor, brain; if all are healthy it ends with 0, deployed.",
            ],
        ),
        (
            (*ONE, deploy(1), CORE_FAILED, rollback(1), checked(1, action=Action.VERIFY)),
            DOWN,
            [
                "phase 2 (core) - failed, rolled back already",
                "  look      once at: saleor",
                "",
                f"phase 3 ({NAMES[2]}) - not reached",
                "",
                "Then it ends with 1, rolled back.",
            ],
        ),
    ],
)
def test_the_plan_of_what_goes_on(entries: tuple[JournalEntry, ...], back: Command | None, lines: list[str]) -> None:
    """No deployment where none comes: after a failure the way back, and how it ends."""
    three, saleor, brain = phases(back), service("saleor"), service("brain")
    services = {-1: [], 0: [saleor], 1: [saleor, brain], 2: [saleor, brain]}
    assert list(plan(three, recall(three, entries), services, [])) == [
        "",
        "phase 1 (shop) - done already",
        "",
        *lines,
    ]


def test_the_plan_of_a_first_phase_that_failed() -> None:
    """Nothing is known for before it, so nothing is looked at."""
    three = phases()
    services = {index: [service("saleor")] if index >= 0 else [] for index in range(-1, 3)}
    assert list(plan(three, recall(three, [deploy(0, "exit 1"), rollback(0, "exit 2")]), services, []))[1:3] == [
        "phase 1 (shop) - failed",
        "",
    ]
