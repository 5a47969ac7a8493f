"""Notices that config files have changed, for who asks for it."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

Looks = dict[str, tuple[int, int, int]]
"""Of each file and folder: its inode, its size and the time of its last change, in nanoseconds."""


def looks(files: Sequence[str]) -> Looks:
    """What differs when one of the files has changed, or one has come or gone in their folders."""
    # A folder tells of a new file, which a pattern of `include` may match.
    return {path: _of(path) for path in {*files, *(str(Path(file).parent) for file in files)}}


def _of(path: str) -> tuple[int, int, int]:
    try:
        seen = os.stat(path)  # noqa: PTH116 - follows the links by which Kubernetes swaps a whole folder
    except OSError:
        return 0, 0, 0
    return seen.st_ino, seen.st_size, seen.st_mtime_ns


async def watch_files(
    files: Callable[[], Sequence[str]], changed: Callable[[], Awaitable[object]], *, every: float = 1.0
) -> None:
    """Call `changed` whenever a file has changed, once it has been still for a moment. Runs until it is cancelled.

    Args:
        files: The files as they are now; they may be others after each change.
        changed: Called after a change.
        every: Seconds between two looks; a change is told when two looks in a row find the same.
    """
    told = last = looks(files())
    while True:
        await asyncio.sleep(every)
        seen = looks(files())
        # One that is new here was read a moment ago.
        told = {path: told.get(path, seen[path]) for path in seen}
        if seen != told and seen == last:
            told = seen
            await changed()
        last = seen
