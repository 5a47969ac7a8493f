"""The judge: the verdict is what was observed, the cause what went wrong first."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from healthmon.core.expectations import (
    BodyRule,
    BodyTest,
    Comparison,
    Expectations,
    Operator,
    Selected,
    StatusRange,
)
from healthmon.core.judge import judge, not_found_out
from healthmon.core.model import (
    Body,
    Cause,
    Fact,
    Failure,
    Level,
    Outcome,
    Reason,
    Result,
    Stage,
    Step,
    Timings,
    Verdict,
)
from tests.make import OK, failed, outcome, service

NOW = 1_000_000.0
DAY = 86400.0


def judged(seen: Outcome, *, expect: Expectations = OK, warn: Expectations = Expectations()) -> Result:  # noqa: B008
    """Judge an outcome of a service with these expectations."""
    return judge(service(expect=expect, warn=warn), seen, started=NOW, duration=0.05)


def selected(selector: str, operand: Any, operator: Operator = Operator.EQ) -> tuple[Selected, ...]:
    """One comparison of one selected value."""
    return (Selected(selector, (Comparison(operator, operand),)),)


def summary(result: Result) -> tuple[Verdict, Cause | None, str]:
    """What most tests compare."""
    return result.verdict, result.cause, result.message


def test_an_accepted_status_is_up() -> None:
    """The main case, with all that a result carries."""
    result = judged(outcome(302))
    assert summary(result) == (Verdict.UP, None, "HTTP 302")
    assert (result.started, result.duration, result.attempts, result.reasons) == (NOW, 0.05, 1, ())
    assert result.timings == Timings(connect=0.001, wait=0.040)
    assert result.fact("status") == 302


def test_another_status_is_down() -> None:
    """The message names what was met and all that was expected."""
    result = judged(outcome(503))
    assert summary(result) == (Verdict.DOWN, Cause.STATUS, "HTTP 503, expected 200 or 302")
    assert result.reasons == (Reason("status", "200, 302", "503", Level.EXPECT),)


@pytest.mark.parametrize(
    ("ranges", "text"),
    [
        ((StatusRange(200, 200),), "200"),
        ((StatusRange(200, 299),), "2xx"),
        ((StatusRange(200, 204),), "200-204"),
        ((StatusRange(200, 200), StatusRange(301, 301), StatusRange(302, 302)), "200, 301 or 302"),
    ],
)
def test_expected_statuses_are_put_into_words(ranges: tuple[StatusRange, ...], text: str) -> None:
    """As the user wrote them."""
    assert judged(outcome(404), expect=Expectations(status=ranges)).message == f"HTTP 404, expected {text}"


def test_a_status_that_never_came_fails() -> None:
    """No expectation passes because something was absent."""
    result = judged(outcome(None))
    assert summary(result) == (Verdict.DOWN, Cause.STATUS, "connected, expected 200 or 302")


@pytest.mark.parametrize(
    ("sent", "status", "cause"),
    [
        (True, 401, Cause.AUTH),
        (True, 407, Cause.AUTH),
        (True, 403, Cause.STATUS),
        (False, 401, Cause.STATUS),
    ],
)
def test_rejected_credentials_are_a_cause_of_their_own(sent: bool, status: int, cause: Cause) -> None:
    """A 401 without credentials is a status like another."""
    assert judged(outcome(status, credentials_sent=sent)).cause is cause


def test_a_failure_without_an_answer_decides_alone() -> None:
    """There is nothing to hold expectations against."""
    result = judged(failed(Cause.REFUSED, "connection refused"))
    assert summary(result) == (Verdict.DOWN, Cause.REFUSED, "connection refused")
    assert result.reasons == ()


@pytest.mark.parametrize("cause", [Cause.LOCAL, Cause.INTERNAL, Cause.OFFLINE])
def test_what_is_no_fault_of_the_service_is_unknown(cause: Cause) -> None:
    """It was not found out whether the service is healthy."""
    assert judged(failed(cause)).verdict is Verdict.UNKNOWN


def test_what_connects_and_demands_nothing_is_up() -> None:
    """A TCP check."""
    assert summary(judged(outcome(None), expect=Expectations())) == (Verdict.UP, None, "connected")


def test_a_handshake_shows_its_version() -> None:
    """A TLS check."""
    seen = outcome(None, facts=(Fact("tls_version", "TLSv1.3"),))
    assert judged(seen, expect=Expectations()).message == "TLSv1.3"


class TestLatency:
    """A latency is compared with the sum of the stages."""

    def test_within_the_limit(self) -> None:
        """Exactly at the limit is within it."""
        assert judged(outcome(), expect=Expectations(latency=0.041)).verdict is Verdict.UP

    def test_beyond_the_limit_of_warn_is_degraded(self) -> None:
        """The example of the report."""
        result = judged(outcome(timings=Timings(wait=2.4)), warn=Expectations(latency=2.0))
        assert summary(result) == (Verdict.DEGRADED, Cause.LATENCY, "HTTP 200, 2.4 s, expected at most 2 s")

    def test_beyond_the_limit_of_expect_is_down(self) -> None:
        """The same, demanded."""
        assert judged(outcome(), expect=Expectations(latency=0.040)).verdict is Verdict.DOWN


class TestCertificate:
    """The time left is counted from the start of the check."""

    @pytest.mark.parametrize(
        ("expires", "actual"),
        [
            (NOW + 13 * DAY, "13 d left"),
            (NOW - 3 * DAY, "expired 3 d ago"),
            (None, "no certificate"),
        ],
    )
    def test_too_little_time_left(self, expires: float | None, actual: str) -> None:
        """Soon, past, and not there at all."""
        facts = (Fact("status", 200),) + ((Fact("certificate_expires", expires),) if expires else ())
        result = judged(outcome(facts=facts), warn=Expectations(certificate=14 * DAY))
        assert (result.verdict, result.cause) == (Verdict.DEGRADED, Cause.CERTIFICATE)
        assert result.reasons == (Reason("certificate", "at least 14 d left", actual, Level.WARN),)

    def test_enough_time_left(self) -> None:
        """Nothing to say."""
        facts = (Fact("status", 200), Fact("certificate_expires", NOW + 14 * DAY))
        assert judged(outcome(facts=facts), expect=Expectations(certificate=14 * DAY)).verdict is Verdict.UP


class TestHeaders:
    """Headers are text; an operator on numbers reads them as numbers."""

    @pytest.mark.parametrize(
        ("operator", "operand", "value", "up"),
        [
            (Operator.EQ, "application/json", "application/json", True),
            (Operator.EQ, "application/json", "text/html", False),
            (Operator.CONTAINS, "json", "application/json", True),
            (Operator.GE, 10, "12", True),
            (Operator.GE, 10, "9", False),
            (Operator.GE, 10, "many", False),
            (Operator.GE, 10, "inf", False),
            (Operator.NE, 5, "nan", False),
            (Operator.EQ, 10, "1_0", False),
            (Operator.EQ, 1.5, "1.50", True),
            (Operator.EQ, 9007199254740992, "9007199254740993", False),
            (Operator.ONE_OF, [5, 6], "5", True),
            (Operator.ONE_OF, [5, "a"], "a", True),
            (Operator.ONE_OF, [5, 6], "7", False),
            (Operator.ONE_OF, ["5"], "5", True),
            (Operator.EQ, 12, "12", True),
            (Operator.EXISTS, True, "", True),
            (Operator.EXISTS, False, "x", False),
        ],
    )
    def test_operator(self, operator: Operator, operand: Any, value: str, up: bool) -> None:
        """Names are compared without case."""
        expect = Expectations(header=selected("X-Thing", operand, operator))
        assert up == (judged(outcome(headers=(("x-thing", value),)), expect=expect).verdict is Verdict.UP)

    def test_an_absent_header_fails(self) -> None:
        """Even an order of numbers."""
        for operator, operand in ((Operator.EQ, "a"), (Operator.LT, 3), (Operator.NE, "a")):
            result = judged(outcome(), expect=Expectations(header=selected("X-Thing", operand, operator)))
            assert (result.verdict, result.cause) == (Verdict.DOWN, Cause.HEADER)
            assert result.reasons[0].actual == "nothing"

    def test_absence_may_be_demanded(self) -> None:
        """With `exists = false` only."""
        expect = Expectations(header=selected("Server", operand=False, operator=Operator.EXISTS))
        assert judged(outcome(), expect=expect).verdict is Verdict.UP
        assert judged(outcome(headers=(("Server", "x"),)), expect=expect).reasons == (
            Reason("header Server", "nothing", '"x"', Level.EXPECT),
        )

    def test_a_repeated_header_is_one_list(self) -> None:
        """RFC 9110, section 5.3."""
        expect = Expectations(header=selected("Vary", "a, b"))
        assert judged(outcome(headers=(("Vary", "a"), ("vary", "b"))), expect=expect).verdict is Verdict.UP


class TestBody:
    """A body is searched as text."""

    @pytest.mark.parametrize(
        ("rule", "text", "up"),
        [
            (BodyRule.CONTAINS, "locked", True),
            (BodyRule.CONTAINS, "Locked", False),
            (BodyRule.NOT_CONTAINS, "Locked", True),
            (BodyRule.NOT_CONTAINS, "locked", False),
            (BodyRule.MATCHES, "is l.cked", True),
            (BodyRule.MATCHES, "^locked", False),
            (BodyRule.NOT_MATCHES, "^locked", True),
            (BodyRule.NOT_MATCHES, "locked$", False),
        ],
    )
    def test_rule(self, rule: BodyRule, text: str, up: bool) -> None:
        """Each rule, where it holds and where it does not."""
        result = judged(outcome(body=b"database is locked"), expect=Expectations(body=(BodyTest(rule, text),)))
        assert up == (result.verdict is Verdict.UP)
        assert result.cause is (None if up else Cause.BODY)

    @pytest.mark.parametrize("rule", list(BodyRule))
    @pytest.mark.parametrize("body", [None, Body(b"par", complete=False)])
    def test_what_was_not_read_whole_fails(self, rule: BodyRule, body: Body | None) -> None:
        """Also what must *not* be found: it may stand in the part that was not read."""
        result = judged(outcome(body=body), expect=Expectations(body=(BodyTest(rule, "x"),)))
        assert (result.verdict, result.cause) == (Verdict.DOWN, Cause.BODY)

    def test_an_empty_body_is_named(self) -> None:
        """Rather than shown as two quotation marks."""
        result = judged(outcome(body=b""), expect=Expectations(body=(BodyTest(BodyRule.CONTAINS, "ok"),)))
        assert result.message == 'HTTP 200, body: an empty body, expected to contain "ok"'

    @pytest.mark.parametrize(
        ("content", "charset"),
        [
            ("grün".encode("latin-1"), "latin-1"),
            ("grün".encode(), None),
            ("grün".encode(), "?"),
            ("grün".encode(), "punycode"),
        ],
    )
    def test_charset(self, content: bytes, charset: str | None) -> None:
        """The declared one; UTF-8 where none is declared, or one that nobody knows."""
        expect = Expectations(body=(BodyTest(BodyRule.CONTAINS, "grün"),))
        assert judged(outcome(body=Body(content, charset=charset)), expect=expect).verdict is Verdict.UP


class TestJson:
    """A body is read as JSON and searched by JMESPath."""

    def test_met(self) -> None:
        """A path into the document, and a function of one."""
        expect = Expectations(json=selected("status", "ok") + selected("length(checks[?state!='ok'])", 0))
        assert (
            judged(outcome(body=b'{"status": "ok", "checks": [{"state": "ok"}]}'), expect=expect).verdict is Verdict.UP
        )

    def test_not_met(self) -> None:
        """Path, value and demand are named."""
        result = judged(outcome(body=b'{"status": "starting"}'), expect=Expectations(json=selected("status", "ok")))
        assert summary(result) == (
            Verdict.DOWN,
            Cause.JSON,
            'HTTP 200, json status: "starting", expected "ok"',
        )

    @pytest.mark.parametrize(
        ("met", "shown"),
        [
            (r"1.4.2\u0000", r'"1.4.2\u0000"'),
            ("1.4.2\u200b", r'"1.4.2\u200b"'),
            ("\ufeff1.4.2", r'"\ufeff1.4.2"'),
            ("1.4.2\xa0", r'"1.4.2\u00a0"'),
            ("1.4.2  ", r'"1.4.2 \u0020"'),
        ],
    )
    def test_what_cannot_be_seen_is_shown(self, met: str, shown: str) -> None:
        """What is met does not read as what is expected: then it would be equal."""
        expect = Expectations(json=selected("version", "1.4.2"))
        result = judged(outcome(body=f'{{"version":"{met}"}}'.encode()), expect=expect)
        assert result.message == f'HTTP 200, json version: {shown}, expected "1.4.2"'
        assert result.reasons == (Reason("json version", '"1.4.2"', shown, Level.EXPECT),)

    @pytest.mark.parametrize(
        ("body", "actual"),
        [
            (b"<html>", 'not JSON: "<html>"'),
            (b"", "not JSON: an empty body"),
            (b"NaN", 'not JSON: "NaN"'),
            (b'"\xff"', 'not JSON: "\\"�\\""'),
            (b"[" * 100_000, 'not JSON: "' + "[" * 80 + '"'),
        ],
    )
    @pytest.mark.parametrize("operator", [Operator.EQ, Operator.EXISTS])
    def test_what_is_not_json_fails(self, body: bytes, actual: str, operator: Operator) -> None:
        """Even where absence is demanded: nothing was found out."""
        result = judged(outcome(body=body), expect=Expectations(json=selected("a", operand=False, operator=operator)))
        assert (result.verdict, result.cause) == (Verdict.DOWN, Cause.JSON)
        assert result.reasons[0].actual == actual

    @pytest.mark.parametrize("body", [None, Body(b'{"a": 1}', complete=False)])
    def test_what_was_not_read_whole_fails(self, body: Body | None) -> None:
        """A document may be cut where it still parses."""
        assert judged(outcome(body=body), expect=Expectations(json=selected("a", 1))).cause is Cause.JSON

    def test_a_byte_order_mark_is_passed_over(self) -> None:
        """RFC 8259, section 8.1."""
        body = b'\xef\xbb\xbf{"a": 1}'
        assert judged(outcome(body=body), expect=Expectations(json=selected("a", 1))).verdict is Verdict.UP

    @pytest.mark.parametrize("expression", ["b", "length(a)", "max(a)", "abs(@)", "a[0]", "&a"])
    def test_a_search_without_a_value_fails(self, expression: str) -> None:
        """A missing key and a function that does not apply are the same: nothing."""
        met = judged(outcome(body=b'{"a": 1}'), expect=Expectations(json=selected(expression, 1)))
        assert met.reasons[0].actual == "nothing"
        absent = Expectations(json=selected(expression, operand=False, operator=Operator.EXISTS))
        assert judged(outcome(body=b'{"a": 1}'), expect=absent).verdict is Verdict.UP


class TestValues:
    """What a probe adds is compared by the fact's name."""

    def test_met_and_not_met(self) -> None:
        """An absent fact fails."""
        seen = outcome(facts=(Fact("status", 200), Fact("rows", 3)))
        assert judged(seen, expect=Expectations(values=selected("rows", 3))).verdict is Verdict.UP
        assert judged(seen, expect=Expectations(values=selected("rows", 4))).cause is Cause.VALUE
        assert judged(seen, expect=Expectations(values=selected("loss", 0))).cause is Cause.VALUE


