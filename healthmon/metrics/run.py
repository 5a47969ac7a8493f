"""The metrics of one run of `healthmon check`, for prometheus-client to push."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from healthmon.core.model import Result, Verdict
from healthmon.core.run import Run
from healthmon.core.state import State
from healthmon.metrics import families
from healthmon.metrics.collector import Sample, metric, of_result, of_state
from healthmon.metrics.families import ROLLOUT_FAMILIES, RUN_FAMILIES, STATE_FAMILIES, Family
from healthmon.metrics.fragments import described
from healthmon.metrics.series import moment, span


def registry_of_run(
    run: Run, *, version: str, python: str, rollout: tuple[bool, float] | None = None
) -> CollectorRegistry:
    """The metrics of a run and of nothing else: neither of this process, which is about to end, nor global ones.

    Args:
        run: The run.
        version: healthmon's version.
        python: Python's version.
        rollout: Where it was part of a rollout: whether that succeeded, and when it ended, in seconds since the epoch.
    """
    registry = CollectorRegistry()
    registry.register(_RunCollector(run, (version, python), rollout))
    return registry


class _RunCollector(Collector):
    def __init__(self, run: Run, build: tuple[str, str], rollout: tuple[bool, float] | None) -> None:
        self._run = run
        self._build = build
        self._rollout = rollout

    def collect(self) -> Iterator[Metric]:
        """All families that have samples."""
        for family in RUN_FAMILIES:
            found = metric(family)
            for values, value in self._samples(family):
                found.add_sample(family.name, dict(zip(family.labels, values, strict=True)), value)
            if found.samples:  # A heading over nothing tells nobody anything.
                yield found

    def _samples(self, family: Family) -> Iterator[Sample]:
        if family is families.RUN_TIMESTAMP:
            yield (), moment(self._run.started)
        elif family is families.RUN_DURATION:
            yield (), span(self._run.duration)
        elif family is families.RUN_SERVICES:
            yield from (((verdict,), self._run.count(verdict)) for verdict in Verdict)
        elif family is families.BUILD_INFO:
            yield self._build, 1
        elif family in ROLLOUT_FAMILIES:
            if self._rollout is not None:
                success, ended = self._rollout
                yield (), success if family is families.ROLLOUT_SUCCESS else moment(ended)
        else:
            for result in self._run.results:
                owner = (result.service.id, result.service.group or "")
                yield from (((*owner, *more), value) for more, value in _of_service(family, result))


def _of_service(family: Family, result: Result) -> Iterator[Sample]:
    """Samples of what is known of a service; without a state beyond the run, what was found is believed."""
    if family is families.SERVICE_INFO:
        yield described(result.service), 1
    elif family in STATE_FAMILIES:
        yield from of_state(family, State(verdict=result.verdict, blocked_by=result.blocked_by))
    else:
        yield from of_result(family, result)
