"""What is new since the last run."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healthmon.core.changes import Told, compare, is_well, still_bad, told_as
from healthmon.core.model import Cause, Fact, Result, Verdict
from healthmon.core.run import Change, News
from tests.make import result

NOW = 1_769_860_800.0
HOUR = 3600.0


def down(
    id_: str = "brain",
    cause: Cause = Cause.REFUSED,
    verdict: Verdict = Verdict.DOWN,
    blocked_by: str | None = None,
) -> Result:
    """A service that is not healthy, for this cause."""
    return result(id_, verdict, cause=cause, blocked_by=blocked_by)


def test_all_well_is_no_news() -> None:
    """And nothing is remembered."""
    assert compare([result("brain"), result("auth", Verdict.DEGRADED)], {}, now=NOW) == ({}, {})


def test_what_is_not_healthy_is_news_once() -> None:
    """Whether it is down or could not be found out."""
    results = [down("brain"), down("auth", Cause.OFFLINE, Verdict.UNKNOWN), result("saleor")]
    changes, told = compare(results, {}, now=NOW)
    assert changes == {"brain": Change(News.FAILED, NOW), "auth": Change(News.FAILED, NOW)}
    assert told == {"brain": Told(NOW, NOW, ("down refused",)), "auth": Told(NOW, NOW, ("unknown offline",))}
    assert compare(results, told, now=NOW + 300) == ({}, told)
    assert [each.service.id for each in still_bad(results, {}, strict=False)] == ["brain", "auth"]
    assert list(still_bad(results, changes, strict=False)) == []


def test_degraded_is_not_healthy_where_that_is_asked() -> None:
    """As it is for the exit code."""
    slow = result("brain", Verdict.DEGRADED, cause=Cause.LATENCY)
    changes, told = compare([slow], {}, now=NOW, strict=True)
    assert changes == {"brain": Change(News.FAILED, NOW)}
    assert (is_well(slow, strict=True), is_well(slow, strict=False)) == (False, True)
    assert list(still_bad([slow], {}, strict=True)) == [slow]
    assert compare([slow], told, now=NOW + 300)[0] == {"brain": Change(News.RECOVERED, NOW)}


def test_a_recovery_says_since_when_it_was_bad() -> None:
    """And the next failure is news again."""
    _, told = compare([down()], {}, now=NOW)
    changes, told = compare([result("brain")], told, now=NOW + 1500)
    assert (changes, told) == ({"brain": Change(News.RECOVERED, NOW)}, {})
    assert compare([down()], told, now=NOW + 1800)[0] == {"brain": Change(News.FAILED, NOW + 1800)}


def test_a_new_cause_is_told_once() -> None:
    """One that comes and goes sends no message each time."""
    told: Mapping[str, Told] = {}
    news = []
    for number, cause in enumerate((Cause.REFUSED, Cause.RESET, Cause.REFUSED, Cause.RESET, Cause.STATUS, Cause.RESET)):
        changes, told = compare([down(cause=cause)], told, now=NOW + 300 * number)
        news.append("brain" in changes)
        assert all(change == Change(News.FAILED, NOW) for change in changes.values())
    assert news == [True, True, False, False, True, False]
    assert told == {"brain": Told(NOW, NOW + 1200, ("down refused", "down reset", "down status 503"))}


def test_another_status_is_another_fault() -> None:
    """Each is told once: 404 after 503 is another fault, and so is one without any status."""
    told: Mapping[str, Told] = {}
    news = []
    for number, status in enumerate((503, 404, 503, None, 404)):
        facts = () if status is None else (Fact("status", status),)
        failed = result("brain", Verdict.DOWN, cause=Cause.STATUS, facts=facts)
        changes, told = compare([failed], told, now=NOW + 300 * number)
        news.append("brain" in changes)
    assert news == [True, True, False, True, False]
    assert told == {"brain": Told(NOW, NOW + 900, ("down status 503", "down status 404", "down status"))}


def test_a_worse_verdict_for_the_same_cause_is_told() -> None:
    """What was slow and now takes too long has failed; that it is slow again is told once, too."""
    told: Mapping[str, Told] = {}
    news = []
    for number, verdict in enumerate((Verdict.DEGRADED, Verdict.DOWN, Verdict.DEGRADED, Verdict.DOWN)):
        changes, told = compare([down(cause=Cause.LATENCY, verdict=verdict)], told, now=NOW + 300 * number, strict=True)
        news.append(changes)
    assert news == [{"brain": Change(News.FAILED, NOW)}] * 2 + [{}] * 2
    assert told == {"brain": Told(NOW, NOW + 300, ("degraded latency", "down latency"))}


def test_what_its_root_no_longer_explains_is_told_itself() -> None:
    """Once: whoever was told to look at the root would look there for ever. A root that comes and goes is no news."""
    told: Mapping[str, Told] = {}
    said = []
    root, blocked, alone = down("brain"), down("crm", blocked_by="brain"), down("crm")
    for number, results in enumerate(
        ([root, blocked], [root, blocked], [result("brain"), alone], [result("brain"), alone], [root, blocked], [alone])
    ):
        changes, told = compare(results, told, now=NOW + 300 * number)
        said.append(changes.get("crm"))
    assert said == [Change(News.FAILED, NOW), None, Change(News.UNBLOCKED, NOW, "brain"), None, None, None]
    assert told == {"crm": Told(NOW, NOW + 600, ("down refused",))}


def test_a_root_that_fails_later_explains_nothing_that_was_told() -> None:
    """As the daemon sees it. What is told while it is down, a new cause or a repetition, sends people to the root."""
    own, blocked = down("crm"), down("crm", blocked_by="brain")
    _, told = compare([result("brain"), own], {}, now=NOW)
    changes, told = compare([down("brain"), blocked], told, now=NOW + 300)
    assert changes == {"brain": Change(News.FAILED, NOW + 300)}
    for later, cause, news, repeat in (
        (600.0, Cause.RESET, News.FAILED, None),
        (7 * HOUR, Cause.REFUSED, News.REPEATED, 6 * HOUR),
    ):
        again = [down("brain"), down("crm", cause, blocked_by="brain")]
        changes, then = compare(again, told, now=NOW + later, repeat=repeat)
        assert changes["crm"] == Change(news, NOW)
        changes, _ = compare([result("brain"), down("crm", cause)], then, now=NOW + later + 300)
        assert changes["crm"] == Change(News.UNBLOCKED, NOW, "brain")


def test_what_could_not_be_found_out_frees_of_nothing() -> None:
    """Neither where it is the service nor where it is its root; a root that is no longer checked does."""
    _, told = compare([down("brain"), down("crm", blocked_by="brain")], {}, now=NOW)
    lost = down("brain", Cause.DEADLINE, Verdict.UNKNOWN)
    assert "crm" not in compare([lost, down("crm")], told, now=NOW + 300)[0]
    changes, told = compare([result("brain"), down("crm", Cause.DEADLINE, Verdict.UNKNOWN)], told, now=NOW + 300)
    assert changes["crm"] == Change(News.FAILED, NOW)
    changes, told = compare([down("crm", Cause.RESET)], told, now=NOW + 600)
    assert changes["crm"] == Change(News.UNBLOCKED, NOW, "brain")
    assert told["crm"] == Told(NOW, NOW + 600, ("down refused", "unknown deadline", "down reset"))


@pytest.mark.parametrize(
    ("later", "repeat", "repeated"),
    [
        (6 * HOUR, 6 * HOUR, True),
        (6 * HOUR - 2, 6 * HOUR, True),  # cron was two seconds early
        (6 * HOUR - 300, 6 * HOUR, False),
        (1000 * HOUR, None, False),
    ],
)
def test_what_lasts_is_repeated(later: float, repeat: float | None, repeated: bool) -> None:
    """After the time that was asked for, counted from when it was last told."""
    _, told = compare([down()], {}, now=NOW)
    changes, told = compare([down()], told, now=NOW + later, repeat=repeat)
    assert changes == ({"brain": Change(News.REPEATED, NOW)} if repeated else {})
    assert told["brain"].at == (NOW + later if repeated else NOW)


def test_what_is_no_longer_checked_is_told_and_forgotten() -> None:
    """Whoever was told that it is bad would wait for its recovery. What was healthy goes without a word."""
    _, told = compare([down("brain"), result("auth")], {}, now=NOW)
    changes, told = compare([down("crm")], told, now=NOW + 60)
    assert list(changes.items()) == [("crm", Change(News.FAILED, NOW + 60)), ("brain", Change(News.GONE, NOW))]
    assert list(told) == ["crm"]


def test_a_clock_that_was_set_back_silences_nothing() -> None:
    """Repetitions count from now, not from a time that is years away."""
    told = {
        "brain": Told(NOW + 9e8, NOW + 9e8, ("down refused",)),
        "auth": Told(NOW + 9e8, NOW + 9e8, ("down refused",)),
    }
    changes, told_then = compare([down("brain")], told, now=NOW, repeat=HOUR)
    assert (changes, told_then) == (
        {"auth": Change(News.GONE, NOW)},
        {"brain": Told(NOW, NOW, ("down refused",))},
    )
    assert compare([down("brain")], told_then, now=NOW + HOUR, repeat=HOUR)[0]["brain"].news is News.REPEATED


RESULTS = st.lists(
    st.builds(
        lambda id_, verdict, cause, root: result(
            id_,
            verdict,
            cause=None if verdict is Verdict.UP else cause,
            blocked_by=root if verdict is Verdict.DOWN else None,
        ),
        st.sampled_from("abcde"),
        st.sampled_from(Verdict),
        st.sampled_from([Cause.REFUSED, Cause.RESET, Cause.STATUS]),
        st.none() | st.sampled_from("ab"),
    ),
    unique_by=lambda each: each.service.id,
    max_size=5,
)
RUNS = st.lists(st.tuples(RESULTS, st.floats(-1e5, 1e5), st.booleans()), max_size=12)
REPEAT = st.none() | st.floats(1.0, 1e5)


@given(RUNS, REPEAT, st.booleans())
def test_telling_is_idempotent(
    runs: list[tuple[list[Result], float, bool]], repeat: float | None, strict: bool
) -> None:
    """What has just been told is not news."""
    told: dict[str, Told] = {}
    now = NOW
    for results, pause, _ in runs:
        now += pause
        _, told = compare(results, told, now=now, repeat=repeat, strict=strict)
        assert compare(results, told, now=now, repeat=repeat, strict=strict) == ({}, told)


@given(RUNS, REPEAT, st.booleans())
def test_who_gets_some_of_the_reports_knows_who_is_bad(
    runs: list[tuple[list[Result], float, bool]], repeat: float | None, strict: bool
) -> None:
    """Reports may be lost, and are then not remembered. After each that was got, or was empty, the reader knows.

    Each incident is told at least once, no recovery is kept from who was told of the incident, no cause and no verdict
    stays untold, and nobody is left to look at a root that no longer explains what is bad.
    """
    told: dict[str, Told] = {}
    known: dict[str, set[str]] = {}
    look_at: dict[str, str | None] = {}
    now = NOW
    for results, pause, lost in runs:
        now += pause
        changes, after = compare(results, told, now=now, repeat=repeat, strict=strict)
        if changes and lost:
            continue
        told = after
        causes = {each.service.id: told_as(each) for each in results}
        judged = {each.service.id: each for each in results if each.verdict is not Verdict.UNKNOWN}
        for id_, change in changes.items():
            assert change.since <= now
            if change.news in (News.RECOVERED, News.GONE):
                del known[id_]
                look_at.pop(id_, None)
                continue
            known.setdefault(id_, set()).add(causes[id_])
            if id_ in judged:
                look_at[id_] = judged[id_].blocked_by
        bad = {each.service.id for each in results if not is_well(each, strict=strict)}
        assert known.keys() == bad == told.keys()
        assert all(causes[id_] in known[id_] for id_ in bad)
        for id_ in bad & judged.keys():
            root = look_at.get(id_)
            explained = judged[id_].blocked_by is not None
            assert root is None or explained or (root in causes and root not in judged)
        assert {each.service.id for each in still_bad(results, changes, strict=strict)} == bad - changes.keys()


@given(RUNS, st.floats(60.0, 1e5))
def test_what_stays_bad_is_never_silent_for_long(runs: list[tuple[list[Result], float, bool]], repeat: float) -> None:
    """At each run, all that is bad was told less than the repetition's time ago."""
    told: dict[str, Told] = {}
    now = NOW
    for results, pause, _ in runs:
        now += pause
        _, told = compare(results, told, now=now, repeat=repeat)
        assert all(0 <= now - one.at < repeat for one in told.values())
