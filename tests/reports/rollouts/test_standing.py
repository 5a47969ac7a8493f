"""How a rollout left things, in words that leave no doubt and hold whenever it was cut short."""

import pytest

from healthmon.core.journal import Action, AtFault, Began, JournalEntry
from healthmon.core.model import Verdict
from healthmon.core.rollout import Command
from healthmon.reports.rollouts.course import Course
from healthmon.reports.rollouts.made import upshot_of
from healthmon.reports.rollouts.text import standing
from healthmon.reports.rollouts.upshot import End
from tests.reports.rollouts.courses import (
    AT,
    BAD,
    BEGAN,
    DOWN,
    NAMES,
    NOT_AGAIN,
    ONE,
    PEN,
    SALEOR,
    TOO_FEW,
    TWO,
    UNREADY,
    checked,
    course,
    deploy,
    from_,
    left,
    rollback,
)

NOT_ROLLED_BACK = " Nothing was rolled back."
AFTER_ROLLBACK = "BROKEN AFTER THE ROLLBACK: phase 2 (core) was rolled back, but not all before it"
NOW = "    now       before it:"
BEFORE = "the services before it were"


@pytest.mark.parametrize(
    ("entries", "back", "headline", "result"),
    [
        ((), DOWN, "Interrupted before anything was deployed.", "- not reached"),
        # As when what must stand before it was being checked.
        (ONE, DOWN, f"Interrupted: phase 2 (core) was not begun yet.{NOT_ROLLED_BACK}", "- not reached"),
        (
            (*ONE, BEGAN[Action.DEPLOY]),
            DOWN,
            f"Interrupted: the deploy command of phase 2 (core) did not end.{NOT_ROLLED_BACK}",
            "? interrupted",
        ),
        *(
            (
                (*ONE, deploy(1), *more),
                DOWN,
                f"Interrupted: phase 2 (core) is deployed, and was not found healthy yet.{NOT_ROLLED_BACK}",
                "? deployed, not found healthy yet",
            )
            for more in ((), (BEGAN[Action.WAIT],))
        ),
        (
            BAD,
            DOWN,
            "Interrupted: phase 2 (core) failed, and was not rolled back yet.",
            "✗ the deploy command failed: exit 1; not rolled back yet",
        ),
        (
            (*BAD, BEGAN[Action.ROLLBACK]),
            DOWN,
            "Interrupted: phase 2 (core) failed, and its rollback command did not end.",
            "✗ the deploy command failed: exit 1; the rollback did not end",
        ),
        *(
            (
                (*BAD, rollback(1), *more),
                DOWN,
                f"Interrupted: phase 2 (core) failed and was rolled back; {BEFORE} not found healthy yet.",
                "✗ the deploy command failed: exit 1; rolled back",
            )
            for more in ((), (BEGAN[Action.VERIFY],))
        ),
        (
            (*BAD, rollback(1, "exit 2"), BEGAN[Action.LOOK]),
            DOWN,
            f"Interrupted: phase 2 (core) failed, and its rollback failed: exit 2; {BEFORE} not looked at yet.",
            "✗ the deploy command failed: exit 1; the rollback failed: exit 2",
        ),
        (
            BAD,
            None,
            f"Interrupted: phase 2 (core) failed, and has no rollback command; {BEFORE} not looked at yet.",
            "✗ the deploy command failed: exit 1",
        ),
    ],
)
def test_interrupted(entries: tuple[JournalEntry, ...], back: Command | None, headline: str, result: str) -> None:
    """The sentence and the row say the same, and what is true."""
    shown = upshot_of(course(*entries, rollback=back, interrupted=15))
    row = shown.rows[1]
    assert (shown.headline, f"{PEN.sign(row.verdict) if row.verdict else '-'} {row.result}") == (headline, result)
    assert (shown.exit_code, shown.verdict, shown.end) == (143, Verdict.UNKNOWN, End.INTERRUPTED)