class TestFailureWithinTheAnswer:
    """The headers had come, the body did not: the headers decide unless an expectation needs the body."""

    broken = Failure(Cause.TIMEOUT, "the answer was not finished", Stage.TRANSFER)
    needs_body = Expectations(status=(StatusRange(200, 200),), body=(BodyTest(BodyRule.CONTAINS, "ok"),))

    def test_a_bad_status_came_first(self) -> None:
        """503 is the cause, not the body that never came."""
        result = judged(outcome(503, failure=self.broken), expect=self.needs_body)
        assert (result.verdict, result.cause) == (Verdict.DOWN, Cause.STATUS)
        assert [reason.expectation for reason in result.reasons] == ["status", "body"]

    def test_the_body_was_needed(self) -> None:
        """The failure is the cause."""
        result = judged(outcome(200, failure=self.broken), expect=self.needs_body)
        assert summary(result) == (Verdict.DOWN, Cause.TIMEOUT, "HTTP 200, the answer was not finished")

    def test_the_body_was_not_needed(self) -> None:
        """Up: the headers said so."""
        assert judged(outcome(200, failure=self.broken)).verdict is Verdict.UP

    def test_only_a_warning_needed_the_body(self) -> None:
        """Degraded, by what kept the body away."""
        result = judged(outcome(200, failure=self.broken), warn=self.needs_body)
        assert (result.verdict, result.cause) == (Verdict.DEGRADED, Cause.TIMEOUT)

    def test_an_earlier_warning_stays_the_cause(self) -> None:
        """A header that failed came before the body."""
        warn = Expectations(header=selected("X", "y"), body=self.needs_body.body)
        assert judged(outcome(200, failure=self.broken), warn=warn).cause is Cause.HEADER

    def test_a_fault_of_our_own_stays_unknown(self) -> None:
        """Whatever the headers said."""
        fault = Failure(Cause.INTERNAL, "KeyError", Stage.TRANSFER)
        assert judged(outcome(200, failure=fault)).verdict is Verdict.UNKNOWN

    def test_a_redirect_that_leads_nowhere_is_no_answer(self) -> None:
        """The 302 on the way is accepted only where redirects are not followed."""
        loop = Failure(Cause.REDIRECT, "redirects in a loop", Stage.TRANSFER)
        assert summary(judged(outcome(302, failure=loop))) == (Verdict.DOWN, Cause.REDIRECT, "redirects in a loop")


