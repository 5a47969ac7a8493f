"""Holds a command on a leash: run as a program of its own, with the command as its arguments.

It starts the command and ends with its exit status, or with 128 + N where signal N ended it, as shells do. When the
program that holds the other end of the leash is gone, however it went, the command is told to end with all of its
process group, and killed a moment later: one that nobody waits for any more must not go on changing things.

Nothing but the standard library is imported, and little of it, so that it starts in a few milliseconds.
"""

import os
import select
import signal
import sys

_CANNOT_RUN, _NOT_FOUND = 126, 127  # as shells have it
_TOLD = (signal.SIGTERM, signal.SIGINT)  # meant for the command, which is in the same group


def hold(leash: int, kept: list[int], grace: float, arguments: list[str]) -> int:
    """Run the command and say how it ended.

    Args:
        leash: The reading end of a pipe, whose other end closes when nobody waits for the command any more.
        kept: Descriptors that stay open as long as the command runs, such as locks. The command does not get them.
        grace: Seconds for a command that is told to end.
        arguments: The program and its arguments.
    """
    for descriptor in (leash, *kept):
        os.set_inheritable(descriptor, False)
    heeded = [number for number in _TOLD if signal.signal(number, signal.SIG_IGN) != signal.SIG_IGN]
    child = os.fork()
    if not child:
        _become(arguments, heeded)
    watch = os.pidfd_open(child)
    poller = select.poll()
    poller.register(watch, select.POLLIN)
    poller.register(leash, select.POLLIN)
    if watch not in dict(poller.poll()):
        os.killpg(0, signal.SIGTERM)
        poller.unregister(leash)
        poller.poll(grace * 1000)
        os.killpg(0, signal.SIGKILL)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return code if code >= 0 else 128 - code


def _become(arguments: list[str], heeded: list[signal.Signals]) -> None:
    """Become the command, in the child, which ignores no signal but those that we were started to ignore."""
    for number in (*heeded, signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)
    try:
        os.execvpe(arguments[0], arguments, _environment())  # noqa: S606 - no shell is wanted
    except OSError as error:
        os.write(2, f"{arguments[0]}: {os.strerror(error.errno or 0)}\n".encode("utf-8", "replace"))
        os._exit(_NOT_FOUND if isinstance(error, FileNotFoundError) else _CANNOT_RUN)


def _environment() -> dict[bytes, bytes]:
    """What we were started with: Python adds LC_CTYPE to its own where there is no locale (PEP 538)."""
    with open("/proc/self/environ", "rb") as file:  # noqa: PTH123 - pathlib takes longer than all of this
        pairs = (variable.partition(b"=") for variable in file.read().split(b"\0") if variable)
        return {name: value for name, _, value in pairs}


if __name__ == "__main__":
    held, *others = map(int, sys.argv[1].split(","))
    os._exit(hold(held, others, float(sys.argv[2]), sys.argv[3:]))
