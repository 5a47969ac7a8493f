"""``-- CMD``: a command that takes the place of this process."""

import errno
import os
import re
import shutil
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress

from healthmon.app.interruption import SIGNALS, Noted
from healthmon.cli.streams import complain
from healthmon.errors import signalled

_NOT_FOUND = 127  # As the shells have it (POSIX, 2.8.2).
_NOT_EXECUTABLE = 126
_FOR_A_SHELL = re.compile(r"[\s;&|<>$`]")  # Hardly in the name of a program.
_IGNORED_BY_PYTHON = (signal.SIGPIPE, signal.SIGXFSZ)


def hand_over(command: Sequence[str], noted: Noted) -> int:
    """Run a command in place of this process: with its number, its streams, its environment and its parents.

    Args:
        command: The program and its arguments. Without a slash it is looked up in `PATH`.
        noted: The interruption that would be noted until now. If there was one, nothing runs.

    Returns:
        The exit code, if the command could not be run: 127 where there is none, 126 where it cannot be executed, and
        128 + N after signal N.
    """
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):  # Whoever reads it has gone away.
            stream.flush()
    if (number := _stop_noting(noted)) is not None:
        return signalled(number)
    try:
        # Looked up here: execvp would tell of a folder of PATH that may not be read, and not of the program.
        os.execvp(_located(command[0]) or command[0], list(command))  # noqa: S606 - the user says what to run
    except (OSError, ValueError) as error:  # ValueError: the name is empty
        code, why = _why_not(command[0], error.errno if isinstance(error, OSError) else None)
        complain(f"{command[0]!r} cannot be run: {why}.")
        return code


def _stop_noting(noted: Noted) -> signal.Signals | None:
    """Let signals do again what they do to any program; or tell the one that has come.

    A signal that comes after this ends the process, this one or the command: it is never lost.
    """
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        if noted.received:
            return noted.received
        for number in (*SIGNALS, *_IGNORED_BY_PYTHON):
            ignored = noted.before.get(number) is signal.SIG_IGN  # as behind nohup
            signal.signal(number, signal.SIG_IGN if ignored else signal.SIG_DFL)
        # Unblocked, it would end any process but the first of a container, to which the kernel gives no default.
        return min(signal.sigpending() & set(SIGNALS), default=None)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)


def cannot_run(program: str) -> tuple[int, str] | None:
    """Whether it can be told beforehand that a program cannot be run: the shells' exit code, and why in a few words.

    Args:
        program: Its name, to be looked up in `PATH`, or its path.
    """
    return None if _located(program) else _why_not(program, errno.EACCES)


def _located(program: str) -> str | None:
    """The path of a program that may be executed; None if there is none."""
    return shutil.which(program, path=os.pathsep.join(os.get_exec_path()) or os.curdir)


def _why_not(program: str, number: int | None) -> tuple[int, str]:
    """The exit code, and why in a few words."""
    there = bool(program) and (os.path.lexists(program) if "/" in program else shutil.which(program, os.F_OK))
    if not there:
        remedy = "put sh -c before what a shell is to read" if _FOR_A_SHELL.search(program) else "check its spelling"
        return _NOT_FOUND, f"there is no such command; write its path, or {remedy}"
    match number:
        case errno.ENOENT:
            return _NOT_EXECUTABLE, "the interpreter that its first line names does not exist"
        case errno.ENOEXEC:
            return _NOT_EXECUTABLE, "it is neither a program nor a script whose first line names an interpreter (#!)"
    return _NOT_EXECUTABLE, os.strerror(number or 0).lower()