def test_an_answer_that_must_come_whole_decides_with_its_end() -> None:
    """Although nothing is demanded of its body."""
    facts = (Fact("status", 200),)
    cut_off = failed(Cause.RESET, "connection closed", Stage.TRANSFER, facts=facts)
    whole = Expectations(status=OK.status, whole=True)
    assert summary(judged(cut_off)) == (Verdict.UP, None, "HTTP 200")
    assert summary(judged(cut_off, expect=whole)) == (Verdict.DOWN, Cause.RESET, "HTTP 200, connection closed")
    assert summary(judged(outcome(204), expect=Expectations(whole=True))) == (Verdict.UP, None, "HTTP 204")


def test_expect_comes_before_warn() -> None:
    """Down outweighs degraded, and all failed expectations are listed."""
    result = judged(outcome(503), warn=Expectations(latency=0.001))
    assert (result.verdict, result.cause) == (Verdict.DOWN, Cause.STATUS)
    assert [(reason.expectation, reason.level) for reason in result.reasons] == [
        ("status", Level.EXPECT),
        ("latency", Level.WARN),
    ]


def test_text_of_the_server_is_made_safe() -> None:
    """Escape sequences and secrets go; numbers stay numbers."""
    owner = service(expect=Expectations(json=selected("m", "ok")), secrets=frozenset({"s3cret"}))
    facts = (Fact("status", 200), Fact("server", "\x1b[31mnginx s3cret"))
    seen = outcome(facts=facts, body=b'{"m": "\\u001b[2J s3cret\\nx"}')
    result = judge(owner, seen, started=NOW, duration=0.05)
    shown = f"{result.message} {result.reasons} {result.facts}"
    assert "\x1b" not in shown
    assert "s3cret" not in shown
    assert result.facts == (Fact("status", 200), Fact("server", "nginx ***"))


