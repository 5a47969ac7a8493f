"""Which services are not as they should be, and why."""

from msgspec import structs

from healthmon.core.at_fault import at_fault
from healthmon.core.journal import AtFault
from healthmon.core.model import Cause, Verdict
from healthmon.core.run import Run
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
