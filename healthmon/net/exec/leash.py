"""Holds a command on a leash: run as a program of its own, with the command as its arguments.

It starts the command and ends with its exit status, or with 128 + N where signal N ended it, as shells do. When the
program that holds the other end of the leash asks for it, or is gone, however it went, the command is told to end with
all that it has started, and what is left is killed a moment later: one that nobody waits for any more must not go on
changing things. Wherever in the command's family a process hides, in a session or a process group of its own, it is
found: those whose parent has ended become children of the leash (PR_SET_CHILD_SUBREAPER), not of init.

When the command ends by itself the leash lets go: what it has left running becomes init's. Where that still has the
pipe for the command's output, a `cat` reads from it as long as that runs, which would die of its next line otherwise.

Nothing but the standard library is imported, and little of it, so that it starts in a few milliseconds.
"""

import ctypes
import os
import select
import signal
import sys
import time
from collections.abc import Callable

_CANNOT_RUN, _NOT_FOUND = 126, 127  # as shells have it
_TOLD = (signal.SIGTERM, signal.SIGINT)  # meant for the command, which is in the same group
_PDEATHSIG, _SUBREAPER = 1, 36  # of prctl(2)
_SOONEST, _LATEST = 0.1, 5.0  # seconds until what should be dead is killed again
_READ_SIZE = 64 * 2**10


def hold(leash: int, output: int, kept: list[int], grace: float, arguments: list[str]) -> int:
    """Run the command and say how it ended.

    Args:
        leash: The reading end of a pipe. A byte from it asks for the end of the command; when its other end is closed
            nobody waits for the command any more.
        output: The reading end of the pipe into which the command writes. It is read when nobody else does.
        kept: Descriptors that stay open as long as the command runs, such as locks. The command does not get them.
        grace: Seconds for a command that is told to end.
        arguments: The program and its arguments.
    """
    for descriptor in (leash, output, *kept):
        os.set_inheritable(descriptor, False)
    heeded = [number for number in _TOLD if signal.signal(number, signal.SIG_IGN) != signal.SIG_IGN]
    ears = _Ears(leash, output)
    prctl = ctypes.CDLL(None).prctl
    prctl(_SUBREAPER, 1, 0, 0, 0)
    child = os.fork()
    if not child:
        prctl(_PDEATHSIG, signal.SIGTERM, 0, 0, 0)  # Should the leash be killed.
        _become(arguments, heeded)
    family = _Family(child)
    while family.status is None and not ears.asked:
        ears.listen(None)
        family.reap()
    if family.status is None:
        _end(family, ears, grace)
    else:
        _leave(leash, output, kept, heeded)
    code = os.waitstatus_to_exitcode(family.status or 0)
    return code if code >= 0 else 128 - code