@pytest.mark.parametrize(
    ("met", "shown"),
    [
        ('{"token": "s3cret", "n": 1}', '{"token":"***","n":1}'),
        ('["a", "s3cret"]', '["a","***"]'),
        (r'{"a": [{"b": "s3\u200bcret"}]}', '{"a":[{"b":"***"}]}'),
    ],
)
def test_a_secret_within_a_value_is_masked(met: str, shown: str) -> None:
    """However deep it is, and where it was broken up with what cannot be seen."""
    owner = service(expect=Expectations(json=selected("m", "ok")), secrets=frozenset({"s3cret"}))
    result = judge(owner, outcome(body=f'{{"m": {met}}}'.encode()), started=NOW, duration=0.05)
    assert result.message == f'HTTP 200, json m: {shown}, expected "ok"'
    assert [reason.actual for reason in result.reasons] == [shown]


def test_a_check_that_was_cut_off_is_unknown() -> None:
    """It has no attempts, and says why."""
    result = not_found_out(service(), Cause.DEADLINE, "the deadline of 5 s came first", started=NOW, duration=5.0)
    assert summary(result) == (Verdict.UNKNOWN, Cause.DEADLINE, "the deadline of 5 s came first")
    assert result.attempts == 0


outcomes = st.builds(
    outcome,
    st.none() | st.integers(100, 599),
    body=st.none() | st.builds(Body, st.binary(max_size=30), st.booleans()),
    failure=st.none() | st.builds(Failure, st.sampled_from(Cause), st.text(max_size=9), st.sampled_from(Stage)),
)
demands = st.builds(
    Expectations,
    status=st.sampled_from([(), (StatusRange(200, 299),)]),
    latency=st.none() | st.floats(0, 1),
    certificate=st.none() | st.floats(0, 1),
    header=st.sampled_from([(), selected("X", "y")]),
    body=st.sampled_from([(), (BodyTest(BodyRule.NOT_CONTAINS, "x"),)]),
    json=st.sampled_from([(), selected("a", 1)]),
    values=st.sampled_from([(), selected("rows", 1)]),
)


