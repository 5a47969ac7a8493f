"""The page that GitHub Actions shows of a step: what is appended to the file named by ``$GITHUB_STEP_SUMMARY``."""

import os
from pathlib import Path

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
        # Not to wait where it is a pipe that nobody reads.
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NONBLOCK, 0o666)
        with os.fdopen(descriptor, "ab") as stream:
            taken = os.fstat(descriptor).st_size
            # A heading needs an empty line before it.
            stream.write(_fitting(("\n\n" if taken else "") + markdown, MOST - taken))
    except OSError as error:
        raise HealthmonError(f"The job summary {path} could not be written: {error.strerror or error}.") from error


def _fitting(markdown: str, room: int) -> bytes:
    """As many whole lines as there is room for, and a note where some are left out."""
    whole = markdown.encode()
    if len(whole) <= room:
        return whole
    note = _CUT.encode()
    end = whole.rfind(b"\n", 0, max(0, room - len(note))) + 1
    return whole[:end] + note if end else b""
