"""Writes lines to a stream that perhaps nobody reads."""

import errno
import os
import select


class LogStream:
    """Lines for a file descriptor, as fast as they are taken and no faster: writing never waits.

    The descriptor is not made non-blocking, which would change it for every process that has it. Instead no more is
    written than a pipe has room for when it is said to have any: `select.PIPE_BUF` (pipe(7)).

    Attributes:
        lost: How many lines could not be written, not counting those for a reader that has gone away.
        works: Whether the last attempt to write did not fail.
    """

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self.lost = 0
        self.works = True
        self._rest = b""
        self._poll = select.poll()
        self._poll.register(descriptor, select.POLLOUT)

    @property
    def idle(self) -> bool:
        """Whether all of the last line was written."""
        return not self._rest

    def ready(self) -> bool:
        """Whether another line can be given now."""
        self._flush()
        return not self._rest and self._takes()

    def write(self, line: bytes) -> None:
        """Write a line; what is not taken now follows later."""
        self._rest += line
        self._flush()

    def _flush(self) -> None:
        while self._rest and self._takes():
            try:
                written = os.write(self.descriptor, self._rest[: select.PIPE_BUF])
            except BlockingIOError:  # Somebody else has made it non-blocking.
                return
            except OSError as error:
                self.lost += error.errno != errno.EPIPE
                self._rest = b""
                self.works = False
            else:
                self.works = True
                self._rest = self._rest[written:]

    def _takes(self) -> bool:
        # An error is found by writing.
        return bool(self._poll.poll(0))
