"""`debug=true`: the steps in their order, and no secret."""

import re

from healthmon.core.model import Body, Cause, Fact, Level, Outcome, Reason, Stage, Timings, Verdict
from healthmon.probes.http import HttpOptions
from healthmon.probes.tcp import TcpOptions
from healthmon.web.probe.debug import describe
from tests.campaign.answers import OK
from tests.make import failed, outcome, result, service
from tests.probes.http_server import replying
from tests.web.probe.asking import LOOPBACK, serving_probe

FACTS = (
    Fact("ip", "192.0.2.1"),
    Fact("connect_errors", "2001:db8::1: connection refused"),
    Fact("status", 503),
    Fact("certificate_subject", "CN=a.example"),
    Fact("tls_version", "TLSv1.3"),
    Fact("tls_cipher", "AES"),
    Fact("redirects", 1),
    Fact("url", "https://a.example/next"),
)


def test_an_answer_step_by_step() -> None:
    seen = outcome(
        None,
        facts=FACTS,
        timings=Timings(resolve=0.002, connect=0.003, tls=0.004, wait=0.005, transfer=0.006),
        headers=(("Content-Type", "text/plain\x1b[31m"), ("Set-Cookie", "session=1")),
        body=Body(b"half", complete=False),
        failure=None,
    )
    tested = service(options=HttpOptions(headers={"X-Key": "secret"}), timeout=9.5)
    reasons = (Reason("status", "200", "503", Level.EXPECT),)
    judged = result(verdict=Verdict.DOWN, service=tested, facts=FACTS, reasons=reasons)
    assert describe("a", judged, [seen], "probe_success 0\n") == (
        "2026-01-31T12:00:00.000Z http://127.0.0.1:8001/health by module a, timeout 9.5 s\n"
        "\n"
        "resolve   127.0.0.1, 2 ms\n"
        "connect   192.0.2.1 (2001:db8::1: connection refused), 3 ms\n"
        "tls       TLSv1.3, AES, CN=a.example, 4 ms\n"
        "request   GET http://127.0.0.1:8001/health with X-Key\n"
        "answer    HTTP 503 after 1 redirect, from https://a.example/next, 5 ms\n"
        "          Content-Type: text/plain\n"
        "          Set-Cookie: ***\n"
        "body      4 bytes, not all of it, 6 ms\n"
        "\n"
        "Timings\n"
        "resolve   2 ms\n"
        "connect   3 ms\n"
        "tls       4 ms\n"
        "wait      5 ms\n"
        "transfer  6 ms\n"
        "\n"
        "Facts\n"
        "ip: 192.0.2.1\n"
        "connect_errors: 2001:db8::1: connection refused\n"
        "status: 503\n"
        "certificate_subject: CN=a.example\n"
        "tls_version: TLSv1.3\n"
        "tls_cipher: AES\n"
        "redirects: 1\n"
        "url: https://a.example/next\n"
        "\n"
        "Judged down (status): HTTP 503, expected 200 or 302\n"
        "expect status: expected 200, met 503\n"
        "\n"
        "Metrics that would have been returned\n"
        "probe_success 0\n"
    )


def steps(seen: Outcome, **options: str) -> list[str]:
    """The steps of one outcome of an HTTP service."""
    judged = result(verdict=Verdict.DOWN, service=service(options=HttpOptions(**options)))  # type: ignore[arg-type]
    text = describe("a", judged, [seen], "")
    return text.partition("\n\n")[2].partition("\n\nTimings")[0].splitlines()


def test_the_steps_end_where_it_failed() -> None:
    ip = (Fact("ip", "192.0.2.1"),)
    assert steps(failed(Cause.DNS, "name not found", Stage.RESOLVE, timings=Timings(resolve=0.25))) == [
        "resolve   failed: name not found, 250 ms"
    ]
    assert steps(failed(Cause.REFUSED, "connection refused", facts=ip, timings=Timings(connect=0.001))) == [
        "resolve   no name to look up",
        "connect   failed: connection refused, 1 ms",
    ]
    times = Timings(connect=0.001)
    assert steps(failed(Cause.NO_RESPONSE, "no answer", Stage.WAIT, facts=ip, timings=times)) == [
        "resolve   no name to look up",
        "connect   192.0.2.1, 1 ms",
        "request   GET http://127.0.0.1:8001/health",
        "answer    failed: no answer",
    ]
    times = Timings(connect=0.001, wait=0.25, transfer=0.001)
    seen = failed(Cause.RESET, "it broke off", Stage.TRANSFER, facts=(*ip, Fact("status", 200)), timings=times)
    assert steps(seen)[2:] == [
        "request   GET http://127.0.0.1:8001/health",
        "answer    HTTP 200, 250 ms",
        "failed    it broke off",
    ]


def test_by_a_proxy_the_name_is_left_to_it() -> None:
    seen = outcome(None, facts=(Fact("ip", "192.0.2.1"),), timings=Timings(connect=0.001))
    assert steps(seen, proxy="http://192.0.2.1:3128")[0] == "resolve   left to the proxy"


def test_a_port_has_no_request() -> None:
    seen = outcome(None, facts=(Fact("ip", "192.0.2.1"),), timings=Timings(connect=0.001))
    text = describe("a", result(service=service(options=TcpOptions())), [seen, seen], "")
    assert [line[:9].strip() for line in text.splitlines()[:9]] == [
        "2026-01-3",
        "",
        "Attempt 1",
        "",
        "resolve",
        "connect",
        "",
        "Attempt 2",
        "",
    ]


async def test_no_secret_is_shown() -> None:
    """Whatever the server makes of it."""
    keys = 'headers.X-Key = "${KEY}"\nauth.basic = { username = "user", password = "hunter2" }\nurl_secret = 1\n'
    del keys
    echo = OK.replace(b"\r\n\r\n", b"\r\nX-Echo: s3cret and hunter2\r\n\r\n")
    config = f'[modules.http_2xx]\nauth.basic = {{ username = "user", password = "hunter2" }}\n{LOOPBACK}'
    async with replying(echo) as server, serving_probe(config) as ask:
        answer = await ask(target=f"http://127.0.0.1:{server.port}/", debug="true")
    assert "X-Echo: s3cret and ***" in answer.text
    assert not re.search("hunter2|dXNlcjpodW50ZXIy", answer.text)
