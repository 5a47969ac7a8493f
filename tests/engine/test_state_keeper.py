"""When a state file that fails is tried again."""

import errno
import os

from healthmon.core.notices import Notice
from healthmon.engine.state_keeper import StateKeeper
from tests.engine.test_recorder import FailingFile


class Trial:
    """A keeper of a file that fails to order, and a time that is set by hand."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.file = FailingFile()
        self.told: list[Notice] = []
        self.keeper = StateKeeper(
            self.file,  # type: ignore[arg-type]
            tell=self.told.append,
            monotonic=lambda: self.now,
        )
        self.keeper.renew({})

    def fail(self) -> None:
        """Let it fail from now on."""
        self.file.error = OSError(errno.EIO, os.strerror(errno.EIO))

    @property
    def events(self) -> list[str]:
        """What was told."""
        return [notice.event for notice in self.told]


def test_a_change_that_cannot_be_written_is_left_to_the_next_attempt() -> None:
    """Which writes all states."""
    trial = Trial()
    assert (trial.keeper.pause, trial.keeper.wants_all) == (None, False)
    trial.fail()
    trial.keeper.append([])
    assert (trial.keeper.pause, trial.keeper.wants_all) == (1.0, True)
    attempts = trial.file.attempts
    trial.keeper.append([])
    trial.keeper.sync()
    assert trial.file.attempts == attempts
    trial.file.error = None
    trial.keeper.renew({})
    assert (trial.keeper.pause, trial.keeper.wants_all) == (None, False)
    assert trial.events == ["state_failed", "state_recovered"]


def test_attempts_become_rarer_up_to_a_minute() -> None:
    """It is said once; the last attempt is made at once."""
    trial = Trial()
    trial.fail()
    pauses = []
    for _ in range(8):
        trial.keeper.renew({})
        assert trial.keeper.pause is not None
        pauses.append(trial.keeper.pause)
        trial.now += trial.keeper.pause
        assert trial.keeper.pause == 0.0
    assert pauses == [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0]
    trial.keeper.renew({})
    trial.keeper.hurry()
    assert trial.keeper.pause == 0.0
    assert trial.events == ["state_failed"]


def test_a_failure_soon_after_another_goes_on_where_that_was() -> None:
    """A disk that comes and goes does not fill the log; after some quiet time a failure is a new one."""
    trial = Trial()
    for quiet, pause in ((0.0, 1.0), (10.0, 2.0), (10.0, 4.0), (301.0, 1.0)):
        trial.now += quiet
        trial.fail()
        trial.keeper.renew({})
        assert trial.keeper.pause == pause
        trial.file.error = None
        trial.keeper.renew({})


def test_what_was_not_written_needs_no_sync() -> None:
    """Neither what a snapshot has made last, nor what was made last before."""
    trial = Trial()
    attempts = trial.file.attempts
    trial.keeper.sync()
    assert trial.file.attempts == attempts
    trial.keeper.append([])
    trial.keeper.sync()
    trial.keeper.sync()
    assert trial.file.attempts == attempts + 2
