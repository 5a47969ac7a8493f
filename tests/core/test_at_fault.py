"""Which services are not as they should be, and why."""

from msgspec import structs

from healthmon.core.advice.advise import explain
from healthmon.core.at_fault import at_fault, told_of_rollout
from healthmon.core.journal import AtFault, Lack
from healthmon.core.model import Cause, Verdict
from healthmon.core.run import Ending, Run, Wait, Waited
from tests.make import result, service


def run(*verdicts: Verdict) -> Run:
    """A single look at as many services."""
    results = tuple(
        result(
            f"s{number}",
            verdict,
            service=service(f"s{number}", phase=number),
            cause=None if verdict is Verdict.UP else Cause.REFUSED,
            message=f"it is {verdict}",
        )
        for number, verdict in enumerate(verdicts)
    )
    return Run(started=0.0, duration=1.0, host=None, results=results)


def test_of_a_single_look() -> None:
    """Those that are not healthy, each with what was seen of it; a degraded one where that does not count."""
    seen = run(Verdict.UP, Verdict.DEGRADED, Verdict.DOWN, Verdict.UNKNOWN)
    found = at_fault(seen, degraded=True)
    assert found == (AtFault("s2", 2, "it is down"), AtFault("s3", 3, "it is unknown"))
    assert at_fault(seen, degraded=False) == (AtFault("s1", 1, "it is degraded"), *found)
    assert at_fault(structs.replace(seen, results=seen.results[:1]), degraded=False) == ()


def some(checks: int, good: int = 0, *, proven: bool = False) -> Waited:
    """How a waiting went, whose last checks were good, as many as that."""
    since = 0.1 if good else None
    return Waited(checks=checks, reached=since if proven else None, good=good, last_failure=None, since=since)


def waited(run: Run, **services: Waited) -> Run:
    """As a waiting whose time was over found it."""
    return structs.replace(run, duration=3.0, wait=Wait(Ending.DEADLINE, stable=6), waited=services)


def test_what_alone_a_healthy_service_lacks() -> None:
    """It was not found so often enough, or not once more: nobody has seen it ill."""
    seen = waited(
        run(Verdict.UP, Verdict.UNKNOWN, Verdict.DOWN, Verdict.UP),
        s0=some(3, 3),
        s1=some(7, 7),
        s2=some(3),
        s3=some(7, 7, proven=True),
    )
    assert at_fault(seen, degraded=True) == (
        AtFault("s0", 0, "healthy, but not 6 times in a row within 3 s", Lack.STREAK),
        AtFault("s1", 1, "was healthy, and could not be checked again in time", Lack.LOOK),
        AtFault("s2", 2, "it is down"),
    )


def test_the_symptoms_of_a_rollout() -> None:
    """Are those of checks that were cut off; others keep their own."""
    seen = run(*[Verdict.UNKNOWN] * 3, Verdict.DOWN)
    causes = (Cause.DEADLINE, Cause.DEADLINE, Cause.INTERRUPTED, Cause.REFUSED)
    results = tuple(
        structs.replace(one, cause=cause, symptom="own") for one, cause in zip(seen.results, causes, strict=True)
    )
    told = told_of_rollout(
        waited(
            structs.replace(seen, results=results),
            s0=some(7, 7),
            s1=some(0),
            s2=some(7, 7),
            s3=some(3),
        )
    )
    assert [one.symptom for one in told.results] == [
        *("rollout.too_late", "rollout.timeout", "rollout.interrupted", "own")
    ]
    advices = [explain(one) for one in told.results]
    assert [advice and "--deadline" in advice.next_step for advice in advices] == [False] * 4
    assert [advice and "--only" in advice.next_step for advice in advices] == [False] * 4
