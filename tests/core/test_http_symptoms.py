"""What HTTP answers tell of their cause."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healthmon.core.advice.advise import explain
from healthmon.core.advice.web import HTTP
from healthmon.core.expectations import Comparison, Expectations, Operator, Selected, StatusRange
from healthmon.core.http_symptoms import http_symptom
from healthmon.core.judge import judge
from healthmon.core.model import Cause, Fact, Failure, Outcome, Stage, Timings
from healthmon.core.symptoms import symptom_of
from tests.make import outcome, service

DJANGO = b"\n<!doctype html>\n<html lang='en'><head><title>Bad Request (400)</title></head><h1>Bad Request (400)</h1>"
PORTAL = b"<html><title>Hotspot Login</title><form action='/login' method='post'>"
NGINX = b"<html><center><h1>502 Bad Gateway</h1></center><hr><center>nginx/1.22.1</center></html>"


@pytest.mark.parametrize(
    ("status", "headers", "body", "symptom"),
    [
        (400, {}, b"<center>The plain HTTP request was sent to HTTPS port</center>", "http.plain_on_tls"),
        (400, {}, b"Client sent an HTTP request to an HTTPS server.\n", "http.plain_on_tls"),
        (400, {}, b"You're speaking plain HTTP to an SSL-enabled server port.", "http.plain_on_tls"),
        (400, {}, b"DisallowedHost at /health/\nInvalid HTTP_HOST header: '10.0.0.1'", "http.disallowed_host"),
        (400, {}, DJANGO, "http.disallowed_host"),
        (400, {}, b'{"detail": "bad"}', None),
        (500, {}, b'{"detail": "(sqlite3.OperationalError) database is locked"}', "http.database_locked"),
        (500, {}, b"database table is locked: users", "http.database_locked"),
        (500, {}, b"Storage folder /q is already accessed by another instance of Qdrant client.", "http.qdrant_lock"),
        (503, {}, b"qdrant: cannot acquire lock on /qdrant/storage", "http.qdrant_lock"),
        (500, {}, b"qdrant: the block is broken", None),
        (500, {}, b"FATAL: sorry, too many clients already", "http.too_many_connections"),
        (500, {}, b"remaining connection slots are reserved for", "http.too_many_connections"),
        (500, {}, b'relation "auth_user" does not exist', "http.migration_missing"),
        (500, {}, b"relation &quot;auth_user&quot; does not exist", "http.migration_missing"),
        (500, {}, b"no such table: users", "http.migration_missing"),
        (500, {}, b"Table 'shop.orders' doesn't exist", "http.migration_missing"),
        (500, {}, b"column users.age does not exist", "http.migration_missing"),
        (500, {}, b"the page does not exist", None),
        (500, {}, b"OSError: [Errno 28] No space left on device", "http.disk_full"),
        (500, {}, b"database or disk is full", "http.disk_full"),
        (500, {}, b"[CRITICAL] WORKER TIMEOUT (pid:7)", "http.worker_timeout"),
        (500, {}, b'File "gunicorn/workers/base.py", line 204, in handle_abort', "http.worker_timeout"),
        (504, {}, b'{"code":"102504","message":"Upstream connection timeout"}', "http.choreo_timeout"),
        (502, {"Server": "nginx/1.22.1"}, b"", "http.bad_gateway_refused"),
        (502, {"Server": "awselb/2.0"}, b"", "http.bad_gateway_refused"),
        (502, {}, NGINX, "http.bad_gateway_refused"),
        (502, {}, b"Bad Gateway", "http.bad_gateway_refused"),
        (502, {}, b"my own words", None),
        (503, {}, b"upstream connect error or disconnect/reset before headers.", "http.bad_gateway_refused"),
        (503, {}, b"No server is available to handle this request.", "http.bad_gateway_refused"),
        (521, {"Server": "cloudflare"}, b"", "http.cloudflare_5xx"),
        (522, {"CF-RAY": "8a-FRA"}, b"", "http.cloudflare_5xx"),
        (521, {}, b"", None),
        (511, {}, b"", "http.captive_portal"),
        (302, {"Location": "http://wifi.example.net/login?to=x"}, b"", "http.captive_portal"),
        (302, {"Location": "https://accounts.example.net/"}, b"", "http.captive_portal"),
        (302, {"Location": "/login"}, b"", None),
        (302, {"Location": "http://127.0.0.1/login"}, b"", None),
        (302, {"Location": "http://other.example.net/health"}, b"", None),
        (302, {"Location": "http://[/login"}, b"", None),
        (200, {"Content-Type": "text/html"}, PORTAL, "http.captive_portal"),
        (200, {"Content-Type": "text/html"}, b"<form>captive portable</form>", None),
        (200, {"Content-Type": "application/json"}, PORTAL, None),
        (200, {}, b"database is locked", None),
        (404, {}, b"no such table: users", None),
    ],
)
def test_what_an_answer_tells(status: int, headers: dict[str, str], body: bytes, symptom: str | None) -> None:
    seen = outcome(status, body=body, headers=tuple(headers.items()))
    assert symptom_of(seen, "127.0.0.1") == symptom


def test_when_to_ask_again() -> None:
    seen = outcome(None, facts=(Fact("status", 503), Fact("retry_after", 120)))
    result = judge(service(), seen, started=0.0, duration=0.1)
    advice = explain(result)

    assert result.symptom == "http.retry_after"
    assert advice is not None
    assert advice.next_step.startswith("Ask again in 2 min, as it says; ")


def test_when_to_ask_again_as_a_date() -> None:
    seen = outcome(None, facts=(Fact("status", 503), Fact("retry_after", "Sat, 31 Jan 2026 12:00:00 GMT")))
    advice = explain(judge(service(), seen, started=0.0, duration=0.1))

    assert advice is not None
    assert advice.next_step.startswith("Ask again after Sat, 31 Jan 2026 12:00:00 GMT, as it says; ")


def test_a_date_to_ask_again_after_429_is_no_symptom() -> None:
    seen = outcome(None, facts=(Fact("status", 429), Fact("retry_after", 1)))
    assert symptom_of(seen) is None


def test_what_only_took_too_long_shows_no_symptom() -> None:
    """Its words may be about anything."""
    slow = Expectations(latency=1.0)
    seen = outcome(500, body=b"no such table: users", timings=Timings(wait=2.0))
    result = judge(service(expect=slow), seen, started=0.0, duration=0.1)

    assert (result.cause, result.symptom) == (Cause.LATENCY, None)


def test_an_expectation_of_json_that_met_a_login_page() -> None:
    expect = Expectations(json=(Selected("status", (Comparison(Operator.EQ, "ok"),)),))
    seen = outcome(200, body=PORTAL, headers=(("Content-Type", "text/html; charset=utf-8"),))
    result = judge(service(expect=expect), seen, started=0.0, duration=0.1)

    assert (result.cause, result.symptom) == (Cause.JSON, "http.captive_portal")


def test_a_body_that_did_not_come_in_time_is_read_as_far_as_it_came() -> None:
    failure = Failure(Cause.TIMEOUT, "not finished", Stage.TRANSFER)
    seen = outcome(500, body=b"database is locked", failure=failure)
    result = judge(service(expect=Expectations(status=(StatusRange(200, 200),))), seen, started=0.0, duration=0.1)

    assert (result.cause, result.symptom) == (Cause.STATUS, "http.database_locked")


def test_an_outcome_of_something_else() -> None:
    assert http_symptom(Outcome(), "a") is None


@given(
    status=st.integers(100, 599),
    headers=st.lists(st.tuples(st.sampled_from(["Server", "Location", "Content-Type", "x"]), st.text())),
    body=st.binary(max_size=2000)
    | st.lists(st.sampled_from([b"relation ", b" does not exist", b"qdrant", b"lock", b"<form", b"\xff"])).map(
        b"".join
    ),
)
def test_any_answer_shows_a_known_symptom_or_none(status: int, headers: list[tuple[str, str]], body: bytes) -> None:
    """Whatever the bytes are."""
    assert symptom_of(outcome(status, body=body, headers=tuple(headers)), "h") in {None, *HTTP}


@pytest.mark.parametrize(
    "part", [b"relation ", b"column table relation ", b"qdrant lock", b"http://", b"login.", b"\n "]
)
def test_the_longest_body_takes_no_time(part: bytes) -> None:
    """What is looked at is bounded, and nothing in it is looked at again and again."""
    body = part * (2**20 // len(part))
    location = (part * 2**12).decode()
    began = time.thread_time()
    for status in (200, 302, 500, 502):
        symptom_of(outcome(status, body=body, headers=(("Location", location),)), "h")
    assert time.thread_time() - began < 0.5
