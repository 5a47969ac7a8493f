"""The metrics as text: what prometheus-client would write, and can read."""

from itertools import chain
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Gauge
from prometheus_client.exposition import generate_latest
from prometheus_client.openmetrics.exposition import generate_latest as generate_openmetrics
from prometheus_client.openmetrics.parser import text_string_to_metric_families as read_openmetrics
from prometheus_client.parser import text_string_to_metric_families as read_text

from healthmon.web.probe.contract import Measured, gauge, one
from healthmon.web.probe.exposition import chosen_format, compress, render, wants_gzip

HELP = "What it means."
ONE = gauge("probe_success", HELP)
LABELLED = gauge("probe_info", HELP, "version", "name")

MEASURED = st.lists(
    st.one_of(
        st.builds(one, st.just(ONE), st.floats(allow_nan=False)),
        st.builds(
            lambda values, value: Measured(LABELLED, ((values, value),)),
            st.tuples(st.text(st.characters(codec="utf-8")), st.text(st.characters(codec="utf-8"))),
            st.floats(allow_nan=False),
        ),
    ),
    unique_by=lambda measured: measured.gauge.name,
)


def registry(measured: list[Measured]) -> CollectorRegistry:
    """The same in a registry of prometheus-client."""
    made = CollectorRegistry()
    for shape, samples in measured:
        metric = Gauge(shape.name, HELP, shape.labels, registry=made)
        for values, value in samples:
            (metric.labels(*values) if values else metric).set(value)
    return made


def meant(read: Any, text: str) -> list[Any]:
    """What a reader makes of a text."""
    return [(family.name, family.type, family.documentation, family.samples) for family in read(text)]


@given(MEASURED)
def test_both_formats_say_what_prometheus_client_says(measured: list[Measured]) -> None:
    theirs = registry(measured)
    mine = meant(read_text, render(measured, openmetrics=False))
    assert mine == meant(read_text, generate_latest(theirs).decode())
    mine = meant(read_openmetrics, render(measured, openmetrics=True))
    theirs_too = generate_openmetrics(theirs).decode()  # type: ignore[no-untyped-call]
    assert mine == meant(read_openmetrics, theirs_too)


@pytest.mark.parametrize(
    ("accept", "openmetrics"),
    [
        ("", False),
        ("*/*", False),
        ("text/plain", False),
        ("application/openmetrics-text; version=1.0.0", True),
        ("application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1", True),
    ],
)
def test_the_format_is_the_scrapers_choice(accept: str, openmetrics: bool) -> None:
    chosen = chosen_format(accept)
    assert chosen.openmetrics is openmetrics
    assert chosen.content_type.startswith("application/openmetrics-text" if openmetrics else "text/plain")


def test_compressed_is_the_same() -> None:
    import gzip

    text = render(chain([one(ONE, 1.0)]), openmetrics=False)
    assert gzip.decompress(compress(text.encode())).decode() == text
    assert (wants_gzip("gzip, deflate"), wants_gzip("identity"), wants_gzip("gzip;q=0")) == (True, False, False)
