"""What is remembered of a service while it is watched."""

from hypothesis import example, given
from hypothesis import strategies as st

from healthmon.core.history import KEPT, History, remember
from healthmon.core.model import Timings, Verdict
from tests.make import result


def test_since_and_latencies() -> None:
    """Since when the verdict is what it is; a failure leaves a gap."""
    history = None
    for moment, verdict in enumerate([Verdict.UP, Verdict.UP, Verdict.DOWN, Verdict.DOWN, Verdict.DEGRADED]):
        history = remember(history, result(verdict=verdict, started=float(moment), timings=Timings(wait=0.1 * moment)))
    assert history
    assert (history.verdict, history.since, history.latency) == (Verdict.DEGRADED, 4.0, 0.4)
    assert history.latencies == (0.0, 0.1, None, None, 0.4)


@example([Verdict.UP] * (KEPT + 1))
@given(st.lists(st.sampled_from(Verdict), min_size=1, max_size=200))
def test_it_never_grows_beyond_its_bound(verdicts: list[Verdict]) -> None:
    """And holds the newest, and the moment of the last change."""
    history: History | None = None
    for moment, verdict in enumerate(verdicts):
        history = remember(history, result(verdict=verdict, started=float(moment), timings=Timings(wait=float(moment))))
    assert history
    expected = [float(moment) if verdict.healthy else None for moment, verdict in enumerate(verdicts)]
    assert list(history.latencies) == expected[-KEPT:]
    begun = len(verdicts) - 1
    while begun and verdicts[begun - 1] is verdicts[-1]:
        begun -= 1
    assert history.since == begun
