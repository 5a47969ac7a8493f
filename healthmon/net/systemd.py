"""Tells systemd how the daemon is, as sd_notify(3) describes it: datagrams to the socket that $NOTIFY_SOCKET names."""

import os
import socket
import time
from collections import deque
from collections.abc import Callable, Mapping

from healthmon.core.safe_text import clean

_KEPT = 64
"""So many messages wait at most while systemd takes none."""


class Notifier:
    """What systemd is to know of this process.

    Outside systemd it does nothing. It never raises and never blocks: what systemd cannot take now is sent before the
    next message. Its socket is opened once, so that it also speaks when no more files may be opened.

    Args:
        environ: The environment, of which it reads NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID.
        clock: The time of CLOCK_MONOTONIC, in nanoseconds.
    """

    def __init__(self, environ: Mapping[str, str], *, clock: Callable[[], int] = time.monotonic_ns) -> None:
        self._address = _address(environ.get("NOTIFY_SOCKET", ""))
        self._socket = _open() if self._address else None
        self._unsent: deque[bytes] = deque(maxlen=_KEPT)
        self._watchdog_interval = _watchdog_interval(environ)
        self._clock = clock

    @property
    def watchdog_interval(self) -> float | None:
        """The seconds within which systemd wants `watchdog` to be called; None where it does not watch this process.

        Half of them is a good time between two calls (sd_watchdog_enabled(3)).
        """
        return self._watchdog_interval

    def ready(self, status: str) -> None:
        """The start, or a reload, is complete. Status: one line for people."""
        self._send("READY=1", _status(status))

    def status(self, text: str) -> None:
        """How the daemon is, in one line for people."""
        self._send(_status(text))

    def watchdog(self) -> None:
        """The daemon is alive."""
        self._send("WATCHDOG=1")

    def reloading(self) -> None:
        """A reload begins; `ready` ends it, whether the new config was good or not."""
        self._send("RELOADING=1", f"MONOTONIC_USEC={self._clock() // 1000}")

    def stopping(self) -> None:
        """The daemon begins to stop."""
        self._send("STOPPING=1")

    def close(self) -> None:
        """Say no more."""
        if self._socket:
            self._socket.close()
            self._socket = None

    def _send(self, *assignments: str) -> None:
        if self._socket is None:
            return
        self._unsent.append("\n".join(assignments).encode())
        try:
            while self._unsent:
                self._socket.sendto(self._unsent[0], socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL, self._address)
                self._unsent.popleft()
        except OSError:  # Its queue is full, or it is being replaced by a newer version of itself.
            return


def _address(name: str) -> str:
    if name.startswith("@"):  # An abstract socket (unix(7)).
        return "\0" + name[1:]
    return name if name.startswith("/") else ""


def _open() -> socket.socket | None:
    try:
        return socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    except OSError:
        return None


def _status(text: str) -> str:
    # A line break would begin an assignment of its own.
    return f"STATUS={clean(text)}"


def _watchdog_interval(environ: Mapping[str, str]) -> float | None:
    if environ.get("WATCHDOG_PID", "") not in ("", str(os.getpid())):
        return None
    try:
        microseconds = int(environ.get("WATCHDOG_USEC", ""))
    except ValueError:
        return None
    return microseconds / 1e6 if microseconds > 0 else None
