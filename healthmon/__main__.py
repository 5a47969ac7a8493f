"""The process: ``healthmon``, and ``python -m healthmon``."""

import gc
import os
import sys
from contextlib import suppress
from typing import NoReturn

from healthmon.errors import INTERNAL, INTERRUPTED


def run() -> NoReturn:
    """Run the command line, and end without ceremony.

    Taking down the interpreter takes 30 ms, and would meet threads that still wait in a lookup that was given up.
    """
    # Imports make objects and no garbage; by default the collector would walk them a hundred times.
    gc.set_threshold(100_000)
    _open_missing_streams()
    try:
        from healthmon.cli import main

        code = main()
    except KeyboardInterrupt:  # while that was imported
        code = INTERRUPTED
    except BaseException:  # A broken installation. Python's own 1 would be a verdict about services.
        import traceback

        code = INTERNAL
        with suppress(OSError):
            traceback.print_exc()
    with suppress(OSError, ValueError):  # What nobody could be told changes nothing.
        sys.stderr.flush()
    try:
        sys.stdout.flush()
    except (OSError, ValueError):
        # Whoever reads it has gone away, or the disk is full. An error code stays what it is.
        code = code or INTERNAL
    os._exit(code)


def _open_missing_streams() -> None:
    """Stand in for streams that the caller has closed (``>&-``): what is said is lost, the exit code is not."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115 - as long as the process


if __name__ == "__main__":
    run()
