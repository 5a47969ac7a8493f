"""``--format nagios``: whatever happens, one status line on stdout, and an exit status that Nagios knows."""

import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from itertools import pairwise, takewhile

from healthmon.cli import streams
from healthmon.errors import HealthmonError


def asked_for(arguments: Sequence[str] | None, environ: Mapping[str, str]) -> bool:
    """Whether a command line asks for this format: as it was typed, for it may be wrong elsewhere.

    Args:
        arguments: The arguments; None for the process's own.
        environ: The environment, which may hold the option's variable.
    """
    given = sys.argv[1:] if arguments is None else arguments
    # What follows "--" is another program's.
    typed = list(takewhile(lambda word: word != "--", given))
    chosen = [
        word if before == "--format" else word.removeprefix("--format=")
        for before, word in pairwise(["", *typed])
        if before == "--format" or word.startswith("--format=")
    ]
    if chosen:
        return chosen[-1] == "nagios"
    command = next((word for word in typed if not word.startswith("-")), "")
    return environ.get(f"HEALTHMON_{command.upper()}_FORMAT") == "nagios"


def could_not_check(reason: str) -> int:
    """Say on stdout, as a plugin does, that nothing is known and why; return the exit status that means this."""
    from healthmon.reports.nagios import UNKNOWN, not_checked

    # Where nobody reads it, the exit status must do.
    with suppress(HealthmonError):
        streams.write_report(not_checked(reason), "utf-8")
    return UNKNOWN
