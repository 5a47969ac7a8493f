"""In which format and encoding a client gets the metrics."""

import pytest
from prometheus_client.exposition import choose_encoder

from healthmon.metrics.negotiation import allows_gzip, choose_format

OLD = "text/plain; version=0.0.4; charset=utf-8"
TEXT = "text/plain; version=1.0.0; charset=utf-8"
OPEN = "application/openmetrics-text; version=1.0.0; charset=utf-8"


@pytest.mark.parametrize(
    ("accept", "content_type", "openmetrics"),
    [
        ("", OLD, False),
        ("*/*", OLD, False),
        ("text/html", OLD, False),
        ("text/plain;version=0.0.4;q=0.5,*/*;q=0.1", OLD, False),
        # Prometheus 2.42.
        (
            "application/openmetrics-text;version=1.0.0;q=0.75,text/plain;version=0.0.4;q=0.25,*/*;q=0.1",
            f"{OPEN}; escaping=underscores",
            True,
        ),
        # Prometheus 3.
        (
            "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,text/plain;version=1.0.0;q=0.5",
            f"{OPEN}; escaping=allow-utf-8",
            True,
        ),
        ("text/plain;version=1.0.0;escaping=allow-utf-8", f"{TEXT}; escaping=allow-utf-8", False),
        ("application/openmetrics-text", OPEN, True),
    ],
)
def test_as_prometheus_client_chooses(accept: str, content_type: str, openmetrics: bool) -> None:
    """To the letter."""
    chosen = choose_format(accept)
    assert (chosen.content_type, chosen.openmetrics) == (content_type, openmetrics)
    assert choose_encoder(accept)[1] == content_type


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        ("application/openmetrics-text;version=2.0.0", f"{OPEN}; escaping=underscores"),
        ("application/openmetrics-text;version=1.0.0;escaping=dots", f"{OPEN}; escaping=underscores"),
        ("text/plain;version=1.0.0;escaping=values", f"{TEXT}; escaping=underscores"),
        ("application/openmetrics-text;version=one", OLD),
        ('application/openmetrics-text;version="1.0.0"', OLD),
    ],
)
def test_what_is_said_is_what_is_sent(accept: str, content_type: str) -> None:
    """Where prometheus-client would promise a later version, escape names that need it not, or raise."""
    assert choose_format(accept).content_type == content_type


@pytest.mark.parametrize(
    ("accept_encoding", "allowed"),
    [
        ("", False),
        ("gzip", True),
        ("GZip", True),
        ("x-gzip", True),
        ("deflate, gzip;q=1.0, *;q=0.5", True),
        ("gzip; q=0.001", True),
        ("gzip;q=0", False),
        ("gzip; q=0.000, *", False),
        ("*", True),
        ("*;q=0", False),
        ("identity", False),
        ("deflate, br", False),
        ("gzipped", False),
    ],
)
def test_gzip_only_where_it_is_allowed(accept_encoding: str, allowed: bool) -> None:
    """A weight of 0 forbids it (RFC 9110, 12.4.2)."""
    assert allows_gzip(accept_encoding) is allowed
