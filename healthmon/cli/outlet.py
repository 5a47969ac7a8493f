"""Writing to a terminal or a log that may be slow, stopped or gone, without ever waiting for it."""

import os
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TextIO

Painter = Callable[[str, Sequence[str]], str]
"""Text that is to stay and the picture as it is now go in; what to write comes out."""

_PATIENCE = 1.0
"""Seconds that what is left to write has at the end. A terminal that Ctrl-S has stopped takes nothing."""
_KEPT = 1000
"""Texts that are kept for a reader who is slow; beyond that they are lost."""


class Outlet:
    """Text that stays, and a picture that is drawn anew in its place.

    A thread of its own writes, straight to the descriptor: a terminal that is stopped holds up no check, and a reader
    who has gone away is no error. Of pictures that come faster than they can be drawn only the last is.

    Args:
        stream: Where to write. What it already holds is written first.
        paint: Makes what is written.
    """

    def __init__(self, stream: TextIO, paint: Painter = lambda text, _: text) -> None:
        self._stream = stream
        self._descriptor = _descriptor(stream)
        self._paint = paint
        self._texts: list[str] = []
        self._picture: Sequence[str] = ()
        self._new = self._idle = self._ended = False
        self._changed = threading.Condition()
        stream.flush()
        threading.Thread(target=self._work, name="outlet", daemon=True).start()

    def put(self, text: str) -> None:
        """Write text that stays: whole lines, if there is a picture below."""
        with self._changed:
            if len(self._texts) < _KEPT:
                self._texts.append(text)
            self._announce()

    def draw(self, picture: Sequence[str]) -> None:
        """Draw these lines in the place of those before; none, to erase them."""
        with self._changed:
            self._picture = picture
            self._announce()

    def flush(self) -> None:
        """Wait until all is written, if that can be done soon."""
        with self._changed:
            self._changed.wait_for(lambda: self._ended or (self._idle and not self._new), _PATIENCE)

    def close(self) -> None:
        """Write what is left, if that can be done soon, and end."""
        self.flush()
        with self._changed:
            self._ended = True
            self._announce()

    def _announce(self) -> None:
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
        rest = text.encode(self._stream.encoding or "ascii", "replace")
        while rest:
            rest = rest[os.write(self._descriptor, rest) :]


def _descriptor(stream: TextIO) -> int | None:
    """The stream's file descriptor; None of one in memory."""
    try:
        return stream.fileno()
    except OSError:  # io.UnsupportedOperation is one.
        return None
