"""A request and its answer in words."""

from healthmon.core.model import Cause, Fact, Failure, Outcome, Stage, Timings
from healthmon.engine.diagnosis.exchange import answer_texts, request_texts, seen_texts
from tests.engine.diagnosis.make import service


def test_the_request_line_and_the_headers() -> None:
    checked = service("http://127.0.0.1:8001/ask", 'method = "POST"\njson = { a = 1 }\nparams = { q = "x y" }')
    line, *others = request_texts(checked)
    assert line == "POST /ask?q=x+y HTTP/1.1"
    assert "Host: 127.0.0.1:8001" in others
    assert "Content-Type: application/json" in others
    assert "a body of 7 bytes" in others


def test_a_host_of_the_users_own_takes_the_place_of_the_urls() -> None:
    texts = list(request_texts(service("http://127.0.0.1:8001/", 'headers = { Host = "shop.example.com" }')))
    assert [text for text in texts if text.startswith("Host:")] == ["Host: shop.example.com"]


def test_credentials_are_masked() -> None:
    for keys in (
        'auth.bearer = "tok-123456"',
        'auth.basic = { username = "ops", password = "tok-123456" }',
        'headers = { Cookie = "session=tok-123456" }',
        'headers = { Authorization = "tok-123456" }',
    ):
        text = ", ".join(request_texts(service("http://127.0.0.1:8001/", keys)))
        assert "***" in text
        assert "tok-123456" not in text
        assert "b3BzOnRvay0xMjM0NTY" not in text


def test_the_answer_tells_its_status_line_and_what_matters() -> None:
    outcome = Outcome(
        timings=Timings(wait=0.024, transfer=0.002),
        facts=(Fact("status", 302), Fact("http_version", "1.0"), Fact("body_bytes", 12)),
        headers=(("Server", "gunicorn"), ("X-Frame-Options", "DENY"), ("Location", "/login/")),
    )
    assert list(answer_texts(outcome)) == [
        "HTTP/1.0 302 Found",
        "Server: gunicorn",
        "Location: /login/",
        "first byte after 24 ms",
        "12 bytes of body",
    ]


def test_the_answer_tells_how_far_it_came() -> None:
    outcome = Outcome(
        facts=(Fact("status", 299), Fact("redirects", 1), Fact("url", "http://127.0.0.1:8001/b")),
        failure=Failure(Cause.RESET, "connection closed", Stage.TRANSFER),
    )
    assert list(answer_texts(outcome)) == [
        "after 1 redirect to http://127.0.0.1:8001/b",
        "HTTP/1.1 299",
        "connection closed (stopped in the stage transfer)",
    ]


def test_the_host_header_is_the_one_that_is_sent() -> None:
    """An IPv6 address in brackets, and no default port (RFC 9110, section 7.2)."""
    assert "Host: [::1]:8001" in list(request_texts(service("http://[::1]:8001/")))
    assert "Host: www.example.com" in list(request_texts(service("http://www.example.com:80/")))


def test_moments_are_shown_in_utc() -> None:
    """Other facts are shown as they are, whatever their numbers."""
    outcome = Outcome(
        seen="running",
        facts=(
            Fact("container", "shop-web"),
            Fact("started", 1795345585.51),
            Fact("login_expires", 1795345585),
            Fact("restarts", 1795345585),
            Fact("failing", ("a", "b")),
        ),
    )
    assert list(seen_texts(outcome)) == [
        "running",
        "container shop-web",
        "started 2026-11-22T11:06:25.510Z",
        "login_expires 2026-11-22T11:06:25.000Z",
        "restarts 1795345585",
        "failing a, b",
    ]
