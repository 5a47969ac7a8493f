"""Keeps other rollouts of the same file, and others that would write the same journal, away."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from msgspec import structs

from healthmon.cli.rollouts.order import Order
from healthmon.engine.lock import Holder, Taken, held, release, take
from healthmon.engine.whole_file import leads_to
from healthmon.errors import LockHeld, UsageError

_READ_ONLY = (errno.EACCES, errno.EPERM, errno.EROFS)


@contextmanager
def locked(order: Order) -> Iterator[Order]:
    """Keep other rollouts away, by whatever names they call the file and the journal.

    Yields:
        The order, with the locks.

    Raises:
        LockHeld: There is one.
        UsageError: That cannot be told.
    """
    file, journal = leads_to(order.request.file), leads_to(order.journal)
    locks: list[int] = []
    try:
        locks.append(_take(file, _beside(file, file), _beside(file, journal)))
        locks.append(_take(journal, _beside(journal, journal)))
        yield structs.replace(order, undertaking=structs.replace(order.undertaking, locks=locks))
    finally:
        for lock in locks:
            release(lock)


def going_on(order: Order) -> tuple[Path, Holder] | None:
    """The file that another rollout keeps others away from, and who that is; None where there is none."""
    file, journal = leads_to(order.request.file), leads_to(order.journal)
    places = ((file, _beside(file, file)), (file, _beside(file, journal)), (journal, _beside(journal, journal)))
    found = ((path, held(place)) for path, place in places)
    return next(((path, holder) for path, holder in found if holder is not None), None)


def _beside(path: Path, other: Path) -> Path:
    """Where the lock of a file is: beside it, or beside another one."""
    return other.with_name(f"{path.name}.lock")


def _take(path: Path, *places: Path) -> int:
    """The lock of a file, at the first of these places that can be written to."""
    for place in places:
        try:
            return take(place)
        except Taken as taken:
            raise LockHeld(_taken(path, taken.holder)) from taken
        except OSError as error:
            if place is places[-1] or error.errno not in _READ_ONLY:
                raise UsageError(
                    f"{place}: {error.strerror}. No two rollouts may go on at once, so a lock must be made there."
                ) from error
    raise AssertionError("no place")  # There is always one.


def _taken(path: Path, holder: Holder) -> str:
    if holder.pid is None:
        return f"The command of a rollout of {path} that was killed is still being ended; nothing was begun. Try again."
    then = "Wait for its end, or interrupt it with SIGTERM."
    return f"Another rollout of {path} goes on ({holder}); nothing was begun. {then}"
