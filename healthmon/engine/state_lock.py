"""Keeps a state file to one process."""

from pathlib import Path

from healthmon.engine.lock import Taken, take
from healthmon.errors import LockHeld


def locked(path: Path) -> int:
    """Lock the file beside this one, for as long as the descriptor that is returned stays open.

    The file itself cannot be locked: a new one takes its place now and then.

    Raises:
        LockHeld: Another process has it.
        OSError: It cannot be locked.
    """
    try:
        return take(path.with_name(f"{path.name}.lock"))
    except Taken as taken:
        raise LockHeld(f"Another healthmon ({taken.holder}) has the state file {path}; stop it first.") from taken
