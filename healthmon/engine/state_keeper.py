"""Keeps a state file right, whatever the disk does."""

import errno
import time
from collections.abc import Callable, Mapping

from healthmon.core.notices import Notice, Severity
from healthmon.engine.backlog import Changes
from healthmon.engine.state_file import StateFile
from healthmon.engine.state_lines import Kept

_LONGEST = 60.0  # seconds between two attempts
_CALM = 300.0  # seconds after which a failure is a new one

_REMEDIES: Mapping[int, str] = {
    errno.ENOSPC: "free some space there",
    errno.EDQUOT: "free some space, or raise the quota of this user",
    errno.EFBIG: "raise the limit of file sizes (`ulimit -f`)",
    errno.EROFS: "make its file system writable again",
    errno.ENOENT: "make its folder again",
    errno.EACCES: "let this user write to its folder",
    errno.EPERM: "let this user write to its folder",
}


class StateKeeper:
    """Writes to a state file. When that fails it says so once and tries again later, with all states anew.

    Args:
        file: The file.
        tell: Takes what there is to say.
        retry: Seconds until the first new attempt; they double up to a minute.
        monotonic: The steady time.
    """

    def __init__(
        self,
        file: StateFile,
        *,
        tell: Callable[[Notice], None],
        retry: float = 1.0,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._file = file
        self._tell = tell
        self._retry = self._delay = retry
        self._monotonic = monotonic
        self._failed_at: float | None = None
        self._failing = False
        self._again = 0.0
        self._unsynced = False

    @property
    def wants_all(self) -> bool:
        """Whether the file needs all states anew, because it failed or because it is full of what no longer counts."""
        return self._failing or self._file.bloated

    @property
    def pause(self) -> float | None:
        """Seconds until the next attempt; None when all is well."""
        return max(0.0, self._again - self._monotonic()) if self._failing else None

    def hurry(self) -> None:
        """Make the next attempt now: it is the last."""
        self._again = 0.0

    def append(self, changes: Changes) -> None:
        """Write changes. While the file is failing they are left to the next `renew`."""
        if not self._failing:
            try:
                self._file.append(changes)
                self._unsynced = True
            except OSError as error:
                self._failed(error)

    def renew(self, states: Mapping[str, Kept]) -> None:
        """Write all states anew."""
        try:
            self._file.snapshot(states)
        except OSError as error:
            self._failed(error)
            return
        self._unsynced = False
        if self._failing:
            self._failing = False
            message = f"The state file {self._file.path} is written again, and holds all states."
            self._tell(Notice(Severity.INFO, "state_recovered", message, {"file": str(self._file.path)}))

    def sync(self) -> None:
        """Have what was written survive a power cut."""
        if self._unsynced and not self._failing:
            self._unsynced = False
            try:
                self._file.sync()
            except OSError as error:
                self._failed(error)

    def close(self) -> None:
        """Let another process have the file."""
        self._file.close()

    def _failed(self, error: OSError) -> None:
        now = self._monotonic()
        calm = self._failed_at is None or now - self._failed_at > _CALM
        self._delay = self._retry if calm else min(2 * self._delay, _LONGEST)
        self._failed_at, self._again = now, now + self._delay
        if self._failing:
            return
        self._failing = True
        remedy = _REMEDIES.get(error.errno or 0, "check its disk")
        message = (
            f"The state file {self._file.path} cannot be written: {error.strerror}; {remedy}. Checks go on, but a "
            "restart now would begin with older states."
        )
        self._tell(Notice(Severity.ERROR, "state_failed", message, {"file": str(self._file.path)}))
