"""What `[[maintenance]]` says."""

import zoneinfo
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from healthmon.config.load import parse
from healthmon.config.windows import Moment
from healthmon.core.maintenance import Window
from tests.config.texts import faults

SERVICES = """[[services]]
name = "Web"
url = "http://127.0.0.1:8000/"
[[services]]
name = "Database"
url = "tcp://127.0.0.1:1"
enabled = false
"""
NEW_YEAR = 1_767_225_600.0  # 2026-01-01T00:00:00Z


def _windows(text: str, **environ: str) -> tuple[Window, ...]:
    return parse(f"{SERVICES}{text}", environ=environ).maintenance


def test_there_is_none_where_none_is_written() -> None:
    assert _windows("") == ()


@pytest.mark.parametrize(
    "start",
    [
        '"2026-01-01T00:00:00Z"',
        '"2026-01-01t00:00:00z"',
        '"2026-01-01 00:00Z"',
        '"2026-01-01T01:00:00+01:00"',
        '"2025-12-31T19:00:00-05:00"',
        '"2026-01-01T00:00:00"',
        '"2026-01-01T00:00"',
        '"2026-01-01T00:00:00.000Z"',
        "2026-01-01T00:00:00Z",
        "2026-01-01 00:00:00",
        "2026-01-01T01:00:00.000+01:00",
        '"${NEW_YEAR}"',
    ],
)
def test_a_moment_can_be_written_in_many_ways(start: str) -> None:
    (window,) = _windows(
        f'[[maintenance]]\nstart = {start}\nend = "2026-01-02T00:00:00Z"\n', NEW_YEAR="2026-01-01T00:00Z"
    )

    assert Window(services=("*",), start=NEW_YEAR, end=NEW_YEAR + 86400) == window


@pytest.mark.parametrize("quote", ['"', ""])
def test_a_moment_without_offset_is_one_of_the_time_zone(quote: str) -> None:
    text = f"start = {quote}2026-07-01T02:00:00{quote}\nend = 2026-07-01T01:00:00Z\n"

    (window,) = _windows(f'[[maintenance]]\n{text}timezone = "Europe/Berlin"\n')

    assert window.start == datetime(2026, 7, 1, 0, 0, tzinfo=UTC).timestamp()
    assert (window.end or 0) - (window.start or 0) == 3600


def test_a_window_that_recurs() -> None:
    text = '[[maintenance]]\nservices = "web"\ncron = "0 3 * * sun"\nduration = "2h"\ntimezone = "Europe/Berlin"\n'

    expected = Window(services=("web",), cron="0 3 * * sun", duration=7200.0, timezone="Europe/Berlin")

    assert (expected,) == _windows(text)


def test_patterns_of_services_may_match_those_that_are_disabled() -> None:
    text = '[[maintenance]]\nservices = ["d*", "w?b", "*"]\ncron = "0 3 * * *"\nduration = 60\n'

    assert [window.services for window in _windows(text * 2)] == [("d*", "w?b", "*")] * 2


def test_a_machine_without_time_zones_still_knows_utc(monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere = type("Nowhere", (zoneinfo.ZoneInfo,), {"__new__": staticmethod(_no_zone)})
    monkeypatch.setattr(zoneinfo, "ZoneInfo", nowhere)
    monkeypatch.setattr(zoneinfo, "available_timezones", set)
    text = '[[maintenance]]\nstart = 2026-01-01T00:00:00\nend = "2026-01-02T00:00Z"\n'

    (window,) = _windows(text)

    assert window.start == NEW_YEAR
    (fault,) = faults(f'{SERVICES}{text}timezone = "Europe/Berlin"\n')
    assert fault.startswith("11: maintenance[0].timezone: this machine has no database of time zones; install tzdata")


def _no_zone(cls: type, name: str) -> None:
    raise zoneinfo.ZoneInfoNotFoundError(name)


def test_several_faults_of_a_window_are_told_at_once() -> None:
    text = f'{SERVICES}[[maintenance]]\nstart = 12:00:00\nend = true\ntimezone = ["UTC"]\n'

    assert [int(fault.partition(":")[0]) for fault in faults(text)] == [9, 10, 11]


@settings(deadline=None)
@given(st.datetimes(timezones=st.none() | st.timezones()))
def test_every_moment_can_be_written_as_toml_writes_it(when: datetime) -> None:
    if when.utcoffset() is not None and when.utcoffset().seconds % 60:  # type: ignore[union-attr]
        return  # Local mean time of long ago: RFC 3339 has no seconds in offsets.
    expected = (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()

    assert Moment.parse(when).stamp("UTC") == expected
    assert Moment.parse(when.isoformat()).stamp("UTC") == expected


@settings(deadline=None)
@given(st.text("0123456789-:.TZ+ tz", max_size=30))
def test_whatever_is_written_for_a_moment_is_read_or_refused(text: str) -> None:
    try:
        moment = Moment.parse(text)
    except ValueError:
        return
    assert isinstance(moment.stamp("Europe/Berlin"), float)
