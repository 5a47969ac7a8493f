"""What came of a rollout, as every report tells it beside the services: in words, and as data.

It is made once, by `healthmon.reports.rollouts.made`; the formats draw it.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from msgspec import Struct

from healthmon.core.model import Verdict


class End(StrEnum):
    """How a rollout ended. The first three are what its journal says, too."""

    DEPLOYED = "deployed"
    ROLLED_BACK = "rolled_back"
    BROKEN = "broken"
    INTERRUPTED = "interrupted"
    NOT_READY = "not_ready"
    """What was to be healthy before anything is deployed was not."""


class Row(Struct, frozen=True, kw_only=True):
    """What is told of a phase.

    Attributes:
        name: The phase in a table: ``3 applications``.
        title: The phase in a sentence: ``phase 3 (applications)``.
        deploy: How long its command took, or nothing.
        healthy: How long its services took, or nothing.
        verdict: Whose sign fits; None for what nobody has looked at.
        result: What came of it.
        seconds: How long all of it took, as far as that is known.
        words: What its commands that failed said last, each by its action.
    """

    name: str
    title: str
    deploy: str
    healthy: str
    verdict: Verdict | None
    result: str
    seconds: float
    words: Sequence[tuple[str, Sequence[str]]] = ()

    @property
    def times(self) -> list[str]:
        """How long it took, in words, as far as that is known."""
        times = [("deploy", self.deploy), ("healthy after", self.healthy)]
        return [f"{label} {took}" for label, took in times if took]

    @property
    def account(self) -> list[tuple[str, str]]:
        """What its commands that failed said last, line by line, each with its label."""
        return [(f"{action} said", line) for action, lines in self.words for line in lines or ("nothing",)]


class Upshot(Struct, frozen=True, kw_only=True):
    """What came of a rollout.

    Attributes:
        end: How it ended.
        exit_code: What the command ended with. 0 where all is deployed and healthy, and nowhere else.
        verdict: What it counts as: `up` where it ended with 0, `unknown` where it was interrupted, otherwise `down`.
        tone: The verdict in whose colour it is told: to be rolled back is less bad than to be broken.
        headline: What came of it, in a sentence.
        told: How things are now and what to do next, each with its label: `now`, `next`, `journal`.
        rows: What came of each phase.
        began: When this process began with it, in seconds since the epoch.
        ended: When it ended, in seconds since the epoch.
        document: All of it for programs.
    """

    end: End
    exit_code: int
    verdict: Verdict
    tone: Verdict
    headline: str
    told: Sequence[tuple[str, str]]
    rows: Sequence[Row]
    began: float
    ended: float
    document: Mapping[str, Any]
