"""What the standard streams can show, and writing to them without losing the verdict."""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, TextIO

from healthmon.errors import HealthmonError

if TYPE_CHECKING:
    from healthmon.reports.contract import Appearance

_USUAL = os.terminal_size((80, 24))


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


def appearance(stream: TextIO, color: str, *, verbose: bool = False, strict: bool = False) -> "Appearance":
    """How a report on this stream may look."""
    from healthmon.reports.contract import Appearance

    colour = wants_colour(color, os.environ, terminal=stream.isatty())
    return Appearance(colour=colour, unicode=_writes(stream, "✓✗…·"), verbose=verbose, strict=strict)


def draws(stream: TextIO, environ: Mapping[str, str]) -> bool:
    """Whether something can be drawn on a stream: whether it is a terminal that can move its cursor."""
    return stream.isatty() and environ.get("TERM", "dumb") not in ("dumb", "")


def terminal_size(stream: TextIO) -> os.terminal_size:
    """Columns and lines of the terminal on which a stream is shown; 80 and 24 where it does not tell."""
    try:
        size = os.get_terminal_size(stream.fileno())
    except OSError:
        return _USUAL
    return size if size.columns and size.lines else _USUAL


def _writes(stream: TextIO, characters: str) -> bool:
    try:
        characters.encode(stream.encoding or "ascii")
    except UnicodeEncodeError:
        return False
    return True


def write_report(
    text: str, encoding: str | None = None, stream: TextIO | None = None, *, errors: str = "strict"
) -> bool:
    """Write a report. A reader that has gone away, such as ``head``, is no error.

    Args:
        text: The report.
        encoding: The encoding that its format demands; by default that of the stream.
        stream: Where to; by default stdout.
        errors: What becomes of what the encoding lacks, as `str.encode` has it.

    Returns:
        Whether all of it was taken, so that somebody may still read.

    Raises:
        HealthmonError: It could not be written for another reason, such as a full disk.
    """
    stream = stream or sys.stdout
    try:
        stream.flush()
        stream.buffer.write(text.encode(encoding or stream.encoding, errors))
        stream.flush()
    except BrokenPipeError:
        _discard(stream)
        return False
    except OSError as error:
        _discard(stream)
        name = str(stream.name).strip("<>")
        raise HealthmonError(f"The report could not be written to {name}: {error.strerror}.") from error
    return True


def complain(text: object) -> None:
    """Say something to the user on stderr.

    That it could not be said changes nothing: neither the exit code nor what is done next. It is lost, also for
    whatever is written there later, such as by another program that gets the stream.
    """
    stream = sys.stderr
    try:
        stream.write(f"{text}\n")
        stream.flush()
    except OSError:  # The disk is full, or whoever reads it has gone away.
        with suppress(OSError), kept(stream):
            _discard(stream)


@contextmanager
def kept(stream: TextIO) -> Iterator[None]:
    """Let a stream be afterwards what it was, though a report could not be written to it: another program gets it."""
    descriptor = stream.fileno()
    copy = os.dup(descriptor)
    try:
        yield
    finally:
        with suppress(OSError):
            stream.flush()  # If it was discarded, what it did not take must not come afterwards.
        os.dup2(copy, descriptor)
        os.close(copy)


def _discard(stream: TextIO) -> None:
    # What is still buffered is flushed once more at the end, and must not fail again.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def confession(error: BaseException) -> str:
    """What is said of a fault in healthmon itself."""
    import traceback

    place = traceback.extract_tb(error.__traceback__)[-1]
    return (
        f"A fault in healthmon itself: {type(error).__name__}: {error} ({place.filename}:{place.lineno})\n"
        "Please report it with this message and the command that you typed."
    )
