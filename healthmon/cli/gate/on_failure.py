"""``--on-failure CMD``: a command that is run when waiting has failed."""

import os
import shlex
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from healthmon.cli.streams import complain, confession
from healthmon.core.model import Result, Verdict
from healthmon.core.run import Ending, Run, worst
from healthmon.core.safe_text import clean
from healthmon.core.wording import signal_name
from healthmon.errors import UsageError
from healthmon.reports import REPORTS
from healthmon.reports.contract import Appearance

if TYPE_CHECKING:
    import signal

    from healthmon.app.interruption import Noted

_LONGEST = (
    64 * 2**10
)  # bytes of a variable; Linux takes twice as many, and of all together far more (MAX_ARG_STRLEN of execve(2))


def parse(text: str | None) -> Sequence[str] | None:
    """Read the command as a shell would split it; nothing in it is replaced or run.

    Raises:
        UsageError: It is empty, its quotes do not match, it needs a shell, or its program cannot be run.
    """
    if text is None:
        return None
    try:
        command = shlex.split(text)
    except ValueError as error:
        raise UsageError(f"--on-failure {clean(text)}: {str(error).lower()}; close every quote.") from None
    if not command or not command[0]:
        raise UsageError('--on-failure: write a command, such as --on-failure "./rollback.sh staging".')
    from healthmon.cli.gate.hand_over import cannot_run
    from healthmon.config.rollout_shell import shell_word

    # Now, and not after the deadline: whoever waits must know that nothing would be rolled back.
    if word := shell_word(text):
        raise UsageError(
            f"--on-failure {clean(text)}: no shell reads {clean(word)} here; write sh -c '...' around all of it."
        )
    if fault := cannot_run(command[0]):
        raise UsageError(f"--on-failure {clean(text)}: {command[0]!r} cannot be run: {fault[1]}.")
    return command


def run(
    command: Sequence[str], report: Run, ending: Ending, code: int, interruption: "Noted"
) -> "signal.Signals | None":
    """Run the command to its end and tell on stderr if it fails.

    It reads the JSON report, finds in its environment what has failed, and writes to our stderr. A second SIGINT or
    SIGTERM ends the waiting for it.

    Args:
        command: The program, without a shell, and its arguments.
        report: What became of the waiting.
        ending: How it ended.
        code: The exit code with which this process will end.
        interruption: The interruption that was noted until now.

    Returns:
        The signal that came before the command began: then it does not run.
    """
    from healthmon.cli.gate.attended import LeftAlone, NotStarted, attend
    from healthmon.net.exec.memory import in_memory

    # As bytes: an id may have letters that the locale's encoding lacks.
    own = {name.encode(): value.encode() for name, value in variables(report, ending, code).items()}
    environ = {**os.environb, **own}
    try:
        with in_memory(_document(report)) as stdin:
            status = attend(command, stdin=stdin, stdout=sys.stderr.fileno(), environ=environ, noted=interruption)
        fault = _fault(status)
    except NotStarted as error:
        return error.number
    except LeftAlone:
        fault = "is no longer waited for, after a second signal"
    except OSError as error:
        fault = f"cannot be run: {os.strerror(error.errno or 0).lower()}"
    if fault:
        complain(f"--on-failure {clean(shlex.join(command))}: it {fault}.")
    return None


def _document(report: Run) -> bytes:
    """The JSON report. Without it the command has still its environment, and must not be kept from its turn."""
    try:
        return REPORTS["json"](report, Appearance()).encode()
    except Exception as error:
        complain(confession(error))
        return b""


def _fault(status: int) -> str:
    """In words what went wrong, empty if nothing did."""
    if status < 0:
        return f"was ended by {signal_name(-status) or f'signal {-status}'}"
    return f"failed with exit code {status}" if status else ""


def variables(report: Run, ending: Ending, code: int) -> dict[str, str]:
    """What the command finds in its environment."""
    failed = [one for one in report.results if not report.reached(one)]
    return {
        "HEALTHMON_VERDICT": worst(_verdict(one, report) for one in failed),
        "HEALTHMON_EXIT_CODE": str(code),
        "HEALTHMON_ENDING": ending,
        "HEALTHMON_FAILED": _joined(one.service.id for one in failed),
        "HEALTHMON_CAUSES": _joined(f"{one.service.id}={one.cause}" for one in failed if one.cause),
    }


def _verdict(result: Result, report: Run) -> Verdict:
    """That of a service that was waited for in vain: unknown, if it seemed well, but not often or lately enough."""
    waited = report.waited.get(result.service.id)
    return Verdict.UNKNOWN if waited is not None and waited.good else result.verdict


def _joined(words: Iterator[str]) -> str:
    """As many as fit into a variable, separated by spaces."""
    text = " ".join(words).encode()
    whole = text if len(text) <= _LONGEST else text[: _LONGEST + 1].rpartition(b" ")[0]
    return whole.decode()
