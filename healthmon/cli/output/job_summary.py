"""The page that GitHub Actions shows of a step: what is appended to the file named by ``$GITHUB_STEP_SUMMARY``."""

import os
from pathlib import Path

from healthmon.engine.written_in_place import open_to_append, write
from healthmon.errors import HealthmonError

MOST = 1024 * 1024
"""The most bytes of a step's page; with more, GitHub shows none of it."""

_CUT = "\n*The rest is left out: GitHub shows 1 MiB of a step.*\n"


def append(path: Path, markdown: str) -> None:
    """Append to the page. What others wrote there stays; what would be too much is left out.

    Raises:
        HealthmonError: It could not be written.
    """
    try:
        descriptor = open_to_append(path, create=True)
        try:
            taken = os.fstat(descriptor).st_size
            # A heading needs an empty line before it.
            write(descriptor, _fitting(("\n\n" if taken else "") + markdown, MOST - taken))
        finally:
            os.close(descriptor)
    except OSError as error:
        raise HealthmonError(f"The job summary {path} could not be written: {error.strerror}.") from error


def _fitting(markdown: str, room: int) -> bytes:
    """As many whole lines as there is room for, and a note where some are left out."""
    whole = markdown.encode()
    if len(whole) <= room:
        return whole
    note = _CUT.encode()
    end = whole.rfind(b"\n", 0, max(0, room - len(note))) + 1
    return whole[:end] + note if end else b""
