"""The demo's HTTP, without sockets."""

import pytest

from healthmon.demo import SERVICES, DemoService
from healthmon.demo.http import BadRequest, Request, choose_answer, parse_head, render

BY_ID = {service.id: service for service in SERVICES}
BRAIN = BY_ID["brain"]


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n", Request("GET", "/health")),
        (b"HEAD /health?full=1 HTTP/1.0\r\n\r\n", Request("HEAD", "/health")),
        (b"GET http://127.0.0.1:8001/health HTTP/1.1\r\nhOST: a\r\n\r\n", Request("GET", "/health")),
        (b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", Request("OPTIONS", "*")),
    ],
)
def test_reads_a_request(head: bytes, expected: Request) -> None:
    assert expected == parse_head(head)


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"GET /health\r\n\r\n", 400),
        (b"\x16\x03\x01\x00\xa5\r\n\r\n", 400),
        (b"GET /health HTTP/1.1\r\nAccept: */*\r\n\r\n", 400),
        (b"PRI * HTTP/2.0\r\n\r\n", 505),
    ],
)
def test_refuses_what_is_no_request(head: bytes, status: int) -> None:
    with pytest.raises(BadRequest) as caught:
        parse_head(head)
    assert status == caught.value.status


@pytest.mark.parametrize(
    ("service", "method", "path", "status"),
    [
        (BRAIN, "GET", "/health", 200),
        (BRAIN, "HEAD", "/health", 200),
        (BRAIN, "POST", "/health", 405),
        (BRAIN, "GET", "/health/", 404),
        (BRAIN, "GET", "/", 404),
        (BY_ID["saleor"], "GET", "/health", 301),
        (BY_ID["wagtail"], "GET", "/", 302),
        (BY_ID["wagtail"], "GET", "/health/", 200),
        (BY_ID["crm"], "GET", "/health/", 302),
        (BY_ID["crm"], "GET", "/accounts/login/", 200),
        (BY_ID["crm"], "GET", "/nowhere", 404),
    ],
)
def test_answers_as_the_framework_would(service: DemoService, method: str, path: str, status: int) -> None:
    assert status == choose_answer(service, Request(method, path)).status


def test_django_adds_the_missing_slash() -> None:
    assert choose_answer(BY_ID["saleor"], Request("GET", "/health")).headers == (("Location", "/health/"),)


def test_head_has_the_headers_of_get_without_the_body() -> None:
    """RFC 9110, section 9.3.2."""
    whole = render(BRAIN, BRAIN.answer)
    head = render(BRAIN, BRAIN.answer, body=False)
    assert head.endswith(b"\r\n\r\n")
    assert whole.endswith(BRAIN.answer.body)
    assert f"Content-Length: {len(BRAIN.answer.body)}\r\n".encode() in head