@given(outcomes, demands, demands)
def test_verdict_cause_and_reasons_agree(seen: Outcome, expect: Expectations, warn: Expectations) -> None:
    """Up has neither cause nor reason; degraded only warnings; a failed demand never passes for healthy."""
    result = judged(seen, expect=expect, warn=warn)
    assert (result.cause is None) == (result.verdict is Verdict.UP)
    levels = {reason.level for reason in result.reasons}
    if result.verdict is Verdict.UP:
        assert not levels
    if Level.EXPECT in levels:
        assert not result.verdict.healthy
    if result.verdict is Verdict.DEGRADED:
        assert levels == {Level.WARN}


@given(outcomes, demands, demands)
def test_more_demands_never_help(seen: Outcome, expect: Expectations, warn: Expectations) -> None:
    """What is unhealthy without demands stays so with them."""
    if not judged(seen, expect=Expectations(), warn=Expectations()).verdict.healthy:
        assert not judged(seen, expect=expect, warn=warn).verdict.healthy


LOGIN = Step("login", OK, 0.0, last=False)


def test_a_time_out_in_a_step_after_which_others_follow_is_one_whatever_the_headers_say() -> None:
    """The others were not made."""
    failure = Failure(Cause.TIMEOUT, "not finished", Stage.TRANSFER)
    result = judge(service(), outcome(failure=failure, step=LOGIN), started=0.0, duration=0.1)
    assert (result.verdict, result.message) == (Verdict.DOWN, "step login: HTTP 200, not finished")


