"""When windows are open, against a model that looks at every minute; clocks put forward and back included."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import accumulate
from math import inf
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct

from healthmon.core import maintenance
from healthmon.core.maintenance import Calendar, Window, check_cron, check_timezone

MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0


def at(text: str) -> float:
    """Seconds since the epoch of an ISO time, UTC where it has no offset."""
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def recurring(cron: str, duration: float, timezone: str = "UTC") -> Calendar:
    """A calendar of one window that covers all."""
    return Calendar([Window(services=("*",), cron=cron, duration=duration, timezone=timezone)])


def changes(calendar: Calendar, start: float, end: float) -> list[str]:
    """The moments between two at which it changes, in UTC, with what it changes to."""
    found = []
    moment = calendar.next_change(start)
    while moment is not None and moment < end:
        found.append(f"{datetime.fromtimestamp(moment, UTC):%d %H:%M} {calendar.covers('any', moment)}")
        moment = calendar.next_change(moment)
    return found


def test_without_windows_nothing_is_covered() -> None:
    """And nothing will change."""
    calendar = Calendar([])
    assert (calendar.covers("brain", 0.0), calendar.next_change(0.0)) == (False, None)


def test_a_window_that_happens_once() -> None:
    """Its end is no longer part of it."""
    calendar = Calendar([Window(services=("brain",), start=100.0, end=200.0)])
    assert [calendar.covers("brain", now) for now in (99.9, 100.0, 199.9, 200.0)] == [False, True, True, False]
    assert [calendar.next_change(now) for now in (99.9, 100.0, 199.9, 200.0)] == [100.0, 200.0, 200.0, None]


def test_a_window_covers_the_services_that_it_names() -> None:
    """By globs, in which case counts; each window for itself."""
    calendar = Calendar(
        [
            Window(services=("web-*", "brain"), start=0.0, end=10.0),
            Window(services=("Web-*",), start=5.0, end=20.0),
            Window(services=(), start=0.0, end=20.0),
        ]
    )
    ids = ("web-1", "brain", "Web-1", "db")
    covered = {now: [id_ for id_ in ids if calendar.covers(id_, now)] for now in (1.0, 7.0, 15.0, 25.0)}
    assert covered == {1.0: ["web-1", "brain"], 7.0: ["web-1", "brain", "Web-1"], 15.0: ["Web-1"], 25.0: []}


def test_a_window_recurs() -> None:
    """Each Sunday at three, for two hours."""
    found = changes(recurring("0 3 * * sun", 2 * HOUR), at("2026-03-01"), at("2026-03-10"))
    assert found == ["01 03:00 True", "01 05:00 False", "08 03:00 True", "08 05:00 False"]


def test_windows_that_overlap_themselves_are_one() -> None:
    """Hourly for ninety minutes, from nine to eleven: open from nine until half past twelve."""
    found = changes(recurring("0 9-11 * * *", 90 * MINUTE), at("2026-03-01"), at("2026-03-02"))
    assert found == ["01 09:00 True", "01 12:30 False"]


def test_windows_that_meet_are_one() -> None:
    """One closes at the moment at which the next one opens."""
    found = changes(recurring("0 9,10 * * *", HOUR), at("2026-03-01"), at("2026-03-02"))
    assert found == ["01 09:00 True", "01 11:00 False"]


def test_a_window_that_never_closes_is_found_out_in_steps() -> None:
    """Not by following it for ever."""
    calendar = recurring("* * * * *", HOUR)
    start = at("2026-03-01")
    first = calendar.next_change(start)
    assert first == start + 100 * MINUTE + HOUR
    assert changes(calendar, start, start + DAY) == [
        f"01 {2 * 80 * step // 60:02}:{2 * 80 * step % 60:02} True" for step in range(1, 9)
    ]


def test_a_window_longer_than_its_period_is_open_for_long() -> None:
    """Of a leap day, for eight years; and one that began years ago is found."""
    calendar = recurring("0 0 29 2 *", 8 * 366 * DAY)
    assert calendar.covers("any", at("2027-06-01"))
    # 1900 was no leap year: between 1896 and 1904 lie eight years.
    short = recurring("0 0 29 2 *", 5 * 365 * DAY)
    moments = ("1900-06-01", "1902-06-01", "1904-06-01")
    assert [short.covers("any", at(moment)) for moment in moments] == [True, False, True]


@pytest.mark.parametrize(
    ("zone", "cron", "day", "expected"),
    [
        # The clocks go from 2:00 to 3:00: what was to begin between begins at 3:00.
        ("Europe/Berlin", "30 2 * * *", "2026-03-29", ["29 01:00 True", "29 01:30 False"]),
        ("Europe/Berlin", "30 3 * * *", "2026-03-29", ["29 01:30 True", "29 02:00 False"]),
        ("America/New_York", "30 2 * * *", "2026-03-08", ["08 07:00 True", "08 07:30 False"]),
        # They go from 3:00 back to 2:00: what begins between does so once.
        ("Europe/Berlin", "30 2 * * *", "2026-10-25", ["25 00:30 True", "25 01:00 False"]),
        ("America/New_York", "30 1 * * *", "2026-11-01", ["01 05:30 True", "01 06:00 False"]),
    ],
)
def test_when_the_clocks_change(zone: str, cron: str, day: str, expected: list[str]) -> None:
    """As Debian's cron does it."""
    start = datetime.fromisoformat(day).replace(tzinfo=ZoneInfo(zone)).timestamp()
    found = changes(recurring(cron, 30 * MINUTE, zone), start, start + DAY)
    assert found == expected


