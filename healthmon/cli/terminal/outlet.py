"""Writing to a terminal or a log that may be slow, stopped or gone, without ever waiting for it for long."""

import os
import select
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TextIO

from healthmon.cli.output.timestamps import StampedStream

Painter = Callable[[str, Sequence[str]], str]
"""Text that is to stay and the picture as it is now go in; what to write comes out."""

_PATIENCE = 1.0
"""Seconds for which the reader may stand still. A terminal that Ctrl-S has stopped takes nothing."""
_KEPT = 2**18
"""Characters that are kept for a reader who is slow, before anybody waits for him."""
_CHUNK = 4096
"""Bytes written at once: few enough to see that a slow reader reads on."""


class Outlet:
    """Text that stays, and a picture that is drawn anew in its place.

    A thread of its own writes, straight to the descriptor: a terminal that is stopped holds up no check, and a reader
    who has gone away is no error. Of pictures that come faster than they can be drawn only the last is.

    Args:
        stream: Where to write. What it already holds is written first.
        paint: Makes what is written.
        patience: Seconds for which whoever has more to write waits for a reader who stands still.
        gap: What is written instead of so many lines that were left out.
    """

    def __init__(
        self,
        stream: TextIO,
        paint: Painter = lambda text, _: text,
        *,
        patience: float = _PATIENCE,
        gap: Callable[[int], str] = "({} lines are left out)".format,
    ) -> None:
        self._stream = stream
        self._descriptor = _descriptor(stream)
        self._stamps = stream if isinstance(stream, StampedStream) and self._descriptor is not None else None
        self._paint = paint
        self._patience = patience
        self._gap = gap
        self._moved = time.monotonic()  # When the reader last took something, or had nothing to take.
        self._size = self._left_out = 0
        self._texts: list[str] = []
        self._picture: Sequence[str] = ()
        self._new = self._idle = self._ended = False
        self._changed = threading.Condition()
        with suppress(OSError):  # What it does not take of that, it does not take of the rest.
            stream.flush()
        threading.Thread(target=self._work, name="outlet", daemon=True).start()

    def put(self, text: str) -> None:
        """Write text that stays, and that is never left out: whole lines, if there is a picture below."""
        with self._changed:
            self._put(text)

    def offer(self, lines: Sequence[str]) -> None:
        """Write lines of which there may be more than the reader takes.

        Waits for a reader who is slow, but not for one who stands still for long: then they are left out, and how many
        is told where they are missing.
        """
        with self._changed:
            self._wait_for(self._has_room)
            if self._has_room():
                self._put("".join(f"{line}\n" for line in lines))
            else:
                self._left_out += len(lines)

    def draw(self, picture: Sequence[str]) -> None:
        """Draw these lines in the place of those before; none, to erase them."""
        with self._changed:
            self._picture = picture
            self._announce()

    def flush(self) -> None:
        """Wait until all is written, but not for a reader who stands still for long."""
        with self._changed:
            self._wait_for(lambda: self._idle and not self._new)

    def close(self) -> None:
        """Write what is left, as `flush` does, and end. A reader who has stood still has a last chance."""
        with self._changed:
            self._moved = time.monotonic()
            if self._left_out:
                self._put("")
        self.flush()
        with self._changed:
            self._ended = True
            self._announce()

    def _put(self, text: str) -> None:
        if self._ended:
            return
        if self._left_out:
            text = f"{self._gap(self._left_out)}\n{text}"
            self._left_out = 0
        if self._stamps is not None:
            text = self._stamps.stamped(text)  # It goes straight to the descriptor.
        self._texts.append(text)
        self._size += len(text)
        self._announce()

    def _has_room(self) -> bool:
        return self._ended or self._size < _KEPT

    def _wait_for(self, condition: Callable[[], bool]) -> None:
        while not (self._ended or condition()):
            rest = self._moved + self._patience - time.monotonic()
            if rest <= 0:
                return
            self._changed.wait(rest)

    def _announce(self) -> None:
        if self._idle:
            self._moved = time.monotonic()
        self._new = True
        self._changed.notify_all()

    def _work(self) -> None:
        try:
            # The reader has gone away, or the descriptor has been closed: then nobody misses the rest.
            with suppress(OSError):
                while self._wait():
                    with self._changed:
                        text, picture = "".join(self._texts), self._picture
                        self._texts.clear()
                        self._size = 0
                        self._new = False
                    self._write(self._paint(text, picture))
        finally:
            with self._changed:
                self._ended = True
                self._changed.notify_all()

    def _wait(self) -> bool:
        """Wait until there is something to write; say whether it is still to be written."""
        with self._changed:
            self._idle = True
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._new)
            self._idle = False
            return not self._ended

    def _write(self, text: str) -> None:
        if self._descriptor is None:
            self._stream.write(text)
            return
        rest = memoryview(text.encode(self._stream.encoding or "ascii", "replace"))
        while rest:
            try:
                rest = rest[os.write(self._descriptor, rest[:_CHUNK]) :]
            except BlockingIOError:  # Whoever else has the descriptor has made it so.
                select.select([], [self._descriptor], [])
                continue
            with self._changed:
                self._moved = time.monotonic()
                self._changed.notify_all()


def _descriptor(stream: TextIO) -> int | None:
    """The stream's file descriptor; None of one in memory."""
    try:
        return stream.fileno()
    except OSError:  # io.UnsupportedOperation is one.
        return None
