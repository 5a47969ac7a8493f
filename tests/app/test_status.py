"""What systemd is told of the services."""

import pytest

from healthmon.app.status import Status, summary
from healthmon.core.model import Verdict
from healthmon.core.state import State, Watched
from tests.make import service


def watched(**verdicts: str) -> list[Watched]:
    """Services that are believed to be so."""
    return [
        Watched(service=service(id_), state=State(verdict=Verdict(verdict)), result=None)
        for id_, verdict in verdicts.items()
    ]


@pytest.mark.parametrize(
    ("services", "line"),
    [
        (watched(), "0 of 0 healthy"),
        (watched(a="up", b="up"), "2 of 2 healthy"),
        (watched(a="up", b="degraded"), "2 of 2 healthy; degraded: b"),
        (watched(a="down", b="unknown", c="down"), "0 of 3 healthy; down: a, c; 1 not known"),
        (watched(**{f"s{n}": "down" for n in range(7)}), "0 of 7 healthy; down: s0, s1, s2, s3, s4 and 2 more"),
    ],
)
def test_the_line_counts_the_healthy_and_names_the_others(services: list[Watched], line: str) -> None:
    """As far as there is room."""
    assert summary(services) == line


class Notes:
    """What a notifier was asked to send."""

    def __init__(self, watchdog_interval: float | None = None) -> None:
        self.watchdog_interval = watchdog_interval
        self.beats = 0
        self.lines: list[str] = []

    def watchdog(self) -> None:
        """Count."""
        self.beats += 1

    def status(self, text: str) -> None:
        """Note."""
        self.lines.append(text)


def test_systemd_is_told_once_a_second_and_of_a_status_only_when_it_changes() -> None:
    """However often the scheduler advances."""
    notes, now, services, version = Notes(), [0.0], watched(a="up"), [1]
    status = Status(notes, watched=lambda: services, version=lambda: version[0], monotonic=lambda: now[0])

    for tenth in range(51):
        now[0] = tenth / 10
        if tenth == 25:
            services[0] = watched(a="down")[0]
            version[0] += 1
        status.pulse()

    assert (notes.beats, notes.lines) == (6, ["1 of 1 healthy", "0 of 1 healthy; down: a"])


def test_a_watchdog_that_wants_to_hear_more_often_does() -> None:
    """Three times within its interval, as far as the scheduler's own pulse goes."""
    notes, now = Notes(watchdog_interval=0.6), [0.0]
    status = Status(notes, watched=list, version=lambda: 1, monotonic=lambda: now[0])

    for hundredth in range(101):
        now[0] = hundredth / 100
        status.pulse()

    assert notes.beats == 6
