"""``--format nagios``: whatever happens, one status line on stdout, and an exit status that Nagios knows."""

import io
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import redirect_stderr, suppress
from itertools import pairwise, takewhile
from typing import TextIO

from healthmon.cli import streams
from healthmon.errors import HealthmonError

PLUGINS = ("check", "wait")
"""The commands that have this format. To others an exit status of 3 means something else."""


def asked_for(arguments: Sequence[str], environ: Mapping[str, str]) -> bool:
    """Whether a command line asks for this format: as it was typed, for it may be wrong elsewhere.

    Args:
        arguments: The arguments of the command line.
        environ: The environment, which may hold the option's variable.
    """
    # What follows "--" is another program's.
    typed = list(takewhile(lambda word: word != "--", arguments))
    command = next((word for word in typed if not word.startswith("-")), "")
    if command not in PLUGINS:
        return False
    chosen = [
        word if before == "--format" else word.removeprefix("--format=")
        for before, word in pairwise(["", *typed])
        if before == "--format" or word.startswith("--format=")
    ]
    if chosen:
        return chosen[-1] == "nagios"
    return environ.get(f"HEALTHMON_{command.upper()}_FORMAT") == "nagios"


def run(attempt: Callable[[], tuple[int, str | None]]) -> int:
    """Run as a plugin. What goes to stderr waits until the status line is out: Icinga reads both streams as one.

    Args:
        attempt: Does the work. It returns the exit code, and what to say if it came to nothing.

    Returns:
        The exit status.
    """
    held = _Held(sys.stderr)
    with redirect_stderr(held):
        code, message = attempt()
    if message is not None:
        return _could_not_check(f"{message or 'interrupted'}\n{held.getvalue()}".strip())
    if said := held.getvalue():
        streams.complain(said.removesuffix("\n"))
    return code


def _could_not_check(reason: str) -> int:
    """Say on stdout, as a plugin does, that nothing is known and why; return the exit status that means this."""
    from healthmon.reports.nagios import UNKNOWN, not_checked

    # Where nobody reads it, the exit status must do.
    with suppress(HealthmonError):
        streams.write_report(not_checked(reason), "utf-8")
    return UNKNOWN


class _Held(io.StringIO):
    """Keeps what is written in the place of a stream, and is no terminal, so that nothing is drawn."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__()
        self._stream = stream

    def fileno(self) -> int:
        """The descriptor of the stream, for commands that write there."""
        return self._stream.fileno()
