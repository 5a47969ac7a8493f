"""``--timestamps``: the time before each line of what goes to a log file, in UTC (RFC 3339)."""

import io
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr, suppress
from datetime import UTC, datetime
from typing import TextIO

OPTION = "--timestamps"
VARIABLE = "HEALTHMON_CHECK_TIMESTAMPS"

Clock = Callable[[], float]


def stamped(text: str, clock: Clock = time.time) -> str:
    """Whole lines, each with the time before it. Empty ones, which would tell nothing in a log, are left out."""
    moment = f"{datetime.fromtimestamp(clock(), UTC):%Y-%m-%dT%H:%M:%SZ}"
    return "".join(f"{moment} {line}\n" for line in text.split("\n") if line.strip())


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
    if not arguments or arguments[0] != "check":
        return False
    own = arguments[: arguments.index("--")] if "--" in arguments else arguments
    # The words that click takes for yes.
    return OPTION in own or environ.get(VARIABLE, "").strip().lower() in {"1", "true", "t", "yes", "y", "on"}


class StampedStream(io.TextIOBase):
    """Writes to another stream, each line with the time at which it was complete before it."""

    def __init__(self, stream: TextIO, clock: Clock = time.time) -> None:
        self._stream = stream
        self._clock = clock
        self._begun = ""

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

    def flush(self) -> None:
        """Pass on what the other stream has buffered. A line that has only begun waits for its end."""
        self._stream.flush()

    def end(self) -> None:
        """Pass on a last line without an end."""
        self._stream.write(stamped(self._begun, self._clock))
        self._begun = ""
        self._stream.flush()
