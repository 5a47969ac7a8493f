"""``--on-failure CMD``: a command that is run when waiting has failed."""

import os
import shlex
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import click

from healthmon.core.model import Result
from healthmon.core.run import Ending, Run
from healthmon.errors import UsageError
from healthmon.reports import REPORTS
from healthmon.reports.contract import Appearance

if TYPE_CHECKING:
    import signal
    import subprocess

_LONGEST = 64 * 2**10  # characters of a variable; Linux takes twice as many (MAX_ARG_STRLEN of execve(2))


def parse(text: str | None) -> Sequence[str] | None:
    """Read the command as a shell would split it; nothing in it is replaced or run.

    Raises:
        UsageError: It is empty, its quotes do not match, or its program cannot be run.
    """
    if text is None:
        return None
    try:
        command = shlex.split(text)
    except ValueError as error:
        raise UsageError(f"--on-failure {text}: {str(error).lower()}; close every quote.") from None
    if not command or not command[0]:
        raise UsageError('--on-failure: write a command, such as --on-failure "./rollback.sh staging".')
    from healthmon.cli.hand_over import cannot_run

    # Now, and not after the deadline: whoever waits must know that nothing would be rolled back.
    if fault := cannot_run(command[0]):
        raise UsageError(f"--on-failure {text}: {command[0]!r} cannot be run: {fault[1]}.")
    return command


def run(command: Sequence[str], report: Run, ending: Ending, code: int) -> None:
    """Run the command to its end and tell on stderr if it fails.

    It reads the JSON report, finds in its environment what has failed, and writes to our stderr. SIGINT and SIGTERM are
    passed on to it and its children.

    Args:
        command: The program, without a shell, and its arguments.
        report: What became of the waiting.
        ending: How it ended.
        code: The exit code with which this process will end.
    """
    # As bytes: an id may have letters that the locale's encoding lacks.
    own = {name.encode(): value.encode() for name, value in variables(report, ending, code).items()}
    status = _run(command, REPORTS["json"](report, Appearance()), {**os.environb, **own})
    if status:
        with suppress(OSError):  # Whoever reads stderr has gone away: the exit code stays.
            click.echo(f"--on-failure {shlex.join(command)}: it {status}.", err=True)


def variables(report: Run, ending: Ending, code: int) -> dict[str, str]:
    """What the command finds in its environment."""
    failed = [one for one in report.results if _failed(one, report)]
    return {
        "HEALTHMON_VERDICT": report.verdict,
        "HEALTHMON_EXIT_CODE": str(code),
        "HEALTHMON_ENDING": ending,
        "HEALTHMON_FAILED": _joined(one.service.id for one in failed),
        "HEALTHMON_CAUSES": _joined(f"{one.service.id}={one.cause}" for one in failed if one.cause),
    }


def _failed(result: Result, report: Run) -> bool:
    waited = report.waited.get(result.service.id)
    return waited is None or waited.reached is None


def _joined(words: Iterator[str]) -> str:
    """As many as fit into a variable, separated by spaces."""
    text = " ".join(words)
    return text if len(text) <= _LONGEST else text[:_LONGEST].rpartition(" ")[0]


def _run(command: Sequence[str], report: str, environ: Mapping[bytes, bytes]) -> str:
    """Run it; in words what went wrong, empty if nothing did."""
    import signal
    import subprocess

    from healthmon.app.interruption import handling

    started: list[subprocess.Popen[bytes]] = []
    early: list[signal.Signals] = []

    def take(number: signal.Signals) -> None:
        if started:
            _send(started[0], number)
        else:
            early.append(number)

    with _file(report) as stdin, handling(take):
        try:
            # In a process group of its own: Ctrl-C reaches it once, through us.
            started.append(
                subprocess.Popen(command, stdin=stdin, stdout=sys.stderr.fileno(), env=environ, process_group=0)  # noqa: S603
            )
        except OSError as error:
            return f"cannot be run: {os.strerror(error.errno or 0).lower()}"
        for number in early:
            _send(started[0], number)
        status = started[0].wait()
    if status < 0:
        return f"was ended by {signal.Signals(-status).name}"
    return f"failed with exit code {status}" if status else ""


def _send(process: "subprocess.Popen[bytes]", number: "signal.Signals") -> None:
    with suppress(ProcessLookupError, PermissionError):  # It has just ended, or become another user's.
        os.killpg(process.pid, number)


@contextmanager
def _file(text: str) -> Iterator[int]:
    """A file in memory to be read from its beginning: a command that does not read it holds nobody up."""
    number = os.memfd_create("report")
    try:
        with open(number, "wb", closefd=False) as file:
            file.write(text.encode())
        os.lseek(number, 0, os.SEEK_SET)
        yield number
    finally:
        os.close(number)
