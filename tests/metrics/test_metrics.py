"""What the metrics say after what has happened."""

import math
import sys

import pytest

from healthmon.core.model import Cause, Fact, FactValue, Service, Timings, Verdict
from healthmon.core.notices import Notice, Severity
from healthmon.core.state import State, Transition, Watched
from healthmon.engine.contract import Sink, Skip
from healthmon.metrics.metrics import Metrics
from healthmon.metrics.own import SKIP_REASONS
from tests.make import result, service
from tests.metrics.scraping import metrics, new, read, samples, scrape, values

UP = State(verdict=Verdict.UP, since=1_769_860_800.5)
DOWN = State(verdict=Verdict.DOWN, since=1_769_860_900.0, cause=Cause.STATUS)


def test_it_is_a_sink() -> None:
    """The type checker says so, and every event is taken."""
    sink: Sink = metrics(service())
    sink.noticed(Notice(Severity.INFO, "online", "There is a way again."))
    sink.changed(
        Transition(
            service=service(),
            before=Verdict.UNKNOWN,
            after=Verdict.UP,
            at=0.0,
            lasted=None,
            result=result(),
            blocked_by=None,
            flapping=False,
        )
    )


async def test_before_the_first_check() -> None:
    """It is known to be watched and not known to be up; nothing is said of checks but that there was none."""
    found = samples(read(await scrape(metrics(service(group="core", phase=2)))))
    about = {name for name, labels in found if ("service", "brain") in labels}
    assert about == {
        "healthmon_service_state",
        "healthmon_service_info",
        "healthmon_service_interval_seconds",
        "healthmon_service_in_maintenance",
        "healthmon_service_flapping",
        "healthmon_checks_total",
    }
    made = metrics(service(group="core", phase=2))
    assert await values(made, "healthmon_service_state", service="brain", group="core") == {
        "state=up": 0,
        "state=degraded": 0,
        "state=down": 0,
        "state=unknown": 1,
    }
    assert await values(made, "healthmon_service_info") == {
        "group=core name=Brain phase=2 probe=http service=brain url=http://127.0.0.1:8001/health": 1
    }
    assert set((await values(made, "healthmon_checks_total")).values()) == {0}
    assert await values(made, "healthmon_service_interval_seconds", service="brain", group="core") == {"": 30}


async def test_what_a_result_shows() -> None:
    """Each fact in its family, times in seconds."""
    made = metrics(service())
    facts = (Fact("status", 200), Fact("certificate_expires", 1_800_000_000))
    timings = Timings(connect=0.0005, wait=0.041)
    made.checked(result(timings=timings, facts=facts, duration=0.0425, started=1_769_860_799.12345), State(), UP, 3)
    brain = {"service": "brain", "group": ""}
    shown = {
        name: await values(made, f"healthmon_{name}", **brain)
        for name in (
            "service_up",
            "service_last_transition_timestamp_seconds",
            "check_success",
            "check_last_timestamp_seconds",
            "check_http_status_code",
            "check_certificate_expiry_timestamp_seconds",
            "check_duration_seconds_sum",
            "check_duration_seconds_count",
            "check_stage_duration_seconds",
            "check_failures_total",
        )
    }
    assert shown == {
        "service_up": {"": 1},
        "service_last_transition_timestamp_seconds": {"": 1_769_860_800.5},
        "check_success": {"": 1},
        "check_last_timestamp_seconds": {"": 1_769_860_799.123},
        "check_http_status_code": {"": 200},
        "check_certificate_expiry_timestamp_seconds": {"": 1_800_000_000},
        "check_duration_seconds_sum": {"": 0.0425},
        "check_duration_seconds_count": {"": 1},
        "check_stage_duration_seconds": {"stage=connect": 0.0005, "stage=wait": 0.041},
        "check_failures_total": {},
    }
    buckets = await values(made, "healthmon_check_duration_seconds_bucket", **brain)
    assert [count for _, count in sorted(buckets.items(), key=lambda item: float(item[0][3:]))] == [0] * 3 + [1] * 9
    assert await values(made, "healthmon_checks_in_flight") == {"": 3}


