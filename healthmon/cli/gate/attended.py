"""Runs a command to its end, in a terminal or without one, and passes on to it the signals that come for us."""

import os
import select
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress

from healthmon.app.interruption import Noted, handling

_ROOM = 512
"""Bytes that are read of the bell at once: a byte for each signal."""


class NotStarted(Exception):
    """Raised when a signal came before the command began.

    Attributes:
        number: The signal.
    """

    def __init__(self, number: signal.Signals) -> None:
        super().__init__(number)
        self.number = number


class LeftAlone(Exception):
    """Raised when a second signal came: the command may still run, and is no longer waited for."""


def attend(command: Sequence[str], *, stdin: int, stdout: int, environ: Mapping[bytes, bytes], noted: Noted) -> int:
    """Run a command to its end.

    In a terminal it is in the process group of this process: it may read what is typed, Ctrl-C reaches both, and Ctrl-Z
    stops both. SIGTERM is passed on to it. Elsewhere it is in a group of its own, to which SIGINT and SIGTERM are
    passed on, so that its children get them, too.

    Args:
        command: The program and its arguments. Without a slash it is looked up in `PATH`.
        stdin: The descriptor that it reads.
        stdout: The descriptor that it writes to.
        environ: Its environment.
        noted: The interruption that was noted until now. If there was one, nothing runs.

    Returns:
        Its exit code; negative, the number of the signal that ended it.

    Raises:
        OSError: It cannot be run.
        NotStarted: A signal came before it began.
        LeftAlone: A second signal came.
    """
    signals = _Signals(in_terminal=_in_terminal())
    with _bell() as bell, handling(signals.take):
        if number := noted.received or signals.first:
            raise NotStarted(number)
        group = None if signals.in_terminal else 0
        process = subprocess.Popen(command, stdin=stdin, stdout=stdout, env=environ, process_group=group)  # noqa: S603
        return signals.wait(process, bell)


class _Signals:
    """The signals that come while a command runs."""

    def __init__(self, *, in_terminal: bool) -> None:
        self.in_terminal = in_terminal
        self._came: list[signal.Signals] = []
        self._sent = 0

    @property
    def first(self) -> signal.Signals | None:
        return self._came[0] if self._came else None

    def take(self, number: signal.Signals) -> None:
        """Note a signal, whenever it comes."""
        self._came.append(number)

    def wait(self, process: "subprocess.Popen[bytes]", bell: int) -> int:
        """Wait for the command's end, and pass on what has come and what comes, which rings the bell."""
        poll = select.poll()
        poll.register(bell, select.POLLIN)
        while True:
            self._pass_on(process)
            if len(self._came) > 1:
                # What still runs must not be waited for when this object goes.
                process.returncode = 0
                raise LeftAlone
            status = process.poll()
            if status is not None:
                return status
            poll.poll()
            os.read(bell, _ROOM)

    def _pass_on(self, process: "subprocess.Popen[bytes]") -> None:
        """What is yet to be passed on, also what came before there was anybody to have it."""
        while self._sent < len(self._came):
            number = self._came[self._sent]
            self._sent += 1
            # The terminal has sent its own to all of its foreground.
            if not (self.in_terminal and number is signal.SIGINT):
                self._send(process, number)

    def _send(self, process: "subprocess.Popen[bytes]", number: signal.Signals) -> None:
        send = os.kill if self.in_terminal else os.killpg
        with suppress(ProcessLookupError, PermissionError):  # It has just ended, or become another user's.
            send(process.pid, number)
            # One that is stopped would not get it: such as a program that was refused the terminal.
            send(process.pid, signal.SIGCONT)


@contextmanager
def _bell() -> Iterator[int]:
    """A descriptor that can be read once a signal has come, or a child has ended.

    To wait for the child alone could miss a signal: one just before the wait begins is noted when the wait is over.
    """
    bell, rung = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
    rings, child = signal.set_wakeup_fd(rung, warn_on_full_buffer=False), signal.getsignal(signal.SIGCHLD)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    # Whoever started this process may have blocked it, and nothing would tell that the child has ended.
    blocked = signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
    try:
        yield bell
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
        signal.signal(signal.SIGCHLD, child)
        signal.set_wakeup_fd(rings)
        os.close(bell)
        os.close(rung)


def _in_terminal() -> bool:
    """Whether this process has a terminal that controls it."""
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC))
    except OSError:
        return False
    return True
