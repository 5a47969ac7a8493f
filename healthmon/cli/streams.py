"""What the standard streams can show, and writing to them without losing the verdict."""

import os
import sys
from collections.abc import Mapping
from typing import TextIO

from healthmon.errors import HealthmonError
from healthmon.reports.contract import Appearance


def wants_colour(choice: str, environ: Mapping[str, str], *, terminal: bool) -> bool:
    """Whether to colour a stream.

    In this order: the ``--color`` option, ``NO_COLOR`` (no-color.org), ``CLICOLOR_FORCE`` or ``FORCE_COLOR``,
    ``TERM=dumb``, and whether the stream is a terminal. A variable that is set and empty says nothing.
    """
    if choice != "auto":
        return choice == "always"
    if environ.get("NO_COLOR"):
        return False
    if any(environ.get(name, "0") not in ("", "0") for name in ("CLICOLOR_FORCE", "FORCE_COLOR")):
        return True
    return terminal and environ.get("TERM") != "dumb"


def appearance(stream: TextIO, color: str, *, verbose: bool = False) -> Appearance:
    """How a report on this stream may look."""
    colour = wants_colour(color, os.environ, terminal=stream.isatty())
    if colour and os.name == "nt":
        import colorama

        colorama.just_fix_windows_console()
    return Appearance(colour=colour, unicode=_writes(stream, "✓✗…·"), verbose=verbose)


def _writes(stream: TextIO, characters: str) -> bool:
    try:
        characters.encode(stream.encoding or "ascii")
    except UnicodeEncodeError:
        return False
    return True


def write_report(text: str) -> None:
    """Write a report to stdout. A reader that has gone away, such as ``head``, is no error.

    Raises:
        HealthmonError: It could not be written for another reason, such as a full disk.
    """
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        # Python flushes once more at its end; that must not fail either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise HealthmonError(f"The report could not be written to stdout: {error.strerror}.") from error