@pytest.mark.parametrize(
    ("shown", "lines"),
    [
        (
            course(*TWO, deploy(2), checked(2, total=10)),
            ["Deployed: 3 phases, and 10 services healthy after the last one."],
        ),
        (
            course(from_("core"), deploy(1), checked(1), deploy(2), checked(2, total=10)),
            ["Deployed: 2 phases, and 10 services healthy after the last one."],
        ),
        (
            course(from_(NAMES[2]), deploy(2), checked(2, total=10)),
            ["Deployed: 1 phase, and 10 services healthy after it."],
        ),
        (
            course(prerequisites=UNREADY),
            [
                "Nothing was deployed: the prerequisites are not healthy.",
                "    next      Mend them, then: healthmon rollout r.toml --resume",
            ],
        ),
        (
            course(*ONE, prerequisites=UNREADY),
            [
                "Nothing more was deployed: the services up to phase 1 (shop) are not healthy.",
                "    next      Mend them, then: healthmon rollout r.toml --resume",
            ],
        ),
        (
            course(),
            [
                "Interrupted before anything was deployed.",
                "    next      Go on with: healthmon rollout r.toml --resume",
            ],
        ),
        (
            course(*ONE, Began(at=AT, action=Action.DEPLOY, phase="core")),
            [
                "Interrupted: the deploy command of phase 2 (core) did not end. Nothing was rolled back.",
                "    next      Go on with: healthmon rollout r.toml --resume",
            ],
        ),
        (
            course(*BAD, rollback(1), left(action=Action.VERIFY)),
            [
                "Rolled back: phase 2 (core) failed, and phase 1 (shop) is live again.",
                "    now       before it: all 2 services are healthy",
                "    next      Read why it failed here; all that was said is in r.journal.jsonl",
                "    next      When that is mended, go on with: healthmon rollout r.toml --from 1",
            ],
        ),
        (
            course(deploy(0, "exit 1"), rollback(0), checked(0, action=Action.VERIFY, total=1)),
            [
                "Rolled back: phase 1 (shop) failed, and the prerequisites are healthy.",
                "    now       before it: the 1 service is healthy",
                "    next      Read why it failed here; all that was said is in r.journal.jsonl",
                "    next      When that is mended, go on with: healthmon rollout r.toml --from 0",
            ],
        ),
        (
            course(deploy(0, "exit 1"), rollback(0), checked(0, action=Action.VERIFY, total=0)),
            [
                "Rolled back: phase 1 (shop) failed.",
                "    now       not checked: no services are known for before this phase",
                "    next      Read why it failed here; all that was said is in r.journal.jsonl",
                "    next      When that is mended, go on with: healthmon rollout r.toml --from 0",
            ],
        ),
        (
            course(*TWO, deploy(2), checked(2), prerequisites=UNREADY),
            [
                "All was deployed, but not all is healthy now: db.",
                "    next      Mend them, then: healthmon rollout r.toml --resume",
            ],
        ),
        (
            course(from_("core"), prerequisites=UNREADY),
            [
                "Nothing was deployed: the services up to phase 1 (shop) are not healthy.",
                "    next      Mend them, then: healthmon rollout r.toml --resume",
            ],
        ),
        (
            course(*BAD, rollback(1), left(SALEOR, AtFault("db", 0, "x"), action=Action.VERIFY)),
            [
                "BROKEN AFTER THE ROLLBACK: phase 2 (core) was rolled back, but not all before it is healthy.",
                "    now       before it: 0 of 2 services healthy; not healthy: saleor, db",
                "    next      Mend db, which no phase deploys.",
                "    next      Mend saleor of phase 1 (shop), which was deployed by: up --all",
                "    next      Then check: healthmon check --phase 1",
                "    next      Then go on with: healthmon rollout r.toml --from 1",
                "    journal   r.journal.jsonl",
            ],
        ),
        # Nobody has seen them ill: what deployed them once mends nothing.
        (
            course(*BAD, rollback(1), left(*TOO_FEW, action=Action.VERIFY)),
            [
                f"{AFTER_ROLLBACK} was healthy often enough.",
                "    now       before it: 2 of 2 services healthy; not 6 times in a row within 31 s: db, shop-api",
                "    next      Give phase 2 (core) a longer `timeout` or a lower `stable` in r.toml.",
                "    next      Then check: healthmon check --phase 1",
                "    next      Then go on with: healthmon rollout r.toml --from 1",
                "    journal   r.journal.jsonl",
            ],
        ),
        (
            course(*BAD, rollback(1), checked(1, NOT_AGAIN, AtFault("db", 0, "x"), action=Action.VERIFY, total=3)),
            [
                "BROKEN AFTER THE ROLLBACK: phase 2 (core) was rolled back, but not all before it is healthy.",
                f"{NOW} 1 of 3 services healthy; not healthy: db; not looked at once more in time: api",
                "    next      Mend db, which no phase deploys.",
                "    next      Give phase 2 (core) a longer `timeout` in r.toml.",
                "    next      Then check: healthmon check --phase 1",
                "    next      Then go on with: healthmon rollout r.toml --from 1",
                "    journal   r.journal.jsonl",
            ],
        ),
        (
            course(*BAD, rollback(1, "exit 3"), left()),
            [
                "BROKEN, THE ROLLBACK FAILED TOO: the rollback of phase 2 (core): exit 3.",
                "    now       before it: all 2 services are healthy",
                "    next      Take it back by hand, in /srv/app: down --all",
                "    next      Then check: healthmon check --phase 1",
                "    next      Then go on with: healthmon rollout r.toml --from 1",
                "    journal   r.journal.jsonl",
            ],
        ),
        (
            course(deploy(0, "exit 1"), checked(0, action=Action.LOOK, total=0), rollback=None),
            [
                "BROKEN AND NOT ROLLED BACK: phase 1 (shop) failed, and has no rollback command.",
                "    now       not checked: no services are known for before this phase",
                "    next      Mend phase 1 (shop), or take it back by hand; its deploy command was: up --all",
                "    next      Then go on with: healthmon rollout r.toml --from 0",
                "    journal   r.journal.jsonl",
            ],
        ),
    ],
)
def test_how_things_were_left(shown: Course, lines: list[str]) -> None:
    """And what to do next."""
    assert standing(upshot_of(shown), PEN) == lines