def test_no_service_is_up_of_which_steps_were_left_out() -> None:
    result = judge(service(), outcome(step=LOGIN), started=0.0, duration=0.1)
    assert (result.verdict, result.cause) == (Verdict.UNKNOWN, Cause.INTERNAL)


def test_the_status_of_a_step_is_its_own() -> None:
    step = Step("step 2", Expectations(status=(StatusRange(401, 401),)), 0.0)
    assert judge(service(), outcome(401, step=step), started=0.0, duration=0.1).verdict is Verdict.UP
    met = judge(service(), outcome(200, step=step), started=0.0, duration=0.1)
    assert met.message == "step 2: HTTP 200, expected 401"


def test_a_steps_latency_is_its_own() -> None:
    step = Step("ask", Expectations(latency=1.0), 0.0, timings=Timings(wait=0.5))
    seen = outcome(timings=Timings(wait=2.0), step=step)
    assert judge(service(), seen, started=0.0, duration=0.1).verdict is Verdict.UP


def test_what_a_check_was_given_is_masked_with_the_services_secrets() -> None:
    """The longer first: one may hold the other."""
    found = outcome(facts=(Fact("status", 200), Fact("a", "xx-abc-yy"), Fact("b", ("abc", "xx-abc"))))
    found = structs.replace(found, secrets=frozenset({"xx-abc-yy"}))
    result = judge(service(secrets=frozenset({"abc"})), found, started=0.0, duration=0.1)
    assert [fact.value for fact in result.facts] == [200, "***", ("***", "xx-***")]


