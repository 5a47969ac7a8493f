"""Runs for the tests of reports: one with every verdict, and such as an enemy would have them."""

from hypothesis import strategies as st

from healthmon.core.model import Cause, Fact, Level, Reason, Result, Timings, Verdict
from healthmon.core.run import Change, Ending, News, Run, Wait, Waited
from tests.make import result, service

MEAN = (
    "::error::forged",
    "\n::error file=a,line=1::forged",
    "##[error]forged",
    "x\r\n::set-output name=a::b",
    "::stop-commands::x",
    "%0A::error::forged",
    "100%25",
    "a,b:c,title=forged",
    "<script>alert(1)</script>",
    "<!-- ",
    "&lt;b&gt; &#64;root",
    "[click](http://example.com/)",
    "![](http://example.com/x.png)",
    "http://example.com/ www.example.com a@example.com",
    "@root #12 !3 GH-4 octo/repo#5 octo@1234567 :tada:",
    "a|b\\|c\\\\|d |",
    "`code` ``more`` ```",
    "`",
    "\\",
    "**bold** __bold__ *i* _i_ ~~gone~~ $x$",
    "\n# heading\n\n- item\n1. one\n> quote\n---\n    code\n```\n",
    "[x]: http://example.com",
    "[^1]",
    'a"} 1\nforged_metric{x="y',
    '\\"} 2 \\n',
    "# TYPE healthmon_service_up counter",
    "\x1b[31mred\x07\x85\u2028::error::forged",
    "{{ x }} ${{ secrets.X }}",
    "",
    " ",
)
texts = st.one_of(st.sampled_from(MEAN), st.text(max_size=30), st.tuples(*[st.sampled_from(MEAN)] * 2).map("".join))
verdicts = st.sampled_from(Verdict)


@st.composite
def _results(draw: st.DrawFn, ids: list[str], number: int) -> Result:
    verdict = draw(verdicts)
    owner = service(
        ids[number],
        name=draw(texts),
        shown_url=draw(texts),
        group=draw(st.none() | texts),
        hint=draw(st.none() | texts),
        runbook=draw(st.none() | texts),
        by_hand=draw(st.none() | texts),
    )
    reasons = st.builds(Reason, texts, texts, texts, st.sampled_from(Level))
    causes = st.none() if verdict is Verdict.UP else st.sampled_from(Cause)
    return result(
        service=owner,
        verdict=verdict,
        cause=draw(causes),
        message=draw(texts),
        reasons=tuple(draw(st.lists(reasons, max_size=3))) if verdict is not Verdict.UP else (),
        facts=(
            Fact("status", 503),
            *draw(st.lists(st.builds(Fact, st.sampled_from(["step", "retry_after", "banner"]), texts))),
        ),
        timings=draw(st.sampled_from([Timings(), Timings(connect=0.001, wait=0.2)])),
        blocked_by=draw(st.none() | st.sampled_from(ids)) if verdict is not Verdict.UP else None,
    )


@st.composite
def runs(draw: st.DrawFn) -> Run:
    """Any run: whatever the texts are, and whoever blocks whom."""
    ids = draw(st.lists(texts.filter(bool), min_size=1, max_size=4, unique=True))
    results = tuple(draw(_results(ids, number)) for number in range(len(ids)))
    reached = st.builds(
        Waited,
        checks=st.just(3),
        reached=st.none() | st.just(1.5),
        good=st.just(1),
        last_failure=st.sampled_from(results),
    )
    waits = st.builds(Wait, st.sampled_from(Ending), down=st.booleans(), stable=st.integers(1, 3))
    wait, waited = draw(st.just((None, {})) | st.tuples(waits, st.fixed_dictionaries(dict.fromkeys(ids, reached))))
    changes = draw(st.none() | st.just({ids[0]: Change(News.FAILED, 0.0)}))
    host = draw(st.none() | texts)
    return Run(
        started=1_769_860_800.0, duration=2.0, host=host, results=results, wait=wait, waited=waited, changes=changes
    )


def every_verdict() -> Run:
    """One service of each verdict, and one that hangs on the one that is down."""
    slow = Reason("latency", "at most 2 s", "2.4 s", Level.WARN)
    wrong = Reason("status", "200, 302", "503", Level.EXPECT)
    results = (
        result("saleor"),
        result("brain", Verdict.DOWN, reasons=(wrong,)),
        result("agents", Verdict.DOWN, reasons=(wrong,), blocked_by="brain"),
        result(
            "crm",
            Verdict.DEGRADED,
            cause=Cause.LATENCY,
            message="HTTP 200, 2.4 s, expected at most 2 s",
            reasons=(slow,),
        ),
        result("auth", Verdict.UNKNOWN, cause=Cause.DEADLINE, message="the deadline of 5 s came first", facts=()),
    )
    return Run(started=1_769_860_800.0, duration=2.0, host="127.0.0.1", results=results)
