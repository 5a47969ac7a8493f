"""Connections to sockets that are files (unix(7))."""

import asyncio
import errno
import os
import socket
import time

from healthmon.core.model import Cause, Stage
from healthmon.net.stamps import LatestRead, StampedSocket
from healthmon.net.trace import ProbeFailed, Trace

_AGAIN = 0.01  # seconds until a server that has no room is asked again

_NO_FILE = frozenset({errno.ENOENT, errno.ENOTDIR})
_FORBIDDEN = frozenset({errno.EACCES, errno.EPERM})


async def connect_unix(path: str, trace: Trace) -> StampedSocket:
    """Connect to a socket file.

    Records the stage `connect`. A server whose queue is full is asked again and again, until the caller has enough.

    Returns:
        A connected, non-blocking socket, which belongs to the caller.

    Raises:
        ProbeFailed: There is no such file, or nothing listens on it (`refused`); this program may not use it, or has
            no file left to do so (`local`).
    """
    trace.enter(Stage.CONNECT)
    began = time.monotonic()
    try:
        return await _connected(path)
    except OSError as error:
        raise _failure(path, error) from error
    finally:
        trace.spent(Stage.CONNECT, time.monotonic() - began)


async def _connected(path: str) -> StampedSocket:
    made = StampedSocket(socket.AF_UNIX, socket.SOCK_STREAM, 0, LatestRead())
    try:
        made.setblocking(False)
        while True:
            try:
                made.connect(path)
            except BlockingIOError:
                # No connection is under way then, so the loop's own waiting would take this for success.
                await asyncio.sleep(_AGAIN)
            else:
                return made
    except BaseException:
        made.close()
        raise


def _failure(path: str, error: OSError) -> ProbeFailed:
    if error.errno in _NO_FILE:
        return ProbeFailed(Cause.REFUSED, f"there is no socket {path}", "unix.no_file")
    if error.errno in _FORBIDDEN:
        return ProbeFailed(Cause.LOCAL, f"this program may not use {path}", "unix.permission")
    if error.errno == errno.ECONNREFUSED:
        return ProbeFailed(Cause.REFUSED, f"connection refused: nothing listens on {path}", "unix.refused")
    what = os.strerror(error.errno).lower() if error.errno else str(error)
    return ProbeFailed(Cause.LOCAL, f"no connection to {path} can be made: {what}")