CONTAINS, LACKS = BodyTest(BodyRule.CONTAINS, "ready"), BodyTest(BodyRule.NOT_CONTAINS, "old")
AT_KEYS = {
    "status": (Expectations(status=(StatusRange(204, 204),)), outcome()),
    "latency": (Expectations(latency=0.001), outcome()),
    "certificate": (Expectations(certificate=DAY), outcome()),
    "header x-version": (Expectations(header=selected("x-version", "2")), outcome()),
    "body contains": (Expectations(body=(CONTAINS, LACKS)), outcome(body=b"new")),
    "body not_contains": (Expectations(body=(CONTAINS, LACKS)), outcome(body=b"old and ready")),
    "json a.b": (Expectations(json=selected("a.b", 1)), outcome(body=b"{}")),
    "log not_contains": (Expectations(log=(CONTAINS, LACKS)), outcome(body=b"old and ready")),
    "records": (Expectations(values=selected("records", 1)), outcome()),
}
TYPED = {key: f"brain.{key}" for key in AT_KEYS}


@pytest.mark.parametrize("key", AT_KEYS)
def test_the_expectation_that_failed_is_told_as_it_was_typed(key: str) -> None:
    """Of tests of a body the one that failed. Nothing where the file demands it, be it at another key or by `warn`."""
    expect, seen = AT_KEYS[key]
    others = {other: text for other, text in TYPED.items() if other != key}

    def told(**keys: Any) -> str | None:
        return judge(service(**keys), seen, started=NOW, duration=0.05).typed

    assert told(typed=TYPED, expect=expect) == f"brain.{key}"
    assert told(typed=others, expect=expect) is None
    assert told(typed=TYPED, expect=Expectations(), warn=expect) is None


def test_what_failed_first_is_told_and_not_what_was_typed() -> None:
    """The status of the file comes before the typed value of a body."""
    expect = structs.replace(OK, json=selected("a", 1))
    told = judge(service(expect=expect, typed={"json a": "brain.json.a:=1"}), outcome(503), started=NOW, duration=0.05)
    assert (len(told.reasons), told.cause, told.typed) == (2, Cause.STATUS, None)


def test_a_steps_expectation_was_not_typed() -> None:
    """Although the service has one of the same name."""
    typed, demands = {"json a": "brain.json.a:=1"}, Expectations(json=selected("a", 1))
    seen = outcome(body=b"{}", step=Step("log in", demands, NOW))
    assert judge(service(typed=typed), seen, started=NOW, duration=0.05).typed is None


def test_what_was_typed_is_made_safe() -> None:
    owner = service(
        expect=Expectations(json=selected("a", "s3cret")),
        typed={"json a": "brain.json.a=s3cret\x1b[2J\n" + "x" * 500},
        secrets=frozenset({"s3cret"}),
    )
    typed = judge(owner, outcome(body=b"{}"), started=NOW, duration=0.05).typed
    assert typed is not None
    assert typed.startswith("brain.json.a=*** xxx")
    assert len(typed) == 200
