"""Notices that config files have changed, for who asks for it."""

import asyncio
import glob
import os
from collections.abc import Awaitable, Callable, Sequence

from msgspec import Struct

Looks = dict[str, tuple[int, int, int]]
"""Of each file: its inode, its size and the time of its last change, in nanoseconds; zeros where it is not there."""


class Watching(Struct, frozen=True):
    """What is watched.

    Attributes:
        files: The files that the config was read from.
        patterns: Globs of the files that it includes, now or later.
    """

    files: Sequence[str]
    patterns: Sequence[str] = ()


def looks(watching: Watching) -> Looks:
    """What differs when one of the files has changed, has gone, or is there for the first time."""
    # A folder's own time would tell of any file in it, of those that this program writes too.
    matching = {path for pattern in watching.patterns for path in glob.glob(pattern, recursive=True)}  # noqa: PTH207
    return {path: _of(path) for path in {*watching.files, *matching}}


def _of(path: str) -> tuple[int, int, int]:
    try:
        seen = os.stat(path)  # noqa: PTH116 - follows the links by which Kubernetes swaps a whole folder
    except OSError:
        return 0, 0, 0
    return seen.st_ino, seen.st_size, seen.st_mtime_ns


async def watch_files(
    watching: Callable[[], Watching], changed: Callable[[], Awaitable[object]], *, every: float = 1.0
) -> None:
    """Call `changed` whenever a file has changed, once it has been still for a moment. Runs until it is cancelled.

    Args:
        watching: What is watched now; it may be something else after each change.
        changed: Called after a change.
        every: Seconds between two looks; a change is told when two looks in a row find the same.
    """
    told = last = looks(watching())
    while True:
        await asyncio.sleep(every)
        seen = looks(watching())
        if seen != told and seen == last:
            await changed()
            # What is read from elsewhere now was read a moment ago.
            known = looks(watching())
            told = {path: seen.get(path, known[path]) for path in known}
        last = seen
