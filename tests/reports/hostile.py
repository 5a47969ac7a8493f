"""Texts with which a server would break out of a report, if it could, and runs that are full of them."""

from typing import Any

from hypothesis import strategies as st

from healthmon.core.model import Cause, Fact, Level, Reason, Result, Timings, Verdict
from healthmon.core.run import Ending, Run, Wait, Waited
from tests.make import result, service

HOSTILE = (
    "first\nok 2 - forged\nnot ok 1\r\nBail out! forged\n1..0",
    "\n  ...\nok 1 - forged\n  ---\n",
    "# TODO forged \\# SKIP \\\\# todo #skip",
    "]]> <!-- --> <![CDATA[ </failure></testcase><testcase name='forged'/> &lt; &#0; &amp;",
    "[[ATTACHMENT|/etc/passwd]]",
    "<script>alert(1)</script> <b onclick=x>",
    "HEALTHMON OK - 1/1 healthy | 'forged'=1;2;3 x=1",
    "a 'quoted' label=1 \"and\" \\ 'more''",
    "\x1b[31mred\x1b[0m \x1b]0;title\x07 \x9b2J \x00 \x08 \x7f \x85 \ufeff \ufffe \uffff",
    "line\u2028separator\u2029paragraph \u202e turned \u200b none",
    "lone \ud800 surrogate \udfff",
    "$HOSTNAME$ `id` $(id) %s {0} {x}",
    "äöü ✓ 健康 🙂",
    "x" * 10_000,
)
"""One for each way out that is known."""

texts = st.sampled_from(HOSTILE) | st.text(st.characters(), max_size=40)
"""Any text, also what no encoding can write."""

_values = texts | st.integers() | st.floats() | st.booleans() | st.none() | st.lists(texts, max_size=2).map(tuple)
_seconds = st.floats(min_value=0, max_value=1e6)


def run_of(*results: Result, **keys: Any) -> Run:
    """A run that took 0.312 s."""
    return Run(**{"started": 1_769_860_800.0, "duration": 0.312, "host": "127.0.0.1", "results": results, **keys})


def hostile_result(text: str, verdict: Verdict = Verdict.DOWN, *, id_: str = "brain") -> Result:
    """A result that holds a text wherever one may stand, as if nobody had made it safe."""
    owner = service(id_, name=text, group=text, runbook=text, hint=text, shown_url=text)
    reason = Reason(text, text, text, Level.EXPECT)
    facts = (Fact("step", text), Fact("server", text), Fact("names", (text, text)))
    return result(service=owner, verdict=verdict, message=text, reasons=(reason,), facts=facts, blocked_by=text)


@st.composite
def _results(draw: st.DrawFn, number: int) -> Result:
    verdict = draw(st.sampled_from(list(Verdict)))
    owner = service(
        f"id-{number}",
        name=draw(texts),
        group=draw(st.none() | texts),
        phase=draw(st.none() | st.integers(0, 9)),
        runbook=draw(st.none() | texts),
        hint=draw(st.none() | texts),
        shown_url=draw(texts),
    )
    reason = st.builds(Reason, texts, texts, texts, st.sampled_from(list(Level)))
    return Result(
        service=owner,
        verdict=verdict,
        cause=None if verdict is Verdict.UP else draw(st.sampled_from(list(Cause))),
        message=draw(texts),
        started=draw(st.floats(min_value=0, max_value=4e9)),
        duration=draw(_seconds),
        timings=Timings(wait=draw(st.none() | _seconds)),
        attempts=draw(st.integers(0, 5)),
        facts=tuple(draw(st.lists(st.builds(Fact, st.sampled_from(["step", "status", "a"]), _values), max_size=3))),
        reasons=tuple(draw(st.lists(reason, max_size=2))),
        blocked_by=draw(st.none() | texts),
    )


@st.composite
def runs(draw: st.DrawFn) -> Run:
    """Runs of some services with any text in all that is shown; of some, healthy services were waited for."""
    results = [draw(_results(number)) for number in range(draw(st.integers(1, 4)))]
    waits = st.builds(Wait, st.sampled_from(Ending), st.booleans(), st.integers(1, 3))
    waited = {
        one.service.id: Waited(draw(st.integers(0, 99)), draw(st.none() | _seconds), 0, draw(st.none() | st.just(one)))
        for one in results
    }
    return run_of(
        *results,
        host=draw(st.none() | texts),
        duration=draw(_seconds),
        **({"wait": draw(waits), "waited": waited} if draw(st.booleans()) else {}),
    )
