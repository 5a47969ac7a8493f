"""What this process may use."""

import resource
import sys

_OTHER_FILES = 24
_DAEMONS_OWN_FILES = 256
_FEW = 16
_MOST_CLIENTS = 100
_FEW_CLIENTS = 8
"""Where checks take half of the files, so many clients still fit among everything else."""


def affordable_concurrency() -> int:
    """How many checks the limit of open files allows at a time: two files each, and some for everything else."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return sys.maxsize if soft == resource.RLIM_INFINITY else max(1, (soft - _OTHER_FILES) // 2)


def daemon_concurrency(wanted: int | None) -> int:
    """How many checks a daemon may have under way: what the limit of open files leaves beside its own 256 files.

    Args:
        wanted: What the user asks for at most; None for as many as there may be.
    """
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    free = sys.maxsize if soft == resource.RLIM_INFINITY else soft - _DAEMONS_OWN_FILES
    affordable = free if free >= _FEW else affordable_concurrency()
    return min(affordable, wanted or sys.maxsize)


def daemon_clients() -> int:
    """How many connections the daemon's HTTP side may have open at a time: checks must not lack the files."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return _MOST_CLIENTS if soft == resource.RLIM_INFINITY or soft - _DAEMONS_OWN_FILES >= _FEW else _FEW_CLIENTS