@pytest.mark.parametrize(
    ("duration", "reached"), [(0.0, 12), (0.005, 12), (0.0051, 11), (2.5, 4), (10.0, 2), (10.1, 1), (700.0, 1)]
)
async def test_a_bucket_holds_its_bound(duration: float, reached: int) -> None:
    """Of twelve, so many count a check that took so long: `le` is less or equal."""
    made = metrics(service())
    made.checked(result(duration=duration), State(), UP, 0)
    buckets = await values(made, "healthmon_check_duration_seconds_bucket")
    assert (len(buckets), sum(buckets.values())) == (12, reached)


@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan, "200", ("200",), None])
async def test_a_fact_that_is_no_number_has_no_sample(value: FactValue) -> None:
    """Rather than one that is not true."""
    made = metrics(service())
    facts = (Fact("status", value), Fact("certificate_expires", value))
    made.checked(result(facts=facts), State(), UP, 0)
    assert await values(made, "healthmon_check_http_status_code") == {}
    assert await values(made, "healthmon_check_certificate_expiry_timestamp_seconds") == {}


@pytest.mark.parametrize(
    ("verdict", "up", "success"),
    [
        (Verdict.UP, {"": 1}, {"": 1}),
        (Verdict.DEGRADED, {"": 1}, {"": 1}),
        (Verdict.DOWN, {"": 0}, {"": 0}),
        (Verdict.UNKNOWN, {}, {}),
    ],
)
async def test_unknown_is_neither_up_nor_down(
    verdict: Verdict, up: dict[str, float], success: dict[str, float]
) -> None:
    """It has no sample at all, also where it had one."""
    made = metrics(service())
    made.checked(result(), State(), UP, 0)
    made.checked(result(verdict=verdict), UP, State(verdict=verdict), 0)
    assert await values(made, "healthmon_service_up", service="brain", group="") == up
    assert await values(made, "healthmon_check_success", service="brain", group="") == success


async def test_failures_are_counted_by_cause() -> None:
    """Whatever is not up has one; what is up has none."""
    made = metrics(service())
    for verdict, cause in (
        (Verdict.UP, None),
        (Verdict.DOWN, Cause.STATUS),
        (Verdict.DOWN, Cause.STATUS),
        (Verdict.DEGRADED, Cause.LATENCY),
        (Verdict.UNKNOWN, Cause.LOCAL),
    ):
        made.checked(result(verdict=verdict, cause=cause), UP, UP, 0)
    brain = {"service": "brain", "group": ""}
    assert await values(made, "healthmon_check_failures_total", **brain) == {
        "cause=status": 2,
        "cause=latency": 1,
        "cause=local": 1,
    }
    assert await values(made, "healthmon_checks_total", **brain) == {
        "verdict=up": 1,
        "verdict=degraded": 1,
        "verdict=down": 2,
        "verdict=unknown": 1,
    }


async def test_blocked_names_the_root() -> None:
    """As long as it is down because of it, and no longer."""
    made = metrics(service())
    blocked = State(verdict=Verdict.DOWN, since=1.0, blocked_by="postgres")
    made.checked(result(verdict=Verdict.DOWN, blocked_by="postgres"), UP, blocked, 0)
    assert await values(made, "healthmon_service_blocked", service="brain", group="") == {"root=postgres": 1}
    made.checked(result(verdict=Verdict.DOWN), blocked, DOWN, 0)
    assert await values(made, "healthmon_service_blocked") == {}
    made.checked(result(), DOWN, State(verdict=Verdict.UP, since=2.0, blocked_by="postgres"), 0)
    assert await values(made, "healthmon_service_blocked") == {}


async def test_flags_of_the_state() -> None:
    """Maintenance and flapping."""
    made = metrics(service())
    made.checked(result(), State(), State(verdict=Verdict.UP, flapping=True, in_maintenance=True), 0)
    assert await values(made, "healthmon_service_flapping", service="brain", group="") == {"": 1}
    assert await values(made, "healthmon_service_in_maintenance", service="brain", group="") == {"": 1}


async def test_what_was_believed_before_a_restart() -> None:
    """Is shown before the first check: an alert goes on."""
    made = Metrics(version="0.1.0", python="3.11.2")
    made.watching([Watched(service=service(), state=DOWN, result=None)])
    assert await values(made, "healthmon_service_up", service="brain", group="") == {"": 0}