def test_every_hour_is_every_hour() -> None:
    """Also of a day that has twenty-five."""
    start = at("2026-10-25T00:00+02:00")
    found = changes(recurring("30 * * * sun", HOUR / 6, "Europe/Berlin"), start, start + 3 * DAY)
    assert len(found) == 2 * 25
    assert found[2:8] == [
        *("24 23:30 True", "24 23:40 False"),
        *("25 00:30 True", "25 00:40 False"),
        *("25 01:30 True", "25 01:40 False"),
    ]


def test_in_the_hour_that_comes_twice_the_window_stays_known() -> None:
    """It began at half past two, before the clocks went back; now it is ten past two again."""
    calendar = recurring("30 2 * * *", HOUR, "Europe/Berlin")
    assert [calendar.covers("any", at(f"2026-10-25T{time}")) for time in ("00:20", "00:40", "01:10", "01:40")] == [
        False,
        True,
        True,
        False,
    ]
    # Asked for the first time in the second of the two hours.
    assert recurring("30 2 * * *", HOUR, "Europe/Berlin").covers("any", at("2026-10-25T01:10"))
    assert recurring("30 2 * * *", 10 * MINUTE, "Europe/Berlin").next_change(at("2026-10-25T01:10")) == at(
        "2026-10-26T01:30"
    )


def test_it_looks_only_when_something_may_have_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    """However often it is asked, and for however many services; also when the clock was set back."""
    looked: list[float] = []
    around: Callable[[Window, float], tuple[bool, float]] = maintenance._around

    def counted(window: Window, now: float) -> tuple[bool, float]:
        looked.append(now)
        return around(window, now)

    monkeypatch.setattr(maintenance, "_around", counted)
    calendar = Calendar([Window(services=("*",), start=100.0, end=200.0)])
    for now in (10.0, 50.0, 99.0, 100.0, 150.0, 20.0, 30.0, 250.0, 1e9):
        for number in range(3):
            calendar.covers(str(number), now)
        calendar.next_change(now)
    assert looked == [10.0, 100.0, 20.0, 250.0]


@pytest.mark.parametrize(
    ("expression", "fault"),
    [
        ("0 3 * *", "of five fields"),
        ("0 0 3 * * *", "of five fields"),
        ("@daily", "of five fields"),
        ("", "of five fields"),
        ("60 3 * * *", "whose minute is valid"),
        ("0 24 * * *", "whose hour is valid"),
        ("0 3 32 * *", "whose day-of-month is valid"),
        ("0 3 31 2 *", "whose day-of-month is valid"),
        ("0 3 * jam *", "whose month is valid"),
        ("0 3 * * sunday", "whose day-of-week is valid"),
        ("0 0 */30 2 mon#5", "that comes some time"),
    ],
)
def test_a_bad_cron_expression_is_refused(expression: str, fault: str) -> None:
    """With the field that is wrong."""
    with pytest.raises(ValueError, match=rf"^expected a cron expression .*{fault}"):
        check_cron(expression)


@pytest.mark.parametrize("expression", ["0 3 * * sun", "*/5 0-6 1,15 jan-mar MON-FRI", "0 4 L * *", "0 4 29 2 *"])
def test_a_good_cron_expression_is_accepted(expression: str) -> None:
    """Names in any case; the last day of a month; a day that comes every four years."""
    check_cron(expression)


@settings(deadline=None)
@given(st.lists(st.text("0123456789*/,-#LWsun ", max_size=5), min_size=5, max_size=5).map(" ".join) | st.text())
def test_whatever_is_written_is_accepted_or_refused(expression: str) -> None:
    """With one kind of error; and what is accepted can be asked."""
    try:
        check_cron(expression)
    except ValueError:
        return
    recurring(expression, HOUR).covers("any", at("2026-03-01"))


