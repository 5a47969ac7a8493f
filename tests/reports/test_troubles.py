"""What is not well, and what hangs on it."""

from hypothesis import given
from msgspec import structs

from healthmon.core.model import Result, Verdict
from healthmon.core.run import Ending, Run, Wait, Waited
from healthmon.reports.troubles import Trouble, failed, fails, troubles
from tests.make import result
from tests.reports.runs import every_verdict, runs


def run(*results: Result, **waited: Waited) -> Run:
    """A run of these."""
    return Run(started=0.0, duration=1.0, host=None, results=results, waited=waited)


def test_what_hangs_on_a_root_stands_beneath_it() -> None:
    """And the rest by itself, in config order."""
    found = [
        (trouble.result.service.id, [other.service.id for other in trouble.blocked])
        for trouble in troubles(every_verdict())
    ]
    assert found == [("brain", ["agents"]), ("crm", []), ("auth", [])]


def test_a_root_that_is_well_or_unknown_hides_nothing() -> None:
    """The daemon may know of another root; a report does not leave a failure out."""
    up, down = result("a"), result("b", Verdict.DOWN, blocked_by="a")
    lost = result("c", Verdict.DOWN, blocked_by="nobody")
    assert troubles(run(up, down, lost)) == [Trouble(down), Trouble(lost)]


@given(runs())
def test_everything_that_is_not_well_is_told_once(any_run: Run) -> None:
    """Whoever blocks whom, in circles too."""
    told = [one.service.id for trouble in troubles(any_run) for one in (trouble.result, *trouble.blocked)]
    assert len(told) == len(set(told))
    if not any_run.waited:
        assert set(told) == {one.service.id for one in any_run.results if one.verdict is not Verdict.UP}
    assert {one.service.id for one in any_run.results if fails(one, any_run, strict=False)} <= set(told)


def test_what_was_waited_for_counts() -> None:
    """Services that were to be down and are so are well; one that is up in the end was waited for in vain."""
    down, up, slow = result("a", Verdict.DOWN), result("b"), result("c", Verdict.DEGRADED)
    reached, never = Waited(3, 1.0, 1, None), Waited(3, None, 0, up)
    assert troubles(run(down, a=reached)) == []
    assert troubles(run(up, b=never)) == [Trouble(up)]
    assert troubles(run(slow, c=reached)) == [Trouble(slow)]
    assert not fails(slow, run(slow, c=reached), strict=True)
    assert fails(slow, run(slow), strict=True)
    assert failed(run(slow), strict=True)
    assert not fails(slow, run(slow), strict=False)


def test_waiting_that_did_not_end_well_failed() -> None:
    """Also where the last checks were good: they may not have been enough."""
    ends = {ending: structs.replace(run(result("a")), wait=Wait(ending)) for ending in Ending}
    assert [ending for ending, one in ends.items() if not failed(one, strict=True)] == [Ending.REACHED]