class _Ears:
    """Hears that a child has ended, and what is asked for at the other end of the leash.

    Attributes:
        asked: Whether the command is to end.
    """

    def __init__(self, leash: int, output: int) -> None:
        self.asked = False
        self._leash, self._output = leash, output
        bell, rung = os.pipe()
        os.set_blocking(rung, False)
        signal.set_wakeup_fd(rung, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        self._poller = select.poll()
        for descriptor in (leash, bell):
            self._poller.register(descriptor, select.POLLIN)

    def listen(self, seconds: float | None) -> None:
        """Wait until something is heard, so long at most."""
        for descriptor, _ in self._poller.poll(None if seconds is None else seconds * 1000):
            heard = os.read(descriptor, _READ_SIZE)
            if descriptor == self._leash:
                self.asked = True
                if not heard:
                    # Nobody reads any more what the command says, who would die of that before it has tidied up.
                    self._poller.unregister(self._leash)
                    self._poller.register(self._output, select.POLLIN)


class _Family:
    """The command and all that has come of it.

    Attributes:
        status: Of the command, as wait(2) has it; None as long as it runs.
        left: Whether there is anybody.
    """

    def __init__(self, child: int) -> None:
        self.status: int | None = None
        self.left = True
        self._child = child

    def reap(self) -> None:
        """Take note of those that have ended."""
        try:
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                if ended[0] == self._child:
                    self.status = ended[1]
        except ChildProcessError:
            self.left = False


def _end(family: _Family, ears: _Ears, grace: float) -> None:
    """Tell all to end, once; what a process starts to tidy up may do so. Kill what is left when the grace is over."""
    tell(descendants(processes(), {os.getpid()}))
    deadline, pause = time.monotonic() + grace, _SOONEST
    while family.left:
        rest = deadline - time.monotonic()
        if rest <= 0:
            kill(descendants(processes(), {os.getpid()}))
            rest, pause = pause, min(2 * pause, _LATEST)
        ears.listen(rest)
        family.reap()


def _leave(leash: int, output: int, kept: list[int], heeded: list[signal.Signals]) -> None:
    """Have somebody read what those say who are left running, once nobody else does."""
    null = os.open(os.devnull, os.O_WRONLY)
    for ours in (1, 2):
        os.dup2(null, ours)
    poller = select.poll()
    poller.register(output, 0)
    if poller.poll(0) or os.fork():  # The first: nobody can write any more.
        return
    for descriptor in kept:
        os.close(descriptor)
    while os.read(leash, 1):
        pass
    os.chdir("/")
    os.set_blocking(output, True)
    os.dup2(output, 0)
    _heed(heeded)
    os.execv("/bin/cat", ["cat"])  # noqa: S606 - no shell is wanted


Processes = dict[int, tuple[int, int, int]]
"""By its number, of each process its parent, its group and its session."""


def processes() -> Processes:
    """All that run now: not those that have ended and that nobody has asked about yet."""
    found = {}
    for name in os.listdir("/proc"):  # noqa: PTH208 - pathlib takes longer than all of this
        if name.isdecimal():
            try:
                with open(f"/proc/{name}/stat", "rb") as file:  # noqa: PTH123 - see above
                    state, *numbers = file.read().rpartition(b")")[2].split()[:4]
            except (FileNotFoundError, ProcessLookupError):
                continue
            if state not in b"ZX":
                parent, group, session = map(int, numbers)
                found[int(name)] = parent, group, session
    return found


def descendants(among: Processes, of: set[int]) -> Processes:
    """The children of some, their children, and so on."""
    found: Processes = {}
    while new := {
        pid: it for pid, it in among.items() if pid not in found and pid not in of and (it[0] in found or it[0] in of)
    }:
        found |= new
    return found


def tell(whom: Processes) -> None:
    """Tell processes to end, by groups: so no child escapes that is just being started."""
    for group in {group for _, group, _ in whom.values()}:
        _signal(os.killpg, group, signal.SIGTERM)


def kill(whom: Processes) -> None:
    """Kill processes."""
    for pid in whom:
        _signal(os.kill, pid, signal.SIGKILL)


def _signal(send: Callable[[int, int], None], whom: int, number: signal.Signals) -> None:
    try:  # noqa: SIM105 - contextlib takes longer to import than all of this
        send(whom, number)
    except (ProcessLookupError, PermissionError):
        pass  # It has ended, or has become another user's.


def _become(arguments: list[str], heeded: list[signal.Signals]) -> None:
    """Become the command, in the child, which ignores no signal but those that we were started to ignore."""
    _heed(heeded)
    try:
        os.execvpe(arguments[0], arguments, _environment())  # noqa: S606 - no shell is wanted
    except OSError as error:
        os.write(2, f"{arguments[0]}: {os.strerror(error.errno or 0)}\n".encode("utf-8", "replace"))
        os._exit(_NOT_FOUND if isinstance(error, FileNotFoundError) else _CANNOT_RUN)


def _heed(numbers: list[signal.Signals]) -> None:
    for number in (*numbers, signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)


def _environment() -> dict[bytes, bytes]:
    """What we were started with: Python adds LC_CTYPE to its own where there is no locale (PEP 538)."""
    with open("/proc/self/environ", "rb") as file:  # noqa: PTH123 - pathlib takes longer than all of this
        pairs = (variable.partition(b"=") for variable in file.read().split(b"\0") if variable)
        return {name: value for name, _, value in pairs}


if __name__ == "__main__":
    held, said, *others = map(int, sys.argv[1].split(","))
    os._exit(hold(held, said, others, float(sys.argv[2]), sys.argv[3:]))