@pytest.mark.parametrize("name", ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata"])
def test_a_time_zone_is_accepted(name: str) -> None:
    """By its IANA name."""
    check_timezone(name)


@pytest.mark.parametrize("name", ["", "Berlin", "Europe", "Europe/Atlantis", "../etc/passwd", "/etc/passwd", "a\0b"])
def test_what_is_no_time_zone_is_refused(name: str) -> None:
    """A folder of the database, too, and the way to a file."""
    with pytest.raises(ValueError, match=r"^expected a time zone that this machine knows"):
        check_timezone(name)


# A model that looks at every minute, over five days in the middle of which the clocks change.

CHANGES = {
    ("Europe/Berlin", "2026-03-27"),
    ("Europe/Berlin", "2026-10-23"),
    ("America/New_York", "2026-03-06"),
    ("America/New_York", "2026-10-30"),
    ("UTC", "2026-02-27"),
}
MINUTES = 5 * 24 * 60


class Field(Struct, frozen=True):
    """A field of a cron expression, and the values that it stands for."""

    text: str
    values: frozenset[int]


def field(text: str, *values: int) -> Field:
    """A field and its values."""
    return Field(text, frozenset(values))


MINUTE_FIELDS = [
    field("*", *range(60)),
    field("*/20", 0, 20, 40),
    field("0", 0),
    field("30", 30),
    field("0,45", 0, 45),
    field("10-14/2", 10, 12, 14),
]
HOUR_FIELDS = [
    field("*", *range(24)),
    field("*/6", 0, 6, 12, 18),
    *(field(str(hour), hour) for hour in range(5)),
    field("1-3", 1, 2, 3),
    field("2,23", 2, 23),
]
DAY_FIELDS = [field("*", *range(1, 32)), field("1-8", *range(1, 9)), field("25", 25), field("*/2", *range(1, 32, 2))]
WEEKDAY_FIELDS = [field("*", *range(7)), field("sun", 0), field("1-5", *range(1, 6))]


class Cron(Struct, frozen=True):
    """A cron expression, taken to pieces."""

    minute: Field
    hour: Field
    day: Field
    weekday: Field

    def __str__(self) -> str:
        return f"{self.minute.text} {self.hour.text} {self.day.text} * {self.weekday.text}"

    def matches(self, local: datetime) -> bool:
        """Whether it names this minute."""
        day = local.day in self.day.values
        weekday = local.isoweekday() % 7 in self.weekday.values
        both = self.day.text.startswith("*") or self.weekday.text.startswith("*")
        return (
            local.minute in self.minute.values
            and local.hour in self.hour.values
            and ((day and weekday) if both else (day or weekday))
        )

    @property
    def fixed(self) -> bool:
        """Whether it names times of the day, so that it happens once where the clocks change."""
        return not (self.minute.text.startswith("*") or self.hour.text.startswith("*"))


@lru_cache
def local_times(zone: str, day: str) -> list[datetime]:
    """The local time of every minute from a day on."""
    start = datetime.fromisoformat(day).replace(tzinfo=UTC)
    return [(start + timedelta(minutes=number)).astimezone(ZoneInfo(zone)) for number in range(MINUTES)]


def beginnings(cron: Cron, zone: str, day: str) -> list[bool]:
    """Of every minute, whether the window begins in it."""
    found, before = [], None
    for local in local_times(zone, day):
        naive = local.replace(tzinfo=None)
        begins = cron.matches(naive) and not (cron.fixed and local.fold)
        if cron.fixed and before is not None:
            skipped = int((naive - before).total_seconds() // 60) - 1
            begins = begins or any(cron.matches(naive - timedelta(minutes=back + 1)) for back in range(skipped))
        found.append(begins)
        before = naive
    return found


def open_minutes(begins: list[bool], duration: int) -> list[bool]:
    """Of every minute, whether the window is open, so many minutes after it began."""
    last = accumulate((number if begin else -inf for number, begin in enumerate(begins)), max)
    return [number - latest < duration for number, latest in enumerate(last)]


CRONS = st.builds(
    Cron,
    st.sampled_from(MINUTE_FIELDS),
    st.sampled_from(HOUR_FIELDS),
    st.sampled_from(DAY_FIELDS),
    st.sampled_from(WEEKDAY_FIELDS),
)


@settings(deadline=None)
@given(
    CRONS,
    st.sampled_from(sorted(CHANGES)),
    st.sampled_from([1, 15, 30, 60, 90, 240, 1439]),
    # Not in the first day: what began before it is not known to the model.
    st.lists(st.floats(1440, MINUTES - 1441), min_size=1, max_size=20),
)
def test_windows_are_open_as_a_look_at_every_minute_finds(
    cron: Cron, where: tuple[str, str], duration: int, moments: list[float]
) -> None:
    """Whenever it is asked, forward and back; and the next change is where the model has it."""
    zone, day = where
    start = at(day)
    expected = open_minutes(beginnings(cron, zone, day), duration)
    calendar = recurring(str(cron), duration * MINUTE, zone)
    for moment in moments:
        now = start + moment * MINUTE
        is_open = expected[int((now - start) // MINUTE)]
        assert calendar.covers("any", now) == is_open
        after = int((now - start) // MINUTE) + 1
        change = next((number for number in range(after, MINUTES) if expected[number] != is_open), None)
        found = calendar.next_change(now)
        while found is not None and found < start + (change or MINUTES) * MINUTE:
            assert expected[int((found - start) // MINUTE)] == is_open
            earlier, found = found, calendar.next_change(found)
            assert found is None or found > earlier
        assert change is None or found == start + change * MINUTE
        assert found is not None
