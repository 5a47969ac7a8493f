"""``--timestamps``: the time before each line of what goes to a log file, in UTC (RFC 3339)."""

import io
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr, suppress
from datetime import UTC, datetime
from typing import BinaryIO, TextIO

import click
from click.core import ParameterSource

from healthmon.errors import UsageError

OPTION = "--timestamps"
STAMPING = ("check", "rollout", "wait")
"""The commands that have it."""

Clock = Callable[[], float]


def stamped(text: str, clock: Clock = time.time) -> str:
    """Whole lines, each with the time before it. Empty ones, which would tell nothing in a log, are left out."""
    moment = f"{datetime.fromtimestamp(clock(), UTC):%Y-%m-%dT%H:%M:%SZ}"
    return "".join(f"{moment} {line}\n" for line in text.split("\n") if line.strip())


def meant(asked: bool, *, format_: str) -> bool:  # noqa: FBT001 - the value of the option
    """Whether lines get the time: a format for programs has its own, so that a variable that wants it gives way.

    Args:
        asked: Whether it is asked for, on the command line or by its variable.
        format_: What stdout gets.

    Raises:
        UsageError: It is asked for on the command line, and lines could not be read any more.
    """
    if not asked or format_ == "text":
        return asked
    if click.get_current_context().get_parameter_source("timestamps") is ParameterSource.ENVIRONMENT:
        return False
    raise UsageError(
        f"--timestamps is for --format text: with a time before each line, --format {format_} could not be read any "
        "more. Leave one of the two out."
    )


@contextmanager
def errors_stamped(arguments: Sequence[str], environ: Mapping[str, str]) -> Iterator[None]:
    """Where it is asked for, stamp all that goes to stderr.

    It is looked for before the command line is parsed: what is wrong with that is to be stamped too.
    """
    if not _wanted(arguments, environ):
        yield
        return
    stream = StampedStream(sys.stderr)
    with redirect_stderr(stream):
        try:
            yield
        finally:
            with suppress(OSError):  # The disk is full, or whoever reads it has gone away.
                stream.end()


def _wanted(arguments: Sequence[str], environ: Mapping[str, str]) -> bool:
    if not arguments or arguments[0] not in STAMPING:
        return False
    own = arguments[: arguments.index("--")] if "--" in arguments else arguments
    variable = f"HEALTHMON_{arguments[0].upper()}_TIMESTAMPS"
    return OPTION in own or bool(click.BOOL.str_to_bool(environ.get(variable, "")))


class StampedStream(io.TextIOBase):
    """Writes to another stream, each line with the time at which it was complete before it."""

    def __init__(self, stream: TextIO, clock: Clock = time.time) -> None:
        self._stream = stream
        self._clock = clock
        self._begun = ""

    @property
    def buffer(self) -> BinaryIO:
        """The bytes of the other stream, for text that has its times already."""
        return self._stream.buffer

    @property
    def name(self) -> str:
        """That of the other stream."""
        return self._stream.name

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """That of the other stream."""
        return self._stream.encoding

    def writable(self) -> bool:
        """Yes."""
        return True

    def fileno(self) -> int:
        """The descriptor of the other stream."""
        return self._stream.fileno()

    def write(self, text: str) -> int:
        """Take text; whole lines are passed on."""
        lines, feed, self._begun = (self._begun + text).rpartition("\n")
        self._stream.write(stamped(lines + feed, self._clock))
        return len(text)

    def stamped(self, text: str) -> str:
        """Whole lines with their times, for whoever writes to the descriptor."""
        return stamped(text, self._clock)

    def flush(self) -> None:
        """Pass on what the other stream has buffered. A line that has only begun waits for its end."""
        self._stream.flush()

    def end(self) -> None:
        """Pass on a last line without an end."""
        self._stream.write(stamped(self._begun, self._clock))
        self._begun = ""
        self._stream.flush()
