"""What is rendered here and what prometheus-client renders say the same, whatever has happened."""

import asyncio
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Metric, generate_latest
from prometheus_client.openmetrics.exposition import generate_latest as generate_openmetrics

from healthmon.core.model import Cause, Fact, Result, Service, Timings, Verdict
from healthmon.core.state import State, Watched
from healthmon.engine.contract import Skip
from healthmon.metrics.metrics import Metrics
from tests.make import service
from tests.metrics.scraping import OPENMETRICS, read, scrape

NASTY = st.text(alphabet='"\\\n\r\t{},=# aé✓𝕊\u2028\x85', max_size=8)
SECONDS = st.floats(0, 1e5) | st.sampled_from([0.0, 0.005, 0.1, 10.0, 1e-9])
MOMENTS = st.floats(0, 4e9)
SERVICES = st.builds(
    service,
    st.sampled_from(["brain", "saleor", 'a"b\\c\nd']),
    name=NASTY,
    shown_url=NASTY,
    group=st.none() | NASTY,
    phase=st.none() | st.integers(0, 9),
)
STATES = st.builds(
    State,
    verdict=st.sampled_from(Verdict),
    since=st.none() | MOMENTS,
    blocked_by=st.none() | NASTY,
    flapping=st.booleans(),
    in_maintenance=st.booleans(),
)
FACTS = st.lists(
    st.builds(
        Fact,
        st.sampled_from(["status", "certificate_expires", "ip"]),
        st.integers(-(10**6), 10**12) | st.floats() | st.booleans() | NASTY | st.none(),
    ),
    max_size=3,
).map(tuple)
TIMINGS = st.builds(Timings, *[st.none() | SECONDS] * 5)


def results(checked: Service) -> st.SearchStrategy[Result]:
    """Results of a service."""
    return st.builds(
        Result,
        service=st.just(checked),
        verdict=st.sampled_from(Verdict),
        cause=st.none() | st.sampled_from(Cause),
        message=NASTY,
        started=MOMENTS,
        duration=SECONDS,
        timings=TIMINGS,
        facts=FACTS,
    )


def watched() -> st.SearchStrategy[list[Watched]]:
    """What is watched: each id once."""
    one = st.builds(Watched, service=SERVICES, state=STATES | st.just(State()), result=st.none())
    return st.lists(one, max_size=3, unique_by=lambda each: each.service.id)


EVENTS = st.one_of(
    st.tuples(st.just("watching"), watched()),
    st.tuples(st.just("started"), SERVICES, SECONDS, st.integers(0, 99)),
    st.tuples(st.just("skipped"), SERVICES, st.sampled_from(Skip), st.integers(0, 10**9)),
    st.tuples(st.just("checked"), SERVICES.flatmap(results), STATES, STATES, st.integers(0, 99)),
    st.tuples(st.just("reloaded"), st.booleans(), MOMENTS),
    st.tuples(st.just("dropped"), NASTY, st.integers(0, 10**9)),
)


@given(first=watched(), events=st.lists(EVENTS, max_size=12))
def test_both_say_the_same(first: list[Watched], events: list[tuple[Any, ...]]) -> None:
    """In both formats, by the parsers of prometheus-client."""
    metrics = Metrics(version="0.1.0", python="3.11.2")
    metrics.watching(first)
    for name, *arguments in events:
        getattr(metrics, name)(*arguments)
    with asyncio.Runner() as runner:
        text, openmetrics = (runner.run(scrape(metrics, accept=accept)) for accept in ("", OPENMETRICS))
    assert by_name(read(text)) == by_name(read(generate_latest(metrics.registry).decode()))
    theirs: bytes = generate_openmetrics(metrics.registry)  # type: ignore[no-untyped-call]
    assert by_name(read(openmetrics, openmetrics=True)) == by_name(read(theirs.decode(), openmetrics=True))
    assert openmetrics.endswith("\n# EOF\n")
    assert openmetrics.count("# EOF") == 1


def by_name(families: list[Metric]) -> dict[str, tuple[Any, ...]]:
    """What healthmon's families say, the order of their samples left out; the process's own change all the time."""
    return {
        family.name: (
            family.type,
            family.unit,
            family.documentation,
            sorted((sample.name, sorted(sample.labels.items()), sample.value) for sample in family.samples),
        )
        for family in families
        if family.name.startswith("healthmon_")
    }


def test_no_name_is_registered_twice() -> None:
    """And none of prometheus-client's default registry is touched."""
    metrics = Metrics(version="0.1.0", python="3.11.2")
    assert isinstance(metrics.registry, CollectorRegistry)
    names = [family.name for family in metrics.registry.collect()]
    assert len(names) == len(set(names))