async def test_a_removed_service_leaves_no_sample() -> None:
    """Of none of its series; and what comes of a check that was under way changes nothing."""
    made = metrics(service("brain"), service("saleor"))
    made.checked(result("brain"), State(), UP, 0)
    made.checked(result("saleor"), State(), UP, 0)
    made.watching(new(service("saleor")))
    made.checked(result("brain"), UP, UP, 0)
    document = await scrape(made)
    assert 'service="saleor"' in document
    assert "brain" not in document
    assert await values(made, "healthmon_services") == {"group=": 1}


CHANGES = [
    (service(), 2),
    (service(name="Brain 2", hint="docker logs brain"), 2),
    (service(group="core"), None),
    (service(url="http://127.0.0.1:9000/"), None),
]


@pytest.mark.parametrize(("changed", "count"), CHANGES, ids=["nothing", "words", "group", "url"])
async def test_counters_after_a_reload(changed: Service, count: float | None) -> None:
    """A service that is checked and labelled as before keeps them, any other begins anew; no series is left behind."""
    made = metrics(service())
    for _ in range(2):
        made.checked(result(), State(), UP, 0)
    made.watching([Watched(service=changed, state=UP, result=None)])
    kept = {} if count is None else {f"group={changed.group or ''} service=brain": count}
    assert await values(made, "healthmon_check_duration_seconds_count") == kept
    (info,) = await values(made, "healthmon_service_info", service="brain", group=changed.group or "")
    assert f"name={changed.name} " in info


async def test_services_by_group() -> None:
    """Without a group: the empty one, which Prometheus takes for none."""
    made = metrics(service("a", group="core"), service("b", group="core"), service("c"))
    assert await values(made, "healthmon_services") == {"group=core": 2, "group=": 1}


async def test_what_the_daemon_says_of_itself() -> None:
    """Lag, skipped checks, losses, reloads and what runs."""
    made = metrics(service())
    assert await values(made, "healthmon_checks_skipped_total") == dict.fromkeys(
        (f"reason={reason}" for reason in Skip), 0
    )
    assert await values(made, "healthmon_config_last_reload_successful") == {}
    made.started(service(), 0.25, 4)
    made.started(service(), 40.0, 5)
    made.skipped(service(), Skip.RUNNING, 1)
    made.skipped(service(), Skip.MISSED, 7)
    made.dropped("log", 0)
    assert await values(made, "healthmon_sink_dropped_total") == {"sink=log": 0}
    made.dropped("log", 2)
    made.dropped("log", 3)
    made.reloaded(True, 1_769_860_800.0)
    made.reloaded(False, 1_769_860_900.0)
    assert await values(made, "healthmon_scheduler_lag_seconds_sum") == {"": 40.25}
    lags = await values(made, "healthmon_scheduler_lag_seconds_bucket")
    assert (lags["le=0.1"], lags["le=0.25"], lags["le=30.0"], lags["le=+Inf"]) == (0, 1, 1, 2)
    assert await values(made, "healthmon_checks_in_flight") == {"": 5}
    assert await values(made, "healthmon_checks_skipped_total") == {
        "reason=running": 1,
        "reason=queued": 0,
        "reason=missed": 7,
    }
    assert await values(made, "healthmon_sink_dropped_total") == {"sink=log": 5}
    assert await values(made, "healthmon_config_last_reload_successful") == {"": 0}
    assert await values(made, "healthmon_config_last_reload_success_timestamp_seconds") == {"": 1_769_860_800.0}
    assert await values(made, "healthmon_build_info") == {"python=3.11.2 version=0.1.0": 1}


def test_every_reason_to_skip_is_exposed_from_the_start() -> None:
    """Those of the engine, which this part may not import."""
    assert tuple(Skip) == SKIP_REASONS


async def test_the_process_shows_itself() -> None:
    """By prometheus-client's own collectors: memory, CPU, files."""
    names = {family.name for family in read(await scrape(metrics()))}
    assert {"python_gc_collections", "python_info"} <= names
    if sys.platform == "linux":
        assert {"process_resident_memory_bytes", "process_cpu_seconds", "process_open_fds"} <= names


async def test_no_secret_is_shown() -> None:
    """The URL is the one that may be shown."""
    secret = service(url="http://:hunter2@127.0.0.1:8001/", shown_url="http://:***@127.0.0.1:8001/")
    made = metrics(secret)
    made.checked(result(service=secret), State(), UP, 0)
    document = await scrape(made)
    assert "hunter2" not in document
    assert "http://:***@127.0.0.1:8001/" in document
