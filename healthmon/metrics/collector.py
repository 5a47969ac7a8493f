"""The services' samples for prometheus-client: slow, and the measure of what the fragments say."""

from collections.abc import Callable, Iterable, Iterator
from itertools import accumulate
from math import inf, isinf

from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from healthmon.core.model import Result, Verdict
from healthmon.core.state import State
from healthmon.metrics import families
from healthmon.metrics.families import CHECK_BOUNDS, CHECK_FAMILIES, STATE_FAMILIES, Family
from healthmon.metrics.fragments import described, stages
from healthmon.metrics.series import VERDICTS, Series, moment, number, span

Sample = tuple[tuple[str, ...], float]
"""The values of a family's labels, and the value."""


def metric(family: Family) -> Metric:
    """A family without samples, as prometheus-client knows it."""
    return Metric(family.stem, family.help, family.type, family.unit)


def histogram(family: Family, found: Metric, owner: dict[str, str], counts: Iterable[int], total: float) -> None:
    """Add a histogram's samples, of which `counts` has one a bucket, not added up."""
    bounds = CHECK_BOUNDS if family is families.CHECK_DURATION else families.LAG_BOUNDS
    reached = list(accumulate(counts))
    for bound, count in zip((*bounds, inf), reached, strict=True):
        found.add_sample(f"{family.name}_bucket", {**owner, "le": "+Inf" if isinf(bound) else str(bound)}, count)
    found.add_sample(f"{family.name}_sum", owner, total)
    found.add_sample(f"{family.name}_count", owner, reached[-1])


class ServicesCollector(Collector):
    """The families of the services.

    Args:
        series: Returns what is kept of each service.
    """

    def __init__(self, series: Callable[[], Iterable[Series]]) -> None:
        self._series = series

    def describe(self) -> Iterator[Metric]:
        """The families without samples, so that registering costs nothing and finds two of one name."""
        return map(metric, (*STATE_FAMILIES, *CHECK_FAMILIES))

    def collect(self) -> Iterator[Metric]:
        """All families with all samples."""
        for family in (*STATE_FAMILIES, *CHECK_FAMILIES):
            found = metric(family)
            for one in self._series():
                owner = (one.service.id, one.service.group or "")
                if family is not families.CHECK_DURATION:
                    for values, value in samples(family, one):
                        found.add_sample(family.name, dict(zip(family.labels, (*owner, *values), strict=True)), value)
                elif one.result is not None:
                    names = dict(zip(family.labels, owner, strict=True))
                    histogram(family, found, names, one.buckets(), span(one.seconds))
            yield found


def samples(family: Family, series: Series) -> Iterator[Sample]:
    """A service's samples of one family that is no histogram; labels without `service` and `group`."""
    if family is families.SERVICE_INFO:
        yield described(series.service), 1
    elif family is families.SERVICE_INTERVAL:
        yield (), span(series.service.interval)
    elif family is families.CHECKS:
        yield from (((verdict,), count) for verdict, count in zip(VERDICTS, series.verdicts(), strict=True))
    elif family is families.CHECK_FAILURES:
        yield from (((cause,), count) for cause, count in series.failures().items())
    elif family in STATE_FAMILIES:
        yield from of_state(family, series.state)
    elif series.result is not None:
        yield from of_result(family, series.result)


def of_state(family: Family, state: State) -> Iterator[Sample]:
    """The samples of a family that tells what is believed of a service."""
    if family is families.SERVICE_STATE:
        yield from (((verdict,), verdict is state.verdict) for verdict in VERDICTS)
    elif family is families.SERVICE_UP and state.verdict is not Verdict.UNKNOWN:
        yield (), state.verdict.healthy
    elif family is families.SERVICE_IN_MAINTENANCE:
        yield (), state.in_maintenance
    elif family is families.SERVICE_FLAPPING:
        yield (), state.flapping
    elif family is families.SERVICE_LAST_TRANSITION and state.since is not None:
        yield (), moment(state.since)
    elif family is families.SERVICE_BLOCKED and state.verdict is Verdict.DOWN and state.blocked_by:
        yield (state.blocked_by,), 1


def of_result(family: Family, result: Result) -> Iterator[Sample]:
    """The samples of a family that tells what one check has shown."""
    if family is families.CHECK_SUCCESS and result.verdict is not Verdict.UNKNOWN:
        yield (), result.verdict.healthy
    elif family is families.CHECK_LAST_DURATION:
        yield (), span(result.duration)
    elif family is families.CHECK_LAST_TIMESTAMP:
        yield (), moment(result.started)
    elif family is families.CHECK_STAGE_DURATION:
        yield from (((stage,), span(spent)) for stage, spent in stages(result.timings) if spent is not None)
    elif family in _FACTS:
        value = number(result.fact(_FACTS[family]))
        if value is not None:
            yield (), value


_FACTS = {family: fact for fact, family in families.FACT_FAMILIES.items()}
