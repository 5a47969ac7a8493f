"""What a result counts as where a report passes or fails it."""

import pytest

from healthmon.core.model import Verdict
from healthmon.core.run import Ending, Run, Wait, Waited
from healthmon.reports.standing import standing
from tests.make import result

UP, DEGRADED, DOWN, UNKNOWN = Verdict.UP, Verdict.DEGRADED, Verdict.DOWN, Verdict.UNKNOWN


def run(*verdicts: Verdict, waited: Waited | None = None) -> Run:
    """A run of one service."""
    wait = Wait(Ending.DEADLINE) if waited else None
    results = tuple(result("brain", verdict=verdict) for verdict in verdicts)
    told = {"brain": waited} if waited else {}
    return Run(started=0.0, duration=1.0, host=None, results=results, wait=wait, waited=told)


@pytest.mark.parametrize("verdict", Verdict)
def test_a_check_counts_as_what_it_found(verdict: Verdict) -> None:
    """Only degraded is what the options say."""
    made = run(verdict)
    assert standing(made.results[0], made, strict=False) is verdict
    assert standing(made.results[0], made, strict=True) is (DOWN if verdict is DEGRADED else verdict)


@pytest.mark.parametrize(
    ("verdict", "waited", "counts"),
    [
        (UP, Waited(1, 0.5, 1, None), UP),
        (DEGRADED, Waited(1, 0.5, 1, None), DEGRADED),
        (DOWN, Waited(1, 0.5, 1, None), UP),
        (UP, Waited(3, None, 1, None), UNKNOWN),
        (UP, Waited(3, None, 0, None), DOWN),
        (DOWN, Waited(3, None, 0, None), DOWN),
        (UNKNOWN, Waited(0, None, 0, None), UNKNOWN),
        (UNKNOWN, Waited(3, None, 0, None), UNKNOWN),
    ],
)
def test_what_was_waited_for_is_what_counts(verdict: Verdict, waited: Waited, counts: Verdict) -> None:
    """What could not be found out is an error and no failure; so is what was not good often enough."""
    made = run(verdict, waited=waited)
    assert standing(made.results[0], made, strict=False) is counts
