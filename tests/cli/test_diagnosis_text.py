"""A diagnosis as text."""

from msgspec import structs

from healthmon.cli.diagnosis_text import render
from healthmon.core.advice.advise import advise
from healthmon.core.model import Cause, Verdict
from healthmon.engine.diagnosis import Diagnosis, Layer
from healthmon.reports.contract import Appearance
from tests.make import result, service

LAYERS = (
    Layer("name", passed=True, seconds=None, detail="127.0.0.1 is an address"),
    Layer("port", passed=True, seconds=0.00002, detail="127.0.0.1:8001 accepts connections"),
    Layer("answer", passed=False, seconds=0.041, detail="HTTP/1.1 503 Service Unavailable"),
    Layer("expect", passed=None, seconds=None, detail="status: 200; not reached"),
)


def test_a_line_a_layer_then_cause_and_next_step() -> None:
    explained = advise(service(), Cause.STATUS, status=503).explanation
    down = result(verdict=Verdict.DOWN, service=service(runbook="https://example.com/brain"), attempts=3)
    text = render(Diagnosis(down, LAYERS), Appearance())
    assert text.splitlines() == [
        "Brain (brain)  http://127.0.0.1:8001/health",
        "",
        "✓ name               127.0.0.1 is an address",
        "✓ port     < 0.1 ms  127.0.0.1:8001 accepts connections",
        "✗ answer      41 ms  HTTP/1.1 503 Service Unavailable",
        "– expect             status: 200; not reached",
        "",
        "✗ FAILED (HTTP 503, expected 200 or 302, after 3 attempts)",
        "Cause: status. " + explained,
        "Next: See what it says with `curl -i http://127.0.0.1:8001/health`.",
        "Runbook: https://example.com/brain",
    ]


def test_a_healthy_service_has_no_cause() -> None:
    up = structs.replace(result(), message="HTTP 200")
    assert render(Diagnosis(up, LAYERS[:1]), Appearance()).splitlines()[-2:] == ["", "✓ OK (HTTP 200)"]


def test_ascii_where_nothing_else_can_be_written() -> None:
    text = render(Diagnosis(result(verdict=Verdict.DOWN), LAYERS), Appearance(unicode=False))
    assert text.isascii()
    assert "+ name" in text
    assert "x answer" in text
    assert "- expect" in text


def test_colours_where_they_are_wanted() -> None:
    text = render(Diagnosis(result(verdict=Verdict.DOWN), LAYERS), Appearance(colour=True))
    assert "\x1b[32m✓\x1b[0m name" in text
    assert "\x1b[31m✗\x1b[0m answer" in text
